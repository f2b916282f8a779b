package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type revokeRequest struct {
	Target     target
	Mode       mode
	Principals []string
	Policy     string
	Cluster    string // a ClusterRole
	Role       string
	Namespaces []string
	Subjects   bool // take the names out of bindings, too
}

func newRevoke(e *env, g *globals, run func(context.Context, *env, revokeRequest) error) *cobra.Command {
	var r revokeRequest
	var m modeFlags
	var namespaces []string
	c := &cobra.Command{
		Use:   "revoke PRINCIPAL... [--policy NAME | --cluster-role NAME | --role NAME] [-n NAMESPACES]",
		Short: "Take access from IAM roles or users",
		Long: text(`
			Take access from IAM roles or users: an access policy, a role, or, when none is
			named, all of it: its access entry and its items in aws-auth.

			Names in bindings stay unless --subjects takes them out: certificates and other
			issuers may bring somebody under them. A group that others are in too is said, and
			what they lose must be accepted. Nodes, AWS's own principals and the last
			administrator are not revoked.`),
		Example: example(`
			kubectl eks-access revoke role/dev --dry-run
			kubectl eks-access revoke role/dev --policy AmazonEKSEditPolicy -n carts
			kubectl eks-access revoke role/dev --cluster-role view
			kubectl eks-access revoke user/eve --subjects --yes`),
		Args: atLeastOne("PRINCIPAL", "an ARN, role/NAME, user/NAME or the name of a listed one"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target, r.Principals, r.Namespaces = g.target(), args, words(namespaces)
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			if err := r.check(c); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringVar(&r.Policy, "policy", "", "EKS access policy to take away, such as AmazonEKSViewPolicy")
	f.StringVar(&r.Cluster, "cluster-role", "", "ClusterRole whose bindings shall name it no more")
	f.StringVar(&r.Role, "role", "", "Role whose bindings shall name it no more")
	f.StringSliceVarP(&namespaces, "namespace", "n", nil, "only in these namespaces; none is everywhere")
	f.BoolVar(&r.Subjects, "subjects", false, "with all access: take the names out of bindings, under which nobody else arrives")
	m.add(f)
	return c
}

// check refuses flags that would take away more than was meant: a variable that is
// not set must not turn one policy into everything.
func (r revokeRequest) check(c *cobra.Command) error {
	given := 0
	for flag, value := range map[string]string{"policy": r.Policy, "cluster-role": r.Cluster, "role": r.Role} {
		if !c.Flags().Changed(flag) {
			continue
		}
		if given++; value == "" {
			return usage("--%s is empty (an unset variable?), and without it all access is taken: name it, or leave the flag out", flag)
		}
	}
	raw, _ := c.Flags().GetStringSlice("namespace")
	switch {
	case given > 1:
		return usage("%d of --policy, --cluster-role and --role are given\nsay what to take away with one of them, or with none for all access", given)
	case c.Flags().Changed("namespace") && (len(r.Namespaces) == 0 || len(words(raw)) < len(raw)):
		return usage("--namespace holds an empty name (an unset variable?), and without a namespace it is taken everywhere: name them, or leave the flag out")
	case given == 0 && len(r.Namespaces) > 0:
		look := report.Command("list", r.Principals[0], "-n", strings.Join(r.Namespaces, ","), "-o", "wide")
		one := report.Command("revoke", r.Principals[0], "--policy", "AmazonEKSViewPolicy", "-n", strings.Join(r.Namespaces, ","))
		return usage("a namespace alone can't be taken back: say which --policy, --cluster-role or --role\nwhat counts there: %s\nthen, for example: %s", look, one)
	case given > 0 && r.Subjects:
		return usage("--subjects goes with taking all access: a policy has no names in bindings, and a role is taken by them")
	}
	return nil
}

func runRevoke(ctx context.Context, e *env, r revokeRequest) error {
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		who, err := choose(access.NewIndex(s), r.Principals)
		if err != nil {
			return proposal{}, err
		}
		var intents []access.Intent
		for _, p := range who {
			intents = append(intents, access.RevokeAccess{Principal: p, Policy: r.Policy, ClusterRole: r.Cluster, Role: r.Role,
				Namespaces: r.Namespaces, Subjects: r.Subjects})
		}
		p, err := access.Build(s, intents...)
		return proposal{plan: p}, err
	})
}
