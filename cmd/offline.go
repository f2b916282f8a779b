package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// errPast is why nothing can be changed through a snapshot.
var errPast = &live.Refused{Reason: "a snapshot can't be changed: it is what was, and nothing is asked of the cluster\n" +
	"preview with --dry-run, or leave --snapshot out to change the cluster itself"}

// offline refuses, before anything is read, what --snapshot does not go with: changes,
// and flags that choose a cluster to ask.
func offline(c *cobra.Command, t target) error {
	if t.Snapshot == "" {
		if f := c.Flags().Lookup("snapshot"); f != nil && f.Changed {
			return usage("--snapshot is empty (an unset variable?): name a file or a folder")
		}
		return nil
	}
	for _, name := range []string{"demo", "context", "kubeconfig", "user", "profile", "role-arn", "as"} {
		if f := c.Flags().Lookup(name); f != nil && f.Changed {
			return usage("--snapshot and --%s contradict each other: a snapshot is worked on without asking anybody", name)
		}
	}
	// Whatever can change a cluster has a dry run. An export changes nothing either.
	exported := c.Flags().Lookup("export")
	if f := c.Flags().Lookup("dry-run"); f != nil && f.Value.String() == "server" {
		return usage("--dry-run=server asks the API server, and a snapshot has none\npreview with --dry-run alone")
	} else if f != nil && f.Value.String() == "none" && (exported == nil || exported.Value.String() == "") {
		return &exit{exitRefused, errPast}
	}
	return nil
}

// Apply refuses for a snapshot before anything is looked at; screens come here.
func (w *world) Apply(ctx context.Context, p access.Plan, a access.Accepted, observe func(access.Event) error) (access.Outcome, error) {
	if w.past {
		return access.Outcome{}, errPast
	}
	return w.World.Apply(ctx, p, a, observe)
}

// openSnapshot opens a snapshot file or a folder as a world. Neither a kubeconfig nor
// credentials are looked for.
func openSnapshot(e *env, t target) (*world, error) {
	s, remarks, err := readSnapshot(e, t)
	if err != nil {
		return nil, err
	}
	if !e.quiet {
		e.say(report.FromSnapshot(s, t.Snapshot))
		for _, r := range remarks {
			e.say(report.Remark(r))
		}
	}
	w := &live.World{Sides: map[access.Realm]live.Side{}, Now: func() time.Time { return s.At }}
	for i, r := range s.Realms {
		w.Sides[r] = replay{realm: r, all: s, first: i == 0}
	}
	return &world{World: w, name: nameOf(s), title: report.SnapshotTitle(s), past: true}, nil
}

func nameOf(s access.Snapshot) string {
	if r := s.Realm("eks"); r != "" {
		return r.Name()
	}
	return s.Realm("kube").Name()
}

// replay is one realm of a snapshot as a side: it says what was read and takes nothing.
type replay struct {
	realm access.Realm
	all   access.Snapshot
	first bool // also says who read it
}

// Read hands over the realm's objects and gaps.
func (r replay) Read(ctx context.Context, seen func(access.Snapshot)) error {
	part := access.Snapshot{Realms: []access.Realm{r.realm}}
	if r.first {
		part.Caller, part.Server = r.all.Caller, r.all.Server
	}
	var objects []access.Object
	for o := range r.all.Objects.All() {
		if o.Key().Realm == r.realm {
			objects = append(objects, o)
		}
	}
	part.Objects = access.Objects{}.With(objects...)
	for _, g := range r.all.Gaps {
		if g.Realm == r.realm || r.first && !slices.Contains(r.all.Realms, g.Realm) {
			part.Gaps = append(part.Gaps, g)
		}
	}
	seen(part)
	return ctx.Err()
}

// Get returns the object as it was.
func (r replay) Get(_ context.Context, k access.Key) (access.Object, error) {
	return r.all.Objects.At(k), nil
}

// Put refuses.
func (r replay) Put(context.Context, access.Object, access.Object) error { return errPast }
