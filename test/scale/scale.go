// Package scale draws made-up clusters of any size from a seed: the RBAC of the
// Kubernetes half, and the access entries and aws-auth items that lead people to it.
// Benches and tests share it, so that their numbers are about the same world.
//
// It knows no server: the same size and seed give the same world, byte for byte.
package scale

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// Size is the number of objects of each kind, and of the names that subjects are
// drawn from. Items counts those of aws-auth that no access entry stands over.
type Size struct {
	Namespaces, RoleBindings, Roles, ClusterRoles, ClusterRoleBindings int
	Users, Groups                                                      int
	Entries, Items                                                     int
}

// Sizes are the worlds that have a name. L has as many access entries as EKS
// allows (AWS general reference, EKS quotas); wide has them before a small API server.
var Sizes = map[string]Size{
	"tiny": {Namespaces: 20, RoleBindings: 200, Roles: 20, ClusterRoles: 10, ClusterRoleBindings: 5, Users: 30, Groups: 10, Entries: 30, Items: 20},
	"L/10": {Namespaces: 500, RoleBindings: 5000, Roles: 200, ClusterRoles: 50, ClusterRoleBindings: 20, Users: 300, Groups: 100, Entries: 300, Items: 200},
	"wide": {Namespaces: 20, RoleBindings: 200, Roles: 20, ClusterRoles: 10, ClusterRoleBindings: 5, Users: 3000, Groups: 1000, Entries: 3000, Items: 2000},
	"L":    {Namespaces: 5000, RoleBindings: 50000, Roles: 2000, ClusterRoles: 500, ClusterRoleBindings: 200, Users: 3000, Groups: 1000, Entries: 3000, Items: 2000},
}

// World is everything that people made. What an API server makes itself, its
// default roles and bindings, stands in Snapshot only. Members says which groups a
// user presents, which is what the entries and the items of aws-auth lead to.
type World struct {
	Namespaces          []corev1.Namespace
	Roles               []rbacv1.Role
	ClusterRoles        []rbacv1.ClusterRole
	RoleBindings        []rbacv1.RoleBinding
	ClusterRoleBindings []rbacv1.ClusterRoleBinding
	Members             map[string][]string
	Entries             []sim.Entry
	Items               []Item
}

// Of draws a world that has a name; an unknown name is our own bug.
func Of(name string, seed uint64) World {
	s, ok := Sizes[name]
	if !ok {
		panic(fmt.Sprintf("no world of size %q", name))
	}
	return New(s, seed)
}

// New draws a world.
//
//   - A third of the namespaces have Roles. Their names come from a short list, so
//     a name is in many namespaces, each time with rules of its own.
//   - Where there are Roles, three bindings in five are to one of them; one in a
//     hundred of those to a Role that does not exist. All others are to
//     view (40 %), edit (25 %), admin (10 %) or a ClusterRole of the world (25 %).
//   - A binding has one to three subjects, two in three of them groups; low numbers
//     are drawn more often, so some people and teams have far more than others.
//   - The AWS half is drawn last, so that the Kubernetes half of a seed does not
//     depend on it (aws.go).
func New(s Size, seed uint64) World {
	d := draw{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), s}
	var w World
	for i := range s.Namespaces {
		w.Namespaces = append(w.Namespaces, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name:   fmt.Sprintf("%s-%s-%04d", pick(d, apps), pick(d, stages), i),
			Labels: map[string]string{"team": group(d.IntN(s.Groups))},
		}})
	}
	for i := range s.ClusterRoles {
		w.ClusterRoles = append(w.ClusterRoles, d.clusterRole(i))
	}
	roles := d.roles(&w)
	d.bindings(&w, roles)
	w.Members = make(map[string][]string, s.Users)
	for i := range s.Users {
		for _, g := range d.Perm(s.Groups)[:1+d.IntN(4)] {
			w.Members[user(i)] = append(w.Members[user(i)], group(g))
		}
	}
	d.entries(&w)
	d.items(&w)
	return w
}

// bindings binds the world's subjects; roles are the names in each namespace.
func (d draw) bindings(w *World, roles map[string][]string) {
	seen := map[string]int{}
	for range d.RoleBindings {
		ns := pick(d, w.Namespaces).Name
		ref := d.ref(w.ClusterRoles, roles[ns])
		seen[ns+ref.Name]++
		w.RoleBindings = append(w.RoleBindings, rbacv1.RoleBinding{
			ObjectMeta: meta(ns, fmt.Sprintf("%s-%d", ref.Name, seen[ns+ref.Name])),
			RoleRef:    ref,
			Subjects:   d.subjects(1 + d.IntN(3)),
		})
	}
	for i := range d.ClusterRoleBindings {
		ref := clusterRef(pick(d, w.ClusterRoles).Name)
		switch {
		case i == 0:
			ref = clusterRef("cluster-admin")
		case i%5 == 1:
			ref = clusterRef("view")
		}
		w.ClusterRoleBindings = append(w.ClusterRoleBindings, rbacv1.ClusterRoleBinding{
			ObjectMeta: meta("", fmt.Sprintf("%s-everywhere-%03d", ref.Name, i)),
			RoleRef:    ref,
			Subjects:   d.subjects(1 + d.IntN(2)),
		})
	}
}
