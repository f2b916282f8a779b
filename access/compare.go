package access

import (
	"slices"
	"strings"
)

// Delta is what changes for one principal in one scope.
type Delta struct {
	Principal Principal `json:"principal"`
	Namespace string    `json:"namespace"` // "" is the whole cluster
	Was       Level     `json:"was"`
	Is        Level     `json:"is"`
	Gained    []Rule    `json:"gained,omitempty"`
	Lost      []Rule    `json:"lost,omitempty"`

	When *Condition `json:"when,omitempty"` // of the sessions of this condition; nil: of all
}

// Compare says what changes between two indexes, for these principals or for all,
// scope by scope and rule by rule. A principal without a delta keeps exactly what
// it had. Sorted by principal, then by scope.
func Compare(was, is *Index, only ...Principal) []Delta {
	var out []Delta
	c := newComparison()
	for _, id := range affected(was, is, only) {
		if id == creatorID {
			continue // the mode hides or shows the creator; EKS keeps it an administrator
		}
		a, b := was.effective(id), is.effective(id)
		p := b.principal
		if p.ARN == "" {
			p = a.principal
		}
		cluster := c.diff(p, "", nil, a, b)
		if cluster != nil {
			out = append(out, *cluster)
		}
		whens := conditionsOf(a, b)
		for _, ns := range set(slices.Concat([]string{""}, a.scopes(), b.scopes())) {
			all := cluster
			if ns != "" {
				if all = c.diff(p, ns, nil, a, b); all != nil && !explained(*all, cluster) {
					out = append(out, *all)
				}
			}
			for _, when := range whens {
				if d := c.diff(p, ns, &when, a, b); d != nil && !explained(*d, all) && !explained(*d, cluster) {
					out = append(out, *d)
				}
			}
		}
	}
	return out
}

// impact counts whom deltas are about, among those whom a mapping lets in, or may.
func impact(ds []Delta, was *Index) Impact {
	lose, gain, all := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, d := range ds {
		id := d.Principal.ID()
		lose[id] = lose[id] || len(d.Lost) > 0 || d.Is < d.Was
		gain[id] = gain[id] || len(d.Gained) > 0 || d.Is > d.Was
		all[id] = true
	}
	count := func(who map[string]bool) (n int) {
		for _, yes := range who {
			if yes {
				n++
			}
		}
		return n
	}
	i := Impact{Lose: count(lose), Gain: count(gain)}
	for _, r := range was.Rows() {
		if _, counts := r.mapping(); counts && !all[r.Principal.ID()] {
			i.Keep++
		}
	}
	return i
}

func (c *comparison) diff(p Principal, ns string, when *Condition, a, b effective) *Delta {
	before, after := a.in(ns, when), b.in(ns, when)
	d := Delta{Principal: p, Namespace: ns, When: when, Was: a.level(ns, when), Is: b.level(ns, when), Gained: c.beyond(after, before), Lost: c.beyond(before, after)}
	if len(d.Gained) == 0 && len(d.Lost) == 0 && d.Was == d.Is {
		return nil
	}
	return &d
}

// explained reports whether a namespace's delta says no more than the cluster's.
func explained(d Delta, cluster *Delta) bool {
	return cluster != nil && d.Was == cluster.Was && d.Is == cluster.Is &&
		len(uncovered(d.Gained, cluster.Gained)) == 0 && len(uncovered(d.Lost, cluster.Lost)) == 0
}

// effective is what one principal may do, by scope.
type effective struct {
	principal Principal
	mapping   Mapping
	h         *holder // nil: nothing counts
}

func (ix *Index) effective(id string) effective {
	r, ok := ix.row(id)
	e := effective{principal: r.Principal}
	if !ok {
		return e
	}
	// Undecided is judged as if in force: it may be, so it must not be lost.
	if m, ok := r.mapping(); ok {
		e.mapping, e.h = m, ix.holder(m)
	}
	return e
}

func (e effective) in(ns string, when *Condition) ruleSets {
	if e.h == nil {
		return nil
	}
	return e.h.ruleSets(ns, when)
}

func (e effective) level(ns string, when *Condition) Level {
	switch {
	case e.h == nil:
		return None
	case when == nil || e.h.super:
		return e.h.ix.CellOf(e.mapping, ns).Level
	}
	l, _ := e.h.under(*when, ns)
	return max(l, e.h.ix.CellOf(e.mapping, ns).Level)
}

// conditionsOf are the conditions under which sessions have rights of their own in one of these.
func conditionsOf(es ...effective) []Condition {
	var out []Condition
	for _, e := range es {
		if e.h != nil {
			for _, s := range e.h.sessions {
				out = append(out, s.when)
			}
		}
	}
	return sortedConditions(out)
}

func (e effective) scopes() []string {
	if e.h == nil {
		return nil
	}
	return e.h.scopes()
}

// alike reports whether both have their rights from the same sources, and so the
// same rights in every scope. That they differ says nothing.
func (e effective) alike(o effective) bool {
	if e.h == nil || o.h == nil {
		return e.h == nil && o.h == nil
	}
	return e.h.super == o.h.super && e.mapping.Identity.Node() == o.mapping.Identity.Node() &&
		e.h.ix.rbac.revision == o.h.ix.rbac.revision && slices.EqualFunc(e.h.lists, o.h.lists, sameList) &&
		slices.EqualFunc(e.h.policies, o.h.policies, func(a, b PolicyAssociation) bool { return Same(a, b) }) &&
		slices.EqualFunc(e.h.sessions, o.h.sessions, func(a, b sessionly) bool {
			return a.when == b.when && slices.EqualFunc(a.subjects, b.subjects, func(x, y subject) bool {
				return sameList(e.h.ix.rbac.named[x], o.h.ix.rbac.named[y])
			})
		})
}

// affected are the principals, all or these, whose rights can differ between two indexes.
func affected(was, is *Index, only []Principal) []string {
	all := ids(was, is)
	if len(only) > 0 {
		all = nil
		for _, p := range only {
			all = append(all, p.ID())
		}
		all = set(all)
	}
	return slices.DeleteFunc(all, func(id string) bool {
		return sameIdentity(was, is, id) && was.effective(id).alike(is.effective(id))
	})
}

// sameIdentity reports whether a principal arrives as the same identity with the
// same policies in both.
func sameIdentity(was, is *Index, id string) bool {
	return sameMapping(was.inForce(id), is.inForce(id)) &&
		slices.EqualFunc(was.policiesOf(id), is.policiesOf(id), func(a, b PolicyAssociation) bool { return Same(a, b) })
}

func (ix *Index) principal(id string) Principal {
	r, _ := ix.row(id)
	return r.Principal
}

func (ix *Index) inForce(id string) Mapping {
	r, _ := ix.row(id)
	if m, ok := r.Active(); ok {
		return m
	}
	m, _ := r.Undecided()
	return m
}

func (ix *Index) policiesOf(id string) []PolicyAssociation { return ix.Policies(ix.inForce(id)) }

func sameMapping(a, b Mapping) bool {
	return a.Source == b.Source && a.State == b.State && a.Identity.User == b.Identity.User && slices.Equal(a.Identity.Groups, b.Identity.Groups)
}

// ruleWords writes rules for the arguments of a finding.
func ruleWords(rules []Rule) string {
	var out []string
	for _, r := range rules {
		what := r.Resources
		if len(what) == 0 {
			what = r.NonResourceURLs
		}
		out = append(out, strings.Join(r.Verbs, ",")+" "+strings.Join(what, ","))
	}
	return strings.Join(out, "; ")
}
