package live_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var (
	worlds     = flag.Int("worlds", 3, "how many random worlds are migrated under the probe; 200 take some minutes")
	firstWorld = flag.Uint64("first-world", 1, "the seed of the first")
)

// watched is a drawn world on the bench, everybody in it, and what they may.
type watched struct {
	*live.World
	bench   *sim.Bench
	server  probe.Server
	callers []sim.Caller
	was     probe.May
	now     access.Snapshot
	probe   *probe.Probe   // nil until it watches
	dying   sync.WaitGroup // processes that are dead, and do not know it
}

// drawn is a drawn world, and what everybody may in it. The program's calls go through
// look, if that is given.
func drawn(t *testing.T, seed uint64, dir string, look ...func(http.RoundTripper) http.RoundTripper) *watched {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))) // a bubble begins in 2000
	world := probe.Draw(rand.New(rand.NewPCG(seed, 4)))
	d := &watched{callers: world.Callers}
	look = append([]func(http.RoundTripper) http.RoundTripper{d.before}, look...)
	d.World, d.bench = wiredTo(t, world, probe.Drawn, "us-west-2", dir, sim.Options{Visible: time.Second, ClusterUpdate: 5 * time.Second}, look...)
	d.server = probe.Bench(d.bench, probe.Drawn)
	var err error
	if d.now, err = d.Load(t.Context(), nil); err != nil || len(d.now.Gaps) > 0 {
		t.Fatalf("seed %d: %v %+v", seed, err, d.now.Gaps)
	}
	d.was = d.may(t)
	return d
}

// may is what everybody may now.
func (d *watched) may(t *testing.T) probe.May {
	t.Helper()
	out, err := d.server.May(t.Context(), d.callers, probe.Questions("carts", "catalog"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// before looks before each call of the program, since a moment without rights may be as
// short as the time between two of them.
func (d *watched) before(next http.RoundTripper) http.RoundTripper { return looking{d, next} }

type looking struct {
	world *watched
	next  http.RoundTripper
}

func (l looking) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.world.probe != nil && r.Context().Err() == nil {
		l.world.probe.Look(r.Context())
	}
	return l.next.RoundTrip(r)
}

// underProbe applies a plan while everybody asks: before each call, and all the time.
func (d *watched) underProbe(t *testing.T, do access.Plan) (probe.Seen, error) {
	t.Helper()
	d.probe = probe.Watch(t.Context(), d.server, d.callers, d.was, probe.Often)
	out, err := d.Apply(t.Context(), do, yes(do), nil)
	time.Sleep(5 * time.Second)
	seen := d.probe.Stop()
	d.probe = nil
	if err != nil || out.Done != len(do.Steps) {
		return seen, fmt.Errorf("%d of %d steps: %w", out.Done, len(do.Steps), err)
	}
	return seen, nil
}

// migration is a plan that moves everybody, or some.
func (d *watched) migration(t *testing.T, of ...access.Principal) access.Plan {
	t.Helper()
	plan, err := access.Build(d.now, access.Migrate{Principals: of})
	if err != nil || plan.Refused() {
		t.Fatalf("%v %+v", err, plan.Findings)
	}
	return plan
}

// Nobody is denied for a moment, and everybody may after what they might before.
func TestRandomWorldsMigrateUnderTheProbe(t *testing.T) {
	sum, steps := probe.Seen{}, 0
	for seed := *firstWorld; seed < *firstWorld+uint64(*worlds); seed++ {
		synctest.Test(t, func(t *testing.T) {
			d := drawn(t, seed, folder(t))
			plan := d.migration(t)
			seen, err := d.underProbe(t, plan)
			if err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			if seen.Denied+seen.Unanswered > 0 {
				t.Errorf("seed %d: %s: %q", seed, seen, seen.Words)
			}
			for _, what := range probe.Differ(d.callers, d.was, d.may(t)) {
				t.Errorf("seed %d: %s", seed, what)
			}
			steps += len(plan.Steps)
			sum.Add(seen)
		})
	}
	t.Logf("seeds %d to %d: %d steps, %s", *firstWorld, *firstWorld+uint64(*worlds)-1, steps, sum)
}

// The orders of eksctl and of the guides are seen by the same probe.
func TestTheProbeSeesTheOrderOfEksctl(t *testing.T) {
	for _, order := range []string{probe.OrderOfEksctl, probe.OrderOfGuides} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := drawn(t, *firstWorld, folder(t))
				seen, err := d.underProbe(t, probe.Reorder(d.migration(t, d.now.Caller.AWS), order))
				if seen.Denied == 0 {
					t.Error("the probe saw nothing")
				}
				t.Logf("%s, %v", seen, err)
			})
		})
	}
}
