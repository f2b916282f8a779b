package probe

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Orders of a migration in which somebody has no rights for a moment: eksctl's, which
// takes the items of aws-auth away first (eksctl, pkg/actions/accessentry/migrator.go),
// and the one of guides that make entries without rights and give them policies then.
const (
	OrderOfEksctl = "retire entry policy"
	OrderOfGuides = "entry policy retire"
)

// Reorder makes of a migration that Build planned one in another order, without bridges
// and proofs: nothing tells it that it is wrong.
func Reorder(p access.Plan, order string) access.Plan {
	entries := map[access.Key]access.Object{} // as the plan leaves them
	for _, st := range p.Steps {
		if _, ok := st.After.(access.AccessEntry); ok {
			entries[st.Key()] = st.After
		}
	}
	sorts := map[string][]access.Step{}
	for _, st := range p.Steps {
		bare := access.Step{Before: st.Before, After: st.After}
		switch st.Key().Kind {
		case access.AuthModeKind:
			sorts["mode"] = append(sorts["mode"], bare)
		case access.AuthMapKind:
			sorts["retire"] = append(sorts["retire"], bare)
		case access.AssociationKind:
			sorts["policy"] = append(sorts["policy"], bare)
		case access.EntryKind:
			switch {
			case st.After == nil:
				sorts["entry"] = append(sorts["entry"], bare) // a dead one
			case st.Before == nil:
				sorts["entry"] = append(sorts["entry"], access.Step{After: entries[st.Key()]})
			}
		}
	}
	steps := sorts["mode"]
	for _, name := range strings.Fields(order) {
		steps = append(steps, sorts[name]...)
	}
	return access.Plan{Cluster: p.Cluster, Steps: steps}
}
