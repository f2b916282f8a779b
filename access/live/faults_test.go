package live_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// between is how many calls of a migration are left alone between two that are
// disturbed, each trouble beginning at another; 0 disturbs every one and takes minutes.
var between = flag.Int("between", 11, "calls left alone between two that fail, 0: every single one fails")

// trouble is one way in which a call goes wrong.
type trouble struct {
	name string
	of   func(c sim.Call) sim.Fault
	most int // calls of the operation that it hits, the first of them being the troubled one
}

const forGood = 1 << 30

// answer is a refusal in the words of the service that is asked.
func answer(status int, aws, kubernetes string) func(sim.Call) sim.Fault {
	return func(c sim.Call) sim.Fault {
		if c.Service == "kubernetes" {
			return sim.Fault{Status: status, Code: kubernetes, Message: "made up for a test"}
		}
		return sim.Fault{Status: status, Code: aws, Message: "made up for a test"}
	}
}

var troubles = []trouble{
	{"an error", answer(500, "ServerException", "InternalError"), 1},
	{"errors for good", answer(500, "ServerException", "InternalError"), forGood},
	{"a timeout", func(sim.Call) sim.Fault { return sim.Fault{Delay: 2 * time.Minute, Drop: true} }, 1},
	{"no answer any more", func(sim.Call) sim.Fault { return sim.Fault{Drop: true} }, forGood},
	{"a lost answer", func(sim.Call) sim.Fault { return sim.Fault{Lose: true} }, 1},
	{"lost answers for good", func(sim.Call) sim.Fault { return sim.Fault{Lose: true} }, forGood},
	{"throttled thrice", answer(429, "ThrottlingException", "TooManyRequests"), 3},
	{"denied once", answer(403, "AccessDeniedException", "Forbidden"), 1},
	{"denied for good", answer(403, "AccessDeniedException", "Forbidden"), forGood},
}

// strike makes the n-th call from now on, and most of its operation from there, go
// wrong. It tells what was struck.
func (tr trouble) strike(b *sim.Bench, n int) (struck func() string) {
	var mu sync.Mutex
	at, hits, operation, what := 0, 0, "", ""
	b.Break(func(c sim.Call) *sim.Fault {
		mu.Lock()
		defer mu.Unlock()
		if at == n {
			operation, what = c.Service+" "+c.Operation, c.Method+" "+c.Service+" "+c.Operation
		}
		at++
		if what == "" || c.Service+" "+c.Operation != operation || hits == tr.most {
			return nil
		}
		hits++
		f := tr.of(c)
		return &f
	})
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return what
	}
}

// story is a migration that is disturbed.
type story struct{ world, cluster, region string }

var stories = []story{
	{"s3", "eks-workshop", "us-west-2"}, // beside the entries that are there
	{"s1", "dev-cluster", "us-west-2"},  // from CONFIG_MAP: a mode switch first
}

// open is a fresh bench of the story, and its plan to migrate.
func (st story) open(t *testing.T, dir string) (*live.World, *sim.Bench, access.Snapshot, access.Plan) {
	t.Helper()
	// A bubble begins in 2000, before the story's roles were made.
	time.Sleep(time.Until(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)))
	w, b := wired(t, st.world, st.cluster, st.region, dir, sim.Options{Visible: 2 * time.Second, ClusterUpdate: time.Minute})
	before, err := w.Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := access.Build(before, access.Migrate{})
	if err != nil || p.Refused() || len(p.Steps) < 6 {
		t.Fatalf("%v: %+v", err, p.Findings)
	}
	return w, b, before, p
}

// settled reads the world when nothing is under way any more.
func settled(t *testing.T, w *live.World) access.Snapshot {
	t.Helper()
	time.Sleep(2 * time.Minute)
	s, err := w.Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Gaps) > 0 {
		t.Fatalf("unread: %+v", s.Gaps)
	}
	return s
}

// nobodyLost fails for every right that somebody had and has no more.
func nobodyLost(t *testing.T, before, now access.Snapshot) {
	t.Helper()
	for _, d := range access.Compare(access.NewIndex(before), access.NewIndex(now)) {
		// The mode switch hides the creator by that name; EKS makes an entry for it.
		if len(d.Lost) > 0 && d.Principal.Kind != access.CreatorPrincipal {
			t.Errorf("%s lost %v in %q", d.Principal, d.Lost, d.Namespace)
		}
	}
}

