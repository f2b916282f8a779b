package access

import (
	"maps"
	"slices"
)

// holder is one mapping as RBAC and the access policies see it: where its grants
// are found, and what those that count everywhere come to.
type holder struct {
	ix       *Index
	mapping  Mapping
	super    bool
	subjects []subject
	lists    [][]int32 // the bindings of each subject
	policies []PolicyAssociation
	base     *gauge      // of what counts in the whole cluster; nil until a level is asked for
	sessions []sessionly // what some sessions have beside
}

// sessionly is what the sessions of one condition match.
type sessionly struct {
	when     Condition
	subjects []subject
}

// holder returns what is known of a mapping. The last one is kept: cells are asked
// for row by row.
func (ix *Index) holder(m Mapping) *holder {
	if h := ix.last; h != nil && h.mapping.From == m.From && h.mapping.Item.Index == m.Item.Index && h.mapping.Item.Section == m.Item.Section &&
		h.mapping.Identity.User == m.Identity.User && slices.Equal(h.mapping.Identity.Groups, m.Identity.Groups) {
		return h
	}
	h := &holder{ix: ix, mapping: m, super: m.Identity.Super(), subjects: m.Identity.subjects(), policies: ix.Policies(m)}
	for _, s := range h.subjects {
		h.lists = append(h.lists, ix.rbac.named[s])
	}
	found := ix.rbac.conditional(m.Identity)
	for _, c := range sortedConditions(slices.Collect(maps.Keys(found))) {
		h.sessions = append(h.sessions, sessionly{c, found[c]})
	}
	ix.last = h
	return h
}

// gauge is what the mapping may do in a namespace, or in the whole cluster.
func (h *holder) gauge(namespace string) gauge {
	if h.base == nil {
		h.base = h.everywhere()
	}
	g := gauge{covers: slices.Clone(h.base.covers), cluster: h.base.cluster, inside: h.base.inside}
	if namespace == "" {
		return g
	}
	n := h.ix.rbac.number(namespace)
	for _, l := range h.lists {
		h.ix.rbac.gather(&g, h.ix.rbac.inNamespace(l, n))
	}
	for _, a := range h.policies {
		if !a.Scope.Cluster && a.Scope.names(namespace) {
			g.add(h.ix.rbac.policy(a.Policy))
		}
	}
	return g
}

// everywhere is what counts in the whole cluster.
func (h *holder) everywhere() *gauge {
	g := gauge{covers: h.ix.rbac.measure().none()}
	for _, l := range h.lists {
		h.ix.rbac.gather(&g, h.ix.rbac.inCluster(l))
	}
	for _, a := range h.policies {
		if a.Scope.Cluster {
			g.add(h.ix.rbac.policy(a.Policy))
		}
	}
	return &g
}

// level is what the mapping may do there, summed up.
func (h *holder) level(namespace string) Level {
	if h.super {
		return Full
	}
	return h.ix.rbac.measure().level(h.gauge(namespace), namespace)
}

// under is the level that the sessions of one condition have there; false when that
// condition itself brings nothing there.
func (h *holder) under(when Condition, namespace string) (Level, bool) {
	g, more, n := h.gauge(namespace), false, h.ix.rbac.number(namespace)
	for _, s := range h.sessions {
		if !s.when.matches(when) {
			continue
		}
		for _, sub := range s.subjects {
			list := h.ix.rbac.named[sub]
			for _, part := range [][]int32{h.ix.rbac.inCluster(list), h.ix.rbac.inNamespace(list, n)} {
				h.ix.rbac.gather(&g, part)
				more = more || len(part) > 0 && s.when == when
			}
		}
	}
	return h.ix.rbac.measure().level(g, namespace), more
}

// names reports whether a namespace scope names the namespace.
func (s PolicyScope) names(namespace string) bool {
	return slices.ContainsFunc(s.Namespaces, func(p string) bool { return scopeMatches(p, namespace) })
}

// measure makes the yardsticks when a level is first asked for.
func (r *rbac) measure() *yardsticks {
	if r.yards == nil {
		r.yards = newYardsticks(func(name string) []Rule {
			role, _ := r.role(Key{Realm: r.realm, Kind: ClusterRoleKind, Name: name})
			return role.Rules
		})
	}
	return r.yards
}

// gather adds what the roles of these bindings come to.
func (r *rbac) gather(g *gauge, bindings []int32) {
	for _, i := range bindings {
		role := r.refs[i]
		if r.gauges[role] == nil {
			r.gauges[role] = r.measure().gauge(r.roles[role].Rules)
		}
		g.add(r.gauges[role])
	}
}

// policy is what an access policy comes to: nothing where its rules are not published.
func (r *rbac) policy(arn string) *gauge {
	g, ok := r.policies[arn]
	if !ok {
		p, _ := PolicyNamed(arn)
		g = r.measure().gauge(p.Rules)
		r.policies[arn] = g
	}
	return g
}
