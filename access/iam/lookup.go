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

// lookUp tells what IAM knows of principals of one kind. Gone is who is on no list of
// all and is not found under its own name either: an aws-auth item holds in any letter
// case, the question for a name in one only; and a list may lag behind a role just made.
func (r *reading) lookUp(ctx context.Context, ps []access.Principal, list lister, get getter) {
	lost, listed := ps, false
	if len(ps) > many {
		lost, listed = r.listed(ctx, ps, list)
	}
	lost = r.each(ctx, lost, get)
	if len(ps) <= many && len(lost) > 0 {
		lost, listed = r.listed(ctx, lost, list)
	}
	for _, p := range lost {
		r.tell(access.IAMPrincipal{In: r.realm, ARN: p.ARN, ID: p.ID(), Gone: true, Unlisted: !listed})
	}
}

// listed reads the list, and returns who is not on it, and whether it could be read to
// its end: if not, that is everybody.
func (r *reading) listed(ctx context.Context, ps []access.Principal, list lister) (lost []access.Principal, ok bool) {
	on := map[string]access.Object{}
	err := list(ctx, r, func(f access.IAMPrincipal) { on[f.ID] = f })
	if err != nil {
		return ps, false
	}
	var found []access.Object
	for _, p := range ps {
		if f, ok := on[p.ID()]; ok {
			found = append(found, f)
		} else {
			lost = append(lost, p)
		}
	}
	r.tell(found...)
	return lost, true
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
