package report_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestPastInColumns(t *testing.T) {
	at := time.Date(2026, 11, 29, 18, 4, 5, 0, time.FixedZone("", 3600))
	const role = "arn:aws:iam::123456789012:role/team/dev"
	done := report.PastChange{ID: "1", Began: &at, Last: &at, Caller: "arn:aws:sts::123456789012:assumed-role/admin/alice", State: "done", Steps: 2, Done: 2,
		Intents: []string{"migrate " + role + ", " + role + " to access entries", "revoke all access of " + role + " everywhere"}, UndoneBy: "2", Cluster: report.PastCluster{Name: "prod"}}
	rows := report.Past([]report.PastChange{done, {ID: "9", State: "damaged", Damage: "line 3"}})
	if want := (report.PastRow{Kind: report.Note, When: "2026-11-29 17:04", Who: "admin/alice", Cluster: "prod", Outcome: "undone",
		What: "migrate dev, dev to access entries; revoke all access of dev everywhere"}); rows[0] != want {
		t.Errorf("%+v\nwant %+v", rows[0], want)
	}
	if want := (report.PastRow{Kind: report.Bad, When: "–", Who: "–", What: "9", Outcome: "damaged"}); rows[1] != want {
		t.Errorf("%+v\nwant %+v", rows[1], want)
	}
	done.Runs = []report.PastRunner{{By: "alice on laptop"}, {By: "bob on laptop"}}
	if got, want := report.PastRuns(done), "undone by 2  by admin/alice, alice on laptop, bob on laptop  2026-11-29 17:04:05 to 17:04:05  in 2 runs"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A list says beside its table that a change was left in the middle.
func TestWhatStandsHalfwayIsSaid(t *testing.T) {
	half := report.PastChange{ID: "20261121-103102-1a2b3c", State: "stopped", Done: 2, Steps: 6}
	undo := report.PastChange{ID: "u", State: "interrupted", Done: 1, Steps: 1, Undoes: []string{"x"}}
	over := []report.PastChange{{ID: "d", State: "done"}, {State: "running"}, {State: "untouched"}, {State: "damaged"}, {State: "stopped", UndoneBy: "u"}, {State: "interrupted", GoneOnBy: "g"}}
	if l, ok := report.LeftHalfway(over); ok {
		t.Errorf("said of what is over: %q", l.Text)
	}
	for want, cs := range map[string][]report.PastChange{
		"▲ a change to this cluster stands halfway: 20261121-103102-1a2b3c, 2 of 6 steps done (stopped); go on or take it back: kubectl eks-access resume 20261121-103102-1a2b3c, or undo 20261121-103102-1a2b3c": append(over, half),
		"▲ a change to this cluster stands halfway: u, 1 of 1 step done (interrupted); go on or take it back: kubectl eks-access resume u; 1 earlier one stands so, too: kubectl eks-access history":              {undo, half},
	} {
		if l, ok := report.LeftHalfway(cs); !ok || l.Text != want {
			t.Errorf("%q\nwant %q", l.Text, want)
		}
	}
}

func TestWhatCanBeDoneWithAPast(t *testing.T) {
	for _, tc := range []struct {
		c            report.PastChange
		resume, undo bool
	}{
		{report.PastChange{State: "interrupted"}, true, true},
		{report.PastChange{State: "stopped"}, true, true},
		{report.PastChange{State: "done"}, false, true},
		{report.PastChange{State: "done", UndoneBy: "x"}, false, false},
		{report.PastChange{State: "stopped", UndoneBy: "x"}, false, false},
		{report.PastChange{State: "done", Undoes: []string{"x"}}, false, true},
		{report.PastChange{State: "interrupted", Undoes: []string{"x"}}, true, true},
		{report.PastChange{State: "stopped", GoneOnBy: "x"}, false, false},
		{report.PastChange{State: "running"}, false, false},
		{report.PastChange{State: "damaged"}, false, false},
		{report.PastChange{State: "untouched"}, false, false},
	} {
		resume, undo := tc.c.Ended()
		if (resume == "") != tc.resume || (undo == "") != tc.undo {
			t.Errorf("%+v: resume %q, undo %q", tc.c, resume, undo)
		}
	}
}

func TestNothingHostileComesThroughThePast(t *testing.T) {
	for seed := range uint64(80) {
		e := enemy{rand.New(rand.NewPCG(seed, 11))}
		at := time.Unix(int64(seed), 0)
		c := report.PastChange{ID: e.s(), Began: &at, Last: &at, Caller: e.arn(), State: pickOne(e, "done", "stopped", e.s()), UndoneBy: pickOne(e, "", e.s()),
			Intents: append(e.some(), e.arn()+", "+e.arn()), Cluster: report.PastCluster{Name: e.s()}, Runs: []report.PastRunner{{By: e.s()}}}
		if e.IntN(3) == 0 {
			c.Began, c.Last = nil, nil
		}
		r := report.Past([]report.PastChange{c})[0]
		resume, undo := c.Ended()
		for _, s := range []string{r.When, r.Who, r.What, r.Outcome, r.Cluster, report.PastRuns(c), resume, undo} {
			if what := acts(s); what != "" {
				t.Fatalf("seed %d: %q holds %s", seed, s, what)
			}
		}
	}
}
