package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

type grantRequest struct {
	Target     target
	Mode       mode
	Principals []string
	Level      access.Level
	Policy     string
	Cluster    string // a ClusterRole
	Role       string
	RoleFile   string
	Namespaces []string
	Via        access.Via
	Username   string
	Groups     []string
	Create     bool // the namespaces that do not exist
}

func newGrant(e *env, g *globals, run func(context.Context, *env, grantRequest) error) *cobra.Command {
	var r grantRequest
	var m modeFlags
	var level, via string
	var namespaces, groups []string
	c := &cobra.Command{
		Use:   "grant PRINCIPAL... (--level LEVEL | --policy NAME | --cluster-role NAME | --role NAME)",
		Short: "Give IAM roles or users access",
		Long: text(`
			Give IAM roles or users access, in the whole cluster or in namespaces.

			A PRINCIPAL is an ARN (an assumed-role ARN will do), role/NAME or user/NAME of
			the cluster's account, or the name of one that is listed. Several get the same,
			in one plan. Where a principal is mapped already, the access is added there.`),
		Example: example(`
			kubectl eks-access grant role/dev --level edit -n carts,catalog
			kubectl eks-access grant role/oncall --policy AmazonEKSAdminViewPolicy --dry-run
			kubectl eks-access grant role/team-a-developer --username k8s-test-user \
			  --role k8s-test-role --role-file role.yaml --namespace test --create-namespace`),
		Args: atLeastOne("PRINCIPAL", "an ARN, role/NAME, user/NAME or the name of a listed one"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target, r.Principals = g.target(), args
			r.Namespaces, r.Groups = words(namespaces), groups
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			if err := r.read(c, level, via); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringVar(&level, "level", "", "view, edit, admin or full")
	f.StringVar(&r.Policy, "policy", "", "EKS access policy, such as AmazonEKSViewPolicy")
	f.StringVar(&r.Cluster, "cluster-role", "", "ClusterRole to bind")
	f.StringVar(&r.Role, "role", "", "Role to bind, in each namespace named")
	f.StringVar(&r.RoleFile, "role-file", "", "manifest of that Role or ClusterRole: it is made, or gets what it lacks (- is stdin)")
	f.StringSliceVarP(&namespaces, "namespace", "n", nil, "namespaces; none is the whole cluster")
	f.StringVar(&via, "via", string(access.ViaAuto), "where the mapping is made: auto, access-entry or aws-auth")
	f.StringVar(&r.Username, "username", "", "Kubernetes user name of a new mapping")
	f.StringArrayVar(&groups, "group", nil, "Kubernetes group of the mapping (repeatable)")
	f.BoolVar(&r.Create, "create-namespace", false, "create the namespaces that do not exist")
	m.add(f)
	return c
}

// read checks the flags that depend on each other.
func (r *grantRequest) read(c *cobra.Command, level, via string) (err error) {
	given := 0
	for _, flag := range []string{"level", "policy", "cluster-role", "role"} {
		if c.Flags().Changed(flag) {
			given++
		}
	}
	if given != 1 {
		return usage("%d of --level, --policy, --cluster-role and --role are given\nsay what to grant with exactly one of them", given)
	}
	if level != "" {
		if r.Level, err = access.ParseLevel(level); err != nil {
			return fmt.Errorf("--%w", err)
		}
	}
	switch r.Via = access.Via(via); r.Via {
	case access.ViaAuto, access.ViaEntry, access.ViaAuthMap:
	default:
		return usage("--via %s: want auto, access-entry or aws-auth", via)
	}
	raw, _ := c.Flags().GetStringSlice("namespace")
	switch {
	case c.Flags().Changed("namespace") && (len(r.Namespaces) == 0 || len(words(raw)) < len(raw)):
		return usage("--namespace holds an empty name (an unset variable?), and without a namespace a grant is for the whole cluster: name them, or leave the flag out")
	case r.Level == access.None && r.Policy == "" && r.Cluster == "" && r.Role == "":
		return usage("what to grant is empty: give --level, --policy, --cluster-role or --role a value")
	case r.RoleFile != "" && r.Role == "" && r.Cluster == "":
		return usage("--role-file is the manifest of what --role or --cluster-role names: give one of them too")
	case r.Role != "" && len(r.Namespaces) == 0:
		return usage("a Role is inside a namespace: say which with --namespace")
	case r.Create && len(r.Namespaces) == 0:
		return usage("--create-namespace needs --namespace")
	}
	return nil
}

func runGrant(ctx context.Context, e *env, r grantRequest) error {
	var role *access.Role
	if r.RoleFile != "" {
		manifest, err := readInput(e, r.RoleFile)
		if err != nil {
			return fmt.Errorf("read role file: %w", err)
		}
		if r.RoleFile == "-" {
			e.terminal = false // the manifest was on stdin: there is nobody to ask there
		}
		if role, _, err = parseRole(r.RoleFile, manifest, roleKind(r.Role)); err != nil {
			return err
		}
		if err := suits(r.RoleFile, role, r.Role+r.Cluster, r.Namespaces); err != nil {
			return err
		}
	}
	return change(ctx, e, r.Target, r.Mode, func(w *world, s access.Snapshot) (proposal, error) {
		ix := access.NewIndex(s)
		var intents []access.Intent
		var who []access.Principal
		for _, word := range r.Principals {
			p, err := grantee(ix, word)
			if err != nil {
				return proposal{}, err
			}
			who = append(who, p)
			intents = append(intents, access.GrantAccess{
				Principal: p, Level: r.Level, Policy: r.Policy, ClusterRole: r.Cluster, Role: r.Role, RoleObject: role,
				Namespaces: r.Namespaces, Via: r.Via, Username: r.Username, Groups: r.Groups, CreateNamespaces: r.Create,
			})
		}
		doubts, _, err := misspelt(ix, "--role-file FILE", intents...)
		if err != nil {
			return proposal{}, err
		}
		// IAM tells the real ARN of who is not mapped yet, or that there is nobody.
		if s, err = w.Lookup(ctx, s, who...); err != nil {
			return proposal{doubts: doubts}, err
		}
		p, err := access.Build(s, intents...)
		return proposal{plan: p, doubts: doubts}, err
	})
}

// atLeastOne refuses a command without its argument in words that say what it is.
func atLeastOne(name, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("%s needs a %s: %s\nsee: %s --help", c.CommandPath(), name, what, c.CommandPath())
		}
		return nil
	}
}
