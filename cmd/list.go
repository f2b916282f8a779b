package cmd

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type listRequest struct {
	Target     target
	Principals []string
	Namespaces []string
	Output     string
	NoHeaders  bool
}

func newList(e *env, g *globals, run func(context.Context, *env, listRequest) error) *cobra.Command {
	var r listRequest
	var namespaces []string
	c := &cobra.Command{
		Use:   "list [PRINCIPAL...]",
		Short: "List who can do what, and through what",
		Long: text(`
			List IAM principals, the Kubernetes identities they become, and what those may do
			in the whole cluster and in each namespace.

			A PRINCIPAL is an ARN, role/NAME, user/NAME or a name. What could not be read is
			said on stderr and stands in the JSON as gaps; it is never shown as "no".`),
		Example: example(`
			kubectl eks-access list
			kubectl eks-access list -n carts,catalog -o wide
			kubectl eks-access list role/eks-workshop-admins -o yaml
			kubectl eks-access list -o jsonpath='{.items[*].principal.arn}'`),
		RunE: func(c *cobra.Command, args []string) error {
			r.Target, r.Principals, r.Namespaces = g.target(), args, words(namespaces)
			if err := checkFormat(r.Output); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringSliceVarP(&namespaces, "namespace", "n", nil, "only these namespaces")
	f.StringVarP(&r.Output, "output", "o", "table", "table, wide, json, yaml, name, jsonpath=... or go-template=...")
	f.BoolVar(&r.NoHeaders, "no-headers", false, "leave the table's head out")
	return c
}

// bareRequest is the command without a name: the screens on a terminal, else the list.
type bareRequest struct {
	Target target
	Plain  bool
}

func runBare(ctx context.Context, e *env, r bareRequest) error {
	if !e.screen {
		return runList(ctx, e, listRequest{Target: r.Target, Output: "table"})
	}
	e.shown = true
	w, err := e.open(ctx, r.Target)
	if err != nil {
		return err
	}
	return e.show(ctx, w, r)
}

func runList(ctx context.Context, e *env, r listRequest) error {
	w, err := e.open(ctx, r.Target)
	if err != nil {
		return err
	}
	s, err := w.read(ctx)
	if err != nil {
		return err
	}
	ix := access.NewIndex(s)
	who, err := choose(ix, r.Principals)
	if err != nil {
		return demoHint(err, r)
	}
	found, o := access.Inspect(ix), report.ListOptions{Principals: who, Namespaces: r.Namespaces}
	if r.Output == "json" {
		// The longest answer there is: it is written as it is made.
		out := bufio.NewWriterSize(e.out, 1<<16)
		return cmp.Or(report.WriteList(out, ix, found, o), out.Flush(), absent(s))
	}
	l := report.List(ix, found, o)
	if err := e.answerList(l, r); err != nil {
		return err
	}
	if isTable(r.Output) {
		e.remarks(l, ix, who, r.Namespaces)
	}
	return absent(s)
}

// remarks say beside a table what the JSON holds too: findings, gaps, and what was
// asked for and is not there.
func (e *env) remarks(l report.AccessList, ix *access.Index, who []access.Principal, namespaces []string) {
	others := map[string]bool{} // who was not asked for
	for _, r := range ix.Rows() {
		others[r.Principal.String()] = len(who) > 0 && !slices.ContainsFunc(who, func(p access.Principal) bool { return p.ID() == r.Principal.ID() })
	}
	var out []report.Line
	for _, f := range l.Findings {
		if slices.ContainsFunc(f.Args, func(a string) bool { return others[a] }) {
			continue
		}
		kind, sign := report.Note, "i "
		if f.Severity >= access.Warn {
			kind, sign = report.Warn, "▲ "
		}
		out = append(out, report.Line{Kind: kind, Text: sign + f.Message})
	}
	for _, g := range l.Gaps {
		out = append(out, report.Line{Kind: report.Warn, Text: "? " + g.Message})
	}
	if _, unread := ix.Snapshot().Gap(ix.Snapshot().Realm("kube"), access.NamespaceKind, ""); !unread {
		for _, ns := range namespaces {
			if !slices.Contains(ix.Namespaces(), ns) {
				out = append(out, report.Line{Kind: report.Warn, Text: fmt.Sprintf("▲ there is no namespace %s", report.Safe(ns))})
			}
		}
	}
	if len(out) > 0 {
		e.say(append([]report.Line{{}}, out...)...)
	}
}

// absent is the error of a list that shows the Kubernetes half of a cluster which
// EKS does not know: the name, the region or the account is wrong.
func absent(s access.Snapshot) error {
	if g, ok := s.Gap(s.Realm("eks"), access.ClusterKind, ""); ok && g.Why == access.NotFound {
		return usage("%s\ncheck --cluster-name, --region and --profile: EKS has no such cluster there", report.Gap(g))
	}
	return nil
}

// demoHint mends "list --demo s4": a flag whose value may be left out takes one
// only after an equals sign.
func demoHint(err error, r listRequest) error {
	if r.Target.Demo != "" && slices.Contains(demoWorlds(), r.Principals[0]) {
		return fmt.Errorf("%w\nfor the demo world write --demo=%s", err, r.Principals[0])
	}
	return err
}
