package stories

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// probe asks, as every caller of the world and again and again, what they could do
// when it began; one denial of something that is kept fails the test. The machine
// has room to breathe: a program that is starved by its probe shows no more
// windows, it only shows them later.
type probe struct {
	stop   context.CancelFunc
	wg     sync.WaitGroup
	asked  atomic.Int64
	mu     sync.Mutex
	denied []string
}

// watch starts the probe. Callers who can't log in at the start are left out.
func watch(c *cluster, namespaces ...string) *probe {
	c.t.Helper()
	return watchBut(c, "", namespaces...)
}

// watchBut leaves out the holder of an access key, who is meant to lose something.
func watchBut(c *cluster, key string, namespaces ...string) *probe {
	c.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &probe{stop: stop}
	for _, caller := range c.World.Callers {
		if caller.Key == key {
			continue
		}
		k := c.client(caller.Key)
		if _, err := whoami(ctx, k); err != nil {
			continue
		}
		may := []question{}
		for _, q := range questions(namespaces...) {
			yes, err := ask(ctx, k, q)
			if err != nil {
				c.t.Fatal(err)
			}
			if yes && len(may) < 4 {
				may = append(may, q)
			}
		}
		p.wg.Go(func() {
			for ctx.Err() == nil {
				// Those who may do nothing must still be let in.
				if _, err := whoami(ctx, k); err != nil && ctx.Err() == nil {
					p.says(fmt.Sprintf("%s is not let in: %v", caller.ARN, err))
				}
				p.asked.Add(1)
				for _, q := range may {
					yes, err := ask(ctx, k, q)
					if (err != nil || !yes) && ctx.Err() == nil {
						p.says(fmt.Sprintf("%s may not %s: %v", caller.ARN, q, err))
					}
					p.asked.Add(1)
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	return p
}

func (p *probe) says(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.denied) < 20 {
		p.denied = append(p.denied, what)
	}
}

// ends stops the probe and fails the test for every denial.
func (p *probe) ends(t *testing.T) {
	t.Helper()
	p.stop()
	p.wg.Wait()
	for _, d := range p.denied {
		t.Errorf("probe: %s", d)
	}
	t.Logf("probe: %d questions, %d denials", p.asked.Load(), len(p.denied))
	if p.asked.Load() < 20 {
		t.Error("the probe hardly asked anything")
	}
}
