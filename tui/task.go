package tui

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// inbox hands what a running task says to the screen, which takes it when it can.
// It never blocks the task.
type inbox[T any] struct {
	mu     sync.Mutex
	items  []T
	closed bool
	wake   chan struct{}
}

func newInbox[T any]() *inbox[T] { return &inbox[T]{wake: make(chan struct{}, 1)} }

// add puts one behind the others, only puts one instead of them, and end says that
// nothing follows.
func (b *inbox[T]) add(v T)  { b.put(func() { b.items = append(b.items, v) }) }
func (b *inbox[T]) only(v T) { b.put(func() { b.items = []T{v} }) }
func (b *inbox[T]) end()     { b.put(func() { b.closed = true }) }

func (b *inbox[T]) put(change func()) {
	b.mu.Lock()
	change()
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// next waits for something; false when nothing follows, or nobody wants it any more.
func (b *inbox[T]) next(ctx context.Context) ([]T, bool) {
	for {
		b.mu.Lock()
		items, closed := b.items, b.closed
		b.items = nil
		b.mu.Unlock()
		if len(items) > 0 {
			return items, true
		}
		if closed {
			return nil, false
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return nil, false
		}
	}
}

// part is a snapshot on its way, or the last one.
type part struct {
	snap access.Snapshot
	last bool
	err  error
}

// Messages to app itself.
type (
	surveyed struct { // a world is ready to be looked at
		task    int
		snap    access.Snapshot
		world   *world // nil: only what is still being read is told
		last    bool
		err     error
		reading string
		took    time.Duration
	}
	heard struct { // events of the running plan
		task   int
		events []access.Event
	}
	rested struct{ task int }
)

// job is a task that goes on for a while and speaks on the way. Who waits for it
// waits for over.
type job[T any] struct {
	task    int
	ctx     context.Context
	cancel  context.CancelFunc
	box     *inbox[T]
	started atomic.Bool
	over    chan struct{}
}

func newJob[T any](ctx context.Context, task int) *job[T] {
	j := &job[T]{task: task, box: newInbox[T](), over: make(chan struct{})}
	j.ctx, j.cancel = context.WithCancel(ctx)
	return j
}

func (j *job[T]) begin() func() {
	j.started.Store(true)
	return func() { j.box.end(); close(j.over) }
}

// wait stops the job and waits until it is over, at most for a while (0: as long as
// it takes). A job that never began has nothing to wait for.
func (j *job[T]) wait(atMost time.Duration) {
	if j == nil {
		return
	}
	j.cancel()
	if !j.started.Load() {
		return
	}
	var late <-chan time.Time
	if atMost > 0 {
		late = time.After(atMost)
	}
	select {
	case <-j.over:
	case <-late:
	}
}

// rest waits a while, but not when nothing follows any more.
func (j *job[T]) rest(d time.Duration) {
	if d == 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-j.over:
	case <-j.ctx.Done():
	}
}

// load reads the cluster; listen turns what arrives into worlds. The newest part
// replaces those nobody looked at yet, so a fast read never queues up.
func load(j *job[part], b Backend) tea.Cmd {
	return func() tea.Msg {
		defer j.begin()()
		s, err := b.Load(j.ctx, func(s access.Snapshot) { j.box.only(part{snap: s}) })
		j.box.only(part{snap: s, last: true, err: err})
		return nil
	}
}

// listen waits for a part. Of a cluster that was read before, only the last part
// is made a world: until then its rows stay, and rows that leave and come back would
// be read as a change. As long as making a world took, so long the machine has for
// reading before the next one is made; the last part waits for nothing. was is a clone
// of the index that is looked at: what has not changed since is not made again.
func listen(j *job[part], was *access.Index, before bool, rest time.Duration) tea.Cmd {
	return func() tea.Msg {
		j.rest(rest)
		ps, ok := j.box.next(j.ctx)
		if !ok {
			return nil
		}
		p := ps[len(ps)-1]
		got := surveyed{task: j.task, snap: p.snap, last: p.last, err: p.err}
		if before && !p.last {
			got.reading = waiting(p.snap)
			return got
		}
		began := time.Now()
		got.world = survey(p.snap, was)
		got.took = time.Since(began)
		return got
	}
}

// build makes a plan of wishes. Principals that nobody spoke of before are looked
// up first, so that their real ARNs are in it; role files are read each time.
func build(ctx context.Context, b Backend, read func(string) (access.Role, error), s access.Snapshot, ws []wish) (access.Snapshot, access.Plan, error) {
	ws, err := ruled(ws, read)
	if err != nil {
		return s, access.Plan{}, err
	}
	if ps := strangers(s, ws); len(ps) > 0 {
		known, err := b.Lookup(ctx, s, ps...)
		if err != nil {
			return s, access.Plan{}, err
		}
		s = known
	}
	p, err := access.Build(s, intents(ws)...)
	return s, p, err
}

// carryOut applies a plan: its events go to the box, its end is the message.
func carryOut(j *job[access.Event], b Backend, do apply, now func() time.Time) tea.Cmd {
	return func() tea.Msg {
		defer j.begin()()
		var begun []int
		o, err := b.Apply(j.ctx, do.plan, do.accepted, func(e access.Event) error {
			if begins(e.State) {
				begun = append(begun, e.Step)
			}
			j.box.add(e)
			return nil
		})
		return ended{task: j.task, outcome: o, begun: begun, err: err, at: now()}
	}
}

func hear(j *job[access.Event]) tea.Cmd {
	return func() tea.Msg {
		events, ok := j.box.next(context.WithoutCancel(j.ctx)) // a stopped plan still says how its step ends
		if !ok {
			return nil
		}
		return heard{j.task, events}
	}
}
