package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Apply performs a plan that was accepted, step by step, and proves its end.
//
// The error is a *Refused when nothing was begun. When it stopped midway the
// outcome names the step and the error is that step's; running the same plan
// again goes on from there. A *access.Conflict that is there from the beginning, and a
// refusal that a server's dry run foresees (*Objection), stop it before anything is
// written. Cancelling ctx stops between steps.
func (w *World) Apply(ctx context.Context, p access.Plan, a access.Accepted, observe func(access.Event) error) (access.Outcome, error) {
	if err := check(p, a); err != nil {
		return access.Outcome{}, err
	}
	if err := w.owns(ctx, p); err != nil {
		return access.Outcome{}, err
	}
	r := &run{World: w, plan: p, observe: observe, record: newRecord(w.Journals, p, w.now, runner(w.now(), w.remembered()))}
	defer r.record.close()
	if err := r.record.begin(); err != nil {
		var busy *Busy
		if errors.As(err, &busy) {
			return access.Outcome{}, err
		}
		return access.Outcome{}, fmt.Errorf("go on with the journal, without which nothing is changed: %w", err)
	}
	if len(p.Steps) > 0 {
		if at, done, err := r.outset(ctx); err != nil {
			r.out.Skipped = done
			return r.stopped(at, err)
		}
	}
	for i := range p.Steps {
		if err := r.step(ctx, i); err != nil {
			return r.stopped(i, err)
		}
	}
	r.out.Journal = r.record.path
	err := w.verify(ctx, p, w.Settle.atMost(), &r.out)
	return r.out, err
}

// stopped ends a run at a step.
func (r *run) stopped(i int, err error) (access.Outcome, error) {
	e := access.Event{Step: i, State: access.Failed, Err: err}
	_ = r.tell(e) // we stop for err anyway
	r.out.Stopped, r.out.Journal = &e, r.record.path
	return r.out, err
}

// owns refuses a plan that was made for another cluster.
func (w *World) owns(ctx context.Context, p access.Plan) error {
	for i, s := range p.Steps {
		if w.Sides[s.Key().Realm] == nil {
			return &Refused{Reason: fmt.Sprintf("step %d is about %s, which is not open here: the plan was made for another cluster, or needs another --profile", i+1, s.Key().Realm)}
		}
	}
	if p.Cluster.ARN == "" {
		return nil // made where DescribeCluster is denied: the realms carry the cluster's name
	}
	for _, realm := range w.realms() {
		if realm.API() != "eks" {
			continue
		}
		o, err := w.Sides[realm].Get(ctx, access.Key{Realm: realm, Kind: access.ClusterKind, Name: realm.Name()})
		if err != nil {
			return fmt.Errorf("check that the plan is for this cluster: %w", err)
		}
		if here, _ := o.(access.Cluster); here.ARN != p.Cluster.ARN {
			return &Refused{Reason: fmt.Sprintf("the plan was made for %s, and this is %s: choose that cluster's --context, or make the plan again here", p.Cluster.ARN, cmp.Or(here.ARN, "an unknown cluster"))}
		}
	}
	return nil
}

// run is one Apply under way.
type run struct {
	*World
	plan    access.Plan
	observe func(access.Event) error
	record  *record
	out     access.Outcome
	granted time.Time // the last write of an entry, an association or aws-auth
}

// tell journals an event and shows it.
func (r *run) tell(e access.Event) error {
	if err := r.record.write(e); err != nil {
		return err
	}
	if r.observe == nil {
		return nil
	}
	return r.observe(e)
}

func (r *run) waiting(i int, format string, args ...any) error {
	return r.tell(access.Event{Step: i, State: access.Waiting, Detail: fmt.Sprintf(format, args...)})
}

func (w *World) get(ctx context.Context, k access.Key) (access.Object, error) {
	side := w.Sides[k.Realm]
	if side == nil {
		return nil, fmt.Errorf("%s is not open here", k.Realm)
	}
	return side.Get(ctx, k)
}

