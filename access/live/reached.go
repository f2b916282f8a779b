package live

import (
	"context"

	"github.com/eks-access/kubectl-eks-access/access"
)

// reached reports whether step i is done already: its object is as the step, or a
// later step on the same key, leaves it.
//
// A key may come back to where it began: a bridge is made and taken down. Then
// the object alone can't tell "not yet" from "long since", and the other steps
// decide: it is long since only if every step before the return is done, as far
// as it can tell, and some step shows it. When in doubt the step is done (again),
// which the later steps take back.
func (r *run) reached(ctx context.Context, i int, live access.Object) (bool, error) {
	last, ok := r.leaves(i, live)
	if !ok || !same(r.plan.Steps[i].Before, live) {
		return ok, nil
	}
	shown := false
	for m := i + 1; m < len(r.plan.Steps) && !(shown && m > last); m++ {
		st := r.plan.Steps[m]
		if st.Key() == r.plan.Steps[i].Key() {
			continue
		}
		other, err := r.get(ctx, st.Key())
		if err != nil {
			return false, err
		}
		_, done := r.leaves(m, other)
		if !done && m < last {
			return false, nil
		}
		shown = shown || done && !same(st.Before, other)
	}
	return shown, nil
}

// leaves finds the first step from i on that leaves i's object as it is now.
func (r *run) leaves(i int, live access.Object) (step int, ok bool) {
	key := r.plan.Steps[i].Key()
	for m := i; m < len(r.plan.Steps); m++ {
		if st := r.plan.Steps[m]; st.Key() == key && same(st.After, live) {
			return m, true
		}
	}
	return 0, false
}
