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
		j, err := journal(e, r.Journal, s)
		if err != nil {
			return proposal{}, err
		}
		if err := sameCluster("journal "+j.Path, j.Plan.Cluster, s); err != nil {
			return proposal{}, err
		}
		back, err := j.Undo()
		switch {
		case errors.Is(err, access.ErrOneWay):
			e.say(report.Line{Kind: report.Warn, Text: "▲ " + report.Safe(access.ErrOneWay.Error()) + "; all else is taken back"})
		case err != nil:
			return proposal{}, fmt.Errorf("undo %s: %w", j.Path, err)
		}
		left, err := access.Remaining(s, back)
		if err != nil {
			return proposal{}, fmt.Errorf("undo %s: %w", j.Path, err)
		}
		p, err := rebuilt(s, left, access.Plan{Intents: []string{"undo " + j.Path}, Undoes: j.Path})
		return proposal{plan: p}, err
	})
}

// journal is the one that is named, or the last that is not taken back.
func journal(e *env, path string, s access.Snapshot) (live.Journal, error) {
	if path != "" {
		path, err := filepath.Abs(path)
		if err != nil {
			return live.Journal{}, err
		}
		return live.ReadJournal(path)
	}
	c, _ := s.Cluster()
	return live.LastJournal(e.journals(), c)
}
