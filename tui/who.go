package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// who is the answer to a question about everybody: who may do it, who may in some
// sessions, and of whom it is not known. Whoever may not is left out.
type who struct {
	w      *world
	q      question
	found  []finder
	others string // who can beside the principals
	rows   []int  // of found, those that pass the filter
	typed  field
	typing bool
	cursor int
	top    int
	size   size
}

// finder is one principal of the answer.
type finder struct {
	line  int // of the world
	reach *access.Reach
}

const (
	doAnywhere action = "anywhere"
	doEdit     action = "edit"
	doWho      action = "who"
)

func newWho(w *world, q question) who { return who{w: w, q: q}.ask() }

// verdictRank puts what is certain first, and what is not known apart at the end.
var verdictRank = map[access.Verdict]int{access.Yes: 0, access.Maybe: 1, access.Unknown: 2}

// ask asks the index. Widest reach comes first, then the order of the matrix.
func (y who) ask() who {
	place := map[string]int{}
	for i, l := range y.w.lines {
		place[l.id] = i
	}
	anywhere := y.q.anywhere && !y.q.kind.cluster
	y.others = othersIn(y.w.ix.Beside(y.q.request, anywhere))
	var reaches []access.Reach
	if anywhere {
		reaches = y.w.ix.WhoCanAnywhere(y.q.request)
	} else {
		for _, a := range y.w.ix.WhoCan(y.q.request) {
			r := access.Reach{Row: a.Row, Mapping: a.Mapping, Verdict: a.Verdict, When: a.When(), Unknown: a.Unknown}
			if len(a.Grants) > 0 {
				r.Grant, r.More = a.Grants[0], len(a.Grants)-1
			}
			reaches = append(reaches, r)
		}
	}
	y.found = make([]finder, len(reaches))
	for i := range reaches {
		y.found[i] = finder{place[reaches[i].Row.Principal.ID()], &reaches[i]}
	}
	slices.SortStableFunc(y.found, func(a, b finder) int {
		if d := verdictRank[a.reach.Verdict] - verdictRank[b.reach.Verdict]; d != 0 {
			return d
		}
		switch {
		case a.reach.Everywhere != b.reach.Everywhere:
			return pick(a.reach.Everywhere, -1, 1)
		case a.reach.Everywhere:
			return 0
		}
		return b.reach.Places.Len() - a.reach.Places.Len()
	})
	return y.sift()
}

// sift applies the filter: words that all stand in a principal's texts.
func (y who) sift() who {
	words := strings.Fields(strings.ToLower(y.typed.String()))
	y.rows = make([]int, 0, len(y.found))
	for i, f := range y.found {
		text := y.w.lines[f.line].search
		if !slices.ContainsFunc(words, func(w string) bool {
			return !strings.Contains(text, w) && !strings.HasPrefix(string(f.reach.Verdict), w)
		}) {
			y.rows = append(y.rows, i)
		}
	}
	return y.settle()
}

func (y who) settle() who {
	y.cursor = clamp(y.cursor, 0, max(len(y.rows)-1, 0))
	y.top = window(y.top, y.cursor, y.space(y.size), len(y.rows))
	return y
}

func (y who) current() (finder, bool) {
	if y.cursor < len(y.rows) {
		return y.found[y.rows[y.cursor]], true
	}
	return finder{}, false
}

func (y who) keys() keymap {
	if y.typing {
		return keymap{bind(doKeep, "enter", "↵", "keep", "keep the filter"), bind(doClear, "esc", "esc", "clear", "clear the filter"),
			more(doUp, "up", "↑", "up"), more(doDown, "down", "↓", "down")}
	}
	_, some := y.current()
	k := keymap{
		bind(doWhy, "enter", "↵", "why", "why: the chain of reasons and its rules").unless(some, "nobody is under the cursor"),
		bind(doShow, "s", "s", "show", "show the principal in the matrix").unless(some, "nobody is under the cursor"),
		bind(doAnywhere, "a", "a", pick(y.q.anywhere, "one namespace", "all namespaces"), "ask in all namespaces, or in the one it was asked in").
			unless(!y.q.kind.cluster, "this is not in a namespace"),
		bind(doEdit, "e w", "e", "edit", "ask something else"),
		bind(doFilter, "/", "/", "filter", "filter: names, groups, yes, conditional, unknown").unless(len(y.found) > 0, "there is nobody to filter"),
	}
	if y.typed.String() != "" {
		k = append(k, more(doClear, "esc", "esc", "clear the filter"))
	}
	return append(append(k, moves()...), helpKey(), backKey())
}

func (y who) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		y.size = msg.size
		return y.settle(), nil
	case loaded:
		if msg.world != nil {
			y.w = msg.world
			return y.ask(), nil
		}
		return y, nil
	case posed:
		msg.of.anywhere = y.q.anywhere
		y.q, y.typed, y.cursor = msg.of, field{}, 0
		return y.ask(), nil
	}
	do, off := y.keys().press(msg)
	if off != nil {
		return y, off
	}
	if y.typing && do == "" {
		if f, ok := y.typed.update(msg); ok {
			y.typed, y.cursor = f, 0
			return y.sift(), nil
		}
		return y, nil
	}
	return y.do(do)
}

func (y who) do(do action) (screen, effect) {
	f, _ := y.current()
	switch do {
	case doWhy:
		return y, open{newWhy(y.w, y.w.lines[f.line], y.namespace(f))}
	case doShow:
		return y, home{reveal{y.w.lines[f.line].id, y.namespace(f)}}
	case doAnywhere:
		y.q.anywhere, y.cursor = !y.q.anywhere, 0
		return y.ask(), nil
	case doEdit:
		return y, open{newInquiry(y.q.String(), y.q.namespace, kindsOf(y.w.ix.Snapshot()))}
	case doFilter:
		y.typing = true
	case doKeep:
		y.typing = false
	case doClear:
		y.typing, y.typed = false, field{}
		return y.sift(), nil
	case doBack:
		return y, back{}
	case doHelp:
		return y, help{}
	default:
		y.cursor = step(y.cursor, do, y.space(y.size)-1, len(y.rows))
	}
	return y.settle(), nil
}

// namespace is where to look for the reason of an answer.
func (y who) namespace(f finder) string {
	if !y.q.anywhere || y.q.kind.cluster {
		return y.q.request.Namespace
	}
	switch r := f.reach; {
	case r.Everywhere, r.Places.Len() == 0 && r.Grant.Scope == "":
		return ""
	case slices.Contains(r.Places.Names(), y.q.request.Namespace):
		return y.q.request.Namespace
	case r.Places.Len() > 0:
		return r.Places.Names()[0]
	default:
		return r.Grant.Scope
	}
}

// count says how many may, how many may in some sessions, and of how many it is not
// known.
func (y who) count() string {
	n := map[access.Verdict]int{}
	for _, f := range y.found {
		n[f.reach.Verdict]++
	}
	text := fmt.Sprintf("%d can", n[access.Yes])
	if c := n[access.Maybe]; c > 0 {
		text += fmt.Sprintf(" · %d in some sessions", c)
	}
	if c := n[access.Unknown]; c > 0 {
		text += fmt.Sprintf(" · %d not known", c)
	}
	return text
}