// Every single call of a migration goes wrong in every way, one run each. However it
// ends, nobody has lost anything, and the same plan run again ends it.
func TestEveryCallOfAMigrationMayFail(t *testing.T) {
	for _, st := range stories {
		t.Run(st.world, func(t *testing.T) {
			var calls int
			var end access.Objects
			synctest.Test(t, func(t *testing.T) {
				w, b, before, p := st.open(t, folder(t))
				n := len(b.Calls())
				if out, err := w.Apply(t.Context(), p, yes(p), nil); err != nil || out.Done != len(p.Steps) {
					t.Fatalf("undisturbed: %+v, %v", out, err)
				}
				calls = len(b.Calls()) - n
				now := settled(t, w)
				nobodyLost(t, before, now)
				end = now.Objects
			})
			if calls < 30 {
				t.Fatalf("only %d calls", calls)
			}
			for first, tr := range troubles {
				t.Run(strings.ReplaceAll(tr.name, " ", "-"), func(t *testing.T) {
					finished, stopped, unbegun := 0, 0, 0
					for n := first % (*between + 1); n < calls; n += *between + 1 {
						synctest.Test(t, func(t *testing.T) {
							switch disturbed(t, st, tr, n, end) {
							case "finished":
								finished++
							case "stopped":
								stopped++
							case "unbegun":
								unbegun++
							}
						})
					}
					t.Logf("%d calls, %d runs: %d went through, %d stopped and were resumed, %d did not begin", calls, finished+stopped+unbegun, finished, stopped, unbegun)
					if tr.most != forGood && tr.most < 3 && finished == 0 || tr.most == forGood && stopped == 0 && !strings.HasPrefix(tr.name, "lost") {
						t.Error("the trouble did not reach the plan as it should")
					}
				})
			}
		})
	}
}

// disturbed is one run in which the n-th call goes wrong, and the run that ends it.
func disturbed(t *testing.T, st story, tr trouble, n int, end access.Objects) (came string) {
	dir := folder(t)
	w, b, before, p := st.open(t, dir)
	struck := tr.strike(b, n)
	out, err := w.Apply(t.Context(), p, yes(p), nil)
	b.Break(nil)
	at := fmt.Sprintf("call %d, %s", n, struck())
	now := settled(t, w)
	nobodyLost(t, before, now)
	left, conflict := access.Remaining(now, p.Steps)
	if conflict != nil {
		t.Errorf("%s: can't be resumed: %v", at, conflict)
	}
	var refused *live.Refused
	switch {
	case err == nil && out.Stopped == nil:
		came = "finished"
		if len(left) > 0 {
			t.Errorf("%s: said to be done, and %d steps are left", at, len(left))
		}
	case out.Stopped == nil && out.Done == 0 && !errors.As(err, &refused):
		came = "unbegun"
		if d := differ(before.Objects, now.Objects); len(d) > 0 {
			t.Errorf("%s: not begun, and changed: %v", at, d)
		}
	case out.Stopped == nil && out.Done+out.Skipped == len(p.Steps):
		came = "finished" // all is done; only the last look failed, which is told
		if len(left) > 0 {
			t.Errorf("%s: %v, and %d steps are left", at, err, len(left))
		}
	case out.Stopped == nil:
		t.Errorf("%s: neither done nor stopped: %+v, %v", at, out, err)
	default:
		came = "stopped"
		if _, err := live.ReadJournal(out.Journal); err != nil && out.Journal != "" {
			t.Errorf("%s: the journal: %v", at, err)
		}
		if text := err.Error(); text == "" || strings.Contains(text, "%!") {
			t.Errorf("%s: stopped without a word: %q", at, text)
		}
	}
	if again, err := w.Apply(t.Context(), p, yes(p), nil); err != nil || again.Done+again.Skipped != len(p.Steps) || len(again.Drift) > 0 {
		t.Errorf("%s: %s, then resumed: %+v, %v", at, came, again, err)
	}
	now = settled(t, w)
	nobodyLost(t, before, now)
	if d := differ(end, now.Objects); len(d) > 0 {
		t.Errorf("%s: resumed, and ends elsewhere: %s", at, strings.Join(d, "\n"))
	}
	past, err := live.History(dir)
	if err != nil || len(past) != 1 || past[0].Damage != nil || !past[0].Complete {
		t.Errorf("%s: %d journals, %v", at, len(past), err)
		return came
	}
	// The text that was there first is kept, whatever happened.
	was, _ := before.AuthMap()
	for _, s := range past[0].Plan.Steps {
		if old, ok := s.Before.(access.AuthMap); ok && old.Data["mapRoles"] != was.Data["mapRoles"] {
			t.Errorf("%s: the journal has another text of aws-auth", at)
		}
	}
	return came
}
