package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

type migrateRequest struct {
	Target     target
	Mode       mode
	Principals []string // none: every mapping in force
	To         access.Mode
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
			mapping removed. Without a PRINCIPAL it moves every mapping in force.`),
		Example: example(`
			kubectl eks-access migrate --dry-run
			kubectl eks-access migrate role/eks-workshop-admins --yes
			kubectl eks-access migrate --dry-run -o json > plan.json
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
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringVar(&to, "to", string(access.BothMode), "authentication mode to arrive at: API_AND_CONFIG_MAP or API")
	m.add(c.Flags())
	return c
}

func runMigrate(ctx context.Context, e *env, r migrateRequest) error {
	return change(ctx, e, r.Target, r.Mode, func(w *world, s access.Snapshot) (proposal, error) {
		who, err := choose(access.NewIndex(s), r.Principals)
		if err != nil {
			return proposal{}, err
		}
		p, err := access.Build(s, access.Migrate{Principals: who, To: r.To})
		return proposal{plan: p}, err
	})
}
