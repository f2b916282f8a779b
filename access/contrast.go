package access

import (
	"slices"
	"strings"
)

// Contrast is what two principals may do, side by side: of one cluster, or of two.
type Contrast struct {
	A, B   Standing
	Deltas []Delta // Was and Lost are A's, Gained and Is are B's; the cluster first, then by namespace
}

// Standing is one side of a contrast.
type Standing struct {
	Row      Row
	Mapping  Mapping // in force, or undecided; zero when there is none
	Policies []PolicyAssociation
	Cell     Cell    // of the whole cluster
	Some     []Grant // what only some sessions have, in all scopes
	Unknown  []Gap   // could add to it, somewhere
}

// Contrasted says what A may and B may not, and the other way round, rule by rule.
// A namespace whose difference says no more than the cluster's is left out; a
// policy's wildcard is a scope, too. What only
// some sessions have is not in the deltas.
func Contrasted(a *Index, p Row, b *Index, q Row) Contrast {
	c := Contrast{A: a.standing(p), B: b.standing(q)}
	one, other, compare := a.effective(p.Principal.ID()), b.effective(q.Principal.ID()), newComparison()
	differ := func(ns string) *Delta { return compare.diff(q.Principal, ns, nil, one, other) }
	cluster := differ("")
	if cluster != nil {
		c.Deltas = append(c.Deltas, *cluster)
	}
	for _, ns := range set(slices.Concat(a.scopesOf(c.A.Mapping), b.scopesOf(c.B.Mapping))) {
		if d := differ(ns); d != nil && !explained(*d, cluster) {
			c.Deltas = append(c.Deltas, *d)
		}
	}
	return c
}

// scopesOf are a mapping's scopes with the wildcards of its policies, which stand for
// the namespaces that don't exist yet.
func (ix *Index) scopesOf(m Mapping) []string {
	if m.State == "" {
		return nil
	}
	out := ix.Scopes(m)
	for _, p := range ix.Policies(m) {
		for _, ns := range p.Scope.Namespaces {
			if strings.HasSuffix(ns, "*") {
				out = append(out, ns)
			}
		}
	}
	return out
}

func (ix *Index) standing(r Row) Standing {
	s := Standing{Row: r, Cell: ix.Cell(r, "")}
	if _, ok := r.Active(); !ok {
		s.Unknown = ix.Hidden()
	}
	for i, m := range r.mayCount() {
		if m.State == Undecided {
			s.Unknown = append(s.Unknown, undecidedGap(m))
		}
		if i > 0 {
			continue
		}
		h := ix.holder(m)
		s.Mapping, s.Policies = m, ix.Policies(m)
		if h.super {
			continue
		}
		for _, one := range h.sessions {
			for _, sub := range one.subjects {
				for _, g := range h.append(nil, sub, ix.rbac.named[sub]) {
					g.When = &one.when
					s.Some = append(s.Some, g)
				}
			}
		}
		s.Unknown = slices.Concat(s.Unknown, h.unknownAnywhere(), h.partly("", true))
	}
	return s
}

// Equal reports whether nothing differs, as far as is known.
func (c Contrast) Equal() bool {
	return len(c.Deltas) == 0 && c.A.Mapping.State == c.B.Mapping.State && c.sameSessions()
}

// Known reports whether all that could make a difference was read.
func (c Contrast) Known() bool { return len(c.A.Unknown) == 0 && len(c.B.Unknown) == 0 }

// sameSessions compares what some sessions have: the same rules in the same scope
// under the same condition, wherever they come from.
func (c Contrast) sameSessions() bool {
	type place struct {
		when  Condition
		scope string
	}
	of := func(gs []Grant) map[place][]Rule {
		out := map[place][]Rule{}
		for _, g := range gs {
			p := place{*g.When, g.Scope}
			out[p] = append(out[p], g.Rules...)
		}
		return out
	}
	a, b := of(c.A.Some), of(c.B.Some)
	covers := func(a, b map[place][]Rule) bool {
		for p, rules := range b {
			if len(uncovered(rules, a[p])) > 0 {
				return false
			}
		}
		return true
	}
	return covers(a, b) && covers(b, a)
}
