package tui

import (
	"errors"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// wishes are the grants that the form stands for, one for each principal. The error
// says what is missing.
func (g grant) wishes() ([]wish, error) {
	switch {
	case g.wrong != nil:
		return nil, g.wrong
	case len(g.who) == 0:
		return nil, errors.New("choose who gets access")
	case g.kind != byLevel && g.name == "":
		return nil, errors.New("choose the " + kindNames[g.kind])
	case g.kind == byRole && g.whole:
		return nil, errors.New("a Role counts in a namespace: choose namespaces")
	case !g.whole && len(g.spaces) == 0:
		return nil, errors.New("choose namespaces, or the whole cluster")
	}
	var out []wish
	for _, arn := range g.who {
		p, err := access.ParsePrincipal(arn)
		if err != nil {
			return nil, err
		}
		w := wish{intent: g.grantOf(p)}
		if g.kind == byRole {
			w.rules = strings.TrimSpace(g.rules.String())
		}
		out = append(out, w)
	}
	return out, nil
}

func (g grant) grantOf(p access.Principal) access.GrantAccess {
	in := access.GrantAccess{Principal: p, Via: g.via, Username: strings.TrimSpace(g.user.String())}
	switch g.kind {
	case byLevel:
		in.Level = g.level
	case byPolicy:
		in.Policy = g.name
	case byClusterRole:
		in.ClusterRole = g.name
	case byRole:
		in.Role = g.name
	}
	if !g.whole {
		in.Namespaces = slices.Clone(g.spaces)
		for _, ns := range g.spaces {
			in.CreateNamespaces = in.CreateNamespaces || !slices.Contains(g.w.ix.Namespaces(), ns)
		}
	}
	in.Groups = strings.FieldsFunc(g.group.String(), func(r rune) bool { return r == ',' || r == ' ' })
	return in
}

func (g grant) principals() []string {
	var out []string
	for _, l := range g.w.lines {
		if grantable(l.row.Principal) {
			out = append(out, l.row.Principal.ARN)
		}
	}
	return out
}

func policies() []string {
	return slices.DeleteFunc(access.PolicyNames(), func(n string) bool {
		p, _ := access.PolicyNamed(n)
		return !p.ByCustomer()
	})
}

// roles are the names of ClusterRoles, or of Roles in any namespace. Kubernetes'
// own system: roles are left out: they are not meant for people.
func (g grant) roles(cluster bool) []string {
	var out []string
	for _, r := range access.Of[access.Role](g.w.ix.Snapshot().Objects) {
		if (r.Namespace == "") == cluster && !strings.HasPrefix(r.Name, "system:") {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// who in words, for the form.
func (g grant) whoText() string {
	switch len(g.who) {
	case 0:
		return ""
	case 1:
		return report.Safe(g.who[0])
	}
	return report.Count(len(g.who), "principal", "principals") + ": " + report.Safe(strings.Join(g.who, ", "))
}
