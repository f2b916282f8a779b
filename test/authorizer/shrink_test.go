package authorizer

import "slices"

// shrunk is a difference in the smallest world that has it.
func shrunk(d difference, read answerer) difference {
	for {
		smaller, ok := shrink(d, read)
		if !ok {
			return d
		}
		d = smaller
	}
}

func shrink(d difference, read answerer) (difference, bool) {
	for _, w := range oneLess(d.world) {
		ask, err := read(w)
		if err != nil {
			continue
		}
		if what := differs(w, newJudge(w), ask(d.who, d.q), d.who, d.q); what != "" {
			return difference{w, d.who, d.q, what}, true
		}
	}
	return d, false
}

// oneLess are the worlds with one object, subject or rule less. People stay, as a
// difference names one by place.
func oneLess(w *world) (out []*world) {
	less := func(edit func(*world)) {
		c := *w
		edit(&c)
		out = append(out, &c)
	}
	for i := range w.Roles {
		less(func(c *world) { c.Roles = without(w.Roles, i) })
	}
	for i := range w.ClusterRoles {
		less(func(c *world) { c.ClusterRoles = without(w.ClusterRoles, i) })
	}
	for i := range w.RoleBindings {
		less(func(c *world) { c.RoleBindings = without(w.RoleBindings, i) })
	}
	for i := range w.ClusterRoleBindings {
		less(func(c *world) { c.ClusterRoleBindings = without(w.ClusterRoleBindings, i) })
	}
	for i, r := range w.Roles {
		for j := range r.Rules {
			less(func(c *world) {
				n := *r
				n.Rules = without(r.Rules, j)
				c.Roles = swapped(w.Roles, i, &n)
			})
		}
	}
	for i, r := range w.ClusterRoles {
		for j := range r.Rules {
			less(func(c *world) {
				n := *r
				n.Rules = without(r.Rules, j)
				c.ClusterRoles = swapped(w.ClusterRoles, i, &n)
			})
		}
	}
	for i, b := range w.RoleBindings {
		for j := range b.Subjects {
			less(func(c *world) {
				n := *b
				n.Subjects = without(b.Subjects, j)
				c.RoleBindings = swapped(w.RoleBindings, i, &n)
			})
		}
	}
	for i, b := range w.ClusterRoleBindings {
		for j := range b.Subjects {
			less(func(c *world) {
				n := *b
				n.Subjects = without(b.Subjects, j)
				c.ClusterRoleBindings = swapped(w.ClusterRoleBindings, i, &n)
			})
		}
	}
	return out
}

func without[T any](list []T, i int) []T { return slices.Delete(slices.Clone(list), i, i+1) }

func swapped[T any](list []T, i int, v T) []T {
	out := slices.Clone(list)
	out[i] = v
	return out
}
