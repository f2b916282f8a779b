package box

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var (
	worlds     = flag.Int("worlds", 1, "how many random worlds are migrated, by our order and by eksctl's")
	firstWorld = flag.Uint64("first-world", 1, "the seed of the first")
)

// migrated plays a world and applies its migration under the probe, as it is planned or
// in another order.
func migrated(t *testing.T, w sim.World, order string) (s *scene, plan access.Plan, seen probe.Seen, err error) {
	t.Helper()
	s = open(t).play(t, w)
	live, now := s.load(t.TempDir())
	if plan = s.migration(now); order != "" {
		plan = probe.Reorder(plan, order)
		live.Settle.AtMost = 4 * lag // who locked himself out looks in vain
	}
	p := s.watch()
	out, err := live.Apply(t.Context(), plan, accepted(plan), nil)
	time.Sleep(2 * lag)
	seen = p.Stop()
	if err == nil && out.Done != len(plan.Steps) {
		err = fmt.Errorf("%d of %d steps: %+v", out.Done, len(plan.Steps), out)
	}
	return s, plan, seen, err
}

// undenied migrates a world by our order: nobody hears a no, and everybody may after
// what they might before.
func undenied(t *testing.T, w sim.World) (steps int, seen probe.Seen) {
	t.Helper()
	s, plan, seen, err := migrated(t, w, "")
	if err != nil {
		t.Error(err)
	}
	if len(s.was) < 3 {
		t.Errorf("only %d can log in", len(s.was))
	}
	if seen.Denied+seen.Unanswered > 0 {
		t.Errorf("%s: %q", seen, seen.Words)
	}
	s.same()
	return len(plan.Steps), seen
}

// denied migrates a world by eksctl's order, in which somebody hears a no.
func denied(t *testing.T, w sim.World) probe.Seen {
	t.Helper()
	_, _, seen, err := migrated(t, w, probe.OrderOfEksctl)
	if seen.Denied == 0 {
		t.Errorf("nobody was denied anything: %s, %v", seen, err)
	}
	return seen
}

func demo(t *testing.T, name string) sim.World {
	t.Helper()
	w, err := sim.Demo(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestStoriesMigrateUnderTheProbe(t *testing.T) {
	for _, name := range []string{"s1", "s3"} {
		t.Run(name, func(t *testing.T) {
			steps, seen := undenied(t, demo(t, name))
			t.Logf("%d steps, %s", steps, seen)
		})
		t.Run(name+" by eksctl's order", func(t *testing.T) {
			t.Log(denied(t, demo(t, name)))
		})
	}
}

func TestRandomWorldsMigrateUnderTheProbe(t *testing.T) {
	var ours, theirs probe.Seen
	steps := 0
	for seed := *firstWorld; seed < *firstWorld+uint64(*worlds); seed++ {
		draw := func() sim.World { return probe.Draw(rand.New(rand.NewPCG(seed, 4))) }
		t.Run(fmt.Sprintf("-first-world %d", seed), func(t *testing.T) {
			n, seen := undenied(t, draw())
			t.Logf("%d steps, %s", n, seen)
			steps += n
			ours.Add(seen)
		})
		t.Run(fmt.Sprintf("-first-world %d by eksctl's order", seed), func(t *testing.T) {
			theirs.Add(denied(t, draw()))
		})
	}
	t.Logf("seeds %d to %d, ours: %d steps, %s", *firstWorld, *firstWorld+uint64(*worlds)-1, steps, ours)
	t.Logf("by eksctl's order: %s", theirs)
}
