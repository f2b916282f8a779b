package live

import (
	"cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

// same reports whether the live object is what a plan says.
func same(plan, live access.Object) bool { return access.Same(completed(plan, live), live) }

// completed is what a plan says with what EKS fills in where it is silent. Sides get
// and return objects as they are, so it has to be here, where plan and world meet.
func completed(plan, live access.Object) access.Object {
	want, planned := plan.(access.AccessEntry)
	have, lives := live.(access.AccessEntry)
	if planned && lives {
		return filledEntry(want, have)
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
