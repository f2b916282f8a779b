package report

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Intent is a wish in a few words, for the basket.
func Intent(in access.Intent) string {
	switch in := in.(type) {
	case access.Migrate:
		return "migrate " + pick(len(in.Principals) == 0, "every mapping", and(names(in.Principals), 3)) +
			pick(in.NodeType == "", "", ", nodes as "+Safe(in.NodeType)) + pick(in.Subjects, ", and old names out of bindings", "")
	case access.GrantAccess:
		return "grant " + Name(in.Principal) + " " + Safe(granted(in)) + " on " + pick(len(in.Namespaces) == 0, "the whole cluster", Safe(strings.Join(in.Namespaces, ", ")))
	case access.RevokeAccess:
		return revoked(in)
	case access.ChangeIdentity:
		return reidentified(in)
	case access.ChangeScope:
		return "change " + Name(in.Principal) + ": " + Safe(access.PolicyName(in.Policy)) + " on " + pick(len(in.Namespaces) == 0, "the whole cluster", Safe(strings.Join(in.Namespaces, ", ")))
	case access.ChangeType:
		return "change " + Name(in.Principal) + ": entry of type " + Safe(in.Type)
	case access.Remake:
		return "make the dead access entry of " + Name(in.Principal) + " again"
	case access.SwitchMode:
		return "switch the authentication mode to " + Safe(string(in.To))
	case access.MakeRole:
		return "make " + pick(len(in.Namespaces) == 0, "cluster role ", "role ") + Safe(in.Role.Name) + pick(len(in.Namespaces) == 0, "", " in "+Safe(strings.Join(in.Namespaces, ", ")))
	case access.BindRole:
		return bound(in)
	case access.MakeNamespaces:
		return "make " + pick(len(in.Names) == 1, "namespace ", "namespaces ") + Safe(strings.Join(in.Names, ", "))
	}
	panic(fmt.Sprintf("intent %T", in))
}

// granted is what a grant gives, in a word.
func granted(g access.GrantAccess) string {
	switch {
	case g.Policy != "":
		return access.PolicyName(g.Policy)
	case g.ClusterRole != "":
		return g.ClusterRole
	case g.Role != "":
		return g.Role
	}
	return g.Level.String()
}

func bound(b access.BindRole) string {
	what := "cluster role " + b.ClusterRole
	if b.Role != "" {
		what = "role " + b.Role
	}
	who := append(marked("group ", b.Groups), marked("user ", b.Users)...)
	return "bind " + Safe(what) + " to " + Safe(strings.Join(who, ", ")) + " on " + pick(len(b.Namespaces) == 0, "the whole cluster", Safe(strings.Join(b.Namespaces, ", ")))
}

func marked(mark string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = mark + n
	}
	return out
}

func revoked(r access.RevokeAccess) string {
	what, where := "all access", ""
	switch {
	case r.Policy != "":
		what = access.PolicyName(r.Policy)
	case r.ClusterRole != "":
		what = "cluster role " + r.ClusterRole
	case r.Role != "":
		what = "role " + r.Role
	case r.Subjects:
		where = ", and its names in bindings"
	}
	if len(r.Namespaces) > 0 {
		where = " in " + strings.Join(r.Namespaces, ", ")
	}
	return "revoke " + Safe(what) + " of " + Name(r.Principal) + Safe(where)
}

func reidentified(c access.ChangeIdentity) string {
	var what []string
	if c.Username != "" {
		what = append(what, "user name "+c.Username)
	}
	for _, g := range c.Add {
		what = append(what, "+ "+g)
	}
	for _, g := range c.Drop {
		what = append(what, "− "+g)
	}
	return "change " + Name(c.Principal) + ": " + Safe(strings.Join(what, ", "))
}
