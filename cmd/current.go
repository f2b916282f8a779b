package cmd

import (
	"context"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// current is what a change begins with: the cluster as it is read. Where a run was cut
// off in the middle of a write a moment ago it waits, and reads again: what is written
// may show seconds later only, and a change that is planned without it may take away
// what it rests on.
func (e *env) current(ctx context.Context, w *world) (access.Snapshot, error) {
	s, err := w.read(ctx)
	if err != nil {
		return s, err
	}
	past, err := live.History(w.Journals)
	if err != nil {
		return s, err
	}
	until := live.Unseen(past, s, w.Settle.Propagation)
	if until.IsZero() {
		return s, nil
	}
	left := time.Until(until)
	e.say(report.CutOffJustNow(left))
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return s, ctx.Err()
	case <-t.C:
		return w.read(ctx)
	}
}
