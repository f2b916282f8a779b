package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// beside reports whether two texts fit side by side.
func (y contrast) beside(s size) bool { return s.w >= 70 }

// heads say who the two are, line by line: the same line says the same of both.
func (y contrast) heads(s size) [][2]report.Line {
	of := func(i int, st access.Standing) []report.Line {
		l := y.sides[i]
		name := pick(i == 0, "A  ", "B  ")
		out := []report.Line{{Kind: report.Title, Text: name + l.name}}
		if s.h >= 14 {
			out = append(out, report.Line{Kind: report.Note, Text: "   " + strings.Join(nonEmpty(l.via, l.detail), " · ")})
		}
		if s.h >= 20 {
			out = append(out, report.Line{Text: "   user    " + dash(report.Safe(userOf(l.row)))},
				report.Line{Text: "   holds   " + dash(l.groups)})
		}
		more := ""
		if when := conditions(st); len(when) > 0 {
			more = "   more " + strings.Join(when, "; ")
		}
		if n := len(st.Unknown); n > 0 {
			more += "   ? " + report.Gap(st.Unknown[0]) + pick(n > 1, fmt.Sprintf(" (+%d)", n-1), "")
		}
		return append(out, report.Line{Kind: report.Warn, Text: more})
	}
	a, b := of(0, y.c.A), of(1, y.c.B)
	out := make([][2]report.Line, 0, len(a))
	for i := range a {
		if a[i].Text != "" || b[i].Text != "" {
			out = append(out, [2]report.Line{a[i], b[i]})
		}
	}
	return out
}

func userOf(r access.Row) string {
	m, ok := r.Active()
	if !ok {
		m, _ = r.Undecided()
	}
	return m.Identity.User
}

func dash(s string) string { return pick(s == "", "–", s) }

// pair draws two texts side by side, or both on one line of half the width each.
func (y contrast) pair(a, b report.Line, w int, t *theme) string {
	half := (w - 4) / 2
	return t.line(a.Kind).of(pad(" "+a.Text, half)) + t.dim.of(" │ ") + t.line(b.Kind).of(pad(b.Text, w-half-3))
}

func (y contrast) view(s size, t *theme) []string {
	if y.gone {
		return []string{"", t.warn.of(report.Cut("   one of the two is not mapped in this cluster any more", s.w))}
	}
	var out []string
	for _, h := range y.heads(s) {
		out = append(out, y.pair(h[0], h[1], s.w, t))
	}
	if !y.made {
		return append(out, t.dim.of(strings.Repeat("─", s.w)), "", t.dim.of(report.Cut("   comparing what they may, in every namespace …", s.w)))
	}
	if len(y.c.Deltas) == 0 {
		return append(out, t.dim.of(strings.Repeat("─", s.w)), "", t.good.of(report.Cut("   "+y.same(), s.w)))
	}
	c := y.columns(s)
	out = append(out, t.dim.of(strings.Repeat("─", s.w)),
		t.dim.of(pad("   "+pad(fmt.Sprintf("DIFFERENT IN %d", len(y.c.Deltas)), c.name)+"  "+pad("A", c.level)+pad("B", c.level)+c.counts("ONLY A", "ONLY B"), s.w)))
	for i := y.top; i < min(y.top+y.scopes(s), len(y.c.Deltas)); i++ {
		out = append(out, y.scope(y.c.Deltas[i], c, i == y.cursor, s.w, t))
	}
	head := report.Cut("── only one of them may, "+in(y.namespace())+" ", s.w)
	out = append(out, t.dim.of(head+strings.Repeat("─", s.w-report.Width(head))))
	lines := y.rules(s.w)
	top := clamp(y.rule, 0, max(len(lines)-y.room(s), 0))
	shown := lines[top:min(top+y.room(s), len(lines))]
	for i, l := range shown {
		if rest := len(lines) - top - len(shown); i == len(shown)-1 && rest > 0 {
			out = append(out, t.dim.of(report.Cut("   … "+report.Count(rest+1, "more line", "more lines")+": pgdn", s.w)))
			continue
		}
		if y.beside(s) {
			out = append(out, y.pair(l[0], l[1], s.w, t))
		} else {
			out = append(out, t.line(l[0].Kind).of(report.Cut(" "+l[0].Text, s.w)))
		}
	}
	return out
}

