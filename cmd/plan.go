package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

type planRequest struct {
	Target target
	Mode   mode
	File   string
}

func newPlan(e *env, g *globals, run func(context.Context, *env, planRequest) error) *cobra.Command {
	var r planRequest
	m := modeFlags{m: mode{DryRun: true}, dry: "client"}
	c := &cobra.Command{
		Use:   "plan -f CHANGES",
		Short: "Make one plan of several changes in a file",
		Long: text(`
			Make one plan of all changes that a YAML or JSON file asks for, and print its preview;
			with -o json, the plan that apply takes. Nothing is changed. What one command can do,
			the file can hold: its fields are the flags, in the plural where they take a list.

			  apiVersion: eks-access/v1alpha1
			  kind: Changes
			  cluster: {name: eks-workshop}      # optional: refuse to plan for another one
			  changes:
			  - grant: {principals: [role/dev], level: edit, namespaces: [carts, catalog]}
			  - grant: {principals: role/ops, role: deployer, roleFile: role.yaml, namespaces: test}
			  - revoke: {principals: role/old, policy: AmazonEKSAdminPolicy}
			  - revoke: {principals: user/eve, subjects: true}
			  - change: {principals: role/qa, addGroups: [testers], dropGroups: [eks-view]}
			  - change: {principals: role/dev, policy: AmazonEKSViewPolicy, namespaces: [carts, ui]}
			  - migrate: {principals: [role/admins], to: API_AND_CONFIG_MAP}
			  - role: {file: role.yaml, namespaces: [test, ui]}
			  - bind: {groups: testers, clusterRole: view, namespaces: test}
			  - namespace: {names: test}
			  - mode: {to: API}

			A field that does not exist is an error with its line. grant has principals, level,
			policy, clusterRole, role, roleFile, namespaces, via, username, groups and
			createNamespaces; revoke has principals, policy, clusterRole, role, namespaces and
			subjects; change has principals, username, addGroups and dropGroups, or policy with
			namespaces or everywhere, or type, or remake; migrate has principals (none is every
			mapping in force), to, nodeType and subjects; role has file, namespaces and
			createNamespaces; bind has groups, users, clusterRole, role, roleFile, namespaces and
			createNamespaces. Role files are looked for beside the file. apply -f takes the same
			file, to preview it, ask and apply.`),
		Example: example(`
			kubectl eks-access plan -f changes.yaml
			kubectl eks-access plan -f changes.yaml -o json > plan.json
			kubectl eks-access apply -f changes.yaml --yes`),
		Args: noArguments("plan takes its changes with -f"),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			r.Target = g.target()
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			if r.File == "" {
				return usage("plan needs a file of changes: -f FILE, or -f - for stdin\n%s", wishesHint)
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringVarP(&r.File, "filename", "f", "", "file of kind Changes (- is stdin)")
	m.addDryRun(f, "server: have the API server try the plan, too")
	f.BoolVar(&m.m.ExitCode, "exit-code", false, "exit 2 when there is something to do")
	f.BoolVar(&m.m.Diff, "diff", false, "show each step as the diff of the real objects")
	f.StringVarP(&m.output, "output", "o", "", "json: the plan that apply takes")
	f.StringVar(&m.export, "export", "", "print the plan as terraform, cloudformation, eksctl, aws-cli, kubectl or ack")
	return c
}

func runPlan(ctx context.Context, e *env, r planRequest) error {
	body, err := readInput(e, r.File)
	if err != nil {
		return fmt.Errorf("read changes: %w", err)
	}
	w, err := parseWishes(r.File, body)
	if err != nil {
		return err
	}
	return change(ctx, e, r.Target, r.Mode, w.planner(ctx))
}

// planner makes one plan of all wishes.
func (w wishes) planner(ctx context.Context) planner {
	return func(on *world, s access.Snapshot) (proposal, error) { return w.plan(ctx, on, s) }
}

func (w wishes) plan(ctx context.Context, on *world, s access.Snapshot) (proposal, error) {
	if err := w.here(s); err != nil {
		return proposal{}, err
	}
	ix := access.NewIndex(s)
	var intents []access.Intent
	var lines []int              // of each intent
	var given []access.Principal // IAM is asked about them
	for _, one := range w.list {
		in, who, err := w.intents(ix, one)
		if err != nil {
			return proposal{}, w.at(err, one.line)
		}
		intents, given = append(intents, in...), append(given, who...)
		lines = append(lines, slices.Repeat([]int{one.line}, len(in))...)
	}
	doubts, at, err := misspelt(ix, "roleFile", intents...)
	if err != nil {
		return proposal{}, w.at(err, lines[at])
	}
	if s, err = on.Lookup(ctx, s, given...); err != nil {
		return proposal{doubts: doubts}, err
	}
	p, err := access.Build(s, intents...)
	if err != nil {
		return proposal{doubts: doubts}, w.at(err, blamed(s, intents, lines, err)...)
	}
	return proposal{plan: p, doubts: doubts}, nil
}

// at is an error of the changes that begin on these lines of the file.
func (w wishes) at(err error, lines ...int) error {
	switch len(lines) {
	case 0:
		return fmt.Errorf("%s: %w", w.file, err)
	case 1:
		return fmt.Errorf("%s: line %d: %w", w.file, lines[0], err)
	}
	return fmt.Errorf("%s: lines %d and %d: %w", w.file, lines[0], lines[1], err)
}

// blamed are the lines of the changes that an error of the whole plan comes from: the
// last one without which it is not an error, and, if that one is none by itself, the last
// one before it that it does not go with. None where they can't be told.
func blamed(s access.Snapshot, intents []access.Intent, lines []int, of error) []int {
	fails := func(from, to int) bool {
		_, err := access.Build(s, intents[from:to]...)
		return err != nil && err.Error() == of.Error()
	}
	n := sort.Search(len(intents), func(i int) bool { return fails(0, i+1) })
	if n == len(intents) {
		return nil
	}
	first := sort.Search(n+1, func(i int) bool { return !fails(i, n+1) }) - 1
	if first < 0 || lines[first] == lines[n] {
		return lines[n : n+1]
	}
	return []int{lines[first], lines[n]}
}

// here refuses a file that was written for another cluster.
func (w wishes) here(s access.Snapshot) error {
	c, ok := s.Cluster()
	want := cmp.Or(w.cluster.ARN, w.cluster.Name)
	switch {
	case want == "":
		return nil
	case !ok:
		return usage("%s is for cluster %s, and the cluster here could not be read: whether they are the same is not known", w.file, want)
	case w.cluster.ARN != "" && w.cluster.ARN != c.ARN, w.cluster.Name != "" && w.cluster.Name != c.Name:
		return &exit{exitRefused, usage("refused, and nothing was changed: %s is for cluster %s, and this is %s (%s)\nchoose the other with --context, or with --cluster-name and --region", w.file, want, c.Name, c.ARN)}
	}
	return nil
}
