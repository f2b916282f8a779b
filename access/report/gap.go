package report

import (
	"cmp"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// unread names what a gap is about, all of a kind or one, and the permission that reading it needs (EKS
// and IAM service authorization references; Kubernetes RBAC).
var unread = map[access.Kind]struct{ what, one, permission string }{
	access.ClusterKind:            {"the cluster", "the cluster", "eks:DescribeCluster"},
	access.AuthModeKind:           {"the authentication mode", "the authentication mode", "eks:DescribeCluster"},
	access.EntryKind:              {"access entries", "the access entry", "eks:ListAccessEntries and eks:DescribeAccessEntry"},
	access.AssociationKind:        {"associated access policies", "the access policies of", "eks:ListAssociatedAccessPolicies"},
	access.PolicyKind:             {"access policies", "the access policy", "eks:ListAccessPolicies"},
	access.AuthMapKind:            {"aws-auth items", "aws-auth", "get configmaps/aws-auth in kube-system"},
	access.NamespaceKind:          {"namespaces", "the namespace", "list namespaces"},
	access.RoleKind:               {"roles", "the role", "list roles.rbac.authorization.k8s.io"},
	access.ClusterRoleKind:        {"cluster roles", "the cluster role", "list clusterroles.rbac.authorization.k8s.io"},
	access.RoleBindingKind:        {"role bindings", "the role binding", "list rolebindings.rbac.authorization.k8s.io"},
	access.ClusterRoleBindingKind: {"cluster role bindings", "the cluster role binding", "list clusterrolebindings.rbac.authorization.k8s.io"},
	"Creator":                     {"the creator of the cluster", "", ""},
	access.IAMPrincipalKind:       {"IAM roles and users", "the IAM principal", "iam:GetRole and iam:GetUser"},
}

// gapWords end the sentence that starts with what was not read.
var gapWords = map[access.Code]string{
	access.Loading:        "loading",
	access.Denied:         "could not be read: the server refused",
	access.Unauthorized:   "could not be read: the credentials are missing, expired or not known to the cluster",
	access.Unreachable:    "could not be read: no answer",
	access.Throttled:      "could not be read: too many requests, also after retries",
	access.NotFound:       "could not be read: not found",
	access.Broken:         "could not be read: the answer makes no sense to us",
	access.Undocumented:   "AWS does not publish the rules of this policy",
	access.SessionDecides: "decided by the session's name: bindings name users or groups that a session can be",
	access.NodeAuthority:  "decided by the Node authorizer, not by RBAC",
	access.ScopeUnsure:    "counts in namespaces that AWS does not document: only a star at the end is",
	access.HiddenCreator:  "may do everything, and the mode CONFIG_MAP hides who that is",
	access.NotGiven:       "not in the folder, or only in part",
}

// givenBy are the commands that print what a folder lacks, of a kind or of one object.
var givenBy = map[access.Kind]struct{ all, one string }{
	access.ClusterKind:            {"aws eks describe-cluster --name CLUSTER", ""},
	access.AuthModeKind:           {"aws eks describe-cluster --name CLUSTER", ""},
	access.EntryKind:              {"aws eks list-access-entries --cluster-name CLUSTER", "aws eks describe-access-entry --cluster-name CLUSTER --principal-arn ARN"},
	access.AssociationKind:        {"aws eks list-associated-access-policies --cluster-name CLUSTER --principal-arn ARN, for each entry", "aws eks list-associated-access-policies --cluster-name CLUSTER --principal-arn ARN"},
	access.PolicyKind:             {"aws eks list-access-policies", ""},
	access.AuthMapKind:            {"kubectl get configmap aws-auth -n kube-system -o json", ""},
	access.NamespaceKind:          {"kubectl get namespaces -o json", ""},
	access.RoleKind:               {"kubectl get roles -A -o json", ""},
	access.ClusterRoleKind:        {"kubectl get clusterroles -o json", ""},
	access.RoleBindingKind:        {"kubectl get rolebindings -A -o json", ""},
	access.ClusterRoleBindingKind: {"kubectl get clusterrolebindings -o json", ""},
	access.IAMPrincipalKind:       {"aws iam list-roles, and aws iam list-users", "aws iam list-roles, or aws iam list-users"},
}

// notGiven says which command prints what a folder lacks.
func notGiven(g access.Gap) string {
	by := givenBy[g.Kind]
	command := strings.ReplaceAll(pick(g.Name != "", by.one, by.all), "CLUSTER", shell(g.Realm.Name()))
	if g.Name != "" {
		command = strings.ReplaceAll(command, "ARN", shell(g.Name))
	}
	return "; add what this prints: " + command
}

// Gap says what could not be read, why, and which permission to ask for.
func Gap(g access.Gap) string {
	kind := unread[g.Kind]
	what := cmp.Or(kind.what, string(g.Kind), "something")
	if g.Name != "" {
		what = cmp.Or(kind.one, what) + " " + who(g.Name)
	}
	switch g.Why {
	case access.Loading:
		text := what + ": " + gapWords[g.Why]
		if g.Detail != "" {
			text += " (" + g.Detail + ")" // how far: 340/3000
		}
		return Safe(text)
	case access.NotGiven:
		return Safe(what + ": " + gapWords[g.Why] + notGiven(g))
	case access.Undocumented:
		if _, ok := access.PolicyNamed(g.Name); !ok && g.Kind == access.PolicyKind {
			return Safe("rules of " + cmp.Or(g.Name, what) + ": not in our table of access policies, as of " + access.PolicyTableDate)
		}
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
