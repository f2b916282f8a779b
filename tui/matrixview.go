package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func (m matrix) view(s size, t *theme) []string {
	g := m.fit(s, m.first)
	out := []string{m.head(g, s.w, t)}
	space := m.space(s.h)
	rows := m.body(g, space, s.w, t)
	for len(rows) < space {
		rows = append(rows, "")
	}
	out = append(out, rows[:space]...)
	if n := m.notes(); len(n) > 0 {
		out = append(out, t.dim.of(report.Cut(" "+n, s.w)))
	}
	return append(out, m.answer(s, t)...)
}

// head names the columns and counts the rows. What does not fit is counted at the
// edge.
func (m matrix) head(g grid, width int, t *theme) string {
	out := strings.Repeat(" ", gutter) + t.dim.of(pad("IAM PRINCIPAL "+m.count(), g.name))
	cell := func(text string, w int) {
		if w > 0 {
			out += strings.Repeat(" ", gap) + t.dim.of(pad(text, w))
		}
	}
	cell("", g.detail)
	cell("KUBERNETES IDENTITY", g.ident)
	cell("VIA", g.via)
	if g.cluster == 0 {
		return out
	}
	out += "  " + pick(m.col == 0, t.accent, t.dim).of(pad("CLUSTER", g.cluster))
	out += t.dim.of(" │ ")
	if g.left > 0 {
		out += t.dim.of(fmt.Sprintf("+%d ", g.left))
	}
	for _, c := range g.columns {
		text := pad(middle(report.Safe(m.names[c.at]), c.width-gap), c.width-gap)
		out += pick(c.at == m.col-1, t.accent, t.dim).of(text) + strings.Repeat(" ", gap)
	}
	if g.right > 0 {
		out += t.dim.of(fmt.Sprintf("+%d", g.right))
	}
	return out
}

func (m matrix) body(g grid, space, width int, t *theme) []string {
	if len(m.rows) == 0 {
		return m.empty(width, t)
	}
	var out []string
	for i := m.top; i < len(m.rows) && len(out) < space; i++ {
		out = append(out, m.row(g, i, width, t)...)
	}
	return out
}

// empty says why there is nothing to see, and what now.
func (m matrix) empty(width int, t *theme) []string {
	out := []string{""}
	switch {
	case m.f.text != "" && m.f.bad != "":
		out = append(out, t.warn.of("   "+m.f.bad))
	case m.f.text != "":
		out = append(out, t.dim.of(report.Cut("   no principal matches “"+report.Safe(m.f.text)+"”  ·  esc clears the filter", width)))
	case m.err != nil:
		for _, l := range report.Error(m.err) {
			out = append(out, t.line(l.Kind).of(report.Cut("   "+l.Text, width)))
		}
	case m.busy:
		out = append(out, t.dim.of(report.Cut("   reading access entries, aws-auth, roles and bindings", width)))
	default:
		out = append(out, t.dim.of(report.Cut("   nobody is mapped in this cluster  ·  g grants access", width)))
	}
	return out
}

// row draws one principal: its lines have the same columns.
func (m matrix) row(g grid, i, width int, t *theme) []string {
	l := m.w.lines[m.rows[i]]
	on := i == m.cursor
	in := pick(on, t.row, t.inks)
	bar := " "
	if on {
		bar = "▌"
	}
	mark := " "
	switch {
	case m.marks[l.id]:
		mark = "●"
	case m.wished[l.id], m.wished[""] && m.moves(l):
		mark = "◆"
	}
	_, active := l.row.Active()
	name := pick(on, in.strong, in.text)
	if !active {
		name = in.dim
	}
	sep := strings.Repeat(" ", gap)
	place, state := l.where()
	first := in.accent.of(bar+mark+" ") + name.of(pad(nameIn(l.name, g.name), g.name))
	if g.detail > 0 {
		first += in.dim.of(sep + pad(l.detail, g.detail))
	}
	if g.shape == oneLine {
		first += in.text.of(sep) + m.identity(l, g.ident, in)
	} else if g.ident > 0 {
		first += in.text.of(sep + pad(l.user, g.ident))
	}
	if g.via > 0 {
		via := pick(report.Width(l.via) > g.via, place, l.via)
		first += in.dim.of(sep + pad(via, g.via))
	}
	if g.cluster > 0 {
		first += m.cells(l, g, on, in, t)
	}
	if g.lines == 1 {
		return []string{m.fill(first, width, in)}
	}
	second := in.accent.of(bar) + in.text.of("  ")
	switch {
	case g.cluster == 0:
		second += in.dim.of(pad(l.detail, g.name) + sep + pad(l.groups, g.ident))
	case g.ident > 0:
		second += in.dim.of(pad(l.detail, g.name) + sep + pad(l.groups, g.ident) + sep + pad(state, g.via+gap+g.cluster) + " │ ")
	default:
		text := strings.Join(nonEmpty(state, l.detail, l.user, l.groups), " · ")
		second += in.dim.of(pad(text, g.beside()-gutter) + " │ ")
	}
	return []string{m.fill(first, width, in), m.fill(second, width, in)}
}

// identity is the user name and, dimmer, what it carries, in one width.
func (m matrix) identity(l line, width int, in inks) string {
	user := report.Cut(l.user, width)
	rest := width - report.Width(user)
	if l.groups == "" || rest < 6 {
		return in.text.of(pad(user, width))
	}
	return in.text.of(user) + in.dim.of(pad("  "+l.groups, rest))
}

