package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type undoRequest struct {
	Target  target
	Mode    mode
	Journal string // "" is the last one
}

func newUndo(e *env, g *globals, run func(context.Context, *env, undoRequest) error) *cobra.Command {
	var r undoRequest
	var m modeFlags
	c := &cobra.Command{
		Use:   "undo [JOURNAL]",
		Short: "Take back a change",
		Long: text(`
			Take back the last change, or the one whose journal is named: the steps that were
			done, newest first, as a plan of its own with preview, guard and proof.

			A switch of the authentication mode stays: EKS never goes back.`),
		Example: example(`
			kubectl eks-access undo --dry-run
			kubectl eks-access undo --yes`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("undo takes back one journal at a time, and %d are named", len(args))
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
	return c
}

func runUndo(ctx context.Context, e *env, r undoRequest) error {
	if r.Target.Demo != "" {
		return errDemoUndo
	}
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		js, err := standing(e, r.Journal, s)
		if err != nil {
			return proposal{}, err
		}
		return undoOf(e, s, js)
	})
}

// standing are the journals that are named or not taken back yet, newest first.
func standing(e *env, path string, s access.Snapshot) ([]live.Journal, error) {
	if path == "" {
		c, _ := s.Cluster()
		return live.Journals(e.journals(), c)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	j, err := live.ReadJournal(path)
	if err != nil {
		return nil, err
	}
	return []live.Journal{j}, sameCluster("journal "+j.Path, j.Plan.Cluster, s)
}

// undoOf takes back the newest change of which anything is left to take back. One that
// went on with an interrupted one is taken back together with it: alone it would end
// in the middle.
func undoOf(e *env, s access.Snapshot, js []live.Journal) (proposal, error) {
	var back []access.Step
	from := access.Plan{}
	for _, j := range js {
		steps, err := j.Undo()
		switch {
		case errors.Is(err, access.ErrOneWay):
			e.say(report.Line{Kind: report.Warn, Text: "▲ " + report.Safe(access.ErrOneWay.Error()) + "; all else is taken back"})
		case err != nil:
			return proposal{}, fmt.Errorf("undo %s: %w", j.Path, err)
		}
		if len(back) > 0 && (j.Complete || len(steps) == 0) {
			break
		}
		left, err := access.Remaining(access.Project(s, back...), steps)
		if err != nil {
			return proposal{}, fmt.Errorf("undo %s: %w", j.Path, err)
		}
		if len(left) > 0 {
			back = append(back, left...)
			from.Intents, from.Undoes = append(from.Intents, "undo "+j.Path), append(from.Undoes, j.Path)
		}
	}
	p, err := rebuilt(s, back, from)
	return proposal{plan: p}, err
}
