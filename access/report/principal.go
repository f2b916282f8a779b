package report

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Name is what people call a principal: a role's name without its path, a
// permission set's own name, marked.
func Name(p access.Principal) string {
	switch p.Kind {
	case access.CreatorPrincipal:
		return "cluster creator (hidden)"
	case access.AccountPrincipal:
		return "everyone in account " + Safe(p.Account)
	case access.RootPrincipal:
		return "root of " + Safe(p.Account)
	}
	if set := p.PermissionSet(); set != "" {
		return Safe(set) + " ⟨permission set⟩"
	}
	switch {
	case p.Name != "":
		return Safe(p.Name)
	case p.ARN != "":
		return Safe(p.ARN)
	}
	return "unknown principal"
}

// Detail is the second line about a principal: its kind and what its name leaves
// out. The account is told only when it is not the cluster's.
func Detail(p access.Principal, account string) string {
	var parts []string
	switch p.Kind {
	case access.CreatorPrincipal:
		return "an administrator that no list shows"
	case access.UnknownPrincipal:
		parts = append(parts, "not an ARN")
	case access.AccountPrincipal:
		parts = append(parts, "mapAccounts")
	case "":
		parts = append(parts, "unknown")
	default:
		parts = append(parts, string(p.Kind))
	}
	if set := p.PermissionSet(); set != "" {
		// Two roles of one permission set differ in their suffix only: it was made again.
		parts[0] += " …" + strings.TrimPrefix(p.Name, "AWSReservedSSO_"+set)
	} else if p.Path != "" && p.Path != "/" {
		parts = append(parts, "path "+p.Path)
	}
	if p.Account != "" && account != "" && p.Account != account && p.Kind != access.AccountPrincipal {
		parts = append(parts, p.Account+" (other account)")
	}
	return Safe(strings.Join(parts, " · "))
}

// who names the principal behind a text: an ARN, or a name that is one already.
func who(text string) string {
	if p, err := access.ParsePrincipal(text); err == nil {
		return Name(p)
	}
	return word(text)
}
