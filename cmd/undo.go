package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
			Take back the last change, or the one whose journal is named (an ID that history
			lists, a part of it that no other has, or a path): the steps that were done, newest
			first, as a plan of its own with preview, guard and proof. An undo that was
			interrupted is gone on with.

			A switch of the authentication mode stays: EKS never goes back.`),
		Example: example(`
			kubectl eks-access undo --dry-run
			kubectl eks-access undo --yes
			kubectl eks-access undo 20261121-103102-1a2b3c`),
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
		return inDemo("undo")
	}
	return change(ctx, e, r.Target, r.Mode, func(_ *world, s access.Snapshot) (proposal, error) {
		if r.Journal == "" {
			// An undo that was interrupted is gone on with: made anew it would not know what
			// it has taken back already, and reach for the change before.
			if p, half, err := halfUndone(e, s); err != nil {
				return proposal{}, err
			} else if half {
				e.say(report.GoesOn(p.ID(), true))
				if rest, err := resumption(s, p.Journal); err == nil || !conflict(err) {
					return rest, err
				}
				// What it takes back, it takes back from what is there now.
				js, err := undoneBy(p.Journal)
				if err != nil {
					return proposal{}, err
				}
				return undoOf(s, js)
			}
		}
		js, err := standing(e, r.Journal, s)
		if err != nil {
			return proposal{}, err
		}
		return undoOf(s, js)
	})
}

// halfUndone is the last journal of this cluster, if it is of an undo that was begun
// and not ended.
func halfUndone(e *env, s access.Snapshot) (live.Past, bool, error) {
	past, err := live.History(e.journals())
	if err != nil {
		return live.Past{}, false, err
	}
	c, _ := s.Cluster()
	p, ok := live.Latest(past, c)
	return p, ok && !p.Complete && len(p.Plan.Undoes) > 0, nil
}

// undoneBy are the journals that an undo takes back, in its order.
func undoneBy(j live.Journal) ([]live.Journal, error) {
	var out []live.Journal
	for _, path := range j.Plan.Undoes {
		// Beside it, also when the folder has moved since.
		u, err := live.ReadJournal(filepath.Join(filepath.Dir(j.Path), filepath.Base(path)))
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// standing are the journals that are named or not taken back yet, newest first.
func standing(e *env, word string, s access.Snapshot) ([]live.Journal, error) {
	if word == "" {
		c, _ := s.Cluster()
		return live.Journals(e.journals(), c)
	}
	p, err := journal(e, word)
	if err != nil {
		return nil, err
	}
	if p.Damage != nil {
		return nil, p.Damage
	}
	if p.GoneOnBy != "" {
		return nil, usage("%s was planned anew, and %s goes on with it\nto take back both: kubectl eks-access undo %s", p.ID(), p.GoneOnBy, p.GoneOnBy)
	}
	return []live.Journal{p.Journal}, sameCluster("journal "+p.ID(), p.Plan.Cluster, s)
}

// journal finds a journal by its ID, a part of it, or its path.
func journal(e *env, word string) (live.Past, error) {
	if strings.ContainsRune(word, filepath.Separator) || strings.Contains(word, "/") || strings.HasSuffix(word, ".journal") {
		path, err := filepath.Abs(word)
		if err != nil {
			return live.Past{}, err
		}
		j, err := live.ReadJournal(path)
		if err != nil {
			return live.Past{}, err
		}
		// One of the folder is known better there: who took it back, who writes it.
		if past, err := live.History(filepath.Dir(path)); err == nil {
			for _, p := range past {
				if p.Path == path {
					return p, nil
				}
			}
		}
		return live.Past{Journal: j}, nil
	}
	past, err := live.History(e.journals())
	if err != nil {
		return live.Past{}, err
	}
	return live.Named(past, word)
}

// undoOf takes back the newest change. One that went on with an interrupted one is
// taken back together with it: alone it would end in the middle.
func undoOf(s access.Snapshot, js []live.Journal) (proposal, error) {
	chain, err := live.Chain(js[0])
	if err != nil {
		return proposal{}, err
	}
	planned := len(chain) // it, and those that it was planned anew from
	for _, j := range js[1:] {
		if !slices.ContainsFunc(chain, func(o live.Journal) bool { return o.ID() == j.ID() }) {
			chain = append(chain, j)
		}
	}
	var said []report.Line
	if planned <= len(js[0].Plan.GoesOn) {
		said = append(said, report.PartElsewhere(js[0].ID()))
	}
	var back []access.Step
	from, changes, whole := access.Plan{}, []access.Plan{}, true
	for i, j := range chain {
		steps, err := j.Undo()
		switch {
		case errors.Is(err, access.ErrOneWay):
			said = append(said, report.OneWayStays())
		case err != nil:
			return proposal{said: said}, fmt.Errorf("undo %s: %w", j.ID(), err)
		}
		if i >= planned && (j.Complete || len(steps) == 0) {
			break
		}
		at := access.Project(s, back...)
		left, err := access.Remaining(at, steps)
		if err != nil && conflict(err) {
			// Somebody has edited aws-auth since: what they wrote stays, our items go back.
			rebased, no := access.Rebase(at, steps)
			if no == nil {
				left, no = access.Remaining(at, rebased)
			}
			if no == nil {
				err, said = nil, append(said, report.MapRebased())
			} else if !conflict(no) {
				err = fmt.Errorf("%w (%w)", err, no) // which item
			}
		}
		if err != nil && i > 0 && conflict(err) {
			// What somebody else changed in between is theirs; what came after it goes back.
			said, whole = append(said, report.NotBack(j.ID(), err)...), false
			break
		}
		if err != nil {
			return proposal{said: said}, fmt.Errorf("undo %s: %w", j.ID(), err)
		}
		if i == 0 && len(left) == 0 && planned == 1 {
			// The change before is another one: it is taken back when it is named.
			var before string
			if len(js) > 1 {
				before = js[1].ID()
			}
			said = append(said, report.NothingLeft(j.ID(), before)...)
			break
		}
		changes = append(changes, j.Plan)
		if len(left) > 0 {
			back = append(back, left...)
			from.Intents, from.Undoes = append(from.Intents, "undo "+j.ID()), append(from.Undoes, j.Path)
		}
	}
	p, err := rebuilt(s, back, from)
	return proposal{plan: access.Since(p, whole, changes...), said: said}, err
}