// same says that nothing differs, or that no difference can be seen.
func (y contrast) same() string {
	switch {
	case !y.c.Known():
		return "no difference is known, but not everything could be read"
	case len(y.c.A.Some)+len(y.c.B.Some) > 0:
		return "both may do the same, apart from what some sessions have"
	}
	return "both may do the same, everywhere"
}

// contrastColumns are the widths of a scope's line: its name, each level, and each
// count of rules. On a narrow screen a level is a letter and nothing is counted.
type contrastColumns struct{ name, level, count int }

func (y contrast) columns(s size) contrastColumns {
	c := contrastColumns{18, 15, 9}
	if !y.beside(s) {
		c.level, c.count = 4, 0
	}
	for _, d := range y.c.Deltas {
		c.name = max(c.name, report.Width(scopeWord(d.Namespace)))
	}
	c.name = min(c.name, max(s.w-5-2*c.level-2*c.count, 8))
	return c
}

func (c contrastColumns) counts(a, b string) string {
	if c.count == 0 {
		return ""
	}
	return pad(a, c.count) + pad(b, c.count)
}

func (y contrast) scope(d access.Delta, c contrastColumns, on bool, width int, t *theme) string {
	in, bar := t.inks, " "
	if on {
		in, bar = t.row, "▌"
	}
	level := func(l line) string {
		cell := y.w.ix.Cell(l.row, d.Namespace)
		return in.level(cell).of(pad(pick(c.count == 0, report.Letter(cell), report.CellWord(cell)), c.level-1) + " ")
	}
	return in.accent.of(bar) + pick(on, in.strong, in.text).of("  "+pad(scopeWord(d.Namespace), c.name)+"  ") + level(y.sides[0]) + level(y.sides[1]) +
		in.dim.of(padRow(c.counts(fmt.Sprint(len(d.Lost)), fmt.Sprint(len(d.Gained))), width-c.name-5-2*c.level, on))
}

func scopeWord(namespace string) string {
	if namespace == "" {
		return "whole cluster"
	}
	return report.Safe(namespace)
}

func in(namespace string) string {
	if namespace == "" {
		return "in the whole cluster"
	}
	return "in " + report.Safe(namespace)
}

// rules are what only one of the two may do in the scope under the cursor, line by
// line; on a narrow screen A's stand before B's.
func (y contrast) rules(width int) [][2]report.Line {
	if y.cursor >= len(y.c.Deltas) {
		return nil
	}
	d := y.c.Deltas[y.cursor]
	beside := y.beside(size{w: width})
	half := pick(beside, (width-4)/2-1, width-1)
	of := func(rules []access.Rule, k report.Kind, who string) []report.Line {
		var out []report.Line
		for _, r := range joined(rules) {
			for _, text := range hang(pick(beside, "", who)+report.Rule(r), half) {
				out = append(out, report.Line{Kind: k, Text: text})
			}
		}
		if len(rules) == 0 {
			out = append(out, report.Line{Kind: report.Note, Text: pick(beside, "", who) + "nothing that the other may not"})
		}
		return out
	}
	a, b := of(d.Lost, report.Change, "A  "), of(d.Gained, report.Add, "B  ")
	if !beside {
		var out [][2]report.Line
		for _, l := range append(a, b...) {
			out = append(out, [2]report.Line{l})
		}
		return out
	}
	out := make([][2]report.Line, max(len(a), len(b)))
	for i := range out {
		if i < len(a) {
			out[i][0] = a[i]
		}
		if i < len(b) {
			out[i][1] = b[i]
		}
	}
	return out
}

// joined puts the URLs of one set of verbs into one rule, as the why does: discovery
// alone has a dozen of them.
func joined(rules []access.Rule) []access.Rule {
	var out []access.Rule
	for _, r := range rules {
		i := slices.IndexFunc(out, func(o access.Rule) bool {
			return len(r.Resources)+len(o.Resources) == 0 && slices.Equal(o.Verbs, r.Verbs)
		})
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].NonResourceURLs = slices.Sorted(slices.Values(slices.Concat(out[i].NonResourceURLs, r.NonResourceURLs)))
	}
	return out
}
