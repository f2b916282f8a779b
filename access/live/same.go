package live

import (
	"cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

// same reports whether the live object is what a plan says.
func same(plan, live access.Object) bool { return access.Same(completed(plan, live), live) }

// completed is what a plan says with what servers fill in where it is silent. It
// is the one place that knows this; sides get and return objects as they are, so
// it has to be here, where plan and world meet.
func completed(plan, live access.Object) access.Object {
	switch want := plan.(type) {
	case access.AccessEntry:
		if have, ok := live.(access.AccessEntry); ok {
			return filledEntry(want, have)
		}
	case access.Binding:
		return filledBinding(want)
	}
	return plan
}

// filledEntry: without a type EKS makes a STANDARD entry, which without a user
// name gets its default; for node types EKS sets user name and groups by itself
// (EKS user guide, "Create access entries").
func filledEntry(want, have access.AccessEntry) access.AccessEntry {
	want.Type = cmp.Or(want.Type, access.StandardType)
	switch {
	case want.Username != "":
	case want.Type == access.StandardType:
		p, err := access.ParsePrincipal(want.Principal)
		if err == nil {
			want.Username = access.DefaultUsername(p)
		}
	default:
		want.Username = have.Username
		if len(want.Groups) == 0 {
			want.Groups = have.Groups
		}
	}
	return want
}

const rbacGroup = "rbac.authorization.k8s.io"

// filledBinding: the API server completes the API group of the role and of users
// and groups (kubernetes pkg/apis/rbac/v1/defaults.go).
func filledBinding(want access.Binding) access.Binding {
	want.Role.APIGroup = cmp.Or(want.Role.APIGroup, rbacGroup)
	subjects := append(want.Subjects[:0:0], want.Subjects...)
	for i, s := range subjects {
		if s.Kind == "User" || s.Kind == "Group" {
			subjects[i].APIGroup = cmp.Or(s.APIGroup, rbacGroup)
		}
	}
	want.Subjects = subjects
	return want
}
