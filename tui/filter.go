package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// filter is a sentence fragment: words that all have to hold.
type filter struct {
	text  string
	names []string // fuzzy, in names, identities, groups
	ns    []string // namespaces to keep
	via   []string
	acct  []string
	level func(access.Level) bool
	bad   string // what could not be understood
}

// stateWords find rows by the fate of their mappings.
var stateWords = map[string]access.MappingState{
	"dead": access.Dead, "shadowed": access.Shadowed, "dormant": access.Dormant,
	"unmatchable": access.Unmatchable, "unknown": access.Undecided,
}

// parseFilter reads what was typed. It is read at every key, so it takes half
// words: what it does not know yet is a name.
func parseFilter(text string) filter {
	f := filter{text: text}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		field, value, colon := strings.Cut(word, ":")
		switch {
		case strings.HasPrefix(word, "level") && strings.ContainsAny(word, "<>="):
			f.level, f.bad = levelTest(strings.TrimPrefix(word, "level"))
		case colon && (field == "ns" || field == "namespace"):
			f.ns = append(f.ns, value)
		case colon && field == "via":
			f.via = append(f.via, value)
		case colon && field == "account":
			f.acct = append(f.acct, value)
		default:
			f.names = append(f.names, word)
		}
	}
	return f
}

func levelTest(s string) (func(access.Level) bool, string) {
	word := strings.TrimLeft(s, "<>=")
	var want access.Level
	if err := want.UnmarshalText([]byte(word)); err != nil {
		return nil, "level is none, some, view, edit, admin or full"
	}
	switch op := strings.TrimSuffix(s, word); op {
	case ">=":
		return func(l access.Level) bool { return l >= want }, ""
	case ">":
		return func(l access.Level) bool { return l > want }, ""
	case "<=":
		return func(l access.Level) bool { return l <= want }, ""
	case "<":
		return func(l access.Level) bool { return l < want }, ""
	}
	return func(l access.Level) bool { return l == want }, ""
}

// places reports whether the filter asks what rows may do, and where.
func (f filter) places() bool { return f.level != nil || len(f.ns) > 0 }

// rows are the numbers of the lines that pass. What no line contains is
// looked for in the names letter by letter, in order. Without spans, what is asked
// about levels and namespaces is not answered yet.
func (f filter) rows(w *world, spans []span) []int {
	out := make([]int, 0, len(w.lines))
	for i := range w.lines {
		out = append(out, i)
	}
	for _, name := range f.names {
		state, isState := stateWords[name]
		hits := keep(out, func(i int) bool {
			l := &w.lines[i]
			return strings.Contains(l.search, name) || isState && slices.Contains(l.states, string(state))
		})
		if len(hits) == 0 {
			hits = keep(out, func(i int) bool { return fuzzy(w.lines[i].lower, name) })
		}
		out = hits
	}
	for _, via := range f.via {
		out = keep(out, func(i int) bool { return strings.Contains(strings.ToLower(w.lines[i].via), via) })
	}
	for _, a := range f.acct {
		out = keep(out, func(i int) bool { return strings.HasPrefix(w.lines[i].row.Principal.Account, a) })
	}
	switch {
	case spans == nil:
	case len(f.ns) > 0:
		kept, count := make([]bool, len(w.ix.Namespaces())), 0
		for i, ns := range w.ix.Namespaces() {
			if f.keeps(ns) {
				kept[i] = true
				count++
			}
		}
		out = keep(out, func(i int) bool { return spans[i].in(kept, count, f.level) })
	case f.level != nil:
		out = keep(out, func(i int) bool { return spans[i].top.is(f.level) })
	}
	return out
}

func keep(rows []int, pass func(int) bool) []int {
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool { return !pass(i) })
}

// namespaces are those that the filter keeps as columns; all when it names none.
func (f filter) namespaces(all []string) []string {
	if len(f.ns) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(ns string) bool { return !f.keeps(ns) })
}

func (f filter) keeps(ns string) bool {
	return slices.ContainsFunc(f.ns, func(want string) bool { return strings.Contains(ns, want) })
}

// fuzzy reports whether the letters of want stand in text, in their order.
func fuzzy(text, want string) bool {
	for _, r := range want {
		i := strings.IndexRune(text, r)
		if i < 0 {
			return false
		}
		text = text[i+len(string(r)):]
	}
	return true
}

// search puts the items that contain the words before those that only have their
// letters, each in order.
func search(items []string, text string) []string {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return items
	}
	var near, far []string
	for _, it := range items {
		low := strings.ToLower(it)
		switch {
		case strings.Contains(low, text):
			near = append(near, it)
		case fuzzy(low, text):
			far = append(far, it)
		}
	}
	return append(near, far...)
}
