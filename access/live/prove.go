package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Verify looks once whether what the plan promises holds: its expectations, and
// every object as its last step leaves it. It changes nothing.
func (w *World) Verify(ctx context.Context, p access.Plan) (access.Outcome, error) {
	if err := w.owns(ctx, p); err != nil {
		return access.Outcome{}, err
	}
	var out access.Outcome
	err := w.verify(ctx, p, 0, &out)
	return out, err
}

// verify looks until it is so, or patience ends, and notes what it saw.
func (w *World) verify(ctx context.Context, p access.Plan, patience time.Duration, out *access.Outcome) (err error) {
	proofs, errs := w.prove(ctx, p.Expect, patience)
	for i, err := range errs {
		if err != nil {
			proofs[i] = access.Proof{Expect: p.Expect[i], State: access.Unprovable, Detail: err.Error()}
		}
	}
	out.Proofs = proofs
	if ctx.Err() != nil {
		return nil // all is done; only the looking was stopped
	}
	out.ReadBack, out.Drift, err = w.drift(ctx, p, patience)
	return err
}

// Unproven stops a plan before a step takes something away: what must hold first
// does not, or could not be asked.
type Unproven struct {
	Proofs []access.Proof // those that do not hold
	Err    error          // why an answer is missing
}

func (u *Unproven) Error() string {
	if len(u.Proofs) == 0 {
		return fmt.Sprintf("nothing was taken away: what must hold first could not be asked: %v", u.Err)
	}
	p := u.Proofs[0]
	who, what := cmp.Or(p.Expect.Identity.User, p.Expect.Principal.ARN), "is not yet as it must be"
	if p.Expect.Object == nil {
		q := p.Expect.Request
		what = fmt.Sprintf("may not %s %s yet", q.Verb, cmp.Or(q.Resource, q.URL))
		if !p.Expect.Want {
			what = fmt.Sprintf("may still %s %s", q.Verb, cmp.Or(q.Resource, q.URL))
		}
	} else {
		who = fmt.Sprintf("%s %s", p.Expect.Object.Key().Kind, p.Expect.Object.Key().Name)
	}
	return fmt.Sprintf("nothing was taken away: %s %s (%d of the things that must hold first); run the plan again to go on", who, what, len(u.Proofs))
}

func (u *Unproven) Unwrap() error { return u.Err }

// holds waits until everything that must hold before step i does. What can't be
// proven from here is said, and does not stop the plan: the preview said so, too.
func (r *run) holds(ctx context.Context, i int) error {
	first := r.plan.Steps[i].First
	if len(first) == 0 {
		return nil
	}
	if err := r.waiting(i, "asking for proof before anything is taken away"); err != nil {
		return err
	}
	proofs, errs := r.prove(ctx, first, r.Settle.atMost())
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before step %d: %w", i+1, err)
	}
	failed := &Unproven{Err: errors.Join(errs...)}
	for _, p := range proofs {
		switch p.State {
		case access.Disproven:
			failed.Proofs = append(failed.Proofs, p)
		case access.Unprovable:
			if err := r.waiting(i, "not provable from here: %s", p.Detail); err != nil {
				return err
			}
		}
	}
	if len(failed.Proofs) > 0 || failed.Err != nil {
		return failed
	}
	return nil
}

// asked is how many questions are under way at once.
const asked = 8

// prove asks until every answer is there, or patience ends. Each expectation has
// its proof or its error in its own slot.
func (w *World) prove(ctx context.Context, es []access.Expect, patience time.Duration) ([]access.Proof, []error) {
	proofs, errs := make([]access.Proof, len(es)), make([]error, len(es))
	end := time.Now().Add(patience)
	for {
		g := errgroup.Group{}
		g.SetLimit(asked)
		for i, e := range es {
			if s := proofs[i].State; s == access.Proven || s == access.Unprovable {
				continue
			}
			g.Go(func() error {
				proofs[i], errs[i] = w.ask(ctx, e)
				return nil
			})
		}
		_ = g.Wait()
		open := slices.ContainsFunc(proofs, func(p access.Proof) bool { return p.State != access.Proven && p.State != access.Unprovable })
		if !open || !time.Now().Add(w.Settle.every()).Before(end) || wait(ctx, w.Settle.every()) != nil {
			return proofs, errs
		}
	}
}

func (w *World) ask(ctx context.Context, e access.Expect) (access.Proof, error) {
	if e.Object != nil {
		have, err := w.get(ctx, e.Object.Key())
		if err != nil {
			return access.Proof{}, fmt.Errorf("read %s %s: %w", e.Object.Key().Kind, e.Object.Key().Name, err)
		}
		if same(e.Object, have) {
			return access.Proof{Expect: e, State: access.Proven, Detail: "reads back"}, nil
		}
		return access.Proof{Expect: e, State: access.Disproven, Detail: "does not read back so"}, nil
	}
	for _, realm := range w.realms() {
		if asker, ok := w.Sides[realm].(Asker); ok {
			p, err := asker.Ask(ctx, e, w.remembered())
			if err != nil {
				return access.Proof{}, err
			}
			p.Expect = e
			return p, nil
		}
	}
	return access.Proof{Expect: e, State: access.Unprovable, Detail: "no API server is open to ask"}, nil
}

// drift reads every object of the plan and returns how many are as their last step leaves
// them, and those that are not, in key order of the plan.
func (w *World) drift(ctx context.Context, p access.Plan, patience time.Duration) (int, []access.Drift, error) {
	var keys []access.Key
	want := map[access.Key]access.Object{}
	for _, s := range p.Steps {
		if _, ok := want[s.Key()]; !ok {
			keys = append(keys, s.Key())
		}
		want[s.Key()] = s.After
	}
	have := make([]access.Object, len(keys))
	end := time.Now().Add(patience)
	for {
		g, each := errgroup.WithContext(ctx)
		g.SetLimit(asked)
		for i, k := range keys {
			if have[i] != nil && same(want[k], have[i]) {
				continue
			}
			g.Go(func() (err error) {
				have[i], err = w.get(each, k)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return 0, nil, fmt.Errorf("all steps are done, but what is there now can't be read: %w", err)
		}
		var out []access.Drift
		for i, k := range keys {
			if !same(want[k], have[i]) {
				out = append(out, access.Drift{Want: want[k], Have: have[i]})
			}
		}
		if len(out) == 0 || !time.Now().Add(w.Settle.every()).Before(end) || wait(ctx, w.Settle.every()) != nil {
			return len(keys) - len(out), out, nil
		}
	}
}
