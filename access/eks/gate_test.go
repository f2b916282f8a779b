package eks

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// rush sends n calls of 50 ms through the gate and returns how many were under
// way at most.
func rush(t *testing.T, g *gate, n int) int64 {
	var busy, most atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := g.enter(t.Context()); err != nil {
				t.Error(err)
				return
			}
			defer g.leave()
			for b := busy.Add(1); b > most.Load(); {
				most.Store(b)
			}
			time.Sleep(50 * time.Millisecond)
			busy.Add(-1)
		})
	}
	all.Wait()
	return most.Load()
}

func TestGateOpensToItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := rush(t, newGate(), 600); got != mostInFlight {
			t.Errorf("%d calls in flight, want %d", got, mostInFlight)
		}
	})
}

func TestGateHalvesOncePerRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		for range 20 {
			g.throttled()
		}
		if got := rush(t, g, 8); got != 8 || int(g.limit) != firstInFlight/2 {
			t.Errorf("limit %v after one burst of throttling, want %d", g.limit, firstInFlight/2)
		}
		for range 20 {
			time.Sleep(time.Second)
			g.throttled()
		}
		if got := rush(t, g, 10); got > leastInFlight+1 {
			t.Errorf("%d calls in flight, want about %d", got, leastInFlight)
		}
		if got := rush(t, g, 4000); got < firstInFlight {
			t.Errorf("%d calls in flight: the gate does not open again", got)
		}
	})
}

func TestGateLetsGoWhoGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		for range firstInFlight {
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		for range firstInFlight {
			g.leave()
		}
		if g.busy != 0 || len(g.queue) != 0 {
			t.Errorf("%d busy, %d waiting", g.busy, len(g.queue))
		}
	})
}
