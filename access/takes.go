package access

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// takes reports whether a step may take a right away from somebody. Such a step
// waits until whatever EKS was told before it has had time to count: entries,
// policies and aws-auth reach the authenticator and the authorizer seconds after
// they read back (EKS user guide, "Create access entries").
func takes(st Step) bool {
	if st.Before == nil || st.After == nil {
		return st.After == nil
	}
	switch was := st.Before.(type) {
	case AuthMap:
		return takesItems(was, st.After.(AuthMap))
	case AccessEntry:
		is := st.After.(AccessEntry)
		return was.Username != is.Username || !within(was.Groups, is.Groups)
	case PolicyAssociation:
		is := st.After.(PolicyAssociation)
		return !is.Scope.Cluster && (was.Scope.Cluster || !within(was.Scope.Namespaces, is.Scope.Namespaces))
	case Binding:
		return slices.ContainsFunc(was.Subjects, func(s rbacv1.Subject) bool { return !slices.Contains(st.After.(Binding).Subjects, s) })
	case Role:
		return len(uncovered(was.Rules, st.After.(Role).Rules)) > 0
	case AuthMode:
		return st.After.(AuthMode).Mode == APIMode
	}
	return false
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func takesItems(was, is AuthMap) bool {
	after := awsauth.Parse(is.Data).Items
	return slices.ContainsFunc(awsauth.Parse(was.Data).Items, func(it awsauth.Item) bool {
		return !slices.ContainsFunc(after, func(o awsauth.Item) bool {
			return o.Section == it.Section && o.ARN == it.ARN && o.Username == it.Username && within(it.Groups, o.Groups)
		})
	})
}
