package live

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

// outset looks, before anything is written, whether the rest of the plan can be done as
// it was approved: everything is where the plan has brought it so far, and the servers
// that can try a change without making it have no objection. On an error it returns the
// number of the step that it is about, and how many are done already.
func (r *run) outset(ctx context.Context) (at, done int, err error) {
	s, at, err := r.objects(ctx, r.plan)
	if err != nil {
		return at, 0, err
	}
	steps := filledSteps(s, r.plan.Steps)
	left, err := access.Undone(s, steps)
	var conflict *access.Conflict
	if errors.As(err, &conflict) {
		return first(r.plan, conflict.Key), surelyDone(s, steps), err
	}
	done = len(steps) - len(left)
	if err != nil || len(left) == 0 {
		return 0, done, err
	}
	trials, err := r.try(ctx, s, r.plan, left)
	if err != nil {
		return left[0], done, err
	}
	if refused := refusals(trials); len(refused) > 0 {
		return refused[0].Step, done, &Objection{Trials: refused, Midway: done > 0}
	}
	return left[0], done, r.tried(trials)
}

// undisturbed looks, before an access entry is made, whether aws-auth is still where the
// plan has brought it: the entry takes the place of its principal's item as it was read,
// and would hide what somebody else has made of the item since.
func (r *run) undisturbed(ctx context.Context, i int) error {
	st := r.plan.Steps[i]
	if st.Key().Kind != access.EntryKind || st.Before != nil {
		return nil
	}
	for m, next := range r.plan.Steps[i:] {
		k := next.Key()
		if k.Kind != access.AuthMapKind {
			continue
		}
		live, err := r.get(ctx, k)
		if err != nil {
			return fmt.Errorf("read %s %s before an entry takes its place: %w", k.Kind, k.Name, err)
		}
		if _, done := r.leaves(i+m, live); !done && !same(next.Before, live) {
			return &access.Conflict{Key: k, Want: next.Before, Have: live}
		}
		break
	}
	return nil
}

// surelyDone counts the steps that are done, beside the objects that somebody else has
// changed.
func surelyDone(s access.Snapshot, steps []access.Step) int {
	for {
		left, err := access.Undone(s, steps)
		var conflict *access.Conflict
		if !errors.As(err, &conflict) {
			return len(steps) - len(left)
		}
		steps = slices.DeleteFunc(slices.Clone(steps), func(st access.Step) bool { return st.Key() == conflict.Key })
	}
}

// objects are those that a plan is about, as they are now.
func (w *World) objects(ctx context.Context, p access.Plan) (s access.Snapshot, at int, err error) {
	var keys []access.Key
	seen := map[access.Key]bool{}
	for _, st := range p.Steps {
		if k := st.Key(); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	have, errs := make([]access.Object, len(keys)), make([]error, len(keys))
	g := errgroup.Group{}
	g.SetLimit(asked)
	for i, k := range keys {
		g.Go(func() error {
			have[i], errs[i] = w.get(ctx, k)
			return errs[i]
		})
	}
	if g.Wait() != nil {
		for i, err := range errs {
			if err != nil {
				return s, first(p, keys[i]), fmt.Errorf("read %s %s before changing it: %w", keys[i].Kind, keys[i].Name, err)
			}
		}
	}
	for _, o := range have {
		if o != nil {
			s.Objects = s.Objects.With(o)
		}
	}
	return s, 0, nil
}

// first is the number of the first step on a key.
func first(p access.Plan, k access.Key) int {
	for i, st := range p.Steps {
		if st.Key() == k {
			return i
		}
	}
	return 0
}

// filledSteps are the steps as their objects read when they are there.
func filledSteps(s access.Snapshot, steps []access.Step) []access.Step {
	out := make([]access.Step, len(steps))
	for i, st := range steps {
		have := s.Objects.At(st.Key())
		st.Before, st.After = completed(st.Before, have), completed(st.After, have)
		out[i] = st
	}
	return out
}
