package authorizer

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	rbacv1helpers "k8s.io/kubernetes/pkg/apis/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

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
	for _, w := range d.world.smaller() {
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

// smaller are the worlds with one object, subject or rule less. People stay, as a
// difference names one by place.
func (w *world) smaller() (out []*world) {
	less := func(edit func(*world)) {
		c := *w
		edit(&c)
		out = append(out, &c)
	}
	for i := range w.roles {
		less(func(c *world) { c.roles = without(w.roles, i) })
	}
	for i := range w.clusterRoles {
		less(func(c *world) { c.clusterRoles = without(w.clusterRoles, i) })
	}
	for i := range w.roleBindings {
		less(func(c *world) { c.roleBindings = without(w.roleBindings, i) })
	}
	for i := range w.clusterRoleBindings {
		less(func(c *world) { c.clusterRoleBindings = without(w.clusterRoleBindings, i) })
	}
	for i, r := range w.roles {
		for j := range r.Rules {
			less(func(c *world) {
				n := *r
				n.Rules = without(r.Rules, j)
				c.roles = swapped(w.roles, i, &n)
			})
		}
	}
	for i, r := range w.clusterRoles {
		for j := range r.Rules {
			less(func(c *world) {
				n := *r
				n.Rules = without(r.Rules, j)
				c.clusterRoles = swapped(w.clusterRoles, i, &n)
			})
		}
	}
	for i, b := range w.roleBindings {
		for j := range b.Subjects {
			less(func(c *world) {
				n := *b
				n.Subjects = without(b.Subjects, j)
				c.roleBindings = swapped(w.roleBindings, i, &n)
			})
		}
	}
	for i, b := range w.clusterRoleBindings {
		for j := range b.Subjects {
			less(func(c *world) {
				n := *b
				n.Subjects = without(b.Subjects, j)
				c.clusterRoleBindings = swapped(w.clusterRoleBindings, i, &n)
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

// only is the world with nothing but the objects of these keys.
func (w *world) only(keys []access.Key) *world {
	named := func(k access.Kind, namespace, name string) bool {
		return slices.Contains(keys, access.Key{Realm: kubeRealm, Kind: k, Namespace: namespace, Name: name})
	}
	out := &world{people: w.people}
	for _, r := range w.roles {
		if named(access.RoleKind, r.Namespace, r.Name) {
			out.roles = append(out.roles, r)
		}
	}
	for _, r := range w.clusterRoles {
		if named(access.ClusterRoleKind, "", r.Name) {
			out.clusterRoles = append(out.clusterRoles, r)
		}
	}
	for _, b := range w.roleBindings {
		if named(access.RoleBindingKind, b.Namespace, b.Name) {
			out.roleBindings = append(out.roleBindings, b)
		}
	}
	for _, b := range w.clusterRoleBindings {
		if named(access.ClusterRoleBindingKind, "", b.Name) {
			out.clusterRoleBindings = append(out.clusterRoleBindings, b)
		}
	}
	return out
}

func (w *world) String() string {
	var b strings.Builder
	rules := func(rs []rbacv1.PolicyRule) {
		for _, r := range rs {
			fmt.Fprintf(&b, "    %s\n", rbacv1helpers.CompactString(r))
		}
	}
	subjects := func(ss []rbacv1.Subject) {
		for _, s := range ss {
			fmt.Fprintf(&b, "    %s %q of namespace %q\n", s.Kind, s.Name, s.Namespace)
		}
	}
	for _, r := range w.clusterRoles {
		fmt.Fprintf(&b, "  ClusterRole %s\n", r.Name)
		rules(r.Rules)
	}
	for _, r := range w.roles {
		fmt.Fprintf(&b, "  Role %s/%s\n", r.Namespace, r.Name)
		rules(r.Rules)
	}
	for _, o := range w.clusterRoleBindings {
		fmt.Fprintf(&b, "  ClusterRoleBinding %s to %s %q\n", o.Name, o.RoleRef.Kind, o.RoleRef.Name)
		subjects(o.Subjects)
	}
	for _, o := range w.roleBindings {
		fmt.Fprintf(&b, "  RoleBinding %s/%s to %s %q\n", o.Namespace, o.Name, o.RoleRef.Kind, o.RoleRef.Name)
		subjects(o.Subjects)
	}
	return b.String()
}
