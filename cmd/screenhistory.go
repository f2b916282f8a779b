package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// past is what the screens show of changes that were made from here before. A demo and
// a snapshot have none.
func (e *env) past(w *world, t target) *tui.History {
	if w.demo || w.past {
		return nil
	}
	return &tui.History{
		List: func() ([]tui.Past, error) {
			here, _, err := e.here(historyRequest{Target: t})
			if err != nil {
				return nil, err
			}
			past, err := live.History(e.journals())
			if err != nil {
				return nil, err
			}
			out := make([]tui.Past, len(past))
			for i, p := range past {
				out[i] = tui.Past{PastDetail: pastDetail(p), Here: here(p.Plan.Cluster)}
			}
			return out, nil
		},
		Resume: func(s access.Snapshot, id string) (tui.Proposal, error) {
			p, err := e.standingPast(s, id)
			switch {
			case err != nil:
				return tui.Proposal{}, err
			case p.Complete:
				return tui.Proposal{}, fmt.Errorf("%s has come to its end meanwhile: there is nothing to go on with", id)
			}
			return proposed(resumption(s, p.Journal))
		},
		Undo: func(s access.Snapshot, id string) (tui.Proposal, error) {
			p, err := e.standingPast(s, id)
			if err != nil {
				return tui.Proposal{}, err
			}
			return proposed(undoOf(s, []live.Journal{p.Journal}))
		},
		Anew: func(ctx context.Context, s access.Snapshot, p access.Plan, journal string) (tui.Proposal, error) {
			st := stopped{plans: []access.Plan{p}}
			if journal != "" {
				past, err := e.standingPast(s, journal)
				if err == nil {
					st, err = stoppedAt(past.Journal)
				}
				if err != nil {
					return tui.Proposal{}, err
				}
			}
			s, err := w.Lookup(ctx, s, access.Grantees(st.plans[0].From)...)
			if err != nil {
				return tui.Proposal{}, err
			}
			plan, err := st.again(s)
			return proposed(proposal{plan: plan}, err)
		},
		End: func(journal string) (report.Line, error) {
			j, err := live.ReadJournal(journal)
			if err != nil {
				return report.Line{}, err
			}
			return report.NothingLeftOf(j.ID()), w.End(j)
		},
	}
}

// standingPast is a change of this cluster that was not taken back, by its ID or its
// journal's path.
func (e *env) standingPast(s access.Snapshot, id string) (live.Past, error) {
	id = live.Journal{Path: id}.ID()
	past, err := live.History(e.journals())
	if err != nil {
		return live.Past{}, err
	}
	p, err := live.Named(past, id)
	switch {
	case err != nil:
		return p, err
	case p.Damage != nil:
		return p, p.Damage
	case p.UndoneBy != "":
		return p, fmt.Errorf("%s was taken back by %s meanwhile", id, p.UndoneBy)
	case p.GoneOnBy != "":
		return p, fmt.Errorf("%s was planned anew, and %s goes on with it", id, p.GoneOnBy)
	case !live.Unseen(past, s, settle.Propagation).IsZero():
		return p, errors.New("a run was cut off in the middle of a write, which may not show in what was read: reload, then try again")
	}
	return p, sameCluster("journal "+id, p.Plan.Cluster, s)
}

func proposed(p proposal, err error) (tui.Proposal, error) {
	return tui.Proposal{Plan: p.plan, Do: p.applied(), Said: p.said}, err
}
