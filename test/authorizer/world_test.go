package authorizer

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

const account = "111122223333"

var (
	eksRealm  = access.EKSRealm("judged")
	kubeRealm = access.KubeRealm("judged")
)

// world is a cluster's RBAC in upstream's own types, and who logs in to it.
type world struct {
	roles               []*rbacv1.Role
	clusterRoles        []*rbacv1.ClusterRole
	roleBindings        []*rbacv1.RoleBinding
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
	people              []person
}

// person is a principal and the identity it arrives as.
type person struct {
	name     string
	identity access.Identity
	item     bool // mapped by an item of aws-auth, and not by an access entry
}

func (p person) arn() string { return "arn:aws:iam::" + account + ":role/" + p.name }

// snapshot is what we would have read of the world.
func (w *world) snapshot() access.Snapshot {
	all := []access.Object{access.AuthMode{In: eksRealm, Mode: access.BothMode}}
	for _, ns := range namespaces {
		all = append(all, access.Namespace{In: kubeRealm, Name: ns})
	}
	for _, r := range w.roles {
		all = append(all, access.Role{In: kubeRealm, Namespace: r.Namespace, Name: r.Name, Rules: r.Rules})
	}
	for _, r := range w.clusterRoles {
		o := access.Role{In: kubeRealm, Name: r.Name, Rules: r.Rules, Meta: access.Meta{Labels: r.Labels}}
		if r.AggregationRule != nil {
			o.Aggregate = r.AggregationRule.ClusterRoleSelectors
		}
		all = append(all, o)
	}
	for _, b := range w.roleBindings {
		all = append(all, access.Binding{In: kubeRealm, Namespace: b.Namespace, Name: b.Name, Role: b.RoleRef, Subjects: b.Subjects})
	}
	for _, b := range w.clusterRoleBindings {
		all = append(all, access.Binding{In: kubeRealm, Name: b.Name, Role: b.RoleRef, Subjects: b.Subjects})
	}
	return access.Snapshot{Realms: []access.Realm{eksRealm, kubeRealm}, Objects: access.Objects{}.With(append(all, mapped(w.people)...)...)}
}

// mapped are the access entries and the aws-auth that make people who they are.
func mapped(people []person) []access.Object {
	var out []access.Object
	var items strings.Builder
	for _, p := range people {
		if !p.item {
			out = append(out, access.AccessEntry{In: eksRealm, Principal: p.arn(), Type: access.StandardType, Username: p.identity.User, Groups: p.identity.Groups})
			continue
		}
		fmt.Fprintf(&items, "- rolearn: %s\n  username: %q\n  groups:\n", p.arn(), p.identity.User)
		for _, g := range p.identity.Groups {
			fmt.Fprintf(&items, "  - %q\n", g)
		}
	}
	if items.Len() > 0 {
		out = append(out, access.AuthMap{In: kubeRealm, Data: map[string]string{"mapRoles": items.String()}})
	}
	return out
}

// inForce is the mapping of each person, in the order of people.
func inForce(ix *access.Index, people []person) ([]access.Mapping, error) {
	var out []access.Mapping
	for _, p := range people {
		row, err := rowOf(ix, p)
		if err != nil {
			return nil, err
		}
		m, ok := row.Active()
		if !ok {
			return nil, fmt.Errorf("no mapping of %s is in force", p.name)
		}
		out = append(out, m)
	}
	return out, nil
}

func rowOf(ix *access.Index, p person) (access.Row, error) {
	who, err := access.ParsePrincipal(p.arn())
	if err != nil {
		return access.Row{}, err
	}
	row, ok := ix.Row(who)
	if !ok {
		return access.Row{}, fmt.Errorf("%s has no row", p.name)
	}
	return row, nil
}

// rulesOf are the rules a binding in a namespace refers to, if its role is there.
// Generators use it to aim; no answer is made of it.
func (w *world) rulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	if ref.Kind == "Role" {
		for _, r := range w.roles {
			if r.Namespace == namespace && r.Name == ref.Name {
				return r.Rules
			}
		}
		return nil
	}
	for _, r := range w.clusterRoles {
		if r.Name == ref.Name {
			return r.Rules
		}
	}
	return nil
}
