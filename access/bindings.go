package access

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// rbac is the part of an index that depends on roles and bindings alone.
type rbac struct {
	realm     Realm
	roles     map[Key]Role
	bySubject map[subject][]Binding // in no order: see bindings
	inOrder   map[subject]bool
	users     []string // names of User subjects, sorted
	yards     yardsticks
	levels    map[levelKey]Level
}

func newRBAC(s Snapshot) *rbac {
	r := &rbac{realm: s.Realm("kube"), roles: map[Key]Role{}, bySubject: map[subject][]Binding{}, inOrder: map[subject]bool{}, levels: map[levelKey]Level{}}
	for k, o := range s.Objects {
		switch o := o.(type) {
		case Role:
			r.roles[k] = o
		case Binding:
			for _, sub := range o.Subjects {
				key := subjectOf(sub, o.Namespace)
				if had := r.bySubject[key]; len(had) == 0 || had[len(had)-1].Key() != k {
					r.bySubject[key] = append(had, o)
				}
			}
		}
	}
	if admin := (Key{Realm: r.realm, Kind: ClusterRoleKind, Name: LevelRole(Full)}); r.roles[admin].Name == "" {
		if _, unread := s.Gap(r.realm, ClusterRoleKind, ""); unread {
			// The API server puts it back at every start (Kubernetes RBAC, "Auto-reconciliation").
			r.roles[admin] = Role{In: r.realm, Name: admin.Name, Rules: superRules}
		}
	}
	for sub := range r.bySubject {
		if sub.kind == rbacv1.UserKind {
			r.users = append(r.users, sub.name)
		}
	}
	slices.Sort(r.users)
	r.yards = newYardsticks(func(name string) []Rule {
		return r.roles[Key{Realm: r.realm, Kind: ClusterRoleKind, Name: name}].Rules
	})
	return r
}

// bindings are those that name a subject, in order of their keys. They are put in
// order when they are first asked for: most subjects of a large cluster never are.
func (r *rbac) bindings(sub subject) []Binding {
	bs := r.bySubject[sub]
	if !r.inOrder[sub] {
		slices.SortFunc(bs, func(a, b Binding) int { return a.Key().compare(b.Key()) })
		r.inOrder[sub] = true
	}
	return bs
}
