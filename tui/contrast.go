package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// contrast is two principals side by side: who they are, and in which scopes one
// may do what the other may not.
type contrast struct {
	w      *world
	ids    [2]string
	sides  [2]line
	c      access.Contrast
	cursor int // among the deltas
	top    int
	rule   int // first rule shown of the delta
	gone   bool
	size   size
}

const doCompare action = "compare"

// newContrast begins in the namespace where the person is.
func newContrast(w *world, a, b line, namespace string) contrast {
	y := contrast{w: w, ids: [2]string{a.id, b.id}}.compare()
	y.cursor = max(slices.IndexFunc(y.c.Deltas, func(d access.Delta) bool { return d.Namespace == namespace }), 0)
	return y
}

// compare finds both in the world that is shown; one may have left it.
func (y contrast) compare() contrast {
	y.gone = false
	for i, id := range y.ids {
		at := slices.IndexFunc(y.w.lines, func(l line) bool { return l.id == id })
		if at < 0 {
			y.gone = true
			return y
		}
		y.sides[i] = y.w.lines[at]
	}
	y.c = access.Contrasted(y.w.ix, y.sides[0].row, y.w.ix, y.sides[1].row)
	return y.settle()
}

func (y contrast) settle() contrast {
	y.cursor = clamp(y.cursor, 0, max(len(y.c.Deltas)-1, 0))
	y.top = window(y.top, y.cursor, y.scopes(y.size), len(y.c.Deltas))
	return y
}

func (y contrast) keys() keymap {
	some := len(y.c.Deltas) > 1
	const alone = "there is no other scope that differs"
	k := keymap{
		bind(doDown, "n down j", "n", "next", "the next scope that differs").unless(some, alone),
		bind(doUp, "p up k", "p", "before", "the scope before").unless(some, alone),
		bind(doPage, "pgdown ctrl+f", "pgdn", "more rules", "further down in the rules"),
		more(doPageUp, "pgup ctrl+b", "pgup", "further up in the rules"),
		more(doTop, "home g", "home", "to the first scope"), more(doBottom, "end G", "end", "to the last scope"),
		bind(doWhy, "a", "a", "why A", "why A may do what it may there").unless(!y.gone, "it is gone"),
		bind(doWhyB, "b", "b", "why B", "why B may do what it may there").unless(!y.gone, "it is gone"),
	}
	return append(k, helpKey(), backKey())
}

const doWhyB action = "why b"

func (y contrast) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		y.size = msg.size
		return y.settle(), nil
	case loaded:
		if msg.world != nil {
			y.w = msg.world
			return y.compare(), nil
		}
		return y, nil
	}
	do, off := y.keys().press(msg)
	switch do {
	case "":
		return y, off
	case doBack:
		return y, back{}
	case doHelp:
		return y, help{}
	case doWhy, doWhyB:
		return y, open{newWhy(y.w, y.sides[pick(do == doWhy, 0, 1)], y.namespace())}
	case doPage, doPageUp:
		page := max(y.room(y.size)-1, 1)
		y.rule = clamp(y.rule+pick(do == doPage, page, -page), 0, max(len(y.rules(y.size.w))-y.room(y.size), 0))
		return y, nil
	}
	y.cursor, y.rule = step(y.cursor, do, 1, len(y.c.Deltas)), 0
	return y.settle(), nil
}

func (y contrast) namespace() string {
	if y.cursor < len(y.c.Deltas) {
		return y.c.Deltas[y.cursor].Namespace
	}
	return ""
}

// scopes is how many scopes fit, room how many lines of rules.
func (y contrast) scopes(s size) int {
	rest := s.h - len(y.heads(s)) - 3
	return clamp(rest/3, 1, max(len(y.c.Deltas), 1))
}

func (y contrast) room(s size) int {
	return max(s.h-len(y.heads(s))-3-y.scopes(s), 1)
}

// conditions are what some sessions have beside, in words.
func conditions(st access.Standing) []string {
	var out []string
	for _, g := range st.Some {
		if text := report.Condition(*g.When); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}
