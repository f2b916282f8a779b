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
		return "migrate " + pick(len(in.Principals) == 0, "every mapping", and(names(in.Principals), 3))
	case access.GrantAccess:
		return "grant " + Name(in.Principal) + " " + Safe(granted(in)) + " on " + pick(len(in.Namespaces) == 0, "the whole cluster", Safe(strings.Join(in.Namespaces, ", ")))
	case access.RevokeAccess:
		return revoked(in)
	case access.ChangeIdentity:
		return reidentified(in)
	case access.ChangeScope:
		return "change " + Name(in.Principal) + ": " + Safe(access.PolicyName(in.Policy)) + " on " + pick(len(in.Namespaces) == 0, "the whole cluster", Safe(strings.Join(in.Namespaces, ", ")))
	case access.Remake:
		return "make the dead access entry of " + Name(in.Principal) + " again"
	case access.SwitchMode:
		return "switch the authentication mode to " + Safe(string(in.To))
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
