package export

import (
	"cmp"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// kinds is the order in which Kubernetes objects can be made: a binding needs its
// namespace, and granting a role needs the role.
var kinds = []access.Kind{access.NamespaceKind, access.ClusterRoleKind, access.RoleKind, access.ClusterRoleBindingKind, access.RoleBindingKind}

func inOrder(a, b change) int {
	return cmp.Or(cmp.Compare(slices.Index(kinds, a.key().Kind), slices.Index(kinds, b.key().Kind)), compareKeys(a.key(), b.key()))
}

func compareKeys(a, b access.Key) int {
	return cmp.Or(cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// set returns the distinct values in order: sets are written so that the same set
// is the same text.
func set(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// username is the user name to write, "" where EKS sets its own by itself: a
// default, and whatever a node type has.
func username(e access.AccessEntry) string {
	if !standard(e) {
		return ""
	}
	if p, err := access.ParsePrincipal(e.Principal); err == nil && e.Username == access.DefaultUsername(p) {
		return ""
	}
	return e.Username
}

// standard reports whether an entry has names and policies of its own: EKS sets
// those of all other types (EKS user guide, "Create access entries").
func standard(e access.AccessEntry) bool { return e.Type == "" || e.Type == access.StandardType }

func groups(e access.AccessEntry) []string {
	if !standard(e) {
		return nil
	}
	return set(e.Groups)
}