func (r *run) step(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before step %d: %w", i+1, err)
	}
	st := r.plan.Steps[i]
	live, err := r.get(ctx, st.Key())
	if err != nil {
		return fmt.Errorf("read %s %s before changing it: %w", st.Key().Kind, st.Key().Name, err)
	}
	done, err := r.reached(ctx, i, live)
	if err != nil {
		return err
	}
	if done {
		r.out.Skipped++
		r.stampGrant(st)
		return r.tell(access.Event{Step: i, State: access.Skipped})
	}
	if !same(st.Before, live) || st.Supplanted(live) {
		return &access.Conflict{Key: st.Key(), Want: st.Before, Have: live}
	}
	if err := r.undisturbed(ctx, i); err != nil {
		return err
	}
	if err := r.propagate(ctx, i); err != nil {
		return err
	}
	if err := r.holds(ctx, i); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before step %d: %w", i+1, err)
	}
	if err := r.tell(access.Event{Step: i, State: access.Started}); err != nil {
		return err
	}
	if err := r.put(ctx, i, live); err != nil {
		return err
	}
	r.out.Done++
	r.stampGrant(st)
	return r.tell(access.Event{Step: i, State: access.Done})
}

// stampGrant remembers when an identity or a policy was last written: EKS takes
// seconds to notice, aws-auth included. A step that was done by an earlier run counts
// from now: when that was is not known.
func (r *run) stampGrant(st access.Step) {
	switch st.Key().Kind {
	case access.EntryKind, access.AssociationKind, access.AuthMapKind:
		r.granted = time.Now()
	}
}

// propagate waits until what was written last can be relied on ("several
// seconds", EKS user guide, "Create access entries").
func (r *run) propagate(ctx context.Context, i int) error {
	if !r.plan.Steps[i].Settle || r.granted.IsZero() {
		return nil
	}
	left := time.Until(r.granted.Add(r.Settle.Propagation))
	if left <= 0 {
		return nil
	}
	if err := r.waiting(i, "%s until what was written counts", left.Round(100*time.Millisecond)); err != nil {
		return err
	}
	return wait(ctx, left)
}

// bound is how long a started change may take. A mode switch is an update of the
// whole control plane.
func bound(k access.Kind) time.Duration {
	if k == access.AuthModeKind {
		return 40 * time.Minute
	}
	return 5 * time.Minute
}

// put makes the change and waits until it can be read back. Once begun it is not
// cut off by the caller's context, only by its own bound.
func (r *run) put(ctx context.Context, i int, live access.Object) error {
	st := r.plan.Steps[i]
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound(st.Key().Kind))
	defer cancel()
	// The live object, not the plan's: it says what servers filled in. What is
	// created is left to them again.
	after := st.After
	if live != nil {
		after = completed(after, live)
	}
	err := r.Sides[st.Key().Realm].Put(ctx, live, after)
	patience := r.Settle.atMost()
	if err != nil && answered(err) {
		patience = 0
	}
	now, seen, readErr := r.await(ctx, i, patience, err == nil)
	switch {
	case seen:
		return nil // also after a lost answer: what counts is what is there
	case err != nil && readErr != nil:
		return fmt.Errorf("%w; whether it was done can't be read: %w", err, readErr)
	case err != nil && !answered(err) && !same(st.Before, now):
		return &access.Conflict{Key: st.Key(), Want: st.Before, Have: now} // the answer was that of somebody else's change
	case err != nil:
		return err
	case readErr != nil:
		return fmt.Errorf("%s %s was written, but can't be read back: %w", st.Key().Kind, st.Key().Name, readErr)
	}
	return fmt.Errorf("%s %s was written, but does not read back as planned within %s: somebody else may be changing it; run the plan again to go on", st.Key().Kind, st.Key().Name, patience)
}

// await looks until the object is as the step leaves it.
func (r *run) await(ctx context.Context, i int, patience time.Duration, written bool) (live access.Object, seen bool, err error) {
	st, end, told := r.plan.Steps[i], time.Now().Add(patience), false
	for {
		live, err = r.get(ctx, st.Key())
		if err == nil && same(st.After, live) {
			return live, true, nil
		}
		if !time.Now().Add(r.Settle.every()).Before(end) {
			return live, false, err
		}
		if !told && written {
			told = true
			_ = r.waiting(i, "written, waiting until it reads back") // Done or Failed follows in any case
		}
		if e := wait(ctx, r.Settle.every()); e != nil {
			return live, false, e
		}
	}
}

// answered reports whether a server said no. Any other error may hide a change
// that was made: the connection may have been lost after it.
func answered(err error) bool {
	var forbidden *access.Forbidden
	var conflict *access.Conflict
	var says interface{ Answered() bool }
	return errors.As(err, &forbidden) || errors.As(err, &conflict) || errors.As(err, &says) && says.Answered()
}

func (s Settle) every() time.Duration {
	if s.Every <= 0 {
		return 500 * time.Millisecond
	}
	return s.Every
}

func (s Settle) atMost() time.Duration {
	if s.AtMost <= 0 {
		return 30 * time.Second
	}
	return s.AtMost
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
