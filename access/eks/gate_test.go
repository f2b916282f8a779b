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

func TestGateFollowsTheShareThatIsThrottled(t *testing.T) {
	// Rounds of 60 attempts, of which so many are throttled; the limit after each.
	for name, tc := range map[string]struct {
		from, throttled int
		want            func(before, after int) bool
	}{
		"all":         {64, 60, func(before, after int) bool { return after == before/2 }},
		"half":        {64, 30, func(before, after int) bool { return after < before }},
		"three in 10": {50, 18, func(before, after int) bool { return after == before }},
		"one in five": {50, 12, func(before, after int) bool { return after > before }},
		"none":        {50, 0, func(before, after int) bool { return after > before }},
		"at the top":  {mostInFlight, 0, func(_, after int) bool { return after == mostInFlight }},
		"at the foot": {leastInFlight, 60, func(_, after int) bool { return after == leastInFlight }},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gate{limit: tc.from, throttledOnce: true}
			ended := max(tc.from, firstInFlight)
			refused := tc.throttled * ended / 60
			for range refused {
				g.throttled()
			}
			for range ended - refused {
				g.busy++
				g.leave()
			}
			if !tc.want(tc.from, g.limit) {
				t.Errorf("limit %d after %d", g.limit, tc.from)
			}
		})
	}
}

// One stray refusal is no sign of a rate, and a wall of them closes the gate within
// a few rounds; it opens again.
func TestGateClosesAndOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		g.throttled()
		if g.limit != firstInFlight {
			t.Errorf("limit %d after one refusal", g.limit)
		}
		for range 6 * mostInFlight {
			g.throttled()
		}
		if got := rush(t, g, 8); got > leastInFlight {
			t.Errorf("%d calls in flight, want %d", got, leastInFlight)
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
