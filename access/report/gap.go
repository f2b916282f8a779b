package report

import (
	"cmp"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// unread names what a gap is about, and the permission that reading it needs (EKS
// and IAM service authorization references; Kubernetes RBAC).
var unread = map[access.Kind]struct{ what, permission string }{
	access.ClusterKind:            {"the cluster", "eks:DescribeCluster"},
	access.AuthModeKind:           {"the authentication mode", "eks:DescribeCluster"},
	access.EntryKind:              {"access entries", "eks:ListAccessEntries and eks:DescribeAccessEntry"},
	access.AssociationKind:        {"associated access policies", "eks:ListAssociatedAccessPolicies"},
	access.PolicyKind:             {"access policies", "eks:ListAccessPolicies"},
	access.AuthMapKind:            {"aws-auth items", "get configmaps/aws-auth in kube-system"},
	access.NamespaceKind:          {"namespaces", "list namespaces"},
	access.RoleKind:               {"roles", "list roles.rbac.authorization.k8s.io"},
	access.ClusterRoleKind:        {"cluster roles", "list clusterroles.rbac.authorization.k8s.io"},
	access.RoleBindingKind:        {"role bindings", "list rolebindings.rbac.authorization.k8s.io"},
	access.ClusterRoleBindingKind: {"cluster role bindings", "list clusterrolebindings.rbac.authorization.k8s.io"},
	access.IAMPrincipalKind:       {"IAM roles and users", "iam:GetRole and iam:GetUser"},
}

// gapWords end the sentence that starts with what was not read.
var gapWords = map[access.Code]string{
	access.Loading:       "loading",
	access.Denied:        "could not be read: the server refused",
	access.Unauthorized:  "could not be read: the credentials are missing, expired or not known to the cluster",
	access.Unreachable:   "could not be read: no answer",
	access.Throttled:     "could not be read: too many requests, also after retries",
	access.NotFound:      "could not be read: not found",
	access.Broken:        "could not be read: the answer makes no sense to us",
	access.NotAsked:      "not asked: they are in another account",
	access.Undocumented:  "AWS does not publish the rules of this policy",
	access.NodeAuthority: "decided by the Node authorizer, not by RBAC",
}

// Gap says what could not be read, why, and which permission to ask for.
func Gap(g access.Gap) string {
	kind := unread[g.Kind]
	what := cmp.Or(kind.what, string(g.Kind), "something")
	if g.Name != "" {
		what += " of " + word(g.Name)
	}
	switch g.Why {
	case access.Loading:
		return Safe(what + ": " + gapWords[g.Why])
	case access.Undocumented:
		return Safe("rules of " + cmp.Or(g.Name, what) + ": " + gapWords[g.Why])
	}
	text := what + " " + gapWords[g.Why]
	if _, ok := gapWords[g.Why]; !ok {
		// A mapping's reason: whether it is in force is what we could not find out.
		text = "whether the mapping of " + who(g.Name) + " counts is not known: " + Reason(g.Why)
	}
	if g.Detail != "" {
		text += ": " + strings.TrimSpace(g.Detail)
	}
	if g.Why == access.Denied && kind.permission != "" && !mentions(g.Detail, kind.permission) {
		text += "; ask for " + kind.permission
	}
	return Safe(text)
}

func mentions(detail, permission string) bool {
	first, _, _ := strings.Cut(permission, " and ")
	return strings.Contains(detail, first) || strings.Contains(detail, "ask for")
}
