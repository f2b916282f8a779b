package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/eks-access/kubectl-eks-access/access"
)

// each runs a law over random worlds and plans; a failure names its seed.
func each(t *testing.T, law func(t *testing.T, start access.Objects, p access.Plan)) {
	for seed := range uint64(60) {
		start, p := randomPlan(rand.New(rand.NewPCG(seed, 1)))
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			// Waiting costs no time in a bubble, and no goroutine may be left in it.
			synctest.Test(t, func(t *testing.T) { law(t, start, p) })
		})
	}
}

func memoryOf(start access.Objects) *memory {
	return newMemory(slices.Collect(start.All())...)
}

func project(start access.Objects, p access.Plan) access.Objects {
	return access.Project(access.Snapshot{Objects: start}, p.Steps...).Objects
}

func TestApplyIsProject(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		m := memoryOf(start)
		m.lag = 2
		out, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := differ(project(start, p), m.state()); len(d) > 0 {
			t.Error(d)
		}
		if out.Done != len(p.Steps) || out.Skipped != 0 || out.Stopped != nil || len(out.Drift) > 0 {
			t.Errorf("outcome %+v", out)
		}
	})
}

func TestApplyAgainChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		m := memoryOf(start)
		for range 2 {
			if _, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil); err != nil {
				t.Fatal(err)
			}
		}
		// A plan of nothing but a bridge leaves no trace by which it could be known.
		if other := slices.ContainsFunc(p.Steps, func(s access.Step) bool { return s.Key().Name != "bridge" }); other && m.puts != len(p.Steps) {
			t.Errorf("%d writes for %d steps", m.puts, len(p.Steps))
		}
	})
}

// interruptions are all the ways in which a run of n steps can end early.
func interruptions(n int, run func(name string, breakIt func(m *memory) (context.Context, func(access.Event) error))) {
	for i := range n {
		for name, f := range map[string]fault{"denied": denied, "dropped": dropped} {
			run(fmt.Sprintf("%s at write %d", name, i+1), func(m *memory) (context.Context, func(access.Event) error) {
				m.broken = func(n int, _ access.Object) fault {
					if n == i+1 {
						return f
					}
					return fine
				}
				return context.Background(), nil
			})
		}
		for _, state := range []access.StepState{access.Started, access.Done} {
			run(fmt.Sprintf("killed when step %d is %s", i+1, state), func(*memory) (context.Context, func(access.Event) error) {
				return context.Background(), func(e access.Event) error {
					if e.Step == i && e.State == state {
						return errors.New("killed")
					}
					return nil
				}
			})
			run(fmt.Sprintf("cancelled when step %d is %s", i+1, state), func(*memory) (context.Context, func(access.Event) error) {
				ctx, cancel := context.WithCancel(context.Background())
				return ctx, func(e access.Event) error {
					if e.Step == i && e.State == state {
						cancel()
					}
					return nil
				}
			})
		}
	}
}

func TestInterruptAndResumeIsProject(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		interruptions(len(p.Steps), func(name string, breakIt func(*memory) (context.Context, func(access.Event) error)) {
			m := memoryOf(start)
			ctx, observe := breakIt(m)
			_, _ = m.world(t, "").Apply(ctx, p, yes(p), observe)
			m.broken = nil
			if _, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil); err != nil {
				t.Errorf("%s: resume: %v", name, err)
			}
			if d := differ(project(start, p), m.state()); len(d) > 0 {
				t.Errorf("%s: %v", name, d)
			}
		})
	})
}

// folder is a place for journals that need not survive a power cut.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(fast, "journals")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

var fast = func() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}()

func undo(t *testing.T, m *memory, dir string) {
	t.Helper()
	j, err := last(dir, demo)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := j.Undo()
	if err != nil {
		t.Fatal(err)
	}
	back := planOf(steps...)
	if _, err := m.world(t, "").Apply(context.Background(), back, yes(back), nil); err != nil {
		t.Fatalf("undo: %v", err)
	}
}

func TestUndoAfterDoIsIdentity(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		m, dir := memoryOf(start), folder(t)
		if _, err := m.world(t, dir).Apply(context.Background(), p, yes(p), nil); err != nil {
			t.Fatal(err)
		}
		undo(t, m, dir)
		if d := differ(start, m.state()); len(d) > 0 {
			t.Error(d)
		}
	})
}

func TestUndoOfStoppedJournalRestores(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		interruptions(len(p.Steps), func(name string, breakIt func(*memory) (context.Context, func(access.Event) error)) {
			m, dir := memoryOf(start), folder(t)
			ctx, observe := breakIt(m)
			_, _ = m.world(t, dir).Apply(ctx, p, yes(p), observe)
			m.broken = nil
			undo(t, m, dir)
			if d := differ(start, m.state()); len(d) > 0 {
				t.Errorf("%s: %v", name, d)
			}
		})
	})
}

// A resumed plan is one journal: undoing it takes back both runs.
func TestUndoAfterResumeRestores(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		interruptions(len(p.Steps), func(name string, breakIt func(*memory) (context.Context, func(access.Event) error)) {
			m, dir := memoryOf(start), folder(t)
			ctx, observe := breakIt(m)
			_, _ = m.world(t, dir).Apply(ctx, p, yes(p), observe)
			m.broken = nil
			if _, err := m.world(t, dir).Apply(context.Background(), p, yes(p), nil); err != nil {
				t.Fatalf("%s: resume: %v", name, err)
			}
			undo(t, m, dir)
			if d := differ(start, m.state()); len(d) > 0 {
				t.Errorf("%s: %v", name, d)
			}
		})
	})
}

// A write whose answer is lost was made all the same: the plan goes on.
func TestLostAnswersDoNotStopAPlan(t *testing.T) {
	each(t, func(t *testing.T, start access.Objects, p access.Plan) {
		m := memoryOf(start)
		m.lag = 1
		m.broken = func(int, access.Object) fault { return lost }
		if _, err := m.world(t, "").Apply(context.Background(), p, yes(p), nil); err != nil {
			t.Fatal(err)
		}
		if d := differ(project(start, p), m.state()); len(d) > 0 {
			t.Error(d)
		}
	})
}
