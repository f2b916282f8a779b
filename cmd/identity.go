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
	Alter     alteration
}

func newIdentity(e *env, g *globals, run func(context.Context, *env, identityRequest) error) *cobra.Command {
	var r identityRequest
	var m modeFlags
	var namespaces []string
	c := &cobra.Command{
		Use:   "change PRINCIPAL (--username NAME, --add-group GROUP, --drop-group GROUP | --policy NAME | --type TYPE | --remake)",
		Short: "Change whom a principal becomes, where its policy counts, its entry's type",
		Long: text(`
			Change the Kubernetes user name or the groups of one principal, or the scope of one
			of its access policies, in place: its access entry or its item in aws-auth is edited,
			and nothing is deleted and made again. What it gains or loses by that is in the preview.

			EKS changes the type of no entry: --type deletes it and makes it again, which is
			refused for people, since they would be locked out in between, and must be accepted
			for nodes. --remake does the same to an entry that is dead: its role or user was
			deleted and made anew, and EKS knows the old one only.`),
		Example: example(`
			kubectl eks-access change role/dev --add-group carts-developers --dry-run
			kubectl eks-access change role/dev --drop-group eks-view --yes
			kubectl eks-access change user/dana --username dana
			kubectl eks-access change role/dev --policy AmazonEKSEditPolicy -n carts,ui
			kubectl eks-access change role/windows-nodes --type EC2_WINDOWS
			kubectl eks-access change role/dev --remake`),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%s needs one PRINCIPAL, and %d are named: an ARN, role/NAME, user/NAME or the name of a listed one\nseveral go into one plan with: kubectl eks-access plan -f changes.yaml", c.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target, r.Principal, r.Alter.Namespaces = g.target(), args[0], words(namespaces)
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			for _, flag := range []string{"username", "policy", "type"} {
				if f := c.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
					return usage("--%s is empty (an unset variable?): give it a value, or leave the flag out", flag)
				}
			}
			raw, _ := c.Flags().GetStringSlice("namespace")
			if c.Flags().Changed("namespace") && (len(r.Alter.Namespaces) == 0 || len(words(raw)) < len(raw)) {
				return usage("--namespace holds an empty name (an unset variable?): name them, or say --everywhere")
			}
			if err := r.Alter.check("--username, --add-group, --drop-group", "--policy", "--namespace", "--everywhere"); err != nil {
				return usage("%w", err)
			}
			if err := nodeType("--type", r.Alter.Type); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringVar(&r.Alter.Username, "username", "", "Kubernetes user name it shall have")
	f.StringArrayVar(&r.Alter.Add, "add-group", nil, "Kubernetes group to put it in (repeatable)")
	f.StringArrayVar(&r.Alter.Drop, "drop-group", nil, "Kubernetes group to take it out of (repeatable)")
	f.StringVar(&r.Alter.Policy, "policy", "", "access policy of it whose scope is set, with --namespace or --everywhere")
	f.StringSliceVarP(&namespaces, "namespace", "n", nil, "namespaces in which that policy counts, and nowhere else")
	f.BoolVar(&r.Alter.Everywhere, "everywhere", false, "that policy counts in the whole cluster")
	f.StringVar(&r.Alter.Type, "type", "", "type of a node role's entry: EC2_LINUX, EC2_WINDOWS or HYBRID_LINUX")
	f.BoolVar(&r.Alter.Remake, "remake", false, "make its dead access entry again, as it is")
	m.add(f)
	return c
}

func runIdentity(ctx context.Context, e *env, r identityRequest) error {
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		ix := access.NewIndex(s)
		who, err := choose(ix, []string{r.Principal})
		if err != nil {
			return proposal{}, err
		}
		in := r.Alter.intent(who[0])
		doubts, _, err := misspelt(ix, "", in) // it names no ClusterRole
		if err != nil {
			return proposal{}, err
		}
		p, err := access.Build(s, in)
		return proposal{plan: p, doubts: doubts}, err
	})
}
