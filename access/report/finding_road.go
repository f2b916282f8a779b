package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// powerWords say what somebody may do, as the end of a sentence.
var powerWords = map[access.Code]string{
	access.PowerMasters:     "may do everything, unasked,",
	access.PowerEverything:  "may do everything",
	access.PowerEscalate:    "changes roles beyond its own rights",
	access.PowerBind:        "binds roles beyond its own rights",
	access.PowerImpersonate: "acts as others",
	access.PowerSecrets:     "reads secrets",
	access.PowerExec:        "enters pods",
	access.PowerImages:      "changes the images of running pods",
	access.PowerWorkloads:   "runs pods as any service account",
	access.PowerTokens:      "issues tokens of service accounts",
	access.PowerNodes:       "commands kubelets (nodes/proxy)",
	access.PowerAuthMap:     "rewrites aws-auth",
	access.PowerBound:       "has rights that no node needs",
}

// Roads are the ways in which the rights of a finding arrive, one line each: what may
// be done, where, and the chain from the mapping to the role or policy.
func Roads(f access.Finding) []string {
	var out []string
	for _, r := range f.Roads {
		what := make([]string, len(r.Powers))
		for i, p := range r.Powers {
			what[i] = powerWords[p]
			if what[i] == "" {
				what[i] = string(p)
			}
		}
		chain := links(access.Grant{Subject: r.Subject, Via: r.Via})
		if r.Subject == "" && len(r.Via) > 0 {
			chain = []string{word(access.PolicyName(r.Via[0].Name))}
		}
		if from := entrance(f); from != "" {
			chain = append([]string{from}, chain...)
		}
		line := strings.Join(what, ", ") + " " + in(r.Namespace) + ": " + strings.Join(chain, "  →  ")
		if r.When != nil {
			line += " (" + Condition(*r.When) + ")"
		}
		out = append(out, Safe(line))
	}
	return out
}

// entrance is the mapping through which the principal of a finding comes in.
func entrance(f access.Finding) string {
	for _, k := range f.About {
		switch k.Kind {
		case access.EntryKind:
			return "access entry"
		case access.AuthMapKind:
			return "aws-auth"
		}
	}
	return ""
}

// roadFixes are the commands that take rights away, or show what gives them where
// others have it too. Three say where to begin.
func roadFixes(f access.Finding) []string {
	var out []string
	for _, r := range f.Roads {
		if c := roadFix(f, r); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return three(out, "more road", "more roads")
}

func three(out []string, one, many string) []string {
	if len(out) > 3 {
		out = append(out[:3], Count(len(out)-3, one, many))
	}
	return out
}

// scopeFixes are the commands that say where the policy of a finding shall count.
func scopeFixes(f access.Finding) []string {
	var out []string
	for _, p := range f.Who {
		out = append(out, Command("change", cmp.Or(p.String(), Name(p)), "--policy", fill("{0}", f), "--namespace", "NS,NS"))
	}
	return three(out, "more like it", "more like it")
}

// roadFix takes away exactly what the road is made of, by our own commands where they
// do it: they refuse the roles of nodes and of AWS's services.
func roadFix(f access.Finding, r access.Road) string {
	node := f.Code == access.NodeRights || slices.Contains(f.Args[min(len(f.Args), 1):], access.OfNode)
	ours := len(f.Who) == 1 && !f.Who[0].ServiceLinked() && !node
	switch {
	case len(r.Via) == 0 && ours:
		return Command("change", f.Who[0].String(), "--drop-group", access.Masters)
	case len(r.Via) == 0:
		return "kubectl edit configmap aws-auth --namespace kube-system" + pick(node, " (take "+access.Masters+" out of its item by hand: we change whom no node becomes)", "")
	}
	k := r.Via[0]
	switch k.Kind {
	case access.AssociationKind:
		if ours {
			return Command("revoke", k.Namespace, "--policy", access.PolicyName(k.Name))
		}
		return "aws eks disassociate-access-policy --cluster-name " + clusterOf(f.About) + " --principal-arn " + shell(k.Namespace) + " --policy-arn " + shell(k.Name)
	case access.RoleBindingKind:
		return "kubectl edit rolebinding " + shell(k.Name) + " --namespace " + shell(k.Namespace)
	}
	return "kubectl edit clusterrolebinding " + shell(k.Name)
}
