package eks

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The bounds of calls in flight. 64 calls of 60 ms read 500 answers in half a
// second; AWS does not publish the rates at which it throttles.
const (
	firstInFlight = 32
	mostInFlight  = 64
	leastInFlight = 2
)

// gate bounds the calls in flight the way TCP does: it opens by one for each
// answer until the first throttling, is halved by throttling, and from then on
// opens by one for each full round of answers.
//
// The SDK's own adaptive mode is no substitute: throttled within its first half
// second it has measured no rate yet and goes on at one call in two seconds.
type gate struct {
	mu     sync.Mutex
	limit  float64
	busy   int
	queue  []chan struct{}
	halved time.Time // zero: never throttled
}

func newGate() *gate { return &gate{limit: firstInFlight} }

// enter waits for a place.
func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if g.busy < int(g.limit) && len(g.queue) == 0 {
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
	if g.halved.IsZero() {
		g.limit++
	} else {
		g.limit += 1 / g.limit
	}
	g.limit = min(g.limit, mostInFlight)
	g.admit()
}

// throttled halves the limit, once for all calls that were under way together.
func (g *gate) throttled() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.Sub(g.halved) > 200*time.Millisecond {
		g.halved, g.limit = now, max(g.limit/2, leastInFlight)
	}
}

func (g *gate) admit() {
	for g.busy < int(g.limit) && len(g.queue) > 0 {
		close(g.queue[0])
		g.queue = g.queue[1:]
		g.busy++
	}
}
