package tui

// shape is how the matrix is laid out at a width.
type shape uint8

const (
	oneLine shape = iota // 160 and more: everything of a row on one line
	twoLine              // 120: principals, identities, namespaces side by side, details below
	folded               // 80: the identity under its principal
	panes                // narrower: one pane at a time
)

func shapeOf(width int) shape {
	switch {
	case width >= 160:
		return oneLine
	case width >= 120:
		return twoLine
	case width >= 80:
		return folded
	}
	return panes
}

// pane is what a narrow matrix shows beside the principal.
type pane uint8

const (
	accessPane pane = iota
	identityPane
	paneCount
)

// column is a namespace on the screen.
type column struct {
	at    int // its number among the shown namespaces
	width int
}

// grid is where everything goes. Widths of zero are columns that are left out.
type grid struct {
	shape   shape
	lines   int // of a row
	name    int
	detail  int // one line: beside the name
	ident   int
	via     int
	cluster int
	columns []column
	left    int // namespaces before the first column
	right   int // and after the last
}

// wants are the widths that the widest texts ask for.
type wants struct{ name, detail, ident, via int }

const (
	gutter       = 3 // bar, mark, blank
	gap          = 2
	clusterWidth = 7
	edge         = 3 // " │ "
	nsMax        = 14
	moreWidth    = 5  // "+1234"
	lowHeight    = 12 // of a body
)

// fit gives each column its width: the access columns first, since they are the
// answer, then names and identities by what they ask for. Names are the widths of
// the namespaces; first is the one at the left edge. On a low screen a row has one
// line.
func fit(s size, names []int, first int, want wants, p pane) grid {
	g := grid{shape: shapeOf(s.w), lines: 2, cluster: clusterWidth}
	most := nsMax
	if g.shape >= folded {
		most = 10
	}
	if s.h < lowHeight {
		g.lines = 1
	}
	asked := 0
	for _, w := range names {
		asked += nsWidth(w, most)
	}
	rest := s.w - gutter
	switch g.shape {
	case panes:
		if p == identityPane {
			g.name = clamp(want.name, 10, rest*45/100)
			g.cluster, g.ident = 0, rest-g.name-gap
			return g
		}
		rest -= clusterWidth + edge + gap
		g.name = clamp(want.name, 8, max(rest*6/10, rest-asked))
		rest -= g.name
	case folded:
		g.via = min(want.via, 12)
		rest -= g.via + gap + clusterWidth + edge + gap
		g.name = clamp(want.name, 16, max(rest/2, rest-asked))
		rest -= g.name
	case twoLine, oneLine:
		g.via = min(want.via, pick(g.shape == oneLine, 24, 12))
		rest -= g.via + gap + clusterWidth + edge + 2*gap
		if g.shape == oneLine {
			g.lines = 1
			g.detail = min(want.detail, 26)
			rest -= g.detail + gap
		}
		texts := max(rest*pick(g.shape == oneLine, 50, 56)/100, rest-asked)
		name := want.name
		if g.shape == twoLine {
			name = max(name, min(want.detail, 30)) // it stands below
		}
		g.name, g.ident = share(texts, name, want.ident)
		rest -= g.name + g.ident
	}
	g.columns, g.left, g.right = columns(rest, asked, names, first, most)
	return g
}

// share divides a width between two that ask: both get what they ask for when
// there is enough, else neither is cut below half while the other has more.
func share(width, a, b int) (int, int) {
	if a+b <= width {
		return a, b
	}
	half := width / 2
	switch {
	case a <= half:
		return a, width - a
	case b <= half:
		return width - b, b
	}
	return width - half, half
}

// columns are the namespaces that fit, from the first on. A last one that is cut
// is left out; one too wide for an empty row is still shown.
func columns(width, asked int, names []int, first, most int) (out []column, left, right int) {
	first = clamp(first, 0, max(len(names)-1, 0))
	if first > 0 || asked > width {
		width -= moreWidth // room to say how many there are on either side
	}
	for i := first; i < len(names); i++ {
		w := nsWidth(names[i], most)
		if w > width {
			if len(out) == 0 && width >= 4 {
				out = append(out, column{i, width})
			}
			break
		}
		width -= w
		out = append(out, column{i, w})
	}
	return out, first, len(names) - first - len(out)
}

// nsWidth is a namespace's column: its name and the gap after it.
func nsWidth(name, most int) int { return clamp(name, 4, most) + gap }

// firstFor moves the left edge as little as needed for column at to be shown.
// count says how many fit from an edge on.
func firstFor(first, at int, count func(first int) int) int {
	if at < first {
		return at
	}
	for first < at && at >= first+max(count(first), 1) {
		first++
	}
	return first
}

// window moves the top of a list as little as needed for the cursor to be shown,
// and back when the list ends before the window does.
func window(top, cursor, rows, total int) int {
	rows = max(rows, 1)
	if cursor < top {
		top = cursor
	}
	if cursor >= top+rows {
		top = cursor - rows + 1
	}
	return clamp(top, 0, max(total-rows, 0))
}

func clamp(v, low, high int) int { return max(low, min(v, high)) }
