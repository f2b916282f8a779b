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
	made   bool   // c is there
	begin  string // namespace to begin with
	cursor int    // among the deltas
	top    int
	rule   int // first rule shown of the delta
	gone   bool
	size   size
}

const doCompare action = "compare"

// newContrast begins in the namespace where the person is. What differs comes later.
func newContrast(w *world, a, b line, namespace string) contrast {
	return contrast{w: w, ids: [2]string{a.id, b.id}, begin: namespace}.meet()
}

// meet finds both in the world that is shown; one may have left it.
func (y contrast) meet() contrast {
	y.gone = false
	for i, id := range y.ids {
		at := slices.IndexFunc(y.w.lines, func(l line) bool { return l.id == id })
		if at < 0 {
			y.gone = true
			return y
		}
		y.sides[i] = y.w.lines[at]
	}
	return y
}

// take shows what differs, on the scope it stood on before, or where it begins.
func (y contrast) take(c access.Contrast) contrast {
	at := y.begin
	if y.made {
		at = y.namespace()
	}
	y.c, y.made = c, true
	y.cursor = max(slices.IndexFunc(c.Deltas, func(d access.Delta) bool { return d.Namespace == at }), 0)
	return y.settle()
}

// contrastOf compares two principals, rule by rule in every scope: on a big cluster
// that takes a while, so it is called in tasks, with a clone of the index as its own.
func contrastOf(ix, own *access.Index, ids [2]string) contrasted {
	var two [2]access.Row
	for _, r := range own.Rows() {
		for i, id := range ids {
			if r.Principal.ID() == id {
				two[i] = r
			}
		}
	}
	return contrasted{ix, ids, access.Contrasted(own, two[0], own, two[1])}
}

func (y contrast) settle() contrast {
	y.cursor = clamp(y.cursor, 0, max(len(y.c.Deltas)-1, 0))
	y.top = window(y.top, y.cursor, y.scopes(y.size), len(y.c.Deltas))
	return y
}

func (y contrast) keys() keymap {
	some := len(y.c.Deltas) > 1
	alone := pick(y.made, "there is no other scope that differs", "still comparing")
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
			return y.meet(), compare{y.ids}
		}
		return y, nil
	case contrasted:
		if msg.of == y.w.ix && msg.ids == y.ids {
			return y.take(msg.c), nil
		}
		return y, compare{y.ids} // that was about another two, or an older cluster
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
