// Package probe asks an API server, as everybody who can log in and all the time, what
// they could do before a change, and counts each no. It also draws the random clusters
// that are asked about, and makes the orders of steps in which a probe must see a no.
//
// A no counts whenever it comes: that it is right a moment later is no excuse. What
// could not be answered at all is counted apart.
package probe

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// Often is how often everybody asks: 20 times a second each, with a little to spare.
const Often = 45 * time.Millisecond

// kept is how many complaints of a kind are kept in words; all are counted.
const kept = 5

// atOnce is how many questions of one caller may be under way. A server that is slower
// than that is asked less often, which Seen tells.
const atOnce = 4

// Probe is under way from Watch to Stop.
type Probe struct {
	server  Server
	callers []sim.Caller // those who may do something, in order
	may     May
	stop    chan struct{}
	began   time.Time
	wg      sync.WaitGroup

	mu   sync.Mutex
	seen Seen
}

// Seen is what a probe has seen.
type Seen struct {
	Asked      int
	Denied     int      // a no to something that must be kept
	Unanswered int      // neither yes nor no
	Rate       float64  // questions per second and caller
	Words      []string // the first of both
}

// Add sums up what several probes have seen.
func (s *Seen) Add(o Seen) {
	s.Rate = (s.Rate*float64(s.Asked) + o.Rate*float64(o.Asked)) / float64(max(1, s.Asked+o.Asked))
	s.Asked, s.Denied, s.Unanswered = s.Asked+o.Asked, s.Denied+o.Denied, s.Unanswered+o.Unanswered
	s.Words = append(s.Words, o.Words[:min(len(o.Words), max(0, kept-len(s.Words)))]...)
}

func (s Seen) String() string {
	return fmt.Sprintf("%d questions, %.1f/s each, %d denials, %d without an answer", s.Asked, s.Rate, s.Denied, s.Unanswered)
}

// Watch begins to ask everybody who may do something, in turn, all that they may.
func Watch(ctx context.Context, s Server, callers []sim.Caller, may May, every time.Duration) *Probe {
	p := &Probe{server: s, may: may, stop: make(chan struct{}), began: time.Now()}
	for _, c := range callers {
		if len(may[c.Key]) > 0 {
			p.callers = append(p.callers, c)
		}
	}
	for _, c := range p.callers {
		p.wg.Go(func() { p.watch(ctx, c, every) })
	}
	return p
}

// watch asks as one caller at a steady pace, whether the last answer is there or not. It
// has asked each question once before it ends, however soon that is.
func (p *Probe) watch(ctx context.Context, c sim.Caller, every time.Duration) {
	pace := time.NewTicker(every)
	defer pace.Stop()
	room := make(chan struct{}, atOnce)
	for i := 0; ; {
		stop := p.stop
		if i < len(p.may[c.Key]) {
			stop = nil
		}
		select {
		case <-stop:
			return
		case <-pace.C:
		}
		select {
		case room <- struct{}{}:
		default:
			continue // all of them wait
		}
		q := p.may[c.Key][i%len(p.may[c.Key])]
		i++
		p.wg.Go(func() {
			p.ask(ctx, c, q)
			<-room
		})
	}
}

func (p *Probe) ask(ctx context.Context, c sim.Caller, q Question) {
	yes, why, err := p.server.Ask(ctx, c.Key, q)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.Asked++
	switch {
	case err != nil:
		p.seen.Unanswered++
		p.say("%s: whether they may %s: %v", c.ARN, q, err)
	case !yes:
		p.seen.Denied++
		p.say("%s may not %s: %s", c.ARN, q, why)
	}
}

func (p *Probe) say(format string, args ...any) {
	if len(p.seen.Words) < kept {
		p.seen.Words = append(p.seen.Words, time.Now().UTC().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
	}
}

// Look asks everybody and returns when all have answered: whether they are let in, and
// for the widest of what they may.
func (p *Probe) Look(ctx context.Context) {
	for _, c := range p.callers {
		for _, q := range p.may[c.Key][:min(2, len(p.may[c.Key]))] {
			p.ask(ctx, c, q)
		}
	}
}

// Stop ends the probe when everybody has asked everything at least once and the last
// question is answered.
func (p *Probe) Stop() Seen {
	close(p.stop)
	p.wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.seen
	out.Words = slices.Clone(out.Words)
	if lasted := time.Since(p.began).Seconds(); lasted > 0 && len(p.callers) > 0 {
		out.Rate = float64(out.Asked) / lasted / float64(len(p.callers))
	}
	return out
}
