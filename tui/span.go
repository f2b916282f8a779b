package tui

import (
	"github.com/eks-access/kubectl-eks-access/access"
)

// span is what one row may do where, in little room: a filter by level or namespace
// asks for every row at every key. It is made in a task when a filter first needs it.
type span struct {
	top  answered // the most of all places
	base answered // where the row has no grants of its own
	own  []place  // the namespaces where it has some, in order
}

// place is a namespace by its number, and the answer there.
type place uint32

// answered is a cell in a byte: its level, whether something is not known, and the
// level that some sessions have beside.
type answered uint8

const (
	unsure answered = 1 << 3
	someAt          = 4 // bits before the level of some sessions
)

func answerOf(c access.Cell) answered {
	a := answered(c.Level)
	if len(c.Unknown) > 0 {
		a |= unsure
	}
	var best access.Level
	for _, d := range c.Depends {
		best = max(best, d.Level)
	}
	return a | answered(best)<<someAt
}

func (a answered) level() access.Level { return access.Level(a & (unsure - 1)) }
func (a answered) some() access.Level  { return access.Level(a >> someAt) }

// with is the most of two places.
func (a answered) with(b answered) answered {
	return answered(max(a.level(), b.level())) | (a|b)&unsure | answered(max(a.some(), b.some()))<<someAt
}

// is reports whether a filter's level is that of every session, or of some. Without
// one, anything that is not a plain nothing is.
func (a answered) is(level func(access.Level) bool) bool {
	if level == nil {
		return a != 0
	}
	return level(a.level()) || a.some() > a.level() && level(a.some())
}

func placeOf(namespace int, a answered) place { return place(namespace)<<8 | place(a) }
func (p place) namespace() int                { return int(p >> 8) }
func (p place) answered() answered            { return answered(p & 0xff) }

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
	s := span{top: answerOf(c), base: answerOf(c)}
	m, ok := r.Active()
	if !ok || c.Level == access.Full {
		return s
	}
	other := 0 // the first namespace without grants of its own: all such are alike
	for _, ns := range ix.Scopes(m) {
		a := answerOf(ix.Cell(r, ns))
		s.top = s.top.with(a)
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
		if p.answered().is(level) {
			return true
		}
		count--
	}
	return count > 0 && s.base.is(level)
}
