package access

import (
	"cmp"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// fork returns roles and bindings that can change without changing those they come from.
func (r *rbac) fork() *rbac {
	out := *r
	out.at, out.named, out.policies = maps.Clone(r.at), maps.Clone(r.named), maps.Clone(r.policies)
	out.roles, out.gauges = slices.Clone(r.roles), slices.Clone(r.gauges)
	out.inside, out.renditions = maps.Clone(r.inside), newRenditions()
	// These only grow, and what grows must not grow into what others share.
	out.bindings, out.refs, out.namespaces, out.names = slices.Clip(r.bindings), slices.Clip(r.refs), slices.Clip(r.namespaces), slices.Clip(r.names)
	out.users, out.groups = slices.Clone(r.users), slices.Clone(r.groups)
	return &out
}

// changeBinding takes one binding away and adds another; one without a name is none.
// It returns the subjects of both.
func (r *rbac) changeBinding(before, after Binding) []subject {
	var touched []subject
	for _, s := range before.Subjects {
		sub := subjectOf(s, before.Namespace)
		touched = append(touched, sub)
		list := slices.DeleteFunc(slices.Clone(r.named[sub]), func(i int32) bool { return r.bindings[i].Key() == before.Key() })
		r.named[sub] = list
		if len(list) == 0 {
			delete(r.named, sub)
			r.forget(sub)
		}
	}
	if after.Name == "" {
		return touched
	}
	i := int32(len(r.bindings))
	n := r.number(after.Namespace)
	if n < 0 {
		n = int32(len(r.names))
		r.names = append(r.names, after.Namespace)
	}
	r.bindings, r.namespaces = append(r.bindings, after), append(r.namespaces, n)
	r.refs = append(r.refs, r.place(roleKey(after.In, after.Role, after.Namespace)))
	for _, s := range after.Subjects {
		sub := subjectOf(s, after.Namespace)
		touched = append(touched, sub)
		list := r.named[sub]
		if slices.Contains(list, i) {
			continue // named twice
		}
		at, _ := slices.BinarySearchFunc(list, i, func(a, b int32) int {
			return cmp.Or(cmp.Compare(r.namespaces[a], r.namespaces[b]), r.bindings[a].Key().compare(r.bindings[b].Key()))
		})
		r.named[sub] = slices.Concat(list[:at], []int32{i}, list[at:])
		if len(list) == 0 {
			r.learn(sub)
		}
	}
	return touched
}

// learn and forget keep the sorted names of subjects.
func (r *rbac) learn(sub subject) {
	r.renditions = newRenditions()
	if names := r.namesOf(sub.kind); names != nil {
		if at, had := slices.BinarySearch(*names, sub.name); !had {
			*names = slices.Insert(*names, at, sub.name)
		}
	}
}

func (r *rbac) forget(sub subject) {
	r.renditions = newRenditions()
	if names := r.namesOf(sub.kind); names != nil {
		if at, had := slices.BinarySearch(*names, sub.name); had {
			*names = slices.Delete(*names, at, at+1)
		}
	}
}

func (r *rbac) namesOf(kind string) *[]string {
	switch kind {
	case rbacv1.UserKind:
		return &r.users
	case rbacv1.GroupKind:
		return &r.groups
	}
	return nil
}

// changeRole puts another role, or none, in a role's place and returns the subjects
// of the bindings to it.
func (r *rbac) changeRole(k Key, after Object) []subject {
	i := r.place(k)
	role, _ := after.(Role)
	r.roles[i], r.gauges[i] = role, nil
	r.divide(i)
	r.revision++
	if k.Kind == ClusterRoleKind {
		// It may be a yardstick, and all others were measured by it.
		r.yards, r.policies = nil, map[string]*gauge{}
		clear(r.gauges)
	}
	var touched []subject
	for b, ref := range r.refs {
		if ref == i {
			for _, s := range r.bindings[b].Subjects {
				touched = append(touched, subjectOf(s, r.bindings[b].Namespace))
			}
		}
	}
	return touched
}
