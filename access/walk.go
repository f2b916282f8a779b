package access

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// fork returns an index of its own that goes on step by step. It shares with the
// one it comes from whatever no step touches, and never changes that one.
func (ix *Index) fork() *Index {
	out := *ix
	out.last, out.changed, out.holders, out.templates = nil, map[string]Row{}, nil, nil
	out.policies = maps.Clone(ix.policies)
	out.rbac = ix.rbac.fork()
	return &out
}

// advance does one step and returns the principals that may hold other rights than
// before, sorted. Its cost is that of what the step touches, not of the cluster: one
// principal for an entry or a policy, the subjects' for a binding. Only aws-auth and
// the mode are about everybody.
func (ix *Index) advance(st Step) []string {
	ix.snap = Project(ix.snap, st)
	ix.last = nil
	k := st.Key()
	switch k.Kind {
	case EntryKind:
		p, _ := ParsePrincipal(k.Name)
		return ix.again(p.ID(), k)
	case AssociationKind:
		return ix.associated(k)
	case RoleKind, ClusterRoleKind:
		return ix.holding(ix.rbac.changeRole(k, st.After))
	case RoleBindingKind, ClusterRoleBindingKind:
		before, _ := st.Before.(Binding)
		after, _ := st.After.(Binding)
		named := ix.rbac.changeBinding(before, after)
		var let []string
		if ix.accounts() {
			let = ix.anew() // mapAccounts lets in whom bindings name
		}
		return set(append(let, ix.holding(named)...))
	case NamespaceKind:
		ix.names = namespaceNames(ix.snap)
	case AuthMapKind, AuthModeKind, ClusterKind, IAMPrincipalKind:
		return ix.anew()
	}
	return nil
}

// again resolves one principal: what becomes of its mappings depends on its own
// entries, items and facts, and on nothing of anybody else's.
func (ix *Index) again(id string, entry Key) []string {
	if ix.accounts() {
		return ix.anew()
	}
	was, _ := ix.row(id)
	own := Snapshot{Caller: ix.snap.Caller, Realms: ix.snap.Realms, Gaps: ix.snap.Gaps}
	keep := func(o Object) {
		if o != nil {
			own.Objects = own.Objects.With(o)
		}
	}
	if c, ok := ix.snap.Cluster(); ok {
		keep(c)
	}
	keep(AuthMode{In: ix.snap.Realm("eks"), Mode: ix.snap.Mode()})
	who, _ := ParsePrincipal(entry.Name)
	keep(ix.snap.Objects.At(Key{Realm: IAMRealm(who.Account), Kind: IAMPrincipalKind, Name: id}))
	keep(ix.snap.Objects.At(entry))
	parsed := ix.parsed
	parsed.Items = nil
	for _, m := range was.Mappings {
		keep(ix.snap.Objects.At(m.From)) // an entry, or aws-auth
		if m.Source == FromAuthMap {
			parsed.Items = append(parsed.Items, m.Item)
		}
	}
	var is Row
	for _, m := range resolve(own, parsed) {
		if m.Principal.ID() == id {
			is.Mappings = append(is.Mappings, m)
		}
	}
	if len(is.Mappings) > 0 {
		is.Principal = is.Mappings[0].Principal
		is.Principal = fullest(own, is)
	}
	before := ix.inForce(id)
	ix.changed[id] = is
	after := ix.inForce(id)
	ix.arrives(is)
	if sameMapping(before, after) {
		return nil
	}
	return []string{id}
}

// associated takes up a principal's access policies.
func (ix *Index) associated(k Key) []string {
	var now []PolicyAssociation
	for _, a := range ix.policies[k.Namespace] {
		if a.Key() != k {
			now = append(now, a)
		}
	}
	if a, ok := Get[PolicyAssociation](ix.snap.Objects, k); ok {
		now = append(now, a)
	}
	slices.SortFunc(now, func(a, b PolicyAssociation) int { return a.Key().compare(b.Key()) })
	ix.policies[k.Namespace] = now
	p, _ := ParsePrincipal(k.Namespace)
	if m := ix.inForce(p.ID()); m.Source == FromEntry && m.From.Name == k.Namespace {
		return []string{p.ID()}
	}
	return nil
}

// anew builds what mappings are about from the beginning.
func (ix *Index) anew() []string {
	was := *ix
	fresh := newIndex(ix.snap, ix.rbac, nil)
	ix.parsed, ix.mappings, ix.rows, ix.rowAt = fresh.parsed, fresh.mappings, fresh.rows, fresh.rowAt
	ix.names, ix.policies = fresh.names, fresh.policies
	ix.changed, ix.holders = map[string]Row{}, nil
	var out []string
	for _, id := range ids(&was, ix) {
		if !sameIdentity(&was, ix, id) {
			out = append(out, id)
		}
	}
	return out
}

// holding are the principals that arrive as one of these subjects.
func (ix *Index) holding(subs []subject) []string {
	if ix.holders == nil {
		ix.holders, ix.templates = map[subject][]string{}, nil
		for _, r := range ix.Rows() {
			ix.arrives(r)
		}
	}
	var out []string
	for _, s := range subs {
		if s == (subject{rbacv1.GroupKind, everybody}) {
			return ids(ix)
		}
		out = append(out, ix.holders[s]...)
		for _, t := range ix.templates {
			if t.kind == s.kind && t.becomes(s.name) {
				out = append(out, ix.holders[t]...)
			}
		}
	}
	return set(out)
}

// becomes reports whether some session turns a template into the name.
func (t subject) becomes(name string) bool {
	_, ok := renders(t.name, name)
	return ok
}

// arrives notes as whom a principal arrives. That it once arrived as somebody else
// does no harm: it is looked at once too often.
func (ix *Index) arrives(r Row) {
	if ix.holders == nil {
		return
	}
	for _, m := range r.mayCount() {
		for _, s := range m.Identity.subjects() {
			if s.name != everybody {
				ix.holders[s] = append(ix.holders[s], m.Principal.ID())
			}
		}
		for _, t := range m.Identity.templates() {
			if len(ix.holders[t]) == 0 {
				ix.templates = append(ix.templates, t)
			}
			ix.holders[t] = append(ix.holders[t], m.Principal.ID())
		}
	}
}

// ids are the principals of some indexes, sorted.
func ids(of ...*Index) []string {
	var out []string
	for _, ix := range of {
		for id := range ix.rowAt {
			out = append(out, id)
		}
		for id := range ix.changed {
			out = append(out, id)
		}
	}
	return set(out)
}

// whole puts what steps changed in its place among the rows.
func (ix *Index) whole() {
	if len(ix.changed) == 0 {
		return
	}
	var ms []Mapping
	for _, r := range ix.rows {
		if _, changed := ix.changed[r.Principal.ID()]; !changed {
			ms = append(ms, r.Mappings...)
		}
	}
	for _, r := range ix.changed {
		ms = append(ms, r.Mappings...)
	}
	ix.place(byPlace(ms))
	ix.changed = map[string]Row{}
}
