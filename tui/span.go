package tui

import (
	"github.com/eks-access/kubectl-eks-access/access"
)

// span is what one row may do where, in little room: a filter by level or namespace
// asks for every row at every key. It is made in a task when a filter first needs it.
type span struct {
	top  access.Level // the most of all places
	base answered     // where the row has no grants of its own
	own  []place      // the namespaces where it has some, in order
}

// place is a namespace by its number, and the answer there.
type place uint32

// answered is a cell in a byte: its level, and whether something is not known.
type answered uint8

const unsure answered = 8

func answerOf(c access.Cell) answered {
	a := answered(c.Level)
	if len(c.Unknown) > 0 {
		a |= unsure
	}
	return a
}

func placeOf(namespace int, a answered) place { return place(namespace)<<4 | place(a) }
func (p place) namespace() int                { return int(p >> 4) }
func (p place) answered() answered            { return answered(p & 15) }
func (a answered) level() access.Level        { return access.Level(a &^ unsure) }

// passes is what a filter by namespace asks: something, perhaps; or the level.
func (a answered) passes(level func(access.Level) bool) bool {
	if level != nil {
		return level(a.level())
	}
	return a != 0
}

// spansOf measures all rows. An index is not shared between goroutines, so the
// caller brings its own.
func spansOf(ix *access.Index) []span {
	names := ix.Namespaces()
	number := make(map[string]int, len(names))
	for i, n := range names {
		number[n] = i
	}
	out := make([]span, len(ix.Rows()))
	for i, r := range ix.Rows() {
		out[i] = spanOf(ix, r, names, number)
	}
	return out
}

func spanOf(ix *access.Index, r access.Row, names []string, number map[string]int) span {
	c := ix.Cell(r, "")
	s := span{top: c.Level, base: answerOf(c)}
	m, ok := r.Active()
	if !ok || c.Level == access.Full {
		return s
	}
	other := 0 // the first namespace without grants of its own: all such are alike
	for _, ns := range ix.Scopes(m) {
		a := answerOf(ix.Cell(r, ns))
		s.top = max(s.top, a.level())
		at, exists := number[ns]
		if !exists {
			continue
		}
		s.own = append(s.own, placeOf(at, a))
		if at == other {
			other++
		}
	}
	if other < len(names) {
		s.base = answerOf(ix.Cell(r, names[other]))
	}
	return s
}

// in reports whether the row passes in one of the kept namespaces, of which there
// are count.
func (s span) in(kept []bool, count int, level func(access.Level) bool) bool {
	for _, p := range s.own {
		if !kept[p.namespace()] {
			continue
		}
		if p.answered().passes(level) {
			return true
		}
		count--
	}
	return count > 0 && s.base.passes(level)
}
