package access

import (
	"slices"
	"sort"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// rbac is the part of an index that depends on roles and bindings alone. Bindings
// and roles are known by their place in a list, so that what is kept for a subject
// is a list of numbers, and what is worked out of a role is worked out once.
type rbac struct {
	realm      Realm
	bindings   []Binding        // the cluster's first, then namespace by namespace
	sorted     int              // so many of names are; the rest is of namespaces that steps brought
	revision   int              // of the roles: counts their changes
	refs       []int32          // the role of each binding
	inside     map[int32][]Rule // of roles with rules about URLs, those that count in a namespace
	namespaces []int32          // of each binding: the number of its namespace, rising; 0 is the cluster
	names      []string         // of the namespaces, by their number
	roles      []Role           // the zero Role where a binding names one that does not exist
	at         map[Key]int32
	named      map[subject][]int32 // the bindings that name a subject, by namespace, in order of their keys
	users      []string            // names of User subjects, sorted
	groups     []string            // of Group subjects
	gauges     []*gauge            // of the roles that were asked about
	policies   map[string]*gauge   // of the access policies that were asked about, by ARN
	yards      *yardsticks         // nil until a level is asked for
	renditions *renditions
}

func newRBAC(s Snapshot) *rbac {
	var in []Realm
	if kube := s.Realm("kube"); kube != "" {
		in = []Realm{kube}
	}
	roles := Of[Role](s.Objects, in...)
	r := &rbac{realm: s.Realm("kube"), roles: roles, at: make(map[Key]int32, len(roles)), bindings: Of[Binding](s.Objects, in...), policies: map[string]*gauge{}, inside: map[int32][]Rule{}, renditions: newRenditions(), gauges: make([]*gauge, len(roles))}
	for i, o := range roles {
		r.at[o.Key()] = int32(i)
		r.divide(int32(i))
	}
	if admin := (Key{Realm: r.realm, Kind: ClusterRoleKind, Name: LevelRole(Full)}); !r.has(admin) {
		if _, unread := s.Gap(r.realm, ClusterRoleKind, ""); unread {
			// The API server puts it back at every start (Kubernetes RBAC, "Auto-reconciliation").
			at := r.place(admin)
			r.roles[at] = Role{In: r.realm, Name: admin.Name, Rules: superRules}
			r.divide(at)
		}
	}
	r.post()
	for sub := range r.named {
		switch sub.kind {
		case rbacv1.UserKind:
			r.users = append(r.users, sub.name)
		case rbacv1.GroupKind:
			r.groups = append(r.groups, sub.name)
		}
	}
	slices.Sort(r.users)
	slices.Sort(r.groups)
	return r
}

// post notes for each subject which bindings name it. The subjects are counted
// first, so that all lists share one piece of memory.
func (r *rbac) post() {
	n := len(r.bindings)
	r.refs, r.namespaces = make([]int32, n), make([]int32, n)
	r.names = []string{""}
	type naming struct{ subject, binding int32 }
	var all []naming
	number := make(map[subject]int32, n/8)
	var counts []int32
	for i := range r.bindings {
		b := &r.bindings[i]
		r.refs[i] = r.place(roleKey(b.In, b.Role, b.Namespace))
		if b.Namespace != r.names[len(r.names)-1] {
			r.names = append(r.names, b.Namespace)
		}
		r.namespaces[i] = int32(len(r.names) - 1)
		first := len(all)
		for _, sub := range b.Subjects {
			key := subjectOf(sub, b.Namespace)
			id, ok := number[key]
			if !ok {
				id, counts = int32(len(counts)), append(counts, 0)
				number[key] = id
			}
			if one := (naming{id, int32(i)}); !slices.Contains(all[first:], one) { // named twice counts once
				all = append(all, one)
				counts[id]++
			}
		}
	}
	r.sorted = len(r.names)
	memory := make([]int32, len(all))
	lists := make([][]int32, len(counts))
	for id, c := range counts {
		lists[id], memory = memory[:0:c], memory[c:]
	}
	for _, one := range all {
		lists[one.subject] = append(lists[one.subject], one.binding)
	}
	r.named = make(map[subject][]int32, len(number))
	for sub, id := range number {
		r.named[sub] = lists[id]
	}
}

// place is the number of a role, also of one that does not exist.
func (r *rbac) place(k Key) int32 {
	i, ok := r.at[k]
	if !ok {
		i = int32(len(r.roles))
		r.roles, r.gauges = append(r.roles, Role{}), append(r.gauges, nil)
		r.at[k] = i
	}
	return i
}

// role is what exists under a key.
func (r *rbac) role(k Key) (Role, bool) {
	if !r.has(k) {
		return Role{}, false
	}
	return r.roles[r.at[k]], true
}

func (r *rbac) has(k Key) bool {
	i, ok := r.at[k]
	return ok && r.roles[i].Name != ""
}

// bindingsOf are the bindings that name a subject, in order of their keys.
func (r *rbac) bindingsOf(sub subject) []Binding {
	var out []Binding
	for _, i := range r.named[sub] {
		out = append(out, r.bindings[i])
	}
	return out
}

// inCluster are those of a subject's bindings that count everywhere, inNamespace
// those that count in one namespace only.
func (r *rbac) inCluster(list []int32) []int32 {
	return list[:sort.Search(len(list), func(i int) bool { return r.namespaces[list[i]] > 0 })]
}

func (r *rbac) inNamespace(list []int32, namespace int32) []int32 {
	if namespace <= 0 {
		return nil
	}
	from := sort.Search(len(list), func(i int) bool { return r.namespaces[list[i]] >= namespace })
	to := from
	for to < len(list) && r.namespaces[list[to]] == namespace {
		to++
	}
	return list[from:to]
}

// number is that of a namespace with bindings, 0 for the whole cluster, -1 where
// there are none.
func (r *rbac) number(namespace string) int32 {
	if i, ok := slices.BinarySearch(r.names[:r.sorted], namespace); ok {
		return int32(i)
	}
	if i := slices.Index(r.names[r.sorted:], namespace); i >= 0 {
		return int32(r.sorted + i)
	}
	return -1
}

// ranges are the numbers of one namespace, or of all that begin with a prefix, each from and to.
func (r *rbac) ranges(name string, prefix bool) (out [][2]int32) {
	if !prefix {
		if n := r.number(name); n > 0 {
			out = append(out, [2]int32{n, n + 1})
		}
		return out
	}
	from := sort.SearchStrings(r.names[1:r.sorted], name) + 1
	out = append(out, [2]int32{int32(from), int32(from + len(starting(r.names[from:r.sorted], name)))})
	for n := r.sorted; n < len(r.names); n++ {
		if strings.HasPrefix(r.names[n], name) {
			out = append(out, [2]int32{int32(n), int32(n + 1)})
		}
	}
	return out
}

// starting are the sorted names that begin with a prefix.
func starting(names []string, prefix string) []string {
	names = names[sort.SearchStrings(names, prefix):]
	return names[:sort.Search(len(names), func(i int) bool { return !strings.HasPrefix(names[i], prefix) })]
}

// rules are what a binding gives. Inside a namespace, rules about URLs don't count: a
// request for one has no namespace (kubernetes apiserver pkg/endpoints/request).
func (r *rbac) rules(binding int32) []Rule {
	role := r.refs[binding]
	if inside, ok := r.inside[role]; ok && r.namespaces[binding] > 0 {
		return inside
	}
	return r.roles[role].Rules
}

// divide notes what counts of a role inside a namespace, where that is not all. It is
// made once, since comparisons know lists of rules by their place.
func (r *rbac) divide(role int32) {
	delete(r.inside, role)
	about := func(rule Rule) bool { return len(rule.Resources) == 0 }
	if rules := r.roles[role].Rules; slices.ContainsFunc(rules, about) {
		r.inside[role] = slices.DeleteFunc(slices.Clone(rules), about)
	}
}