// cells are the answers: the whole cluster in a word, each namespace in a letter.
func (m matrix) cells(l line, g grid, on bool, in inks, t *theme) string {
	c := m.w.ix.Cell(l.row, "")
	word := report.CellWord(c)
	if !c.InForce || c.Level == access.None && !c.Node {
		word = report.Letter(c) // a word for nothing would only be noise
	} else if len(c.Depends) > 0 {
		word += "'" // as the letters have it
	}
	out := in.text.of(" ") + m.cell(word, c, g.cluster+1, false, on && m.col == 0, in, t) + in.dim.of(" │ ")
	if g.left > 0 {
		out += in.text.of(strings.Repeat(" ", countWidth(g.left)+1))
	}
	for _, col := range g.columns {
		c := m.w.ix.Cell(l.row, m.names[col.at])
		out += m.cell(report.Letter(c), c, col.width, true, on && m.col == col.at+1, in, t)
	}
	return out
}

// cell draws one answer in its column; the one under the cursor stands in brackets,
// so that it is seen without colour.
func (m matrix) cell(text string, c access.Cell, width int, centre, here bool, in inks, t *theme) string {
	left := 1
	if centre {
		left = max((width-gap-report.Width(text))/2, 0)
	}
	text = report.Cut(text, pick(here, width-left-1, width-1))
	right := max(width-left-report.Width(text), 0)
	ink := in.level(c)
	if !here {
		return in.text.of(strings.Repeat(" ", left)) + ink.of(text) + in.text.of(strings.Repeat(" ", right))
	}
	before, open := strings.Repeat(" ", max(left-1, 0)), pick(left > 0, "[", "")
	return in.text.of(before) + t.cell.of(open+text+"]") + in.text.of(strings.Repeat(" ", max(right-1, 0)))
}

// rowEnd is a blank that is not a space: a multiplexer forgets the colour of spaces
// at the end of a line, and with it where the row ends.
const rowEnd = "\u00a0"

func (m matrix) fill(s string, width int, in inks) string {
	if w := report.Width(s); w < width {
		return s + in.text.of(strings.Repeat(" ", width-w-1)+rowEnd)
	}
	return s
}

// notes is the quiet line about what could not be read.
func (m matrix) notes() string {
	gs := m.w.holes
	if len(gs) == 0 {
		if m.err != nil && len(m.rows) > 0 {
			if ls := report.Error(m.err); len(ls) > 0 {
				return "✗ " + ls[0].Text
			}
		}
		return ""
	}
	text := "? " + report.Gap(gs[0])
	if n := len(gs) - 1; n > 0 {
		text += fmt.Sprintf("  (+%d: f)", n)
	}
	return text
}

// answer is the strip: the one-sentence answer for the cell under the cursor, and
// because of what.
func (m matrix) answer(s size, t *theme) []string {
	n := m.strip(s.h)
	var out []string
	if n > 1 {
		out = append(out, m.rule(s.w, t))
	}
	if l, ok := m.current(); ok {
		for i, b := range report.Because(m.w.ix, l.row, m.namespace()) {
			if len(out) == n {
				break
			}
			ink := t.text
			if i > 0 {
				ink = t.dim
			}
			out = append(out, ink.of(report.Cut(" "+b.Text, s.w)))
		}
	}
	for len(out) < n {
		out = append(out, "")
	}
	return out
}

// rule is the line above the answer; the filter and the marks stand in it.
func (m matrix) rule(width int, t *theme) string {
	var words []string
	if m.f.text != "" && !m.typing {
		words = append(words, "/"+report.Safe(m.f.text))
	}
	if n := len(m.marks); n > 0 {
		words = append(words, fmt.Sprintf("%d marked", n))
	}
	if len(words) == 0 {
		return t.dim.of(strings.Repeat("─", width))
	}
	text := report.Cut(strings.Join(words, " · "), max(width-6, 1))
	return t.dim.of("── ") + t.accent.of(text) + t.dim.of(" "+strings.Repeat("─", max(width-report.Width(text)-4, 0)))
}

// foot is the filter while it is typed.
func (m matrix) foot(width int, t *theme) string {
	if !m.typing {
		return ""
	}
	tail := "  " + m.count() + "   ↵ keep  esc clear "
	return " " + t.accent.of("/") + pad(m.typed.view(width-report.Width(tail)-3), max(width-report.Width(tail)-3, 0)) + t.dim.of(tail)
}

// pad cuts or fills a text to a width.
func pad(s string, width int) string {
	if width <= 0 {
		return ""
	}
	s = report.Cut(s, width)
	return s + strings.Repeat(" ", max(width-report.Width(s), 0))
}

// middle cuts a name in its middle: what tells namespaces apart is as often at their
// end as at their beginning.
func middle(s string, width int) string {
	w := report.Width(s)
	if w <= width || width < 8 {
		return s
	}
	tail := (width - 1) / 2
	return ansi.Truncate(s, width-1-tail, "") + "…" + ansi.TruncateLeft(s, w-tail, "")
}

// nameIn is a principal's name in a width: names that are made by tools differ at their ends.
func nameIn(name string, width int) string {
	if width < 20 {
		return name
	}
	return middle(name, width)
}

// padRow is pad for the end of a row; the row under the cursor ends visibly.
func padRow(s string, width int, on bool) string {
	s = pad(s, width)
	if rest, ok := strings.CutSuffix(s, " "); ok && on {
		return rest + rowEnd
	}
	return s
}

func nonEmpty(in ...string) []string {
	var out []string
	for _, s := range in {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
