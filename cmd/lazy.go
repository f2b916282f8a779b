package cmd

import (
	"context"
	"errors"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// lazy is a side that is opened by the first call. One that can't be opened is
// gaps, so that the other half is still shown.
type lazy struct {
	realm access.Realm
	open  func() (live.Side, error)
}

// Read reads the side, or says why there is none.
func (l *lazy) Read(ctx context.Context, seen func(access.Snapshot)) error {
	side, err := l.open()
	if err != nil {
		why := access.Unauthorized // a profile that is not there, no kubeconfig: nothing to log in with
		var forbidden *access.Forbidden
		if errors.As(err, &forbidden) {
			why = access.Denied
		}
		s := access.Snapshot{Realms: []access.Realm{l.realm}}
		for _, k := range l.realm.Kinds() {
			s.Gaps = append(s.Gaps, access.Gap{Realm: l.realm, Kind: k, Why: why, Detail: err.Error()})
		}
		seen(s)
		return nil
	}
	return side.Read(ctx, seen)
}

// Get reads one object.
func (l *lazy) Get(ctx context.Context, k access.Key) (access.Object, error) {
	side, err := l.open()
	if err != nil {
		return nil, err
	}
	return side.Get(ctx, k)
}

// Put writes one object.
func (l *lazy) Put(ctx context.Context, before, after access.Object) error {
	side, err := l.open()
	if err != nil {
		return err
	}
	return side.Put(ctx, before, after)
}

// asking is a lazy side that is an API server: it can be asked who may do what.
type asking struct{ lazy }

// Ask asks the API server.
func (l *asking) Ask(ctx context.Context, x access.Expect, c access.Caller) (access.Proof, error) {
	side, err := l.open()
	if err != nil {
		return access.Proof{}, err
	}
	if a, ok := side.(live.Asker); ok {
		return a.Ask(ctx, x, c)
	}
	return access.Proof{Expect: x, State: access.Unprovable}, nil
}

// DryRun has the API server try a change.
func (l *asking) DryRun(ctx context.Context, before, after access.Object) error {
	side, err := l.open()
	if err != nil {
		return err
	}
	if d, ok := side.(live.DryRunner); ok {
		return d.DryRun(ctx, before, after)
	}
	return access.ErrNoDryRun
}

// lazyFollower is IAM, opened by the first call. Without AWS credentials it stays
// silent: the EKS side says already that there are none.
type lazyFollower func() (live.Follower, error)

// Follow reads what the facts of others name.
func (l lazyFollower) Follow(ctx context.Context, s access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error {
	f, err := l()
	if err != nil {
		return nil
	}
	return f.Follow(ctx, s, more, seen)
}

// read loads everything. A world of which nothing could be read is an error; one
// that was read in part is not.
func (w *world) read(ctx context.Context) (access.Snapshot, error) {
	s, err := w.Load(ctx, func(access.Snapshot) {})
	if err != nil {
		return s, err
	}
	if s.Objects.Len() > 0 || len(s.Gaps) == 0 {
		return s, nil
	}
	text := "nothing could be read of cluster " + w.name
	said := map[string]bool{}
	for _, g := range s.Gaps {
		if why := string(g.Realm) + string(g.Why) + g.Detail; !said[why] {
			said[why] = true
			text += "\n" + report.Gap(g)
		}
	}
	return s, errors.New(text)
}
