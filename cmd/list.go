package cmd

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
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
	Findings   bool
	AtLeast    access.Severity
	Codes      []access.Code
}

func newList(e *env, g *globals, run func(context.Context, *env, listRequest) error) *cobra.Command {
	var r listRequest
	var namespaces []string
	var which findingFlags
	c := &cobra.Command{
		Use:   "list [PRINCIPAL...]",
		Short: "List who can do what, and through what",
		Long: text(`
			List IAM principals, the Kubernetes identities they become, and what those may do
			in the whole cluster and in each namespace.

			A PRINCIPAL is an ARN, role/NAME, user/NAME or a name. What could not be read is
			said on stderr and stands in the JSON as gaps; it is never shown as "no".

			With --findings it lists what is worth knowing instead, worst first: who is or can
			become an administrator and by which roads, mappings and bindings that do nothing,
			rules that grant nothing. -o sarif is for tools that collect such reports.`),
		Example: example(`
			kubectl eks-access list
			kubectl eks-access list -n carts,catalog -o wide
			kubectl eks-access list role/eks-workshop-admins -o yaml
			kubectl eks-access list -o jsonpath='{.items[*].principal.arn}'
			kubectl eks-access list --findings --severity warn
			kubectl eks-access list --findings --code cluster-admin,becomes-admin -o sarif`),
		RunE: func(c *cobra.Command, args []string) error {
			r.Target, r.Principals, r.Namespaces = g.target(), args, words(namespaces)
			if err := which.into(&r); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.StringSliceVarP(&namespaces, "namespace", "n", nil, "only these namespaces")
	f.StringVarP(&r.Output, "output", "o", "table", "table, wide, json, yaml, name, jsonpath=... or go-template=...; sarif with --findings")
	f.BoolVar(&r.NoHeaders, "no-headers", false, "leave the table's head out")
	which.add(f, &r.Findings)
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
	if r.Findings {
		return cmp.Or(e.answerFindings(ix, who, r), absent(s))
	}
	found, o := access.Inspect(ix), report.ListOptions{Principals: who, Namespaces: r.Namespaces}
	if write, ok := wholeLists[r.Output]; ok {
		out := bufio.NewWriterSize(e.out, 1<<16)
		e.say(unmade(ix, r.Namespaces...)...)
		return cmp.Or(write(out, ix, found, o), out.Flush(), absent(s))
	}
	if err := e.answerList(ix, found, o, r); err != nil {
		return err
	}
	if isTable(r.Output) {
		e.remarks(found, ix, who, r)
	} else {
		e.say(unmade(ix, r.Namespaces...)...)
	}
	return absent(s)
}

// wholeLists are the longest answers there are: they are written as they are made.
var wholeLists = map[string]func(io.Writer, *access.Index, []access.Finding, report.ListOptions) error{
	"json": report.WriteList, "yaml": writeYAMLList,
}

// mostRemarks is how many findings stand beside a table; --findings has them all.
const mostRemarks = 20

// remarks say beside a table what was left halfway, and what the JSON holds too:
// findings, gaps, and what was asked for and is not there. Findings are those to act on
// and those about the cluster as a whole; what is merely good to know about some principal
// is counted.
func (e *env) remarks(fs []access.Finding, ix *access.Index, who []access.Principal, r listRequest) {
	var out []report.Line
	more := 0
	for _, f := range report.Findings(fs, report.FindingFilter{}) {
		switch {
		case len(who) > 0 && len(f.Who) > 0 && !slices.ContainsFunc(who, f.Concerns):
		case len(out) == mostRemarks || f.Severity < access.Warn && !aboutCluster(f.Finding):
			more++
		default:
			out = append(out, report.Line{Kind: f.Kind, Text: f.Sign + " " + f.Text})
		}
	}
	if more > 0 {
		out = append(out, report.Line{Kind: report.Note, Text: fmt.Sprintf("i %s to know: kubectl eks-access list --findings", report.Count(more, "more thing", "more things"))})
	}
	for _, g := range ix.Snapshot().Gaps {
		out = append(out, report.Line{Kind: report.Warn, Text: "? " + report.Gap(g)})
	}
	out = append(out, unmade(ix, r.Namespaces...)...)
	out = append(e.halfway(r.Target), out...)
	if len(out) > 0 {
		e.say(append([]report.Line{{}}, out...)...)
	}
}

// unmade says which namespaces do not exist: what counts there is what would count for
// whoever makes one of that name.
func unmade(ix *access.Index, namespaces ...string) []report.Line {
	var out []report.Line
	if !readWhole(ix, access.NamespaceKind) {
		return nil
	}
	for _, ns := range namespaces {
		if !slices.Contains(ix.Namespaces(), ns) {
			out = append(out, report.NoNamespace(ns, nearest(ns, ix.Namespaces())))
		}
	}
	return out
}

// aboutCluster reports whether a finding is about the cluster, and not about somebody
// or some role or binding in it.
func aboutCluster(f access.Finding) bool {
	return len(f.Who) == 0 && (len(f.About) == 0 || f.About[0].Kind == access.ClusterKind || f.About[0].Kind == access.AuthMapKind)
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
