package tui

// move moves the cursor; the window follows.
func (m matrix) move(do action) matrix {
	page := max(m.visible()-1, 1)
	switch do {
	case doUp:
		m.cursor--
	case doDown:
		m.cursor++
	case doPageUp:
		m.cursor -= page
	case doPage:
		m.cursor += page
	case doTop:
		m.cursor = 0
	case doBottom:
		m.cursor = len(m.rows) - 1
	case doLeft:
		m.col--
	case doRight:
		m.col++
	case doFirst:
		m.col = 0
	case doLast:
		m.col = len(m.names)
	}
	return m.settle()
}

// settle keeps the cursor on a row and a column that exist, and both on the screen.
func (m matrix) settle() matrix {
	m.cursor = clamp(m.cursor, 0, max(len(m.rows)-1, 0))
	m.col = clamp(m.col, 0, len(m.names))
	m.top = window(m.top, m.cursor, m.visible(), len(m.rows))
	if m.size.w == 0 || m.col == 0 {
		if m.col == 0 {
			m.first = 0
		}
		return m
	}
	m.first = firstFor(m.first, m.col-1, func(first int) int { return len(m.fit(m.size, first).columns) })
	// Columns that would fit on the left are not left empty on the right.
	for m.first > 0 && m.fit(m.size, m.first-1).right == 0 {
		m.first--
	}
	return m
}

func (m matrix) fit(s size, first int) grid {
	return fit(s, m.widths, first, m.w.wants, m.pane)
}

// visible is how many rows fit.
func (m matrix) visible() int {
	return max(m.space(m.size.h)/m.fit(m.size, 0).lines, 1)
}

// space is the number of lines for rows in a body of this height: the head, the
// line about gaps and the strip have theirs.
func (m matrix) space(height int) int {
	space := height - 1 - m.strip(height)
	if len(m.notes()) > 0 {
		space--
	}
	return max(space, 1)
}

// strip is the height of the answer under the rows, with the line above it.
func (m matrix) strip(height int) int {
	switch {
	case height >= 12:
		return 3
	case height >= 7:
		return 2
	}
	return 1
}
