package eks

import (
	"context"
	"slices"
	"sync"
)

// The bounds of calls in flight. The first hundred entries are two hundred calls,
// which is three rounds of 60 ms; AWS does not publish the rates at which it
// throttles.
const (
	firstInFlight = 40
	mostInFlight  = 80
	leastInFlight = 2
)

// gate bounds the calls in flight. It opens by one for each answer until the first
// throttling. From then on it looks at rounds of answers: a third of them throttled
// halves it, a quarter or less opens it by an eighth.
//
// A share and not a single refusal, since AWS throttles what is above a rate: the
// calls below it are answered all the same, and a stray refusal says nothing about
// the rate. So at most a third of the calls are made in vain.
//
// The SDK's own adaptive mode is no substitute: throttled within its first half
// second it has measured no rate yet and goes on at one call in two seconds.
type gate struct {
	mu    sync.Mutex
	limit int
	busy  int
	queue []chan struct{}

	throttledOnce     bool
	answers, refusals int // of this round
}

func newGate() *gate { return &gate{limit: firstInFlight} }

// enter waits for a place.
func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if g.busy < g.limit && len(g.queue) == 0 {
		g.busy++
		g.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	g.queue = append(g.queue, mine)
	g.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
		g.giveUp(mine)
		return ctx.Err()
	}
}

// giveUp leaves the queue, or hands on a place that came too late.
func (g *gate) giveUp(mine chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.queue, mine); i >= 0 {
		g.queue = slices.Delete(g.queue, i, i+1)
		return
	}
	g.busy--
	g.admit()
}

// leave gives the place back.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.answers++
	if !g.throttledOnce {
		g.limit = min(g.limit+1, mostInFlight)
	}
	g.round()
	g.admit()
}

// throttled counts a refused attempt. Its call keeps its place.
func (g *gate) throttled() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.throttledOnce {
		g.throttledOnce, g.answers = true, 0
	}
	g.refusals++
	g.round()
}

// round looks back once as many attempts have ended as are under way together,
// and on no fewer than firstInFlight, or chance would decide.
func (g *gate) round() {
	ended := g.answers + g.refusals
	if ended < max(g.limit, firstInFlight) {
		return
	}
	switch {
	case 3*g.refusals > ended:
		g.limit = max(g.limit/2, leastInFlight)
	case 4*g.refusals <= ended:
		g.limit = min(g.limit+max(g.limit/8, 1), mostInFlight)
	}
	g.answers, g.refusals = 0, 0
}

func (g *gate) admit() {
	for g.busy < g.limit && len(g.queue) > 0 {
		close(g.queue[0])
		g.queue = g.queue[1:]
		g.busy++
	}
}
