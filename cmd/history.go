package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// shown is how many changes a table has when nobody says.
const shown = 30

type historyRequest struct {
	Target    target
	Journal   string // "": all of them
	All       bool   // of every cluster
	Limit     int    // 0: all
	Output    string
	NoHeaders bool
}

func newHistory(e *env, g *globals, run func(context.Context, *env, historyRequest) error) *cobra.Command {
	var r historyRequest
	c := &cobra.Command{
		Use:   "history",
		Short: "List the changes that were made from here, and how they ended",
		Long: text(`
			List the changes that this user made on this machine to the cluster of the context,
			the last one first: who, when, what, and how it ended. Nothing is asked of the
			cluster. --all lists those of every cluster; so it does without a kubeconfig.

			A change is named by its ID, or by a part of it that no other has.`),
		Example: example(`
			kubectl eks-access history
			kubectl eks-access history --all -o wide
			kubectl eks-access history show 20261121-103102-1a2b3c
			kubectl eks-access history -o json`),
		Args: noArguments("one change is shown with: kubectl eks-access history show ID"),
		RunE: func(c *cobra.Command, _ []string) error {
			r.Target = g.target()
			if err := r.check("table", "wide", "json", "yaml", "name"); err != nil {
				return err
			}
			if r.Limit < 0 {
				return usage("--limit %d: want how many changes to list, 0 for all", r.Limit)
			}
			if !c.Flags().Changed("limit") && !isTable(r.Output) {
				r.Limit = 0 // who computes with it wants all
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	f.BoolVar(&r.All, "all", false, "those of every cluster")
	f.IntVar(&r.Limit, "limit", shown, "list at most this many, 0 for all; json, yaml and name list all when nothing is said")
	f.StringVarP(&r.Output, "output", "o", "table", "table, wide, json, yaml or name")
	f.BoolVar(&r.NoHeaders, "no-headers", false, "leave the table's head out")
	c.AddCommand(newHistoryShow(e, g, run))
	return c
}

func newHistoryShow(e *env, g *globals, run func(context.Context, *env, historyRequest) error) *cobra.Command {
	var r historyRequest
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one change with its steps",
		Long:  "Show one change: who made it, its steps, what happened to each, and how to go on or back.",
		Example: example(`
			kubectl eks-access history show 1a2b3c
			kubectl eks-access history show 20261121-103102-1a2b3c -o json`),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usage("%s needs one ID: see kubectl eks-access history", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r.Target, r.Journal = g.target(), args[0]
			if err := r.check("text", "json", "yaml"); err != nil {
				return err
			}
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringVarP(&r.Output, "output", "o", "text", "text, json or yaml")
	return c
}

func (r historyRequest) check(outputs ...string) error {
	for _, o := range outputs {
		if r.Output == o {
			switch {
			case r.Target.Demo != "":
				return usage("a demo keeps no journals: its cluster lives and ends with one process")
			case r.Target.Snapshot != "":
				return usage("a snapshot has no history: leave --snapshot out")
			}
			return nil
		}
	}
	return usage("-o %s: want %s", r.Output, strings.Join(outputs, ", "))
}

func runHistory(_ context.Context, e *env, r historyRequest) error {
	if r.Journal != "" {
		return showPast(e, r)
	}
	past, err := live.History(e.journals())
	if err != nil {
		return err
	}
	here, name, err := e.here(r)
	if err != nil {
		return err
	}
	h := report.History{APIVersion: access.APIVersion, Kind: "History", Items: []report.PastChange{}}
	// Those of this cluster come first, also among all.
	for _, ours := range []bool{true, false} {
		for _, p := range past {
			switch {
			case here(p.Plan.Cluster) != ours:
			case !ours && !r.All && name != "":
				h.Others++
			case r.Limit > 0 && len(h.Items) == r.Limit:
				h.Older++
			default:
				h.Items = append(h.Items, pastChange(p))
			}
		}
	}
	return e.answerHistory(h, r, name)
}

func (e *env) answerHistory(h report.History, r historyRequest, cluster string) error {
	switch r.Output {
	case "json":
		return e.answerJSON(h)
	case "yaml":
		return e.answerYAML(h)
	case "name":
		var out []report.Line
		for _, c := range h.Items {
			out = append(out, report.Line{Text: report.Safe(c.ID)})
		}
		return e.answer(out...)
	}
	wide, width := r.Output == "wide", e.width()
	if wide {
		width = 0
	}
	if len(h.Items) > 0 {
		if err := e.answer(withoutHead(report.HistoryTable(h, wide, r.All || cluster == "", width), r.NoHeaders)...); err != nil {
			return err
		}
	}
	e.say(report.HistoryRest(h, cluster)...)
	return nil
}

func showPast(e *env, r historyRequest) error {
	p, err := journal(e, r.Journal)
	if err != nil {
		return err
	}
	d := pastDetail(p)
	switch r.Output {
	case "json":
		return e.answerJSON(d)
	case "yaml":
		return e.answerYAML(d)
	}
	return e.answer(report.HistoryDetail(d)...)
}

func pastDetail(p live.Past) report.PastDetail {
	d := report.PastDetail{APIVersion: access.APIVersion, Kind: "PastChange", PastChange: pastChange(p), Events: []report.PastEvent{}}
	if p.States != nil {
		d.Plan = &p.Plan
	}
	for _, m := range p.Moments {
		d.Events = append(d.Events, report.PastEvent{At: m.At, Step: m.Step + 1, State: m.State, Detail: m.Detail, Error: m.Error})
	}
	return d
}

// pastChange is a journal in the words of a report.
func pastChange(p live.Past) report.PastChange {
	c := report.PastChange{ID: p.ID(), Caller: p.Plan.Caller.ARN, Cluster: report.PastCluster{Name: p.Plan.Cluster.Name, ARN: p.Plan.Cluster.ARN},
		Intents: append([]string{}, p.Plan.Intents...), UndoneBy: p.UndoneBy, GoneOnBy: p.GoneOnBy, State: string(p.Now()), Steps: len(p.Plan.Steps), Done: p.Done(),
		Runs: []report.PastRunner{}, Journal: p.Path}
	if p.States != nil {
		began, last := p.Of, p.Last
		c.Began, c.Last, c.Digest = &began, &last, p.Plan.Digest()
	}
	for _, u := range p.Plan.Undoes {
		c.Undoes = append(c.Undoes, live.Journal{Path: u}.ID())
	}
	for _, g := range p.Plan.GoesOn {
		c.GoesOn = append(c.GoesOn, live.Journal{Path: g}.ID())
	}
	if st := p.Journal.Stopped(); st != nil {
		c.Stopped = &report.PastStop{Step: st.Step + 1, Error: st.Error}
	}
	if p.Damage != nil {
		c.Damage = p.Damage.Error()
	}
	for _, run := range p.Runs {
		c.Runs = append(c.Runs, report.PastRunner{At: run.At, Caller: run.Caller, By: run.String(), PID: run.PID})
	}
	return c
}

// here tells whether a cluster is that of the context, without asking anybody, and by
// which name it goes. The name is "" where nothing says which cluster is meant: then
// all are shown.
func (e *env) here(r historyRequest) (is func(access.Cluster) bool, name string, err error) {
	none := func(access.Cluster) bool { return false }
	found, err := e.locate(r.Target)
	t := r.Target
	switch {
	case err != nil && (t.Context != "" || t.Cluster != "" || t.Kubeconfig != ""):
		return nil, "", err // it was named, so it is meant
	case err != nil, found.Cluster == "" && found.Server == "":
		return none, "", nil
	}
	name = found.Cluster
	if name == "" {
		name = found.Context
	}
	return func(c access.Cluster) bool {
		return atHome(c, found.Server, found.Cluster, found.Region, found.Account)
	}, name, nil
}

// halfway is the remark about changes to the context's cluster that were stopped in the
// middle. It is read from this machine's journals alone; what keeps them from being read
// is for history to say.
func (e *env) halfway(t target) []report.Line {
	if t.Demo != "" || t.Snapshot != "" {
		return nil
	}
	past, err := live.History(e.journals())
	if err != nil || len(past) == 0 {
		return nil
	}
	is, _, err := e.here(historyRequest{Target: t})
	if err != nil {
		return nil
	}
	var ours []report.PastChange
	for _, p := range past {
		if is(p.Plan.Cluster) {
			ours = append(ours, pastChange(p))
		}
	}
	if l, ok := report.LeftHalfway(ours); ok {
		return []report.Line{l}
	}
	return nil
}

// atHome compares what a context says with a cluster. The endpoint decides when it is
// the same; behind a proxy it is another one, so name, region and account do, too.
func atHome(c access.Cluster, server, name, region, account string) bool {
	if c.Endpoint != "" && strings.TrimRight(server, "/") == strings.TrimRight(c.Endpoint, "/") {
		return true
	}
	part := strings.SplitN(c.ARN, ":", 6) // arn:aws:eks:REGION:ACCOUNT:cluster/NAME
	return name != "" && c.Name == name && len(part) == 6 &&
		(region == "" || region == part[3]) && (account == "" || account == part[4])
}

// pastIDs complete the ID of a change.
func (e *env) pastIDs(start string) []string {
	past, err := live.History(e.journals())
	if err != nil {
		return nil
	}
	var out []string
	for _, p := range past {
		if p.Damage == nil && strings.HasPrefix(p.ID(), start) {
			out = append(out, p.ID()+"\t"+report.PastSummary(pastChange(p)))
		}
	}
	return out
}
