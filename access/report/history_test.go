package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func past(change func(*report.PastChange)) report.PastChange {
	at := time.Date(2026, 11, 21, 10, 31, 2, 0, time.FixedZone("CET", 3600))
	c := report.PastChange{ID: "20261121-093102-1a2b3c", Began: &at, Last: &at, Caller: "arn:aws:sts::111122223333:assumed-role/admin/alice",
		Cluster: report.PastCluster{Name: "demo", ARN: "arn:aws:eks:eu-west-1:111122223333:cluster/demo"},
		Intents: []string{"migrate every mapping in force to access entries"}, State: "done", Steps: 6, Done: 6,
		Runs: []report.PastRunner{{At: at, By: "alice on laptop", PID: 7}}, Journal: "/home/alice/.local/state/j.journal"}
	change(&c)
	return c
}

func TestHistoryTable(t *testing.T) {
	h := report.History{Older: 1, Others: 12, Items: []report.PastChange{
		past(func(c *report.PastChange) { c.State, c.Done = "running", 2 }),
		past(func(c *report.PastChange) { c.Undoes, c.Intents = []string{"20261120-093102-1a2b3c"}, nil }),
		past(func(c *report.PastChange) { c.State, c.Done, c.Stopped = "stopped", 2, &report.PastStop{Step: 3} }),
		past(func(c *report.PastChange) { c.State, c.Done = "interrupted", 4 }),
		past(func(c *report.PastChange) {
			c.UndoneBy, c.Caller = "20261120-093102-1a2b3c", "arn:aws:iam::111122223333:user/bob"
		}),
		{ID: "20200101-000000-aaaaaa", State: "damaged"},
		{ID: "20200101-000000-bbbbbb", State: "untouched"},
	}}
	want := `
ID                       WHEN (UTC)         WHO           WHAT                                               OUTCOME
20261121-093102-1a2b3c   2026-11-21 09:31   admin/alice   migrate every mapping in force to access entries   running, 2/6 done
20261121-093102-1a2b3c   2026-11-21 09:31   admin/alice   undo 20261120-093102-1a2b3c                        done
20261121-093102-1a2b3c   2026-11-21 09:31   admin/alice   migrate every mapping in force to access entries   stopped at 3/6
20261121-093102-1a2b3c   2026-11-21 09:31   admin/alice   migrate every mapping in force to access entries   interrupted, 4/6 done
20261121-093102-1a2b3c   2026-11-21 09:31   bob           migrate every mapping in force to access entries   undone
20200101-000000-aaaaaa   –                  –             –                                                  damaged
20200101-000000-bbbbbb   –                  –             –                                                  nothing was changed`
	if got := joinLines(report.HistoryTable(h, false, false, 0)); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("table:\n%s", got)
	}
	for _, width := range []int{60, 80, 100} {
		for _, l := range report.HistoryTable(h, false, true, width) {
			if l.Whole && report.Width(l.Text) > width {
				t.Errorf("wider than %d: %s", width, l.Text)
			}
		}
	}
	if lines := report.HistoryTable(h, false, false, 80); !strings.HasPrefix(lines[0].Text, "ID                       WHO ") || !strings.HasPrefix(lines[1].Text, "20261121-093102-1a2b3c ") ||
		lines[len(lines)-1].Text != "WHEN (UTC) is left out; WHAT and OUTCOME are cut; -o wide has all" {
		t.Errorf("at 80 columns:\n%s", joinLines(lines))
	}
	rest := joinLines(report.HistoryRest(h, "demo"))
	if !strings.Contains(rest, "1 older one: --limit 0") || !strings.Contains(rest, "12 changes of other clusters: --all") {
		t.Errorf("beside it:\n%s", rest)
	}
}

func joinLines(ls []report.Line) string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Text)
	}
	return strings.Join(out, "\n")
}

