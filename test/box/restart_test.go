package box

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var restarts = flag.Int("restarts", 1, "at how many kinds of steps the API server is restarted, 4 at most; some 15 s each")

// The API server ends in the middle of a plan, and comes back at the same address. The
// plan waits for it, or stops; either way the same plan ends it, nobody was denied
// anything, and everybody may what they might before.
func TestTheServerRestartsInTheMiddleOfAPlan(t *testing.T) {
	for _, at := range []access.Kind{access.AuthMapKind, access.EntryKind, access.ClusterRoleBindingKind, access.AssociationKind}[:*restarts] {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			s := open(t).play(t, demo(t, "s3"))
			dir := t.TempDir()
			w, before := s.load(dir)
			w.Settle.AtMost = time.Second
			plan := s.migration(before)
			p := s.watch()
			away, seen := false, probe.Seen{}
			_, err := w.Apply(t.Context(), plan, accepted(plan), func(e access.Event) error {
				if e.State == access.Started && plan.Steps[e.Step].Key().Kind == at && !away {
					away, seen = true, p.Stop() // who is not there can't be asked, and knows no roles while it starts
					s.box.Stop()
				}
				return nil
			})
			if !away || err == nil {
				t.Errorf("nothing is there to write to, and the plan ended: %v", err)
			}
			time.Sleep(lag)
			if err := s.box.Again(); err != nil {
				t.Fatal(err)
			}
			p = s.watch()
			w.Settle = settle
			w.Settle.Propagation = 6 * time.Second // the authenticator watches aws-auth again after 5 s
			past, err := live.History(dir)
			if err != nil || len(past) != 1 || past[0].Damage != nil || past[0].Complete {
				t.Fatalf("journals %+v, %v", past, err)
			}
			out, err := w.Apply(t.Context(), past[0].Plan, accepted(past[0].Plan), nil)
			if err != nil || out.Done+out.Skipped != len(plan.Steps) {
				t.Errorf("resumed: %+v, %v", out, err)
			}
			time.Sleep(2 * lag)
			seen.Add(p.Stop())
			if t.Logf("%s", seen); seen.Denied+seen.Unanswered > 0 {
				t.Errorf("%s: %q", seen, seen.Words)
			}
			s.same()
		})
	}
}
