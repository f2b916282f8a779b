package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

type identityRequest struct {
	Target    target
	Mode      mode
	Principal string
	Username  string
	Add, Drop []string // groups
}

func newIdentity(e *env, g *globals, run func(context.Context, *env, identityRequest) error) *cobra.Command {
	var r identityRequest
	var m modeFlags
	c := &cobra.Command{
		Use:   "change PRINCIPAL [--username NAME] [--add-group GROUP] [--drop-group GROUP]",
		Short: "Change whom a principal becomes: its user name, its groups",
		Long: text(`
			Change the Kubernetes user name or the groups of one principal, in place: its access
			entry or its item in aws-auth is edited, and nothing is deleted and made again.

			What it gains or loses by that is in the preview: bindings give rights to names.`),
		Example: example(`
			kubectl eks-access change role/dev --add-group carts-developers --dry-run
			kubectl eks-access change role/dev --drop-group eks-view --yes
			kubectl eks-access change user/dana --username dana`),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%s needs one PRINCIPAL, and %d are named: an ARN, role/NAME, user/NAME or the name of a listed one\nseveral go into one plan with: kubectl eks-access plan -f changes.yaml", c.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target, r.Principal = g.target(), args[0]
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			switch {
			case c.Flags().Changed("username") && r.Username == "":
				return usage("--username is empty (an unset variable?): name the user, or leave the flag out")
			case r.Username == "" && len(r.Add)+len(r.Drop) == 0:
				return usage("say what to change: --username, --add-group or --drop-group")
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringVar(&r.Username, "username", "", "Kubernetes user name it shall have")
	f.StringArrayVar(&r.Add, "add-group", nil, "Kubernetes group to put it in (repeatable)")
	f.StringArrayVar(&r.Drop, "drop-group", nil, "Kubernetes group to take it out of (repeatable)")
	m.add(f)
	return c
}

func runIdentity(ctx context.Context, e *env, r identityRequest) error {
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		who, err := choose(access.NewIndex(s), []string{r.Principal})
		if err != nil {
			return proposal{}, err
		}
		p, err := access.Build(s, access.ChangeIdentity{Principal: who[0], Username: r.Username, Add: r.Add, Drop: r.Drop})
		return proposal{plan: p}, err
	})
}