func TestHistoryDetail(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 31, 2, 0, time.UTC)
	in := access.EKSRealm("demo")
	plan := &access.Plan{Steps: []access.Step{
		{After: access.AccessEntry{In: in, Principal: "arn:aws:iam::111122223333:role/a"}},
		{After: access.AccessEntry{In: in, Principal: "arn:aws:iam::111122223333:role/b"}},
		{After: access.AccessEntry{In: in, Principal: "arn:aws:iam::111122223333:role/c"}},
	}}
	d := report.PastDetail{PastChange: past(func(c *report.PastChange) {
		c.State, c.Steps, c.Done = "interrupted", 3, 1
		c.Runs = append(c.Runs, report.PastRunner{At: at, By: "bob on desk", Caller: "arn:aws:iam::111122223333:user/bob"})
	}), Plan: plan, Events: []report.PastEvent{
		{At: at, Step: 1, State: access.Started}, {At: at, Step: 1, State: access.Done}, {At: at, Step: 1, State: access.Skipped}, {At: at, Step: 2, State: access.Started},
		{At: at, Step: 3, State: access.Failed, Error: "wait for step 3: context canceled"},
	}}
	want := `
20261121-093102-1a2b3c  migrate every mapping in force to access entries

cluster   demo  arn:aws:eks:eu-west-1:111122223333:cluster/demo
planned   by admin/alice  arn:aws:sts::111122223333:assumed-role/admin/alice
began     2026-11-21 09:31:02 UTC, alice on laptop
went on   2026-11-21 09:31:02 UTC, bob on desk as arn:aws:iam::111122223333:user/bob
ended     2026-11-21 09:31:02 UTC, interrupted, 1/3 done
journal   /home/alice/.local/state/j.journal

Steps
  1/3 ✓ + access entry  a  09:31:02
  2/3 → + access entry  b  09:31:02, and no word after it
  3/3 ✗ + access entry  c  09:31:02
      wait for step 3: stopped by Ctrl-C

now       kubectl eks-access resume 20261121-093102-1a2b3c, or undo 20261121-093102-1a2b3c`
	if got := joinLines(report.HistoryDetail(d)); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("detail:\n%s", got)
	}
}

// A journal is a file that somebody else may have written.
func TestHistoryIsHarmless(t *testing.T) {
	evil := "x\x1b[2J\u202e\r\ny"
	at := time.Unix(0, 0)
	c := report.PastChange{ID: evil, Began: &at, Last: &at, Caller: evil, Cluster: report.PastCluster{Name: evil, ARN: evil}, Intents: []string{evil}, State: evil,
		UndoneBy: "", Stopped: &report.PastStop{Error: evil}, Damage: evil, Runs: []report.PastRunner{{By: evil, Caller: evil + "2"}}, Journal: evil}
	d := report.PastDetail{PastChange: c, Plan: &access.Plan{Steps: []access.Step{{After: access.AccessEntry{Principal: evil}}}},
		Events: []report.PastEvent{{Step: 1, State: access.Failed, Detail: evil, Error: evil}, {Step: 9, State: access.StepState(evil)}}}
	lines := report.HistoryDetail(d)
	lines = append(lines, report.HistoryTable(report.History{Items: []report.PastChange{c}}, true, true, 0)...)
	lines = append(lines, report.HistoryRest(report.History{}, evil)...)
	lines = append(lines, report.GoesOn(evil, true), report.DoneAlready(evil, at), report.LeftBefore(evil), report.Line{Text: report.PastSummary(c)})
	lines = append(lines, report.NothingLeft(evil, evil)...)
	c.State = "stopped"
	half, _ := report.LeftHalfway([]report.PastChange{c})
	lines = append(lines, half, report.AskedIn(evil, evil), report.MeantNamespace(evil, evil), report.NoNamespace(evil, evil))
	for _, l := range lines {
		if l.Text != report.Safe(l.Text) {
			t.Errorf("%q", l.Text)
		}
	}
}
