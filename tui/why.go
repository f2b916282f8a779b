package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// why is one cell's chain of reasons, with all its rules. The cursor stands on a
// line; of a rule, it can be asked who else has what it gives.
type why struct {
	w         *world
	of        line
	namespace string
	lines     []report.Line
	rules     map[int]given // by line
	cursor    int
	top       int // among the broken lines
	size      size
}

const doNextRule action = "next rule"

func newWhy(w *world, l line, namespace string) why {
	title := l.name + "  in the whole cluster"
	if namespace != "" {
		title = l.name + "  in namespace " + report.Safe(namespace)
	}
	lines := []report.Line{{Kind: report.Title, Text: title}, {Kind: report.Note, Text: l.detail}, {}}
	lines = append(lines, report.Because(w.ix, l.row, namespace)...)
	said := rulesSaid(w.ix, l.row, namespace)
	y := why{w: w, of: l, namespace: namespace, rules: map[int]given{}}
	for i, one := range lines {
		if r, ok := said[strings.TrimSpace(one.Text)]; ok {
			y.rules[i] = r
		}
		lines[i].Text = " " + one.Text
	}
	y.lines = lines
	return y
}

// given is a rule, and the grant that it comes from.
type given struct {
	rule access.Rule
	from access.Grant
}

// rulesSaid are the rules behind a cell, by how they are said.
func rulesSaid(ix *access.Index, r access.Row, namespace string) map[string]given {
	m, ok := r.Active()
	if !ok {
		m, ok = r.Undecided()
	}
	if !ok {
		return nil
	}
	out := map[string]given{}
	for _, gs := range [][]access.Grant{ix.Grants(m, namespace), ix.Conditional(m, namespace)} {
		for _, g := range gs {
			for _, rule := range g.Rules {
				out[report.Rule(rule)] = given{rule, g}
			}
		}
	}
	return out
}

func (y why) keys() keymap {
	_, on := y.rules[y.cursor]
	k := keymap{
		bind(doWho, "w", "w", "who else", "who else can do what the rule under the cursor gives first").unless(on, "put the cursor on a rule: tab"),
		bind(doRevoke, "x", "x", "revoke", "revoke what the rule under the cursor comes from, or what there is here"),
		bind(doNextRule, "tab", "tab", "next rule", "to the next rule").unless(len(y.rules) > 0, "there is no rule here"),
	}
	return append(append(k, moves()...), helpKey(), backKey().also("enter"))
}

func (y why) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		y.size = r.size
		return y.settle(), nil
	}
	do, off := y.keys().press(msg)
	switch do {
	case "":
		return y, off
	case doBack:
		return y, back{}
	case doHelp:
		return y, help{}
	case doWho:
		return y, open{newWho(y.w, about(y.rules[y.cursor].rule, y.namespace, kindsOf(y.w.ix.Snapshot())))}
	case doRevoke:
		var from *access.Grant
		if r, ok := y.rules[y.cursor]; ok {
			from = &r.from
		}
		return y, open{newRevoke(y.w, []line{y.of}, y.namespace, from)}
	case doNextRule:
		y.cursor = y.nextRule()
		return y.settle(), nil
	}
	was := y.cursor
	y.cursor = clamp(step(y.cursor, do, y.size.h-1, len(y.lines)), 0, len(y.lines)-1)
	for y.lines[y.cursor].Text == " " && y.cursor > 0 { // blank lines are stepped over
		y.cursor += pick(y.cursor > was, 1, -1)
	}
	return y.settle(), nil
}

func (y why) nextRule() int {
	for n := range y.lines {
		at := (y.cursor + 1 + n) % len(y.lines)
		if _, ok := y.rules[at]; ok {
			return at
		}
	}
	return y.cursor
}

// broken are the lines as they are on the screen, and of which line each is a part.
func (y why) broken(width int) (lines []report.Line, of []int) {
	for i, l := range y.lines {
		for _, text := range hang(l.Text, width) {
			lines, of = append(lines, report.Line{Kind: l.Kind, Text: text}), append(of, i)
		}
	}
	return lines, of
}

// settle keeps the line of the cursor on the screen, whole if it fits.
func (y why) settle() why {
	lines, of := y.broken(y.size.w)
	first, last := 0, 0
	for i, n := range of {
		if n < y.cursor {
			first = i + 1
		}
		if n <= y.cursor {
			last = i
		}
	}
	rows := max(y.size.h-1, 1) // the last line says how many more there are
	y.top = window(y.top, last, rows, len(lines))
	y.top = window(y.top, first, rows, len(lines))
	return y
}

func (y why) view(s size, t *theme) []string {
	lines, of := y.broken(s.w)
	var out []string
	for i := y.top; i < len(lines) && len(out) < s.h; i++ {
		l := lines[i]
		if of[i] != y.cursor {
			out = append(out, t.line(l.Kind).of(l.Text))
			continue
		}
		text := strings.TrimPrefix(l.Text, " ")
		out = append(out, t.row.accent.of("▌")+t.row.line(l.Kind).of(padRow(text, s.w-1, true)))
	}
	if left := len(lines) - y.top - len(out); left > 0 && len(out) > 1 {
		out[len(out)-1] = t.dim.of(pad("  … "+report.Count(left+1, "more line", "more lines"), s.w))
	}
	return out
}
