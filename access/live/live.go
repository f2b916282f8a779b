// Package live is the loop between the core and the world: it loads facts from
// every side, applies plans step by step and keeps the journal. It knows no API
// and no client, only Side.
//
// Invariants:
//
//   - Partial truth is not failure: what a side could not read is a gap.
//   - Nothing is written before its Started line is on disk.
//   - Cancelling stops between steps, never within one.
package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// A Side speaks to one realm.
//
// Each part that Read hands over lists the realms it speaks for, and its Loading
// gaps are all that is still being read there: they replace the ones before.
type Side interface {
	Read(ctx context.Context, seen func(access.Snapshot)) error   // parts as they arrive; gaps are parts too
	Get(ctx context.Context, k access.Key) (access.Object, error) // nil, nil: absent
	Put(ctx context.Context, before, after access.Object) error   // refuses with a Conflict unless the live object is before
}

// Asker is a side that can ask the API server itself. An answer that can't be had
// from here is Unprovable; an error is an answer that may still come.
type Asker interface {
	Ask(ctx context.Context, e access.Expect, c access.Caller) (access.Proof, error)
}

// DryRunner is a side whose server can try a change without making it. What it answers
// is what it would answer Put; access.ErrNoDryRun says that it can't try this one.
type DryRunner interface {
	DryRun(ctx context.Context, before, after access.Object) error
}

// Follower reads what the facts of others name: IAM, for the principals of mappings.
type Follower interface {
	Follow(ctx context.Context, s access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error
}

// Settle says how to wait for AWS and Kubernetes to become consistent.
type Settle struct {
	Every       time.Duration // between two looks; zero: half a second
	AtMost      time.Duration // for one step to be seen, or one proof to hold; zero: 30 seconds
	Propagation time.Duration // from the write of an entry or a policy until its rights count; zero: no wait
}

// World is everything that can be read and changed, opened for one cluster.
type World struct {
	Sides     map[access.Realm]Side
	Followers []Follower
	Settle    Settle
	Now       func() time.Time // stamps; nil: time.Now
	Journals  string           // folder of journals; "" keeps none

	mu     sync.Mutex
	caller access.Caller // as last read
}

func (w *World) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

// realms returns the realms in order.
func (w *World) realms() []access.Realm {
	var out []access.Realm
	for r := range w.Sides {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// Empty is the snapshot before any answer: the realms, and every kind loading.
func (w *World) Empty() access.Snapshot {
	s := access.Snapshot{Objects: access.Objects{}, At: w.now()}
	for _, r := range w.realms() {
		part := access.Snapshot{Realms: []access.Realm{r}}
		for _, k := range r.Kinds() {
			part.Gaps = append(part.Gaps, access.Gap{Realm: r, Kind: k, Why: access.Loading})
		}
		s = s.Merge(part)
	}
	return s
}
