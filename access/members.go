package access

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// withMembers adds, for each account that mapAccounts lets in, the principals that
// bindings name: they log in under their canonical ARN, without groups, unless a
// mapping of their own says otherwise (aws-iam-authenticator pkg/server doMapping).
// The others of the account may log in too and may nothing; nobody can list them.
func (ix *Index) withMembers(ms []Mapping) []Mapping {
	mapped := map[string]bool{}
	accounts := map[string]Mapping{}
	for _, m := range ms {
		switch {
		case m.Item.Section == awsauth.MapAccounts:
			if m.State == Active {
				accounts[m.Principal.Account] = m
			}
		case m.State == Active || m.State == Undecided:
			mapped[m.Principal.ID()] = true
		}
	}
	if len(accounts) == 0 {
		return ms
	}
	for _, name := range ix.rbac.users {
		p, err := ParsePrincipal(name)
		account, let := accounts[p.Account]
		if err != nil || !let || p.Canonical() != name || p.Kind == AccountPrincipal || mapped[p.ID()] {
			continue
		}
		account.Principal, account.Identity = p, Identity{User: name}
		ms = append(ms, account)
	}
	return byPlace(ms)
}

// accounts reports whether mapAccounts lets somebody in.
func (ix *Index) accounts() bool {
	return slices.ContainsFunc(ix.parsed.Items, func(it awsauth.Item) bool { return it.Section == awsauth.MapAccounts })
}
