package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Load reads every side at once and then what the followers find. seen gets
// merged snapshots as they grow, from one goroutine at a time, the last one
// included; it may be nil. The error is nil unless ctx ended: what could not be
// read is a gap.
func (w *World) Load(ctx context.Context, seen func(access.Snapshot)) (access.Snapshot, error) {
	g := gather(w.Empty(), seen)
	var sides sync.WaitGroup
	for realm, side := range w.Sides {
		sides.Go(func() {
			err := side.Read(ctx, g.add)
			g.finish(realm, err)
		})
	}
	sides.Wait()
	if ctx.Err() == nil {
		w.follow(ctx, g, nil)
	}
	s := g.close()
	w.remember(s.Caller)
	return s, ctx.Err()
}

// Lookup returns the snapshot with what the followers say of these principals.
func (w *World) Lookup(ctx context.Context, s access.Snapshot, ps ...access.Principal) (access.Snapshot, error) {
	g := gather(s, nil)
	w.follow(ctx, g, ps)
	return g.close(), ctx.Err()
}

func (w *World) follow(ctx context.Context, g *gathering, more []access.Principal) {
	s := g.now()
	var all sync.WaitGroup
	for _, f := range w.Followers {
		all.Go(func() {
			// A follower says by gaps what it could not read.
			_ = f.Follow(ctx, s, more, g.add)
		})
	}
	all.Wait()
}

func (w *World) remember(c access.Caller) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.caller = c
}

func (w *World) remembered() access.Caller {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.caller
}

// frame is how often a growing snapshot is shown. Merging copies the whole
// snapshot, so small parts are collected first.
const frame = 30 * time.Millisecond

// gathering merges parts and shows the result at most once per frame, and never
// spends more than a small share of the time on it.
type gathering struct {
	seen func(access.Snapshot)

	mu      sync.Mutex
	whole   access.Snapshot
	objects access.Objects  // of the parts since the last merge, as are few, gaps and the rest
	few     []access.Object // of small parts, after objects
	gaps    []access.Gap
	rest    access.Snapshot
	loading map[access.Realm][]access.Gap
	changed bool

	wake    chan struct{}
	stop    chan struct{}
	stopped chan struct{}
}

func gather(start access.Snapshot, seen func(access.Snapshot)) *gathering {
	g := &gathering{seen: seen, whole: start, loading: map[access.Realm][]access.Gap{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{})}
	if seen == nil {
		close(g.stopped)
		return g
	}
	go g.show()
	return g
}

// small is the size of parts that are worth being sorted together: laying one over
// the others looks at all of their kind. A whole list is taken as it is.
const small = 100

// fold puts the small parts to the others.
func (g *gathering) fold() {
	if len(g.few) > 0 {
		g.objects, g.few = g.objects.With(g.few...), nil
	}
}

// add takes one part. It is safe for concurrent use.
func (g *gathering) add(part access.Snapshot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range part.Realms {
		g.loading[r] = nil
	}
	if part.Objects.Len() <= small {
		g.few = slices.AppendSeq(g.few, part.Objects.All())
	} else {
		g.fold()
		g.objects = g.objects.Merge(part.Objects)
	}
	for _, gap := range part.Gaps {
		if gap.Why == access.Loading {
			g.loading[gap.Realm] = append(g.loading[gap.Realm], gap)
		} else {
			g.gaps = append(g.gaps, gap)
		}
	}
	part.Objects, part.Gaps = access.Objects{}, nil
	g.rest = g.rest.Merge(part)
	g.changed = true
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// finish ends a side's reading: whatever it left loading could not be read.
func (g *gathering) finish(r access.Realm, err error) {
	detail := "the read ended without an answer"
	if err != nil {
		detail = err.Error()
	}
	g.mu.Lock()
	left, spoke := g.loading[r]
	if !spoke {
		for _, gap := range g.whole.Gaps {
			if gap.Realm == r && gap.Why == access.Loading {
				left = append(left, gap)
			}
		}
	}
	part := access.Snapshot{Realms: []access.Realm{r}}
	for _, gap := range left {
		gap.Why, gap.Detail = access.Broken, detail
		part.Gaps = append(part.Gaps, gap)
	}
	g.mu.Unlock()
	g.add(part)
}

// now merges what is pending and returns the whole.
func (g *gathering) now() access.Snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.changed {
		return g.whole
	}
	g.fold()
	part := g.rest
	part.Objects, part.Gaps = g.objects, g.gaps
	for r, gaps := range g.loading {
		g.whole = g.whole.Done(r)
		part.Gaps = append(part.Gaps, gaps...)
	}
	g.whole = g.whole.Merge(part)
	g.objects, g.gaps, g.rest, g.changed = access.Objects{}, nil, access.Snapshot{}, false
	return g.whole
}

func (g *gathering) show() {
	defer close(g.stopped)
	for {
		select {
		case <-g.stop:
			return
		case <-g.wake:
		}
		began := time.Now()
		g.seen(g.now())
		t := time.NewTimer(max(frame, 4*time.Since(began)))
		select {
		case <-g.stop:
			t.Stop()
			return
		case <-t.C:
		}
	}
}

// close shows and returns the last snapshot. No goroutine is left.
func (g *gathering) close() access.Snapshot {
	close(g.stop)
	<-g.stopped
	last := g.now()
	if g.seen != nil {
		g.seen(last)
	}
	return last
}
