// Package rbacworld makes random RBAC: roles, bindings, people and questions, as odd as
// they come and biased so that yes, no and near misses are all frequent. Judges that
// link other versions of Kubernetes share it. A real kube-apiserver judges it here.
package rbacworld

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

const account = "111122223333"

// The realms of every world.
var (
	EKSRealm  = access.EKSRealm("judged")
	KubeRealm = access.KubeRealm("judged")
)

// World is a cluster's RBAC in upstream's own types, and who logs in to it.
type World struct {
	Roles               []*rbacv1.Role
	ClusterRoles        []*rbacv1.ClusterRole
	RoleBindings        []*rbacv1.RoleBinding
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
	People              []Person
}

// Person is a principal and the identity it arrives as.
type Person struct {
	Name     string
	Identity access.Identity
	Item     bool // mapped by an item of aws-auth, and not by an access entry
}

// ARN is the role that the person is.
func (p Person) ARN() string { return "arn:aws:iam::" + account + ":role/" + p.Name }

// Snapshot is what we would have read of the world.
func (w *World) Snapshot() access.Snapshot {
	all := []access.Object{access.AuthMode{In: EKSRealm, Mode: access.BothMode}}
	for _, ns := range Namespaces {
		all = append(all, access.Namespace{In: KubeRealm, Name: ns})
	}
	for _, r := range w.Roles {
		all = append(all, access.Role{In: KubeRealm, Namespace: r.Namespace, Name: r.Name, Rules: r.Rules})
	}
	for _, r := range w.ClusterRoles {
		o := access.Role{In: KubeRealm, Name: r.Name, Rules: r.Rules, Meta: access.Meta{Labels: r.Labels}}
		if r.AggregationRule != nil {
			o.Aggregate = r.AggregationRule.ClusterRoleSelectors
		}
		all = append(all, o)
	}
	for _, b := range w.RoleBindings {
		all = append(all, access.Binding{In: KubeRealm, Namespace: b.Namespace, Name: b.Name, Role: b.RoleRef, Subjects: b.Subjects})
	}
	for _, b := range w.ClusterRoleBindings {
		all = append(all, access.Binding{In: KubeRealm, Name: b.Name, Role: b.RoleRef, Subjects: b.Subjects})
	}
	return access.Snapshot{Realms: []access.Realm{EKSRealm, KubeRealm}, Objects: access.Objects{}.With(append(all, Mapped(w.People)...)...)}
}

// Mapped are the access entries and the aws-auth that make people who they are.
func Mapped(people []Person) []access.Object {
	var out []access.Object
	var items strings.Builder
	for _, p := range people {
		if !p.Item {
			out = append(out, access.AccessEntry{In: EKSRealm, Principal: p.ARN(), Type: access.StandardType, Username: p.Identity.User, Groups: p.Identity.Groups})
			continue
		}
		fmt.Fprintf(&items, "- rolearn: %s\n  username: %q\n  groups:\n", p.ARN(), p.Identity.User)
		for _, g := range p.Identity.Groups {
			fmt.Fprintf(&items, "  - %q\n", g)
		}
	}
	if items.Len() > 0 {
		out = append(out, access.AuthMap{In: KubeRealm, Data: map[string]string{"mapRoles": items.String()}})
	}
	return out
}

// InForce is the mapping of each person, in the order of people.
func InForce(ix *access.Index, people []Person) ([]access.Mapping, error) {
	var out []access.Mapping
	for _, p := range people {
		row, err := RowOf(ix, p)
		if err != nil {
			return nil, err
		}
		m, ok := row.Active()
		if !ok {
			return nil, fmt.Errorf("no mapping of %s is in force", p.Name)
		}
		out = append(out, m)
	}
	return out, nil
}

// RowOf is the row of a person.
func RowOf(ix *access.Index, p Person) (access.Row, error) {
	who, err := access.ParsePrincipal(p.ARN())
	if err != nil {
		return access.Row{}, err
	}
	row, ok := ix.Row(who)
	if !ok {
		return access.Row{}, fmt.Errorf("%s has no row", p.Name)
	}
	return row, nil
}

// RulesOf are the rules a binding in a namespace refers to, if its role is there.
// Generators use it to aim; no answer is made of it.
func (w *World) RulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	if ref.Kind == "Role" {
		for _, r := range w.Roles {
			if r.Namespace == namespace && r.Name == ref.Name {
				return r.Rules
			}
		}
		return nil
	}
	for _, r := range w.ClusterRoles {
		if r.Name == ref.Name {
			return r.Rules
		}
	}
	return nil
}

// Only is the world with nothing but the objects of these keys.
func (w *World) Only(keys []access.Key) *World {
	named := func(k access.Kind, namespace, name string) bool {
		return slices.Contains(keys, access.Key{Realm: KubeRealm, Kind: k, Namespace: namespace, Name: name})
	}
	out := &World{People: w.People}
	for _, r := range w.Roles {
		if named(access.RoleKind, r.Namespace, r.Name) {
			out.Roles = append(out.Roles, r)
		}
	}
	for _, r := range w.ClusterRoles {
		if named(access.ClusterRoleKind, "", r.Name) {
			out.ClusterRoles = append(out.ClusterRoles, r)
		}
	}
	for _, b := range w.RoleBindings {
		if named(access.RoleBindingKind, b.Namespace, b.Name) {
			out.RoleBindings = append(out.RoleBindings, b)
		}
	}
	for _, b := range w.ClusterRoleBindings {
		if named(access.ClusterRoleBindingKind, "", b.Name) {
			out.ClusterRoleBindings = append(out.ClusterRoleBindings, b)
		}
	}
	return out
}

// String is the world as one reads it, for a difference.
func (w *World) String() string {
	var b strings.Builder
	rules := func(rs []rbacv1.PolicyRule) {
		for _, r := range rs {
			fmt.Fprintf(&b, "    verbs %q groups %q resources %q names %q paths %q\n", r.Verbs, r.APIGroups, r.Resources, r.ResourceNames, r.NonResourceURLs)
		}
	}
	subjects := func(ss []rbacv1.Subject) {
		for _, s := range ss {
			fmt.Fprintf(&b, "    %s %q of namespace %q\n", s.Kind, s.Name, s.Namespace)
		}
	}
	for _, r := range w.ClusterRoles {
		fmt.Fprintf(&b, "  ClusterRole %s\n", r.Name)
		rules(r.Rules)
	}
	for _, r := range w.Roles {
		fmt.Fprintf(&b, "  Role %s/%s\n", r.Namespace, r.Name)
		rules(r.Rules)
	}
	for _, o := range w.ClusterRoleBindings {
		fmt.Fprintf(&b, "  ClusterRoleBinding %s to %s %q\n", o.Name, o.RoleRef.Kind, o.RoleRef.Name)
		subjects(o.Subjects)
	}
	for _, o := range w.RoleBindings {
		fmt.Fprintf(&b, "  RoleBinding %s/%s to %s %q\n", o.Namespace, o.Name, o.RoleRef.Kind, o.RoleRef.Name)
		subjects(o.Subjects)
	}
	return b.String()
}
