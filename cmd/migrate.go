package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

type migrateRequest struct {
	Target     target
	Mode       mode
	Principals []string // none: every mapping in force
	To         access.Mode
	NodeType   string // of the entries of self-managed nodes
	Subjects   bool   // take names out of bindings that entries can't carry
}

func newMigrate(e *env, g *globals, run func(context.Context, *env, migrateRequest) error) *cobra.Command {
	var r migrateRequest
	var m modeFlags
	var to string
	c := &cobra.Command{
		Use:   "migrate [PRINCIPAL...]",
		Short: "Move aws-auth mappings to access entries",
		Long: text(`
			Move aws-auth mappings to access entries, in an order that leaves nobody without
			access at any moment: the entry, its policies, a proof, and only then is the
			mapping removed. Without a PRINCIPAL it moves every mapping in force.

			Nodes stay until EKS shows an entry of a node type for their role. For the roles of
			self-managed and Karpenter nodes, which EKS makes none for, say its type: --node-type.
			A user name that no entry can have is replaced, beside the old one in every binding;
			with --subjects the old one goes in the end, where no other principal arrives under it.`),
		Example: example(`
			kubectl eks-access migrate --dry-run
			kubectl eks-access migrate role/eks-workshop-admins --yes
			kubectl eks-access migrate --dry-run -o json > plan.json
			kubectl eks-access migrate role/karpenter-nodes --node-type EC2_LINUX
			kubectl eks-access migrate --to API --accept one-way-mode`),
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target, r.Principals = g.target(), args
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			switch r.To = access.Mode(to); r.To {
			case access.BothMode, access.APIMode:
			default:
				return usage("--to %s: want %s or %s", to, access.BothMode, access.APIMode)
			}
			if err := nodeType("--node-type", r.NodeType); err != nil {
				return err
			}
			if r.NodeType != "" && len(args) == 0 {
				return usage("--node-type is for the roles of self-managed and Karpenter nodes: name them")
			}
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringVar(&to, "to", string(access.BothMode), "authentication mode to arrive at: API_AND_CONFIG_MAP or API")
	c.Flags().StringVar(&r.NodeType, "node-type", "", "type of the entries of these roles, of self-managed or Karpenter nodes: "+strings.Join(access.NodeTypes(), ", "))
	c.Flags().BoolVar(&r.Subjects, "subjects", false, "take old names out of bindings where an entry can't have them and nobody else arrives under them")
	m.add(c.Flags())
	return c
}

func runMigrate(ctx context.Context, e *env, r migrateRequest) error {
	return change(ctx, e, r.Target, r.Mode, func(w *world, s access.Snapshot) (proposal, error) {
		who, err := choose(access.NewIndex(s), r.Principals)
		if err != nil {
			return proposal{}, err
		}
		p, err := access.Build(s, access.Migrate{Principals: who, To: r.To, NodeType: r.NodeType, Subjects: r.Subjects})
		return proposal{plan: p}, err
	})
}

// nodeType checks a type that an entry for nodes can have; "" is none.
func nodeType(what, kind string) error {
	if kind != "" && !slices.Contains(access.NodeTypes(), kind) {
		return usage("%s %s: want one of %s; EKS makes the others by itself", what, kind, strings.Join(access.NodeTypes(), ", "))
	}
	return nil
}
