package iam

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

const (
	// many is when listing all roles or users is cheaper than asking for each.
	many     = 20
	inFlight = 16
)

type (
	lister func(ctx context.Context, r *reading, each func(access.IAMPrincipal)) error
	getter func(ctx context.Context, r *reading, p access.Principal) (access.IAMPrincipal, error)
)

// lookUp tells what IAM knows of principals of one kind. Who is gone, only a list of
// all can say: an aws-auth item holds in any letter case, the question for a name in
// its own only.
func (r *reading) lookUp(ctx context.Context, ps []access.Principal, list lister, get getter) {
	if len(ps) > many && r.listed(ctx, ps, list) {
		return
	}
	lost := r.each(ctx, ps, get)
	if len(lost) == 0 || len(ps) <= many && r.listed(ctx, lost, list) {
		return
	}
	for _, p := range lost {
		r.tell(access.IAMPrincipal{In: r.realm, ARN: p.ARN, ID: p.ID(), Gone: true, Unlisted: true})
	}
}

// listed reads the list; a wanted principal that is not on it is gone. It reports
// whether the list could be read to its end.
func (r *reading) listed(ctx context.Context, ps []access.Principal, list lister) bool {
	want := map[string]access.Principal{}
	for _, p := range ps {
		want[p.ID()] = p
	}
	var found []access.Object
	err := list(ctx, r, func(f access.IAMPrincipal) {
		if _, asked := want[f.ID]; asked {
			delete(want, f.ID)
			found = append(found, f)
		}
	})
	if err != nil {
		return false
	}
	for _, p := range want {
		found = append(found, access.IAMPrincipal{In: r.realm, ARN: p.ARN, ID: p.ID(), Gone: true})
	}
	r.tell(found...)
	return true
}

// each asks for principals one by one, and returns those that IAM does not have as
// they are spelled.
func (r *reading) each(ctx context.Context, ps []access.Principal, get getter) (lost []access.Principal) {
	var mu sync.Mutex
	g := errgroup.Group{}
	g.SetLimit(inFlight)
	for _, p := range ps {
		g.Go(func() error {
			f, err := get(ctx, r, p)
			switch {
			case errors.Is(err, errGone):
				mu.Lock()
				defer mu.Unlock()
				lost = append(lost, p)
			case err != nil:
				r.missed(p, err)
			default:
				r.tell(f)
			}
			return nil
		})
	}
	_ = g.Wait()
	return lost
}

func (r *reading) tell(facts ...access.Object) {
	r.say(access.Snapshot{Objects: access.Objects{}.With(facts...)})
}
