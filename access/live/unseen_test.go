package live_test

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// What a run was writing when it was cut off may show later than the next one reads.
func TestWhatWasCutOffMayNotShowYet(t *testing.T) {
	for name, tc := range map[string]struct {
		last access.StepState // of the first of two steps, when the run is not heard of any more
		late time.Duration    // that the cluster is read after it
		want time.Duration    // from then on until all shows
	}{
		"killed at a write":           {access.Started, time.Second, 9 * time.Second},
		"killed at a write, long ago": {access.Started, 10 * time.Second, 0},
		"killed while it looked":      {access.Waiting, time.Second, 9 * time.Second},
		"killed when it had seen it":  {access.Done, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, left, m := folder(t), folder(t), newMemory()
				m.lag = 2 // so that it waits
				p := planOf(access.Step{After: filled(entry("a"))}, access.Step{After: filled(entry("b"))})
				killed := false
				_, err := m.world(t, dir).Apply(t.Context(), p, yes(p), func(e access.Event) error {
					if e.Step != 0 || e.State != tc.last {
						return nil
					}
					killed = true
					time.Sleep(tc.late)
					return os.CopyFS(left, os.DirFS(dir))
				})
				if err != nil || !killed {
					t.Fatalf("%v, %v", killed, err)
				}
				past, err := live.History(left)
				if err != nil {
					t.Fatal(err)
				}
				s := access.Snapshot{Objects: access.Objects{}.With(demo)}
				for _, j := range past {
					s.At = j.Last.Add(tc.late)
				}
				var got time.Duration
				if until := live.Unseen(past, s, 10*time.Second); !until.IsZero() {
					got = until.Sub(s.At)
				}
				if got != tc.want {
					t.Errorf("%s, want %s", got, tc.want)
				}
			})
		})
	}
}
