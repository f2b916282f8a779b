package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type applyRequest struct {
	Target target
	Mode   mode
	File   string
}

func newApply(e *env, g *globals, run func(context.Context, *env, applyRequest) error) *cobra.Command {
	var r applyRequest
	var m modeFlags
	c := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Apply a plan that was written before, or a file of changes",
		Long: text(`
			Apply a plan that a change wrote with --dry-run -o json, or a file of changes (see
			plan --help).

			It is checked again against the cluster as it is now: a plan for another cluster,
			or one that the cluster has moved away from, changes nothing. What is done
			already is skipped, so a plan that stopped midway can be resumed. With --replan, or
			when a person says so, a plan that the cluster has moved away from is made anew and
			shown; it needs a yes of its own (see resume --help).`),
		Example: example(`
			kubectl eks-access migrate --dry-run -o json > plan.json
			kubectl eks-access apply -f plan.json
			kubectl eks-access apply -f - --yes < plan.json
			kubectl eks-access apply -f changes.yaml`),
		Args: noArguments("apply takes its plan with -f"),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			r.Target = g.target()
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			if r.File == "" {
				return usage("apply needs a plan: -f FILE, or -f - for stdin\nmake one with: kubectl eks-access migrate --dry-run -o json > plan.json")
			}
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringVarP(&r.File, "filename", "f", "", "plan or file of changes (- is stdin)")
	m.add(c.Flags())
	m.addReplan(c.Flags())
	return c
}

func runApply(ctx context.Context, e *env, r applyRequest) error {
	body, err := readInput(e, r.File)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if r.File == "-" {
		e.terminal = false // the plan was on stdin: there is nobody to ask there
	}
	if isWishes(body) {
		w, err := parseWishes(r.File, body)
		if err != nil {
			return err
		}
		return change(ctx, e, r.Target, r.Mode, w.planner(ctx))
	}
	file, err := parsePlan(r.File, body)
	if err != nil {
		return err
	}
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		if err := sameCluster("the plan", file.Cluster, s); err != nil {
			return proposal{}, err
		}
		left, err := access.Remaining(s, file.Steps)
		if err != nil {
			return proposal{stopped: e.stoppedFile(r.File, file)}, err
		}
		p, err := rebuilt(s, left, file)
		return proposal{plan: p, whole: &file}, err
	})
}

// stoppedFile is a plan file whose plan somebody else's change stands in the way of. Part
// of it may be done: then its journal tells with what it goes on.
func (e *env) stoppedFile(name string, file access.Plan) stopped {
	st := stopped{plans: []access.Plan{file}, hint: "to plan it anew: " + report.Command("apply", "-f", name, "--replan")}
	past, err := live.History(e.journals())
	if err != nil {
		return st // nothing is known to be begun
	}
	for _, p := range past {
		if p.Damage == nil && !p.Complete && p.UndoneBy == "" && p.GoneOnBy == "" && p.Plan.Digest() == file.Digest() {
			if begun, err := stoppedAt(p.Journal); err == nil {
				st.plans, st.journal = begun.plans, begun.journal
			}
			break
		}
	}
	return st
}

// parsePlan reads a plan file, with words for what people feed by mistake.
func parsePlan(file string, body []byte) (access.Plan, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(body, &head); err != nil {
		return access.Plan{}, usage("%s is not a plan: %s\nmake one with: kubectl eks-access migrate --dry-run -o json > plan.json", file, err)
	}
	if head.Kind == "AccessList" || head.Kind == "Outcome" {
		return access.Plan{}, usage("%s holds what is (kind %s), not a plan\nmake one with: kubectl eks-access migrate --dry-run -o json > plan.json", file, head.Kind)
	}
	var p access.Plan
	if err := json.Unmarshal(body, &p); err != nil {
		return access.Plan{}, fmt.Errorf("read plan %s: %w", file, err)
	}
	return p, nil
}

// sameCluster refuses what was made for another cluster. The ARN decides: names
// repeat across regions and accounts.
func sameCluster(what string, made access.Cluster, s access.Snapshot) error {
	c, ok := s.Cluster()
	switch {
	case !ok:
		return usage("%s is for cluster %s (%s), and the cluster here could not be read: whether they are the same is not known", what, made.Name, made.ARN)
	case made.ARN == c.ARN && !made.Is(c):
		return &exit{exitRefused, usage("refused, and nothing was changed: %s is for an earlier cluster of the name %s (endpoint %s), and this one is at %s", what, made.Name, made.Endpoint, c.Endpoint)}
	case made.ARN != c.ARN:
		return &exit{exitRefused, usage("refused, and nothing was changed: %s is for cluster %s (%s), and this is %s (%s)\nchoose the other with --context, or with --cluster-name and --region", what, made.Name, made.ARN, c.Name, c.ARN)}
	}
	return nil
}

// rebuilt is the plan of steps that are known, for the cluster as it is now: guard,
// permission changes and findings are computed anew, so that nothing is believed of the
// plan they came from but its steps, its intents, its proofs, and those of its findings
// that ask for a yes.
func rebuilt(s access.Snapshot, steps []access.Step, from access.Plan) (access.Plan, error) {
	p, err := access.BuildSteps(s, steps)
	if err != nil {
		return access.Plan{}, err
	}
	if len(steps) == 0 {
		return p, nil
	}
	p.Intents, p.From, p.Undoes, p.GoesOn = from.Intents, from.From, from.Undoes, from.GoesOn
	if len(from.Expect) > 0 {
		p.Expect = from.Expect
	}
	for _, f := range from.Findings {
		known := slices.ContainsFunc(p.Findings, func(o access.Finding) bool { return o.Code == f.Code && slices.Equal(o.Args, f.Args) })
		if !known && f.Severity == access.Confirm {
			p.Findings = append(p.Findings, f)
		}
	}
	return p, nil
}

func noArguments(fix string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("%s takes no argument %q\n%s", c.CommandPath(), report.Safe(args[0]), fix)
		}
		return nil
	}
}

// inDemo is why what goes back to an earlier process finds nothing in a demo.
func inDemo(verb string) error {
	return usage("a demo's cluster lives and ends with one process, so there is nothing left to %s\ntry %s inside kubectl eks-access --demo (H after a change), or on make sandbox", verb, verb)
}
