package access

import (
	"slices"
	"strings"
)

// Places are namespaces. Of thousands of principals few are looked at, so they stay
// the lists of numbers that subjects share until somebody wants the names.
type Places struct {
	r     *rbac
	lists [][]int32  // each rising
	named []string   // of the scopes of access policies, sorted
	under [][2]int32 // the numbers that these have
	n     int
}

func (p *Places) add(list []int32) {
	if len(list) > 0 {
		p.lists = append(p.lists, list)
	}
}

// match adds the namespaces that the scopes of access policies name, of those there
// are where it is a wildcard.
func (p *Places) match(there, scopes []string) {
	for _, s := range scopes {
		some := []string{s}
		prefix, star := strings.CutSuffix(s, "*")
		if star {
			some = starting(there, prefix)
		}
		p.named = union(p.named, some)
		p.under = append(p.under, p.r.ranges(prefix, star)...)
	}
}

// Len is how many there are.
func (p Places) Len() int { return p.n }

// Names are all of them, sorted.
func (p Places) Names() []string {
	if p.n == 0 {
		return nil
	}
	out := slices.Clone(p.named)
	if numbers := p.numbers(); len(numbers) > 0 {
		names := make([]string, len(numbers), len(numbers)+len(p.named))
		for i, n := range numbers {
			names[i] = p.r.names[n]
		}
		if out = names; len(p.named) > 0 || int(numbers[len(numbers)-1]) >= p.r.sorted {
			out = set(append(names, p.named...))
		}
	}
	return out
}

// census counts lists of places. A place counts once: it bears the mark of the last list
// that it was seen in.
type census struct {
	marks []int32
	round int32
}

func (c *census) count(p *Places) {
	switch {
	case len(p.lists) == 0:
		p.n = len(p.named)
	case len(p.lists) == 1 && len(p.named) == 0:
		p.n = len(p.lists[0])
	default:
		c.round++
		p.n = len(p.named)
		for _, list := range p.lists {
			for _, n := range list {
				if c.marks[n] != c.round && !slices.ContainsFunc(p.under, func(u [2]int32) bool { return u[0] <= n && n < u[1] }) {
					c.marks[n] = c.round
					p.n++
				}
			}
		}
	}
}

// numbers are the lists as one.
func (p Places) numbers() []int32 {
	if len(p.lists) == 1 {
		return p.lists[0]
	}
	all := slices.Concat(p.lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// union merges two sorted lists. It is the one where the other is empty.
func union(a, b []string) []string {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0], b[0]); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}
