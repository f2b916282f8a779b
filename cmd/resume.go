package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type resumeRequest struct {
	Target  target
	Mode    mode
	Journal string // "" is the last one of this cluster
}

func newResume(e *env, g *globals, run func(context.Context, *env, resumeRequest) error) *cobra.Command {
	var r resumeRequest
	var m modeFlags
	c := &cobra.Command{
		Use:   "resume [JOURNAL]",
		Short: "Go on with a change that was interrupted",
		Long: text(`
			Go on with the last change or undo if it was interrupted (killed, refused, stopped),
			or with the one whose journal is named: the steps that are not done yet, checked
			against the cluster as it is now, with preview, guard and proof. A change that is
			done says so.

			What somebody else changed meanwhile stops it, and is shown. Then the same wish can be
			planned anew from what is there now: on a terminal it asks, and elsewhere --replan
			does it. The new plan is shown and needs a yes of its own (--yes --accept made-anew,
			or its file by apply -f); what the stopped one began is finished or taken away.`),
		Example: example(`
			kubectl eks-access resume --dry-run
			kubectl eks-access resume --yes
			kubectl eks-access resume 1a2b3c
			kubectl eks-access resume --replan --dry-run
			kubectl eks-access resume --replan -y --accept made-anew`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("resume goes on with one journal at a time, and %d are named", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			r.Target = g.target()
			if r.Mode, err = m.mode(); err != nil {
				return err
			}
			if len(args) > 0 {
				r.Journal = args[0]
			}
			return run(c.Context(), e, r)
		},
	}
	m.add(c.Flags())
	m.addReplan(c.Flags())
	return c
}

func runResume(ctx context.Context, e *env, r resumeRequest) error {
	if r.Target.Demo != "" {
		return inDemo("resume")
	}
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		p, err := interrupted(e, r.Journal, s)
		switch {
		case err != nil:
			return proposal{}, err
		case p.Path == "":
			return idle(s)
		}
		e.say(report.GoesOn(p.ID(), false))
		return resumption(s, p.Journal)
	})
}

// idle is the plan of nothing to do.
func idle(s access.Snapshot) (proposal, error) {
	p, err := access.BuildSteps(s, nil)
	return proposal{plan: p}, err
}

// interrupted is the journal to go on with: the one that is named, else the last one
// of this cluster. None, and it was said why, when that is done.
func interrupted(e *env, word string, s access.Snapshot) (live.Past, error) {
	if word != "" {
		p, err := journal(e, word)
		if err == nil {
			err = p.Damage
		}
		if err == nil {
			err = sameCluster("journal "+p.ID(), p.Plan.Cluster, s)
		}
		switch {
		case err != nil:
			return live.Past{}, err
		case p.UndoneBy != "":
			return live.Past{}, usage("%s was taken back by %s: there is nothing to go on with\nmake the change again with the command that made it, and it plans from what is there now", p.ID(), p.UndoneBy)
		case p.GoneOnBy != "":
			return live.Past{}, usage("%s was planned anew, and %s goes on with it: kubectl eks-access resume %s", p.ID(), p.GoneOnBy, p.GoneOnBy)
		case p.Complete:
			e.say(report.DoneAlready(p.ID(), p.Last))
			return live.Past{}, nil
		}
		return p, nil
	}
	past, err := live.History(e.journals())
	if err != nil {
		return live.Past{}, err
	}
	c, _ := s.Cluster()
	last, ok := live.Latest(past, c)
	switch {
	case !ok:
		e.say(report.NothingToResume())
		return live.Past{}, nil
	case !last.Complete && last.UndoneBy == "":
		return last, nil
	}
	e.say(report.DoneAlready(last.ID(), last.Last))
	// An earlier one may be left: what came after it may have done its work, so it is
	// gone on with only by name.
	for _, p := range past {
		if p.Damage == nil && p.Plan.Cluster.Is(c) && !p.Complete && p.UndoneBy == "" && p.GoneOnBy == "" && len(p.Plan.Undoes) == 0 {
			e.say(report.LeftBefore(p.ID()))
		}
	}
	return live.Past{}, nil
}

// resumption is the rest of a journal's plan, under its own digest, so that the journal
// goes on and one undo takes back all of it. Where nothing is left the journal is ended.
func resumption(s access.Snapshot, j live.Journal) (proposal, error) {
	left, err := access.Remaining(s, j.Plan.Steps)
	if err != nil {
		if !conflict(err) {
			return proposal{}, err
		}
		on := usage("what was done by it can be taken back: kubectl eks-access undo %s", j.ID())
		if len(j.Plan.Undoes) > 0 { // to take it back would be to and fro
			on = usage("to take back the rest, from what is there now: kubectl eks-access undo %s", live.Journal{Path: j.Plan.Undoes[0]}.ID())
		}
		err = errors.Join(fmt.Errorf("resume %s: %w", j.ID(), err), on)
		st, broken := stoppedAt(j)
		return proposal{stopped: st}, errors.Join(err, broken)
	}
	p, err := rebuilt(s, left, j.Plan)
	if len(left) == 0 {
		p.Expect = j.Plan.Expect // its end is still to be proven
	}
	return proposal{plan: p, whole: &j.Plan, ends: true}, err
}
