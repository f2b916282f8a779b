package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// While keys are dropped the foot says so; who types on and on is heard after a
// second, however slow the timers are.
func TestPauseIsSeenAndEnds(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m").hurry("p")
	now := d.clock
	d.app.now = func() time.Time { return now }
	d.app.loud = now.Add(longRest)
	d.sees("one moment")
	for range 9 {
		now = now.Add(100 * time.Millisecond)
		d.hurry("down").sees("one moment", "▌ 1 ")
	}
	now = now.Add(100 * time.Millisecond)
	d.hurry("down").lacks("one moment").sees("▌ 2 ")
}

func TestPauseOverIsNotSeen(t *testing.T) {
	drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "p").lacks("one moment")
}

// held is a cluster whose IAM does not answer.
type held struct {
	fake
	asked, gone chan struct{}
}

func (h *held) Lookup(ctx context.Context, s access.Snapshot, _ ...access.Principal) (access.Snapshot, error) {
	close(h.asked)
	<-ctx.Done()
	close(h.gone)
	return s, ctx.Err()
}

// A plan that nobody waits for any more asks nobody any more.
func TestLeavingThePreviewStopsItsPlan(t *testing.T) {
	p, err := access.ParsePrincipal(roleARN("newcomer"))
	if err != nil {
		t.Fatal(err)
	}
	h := &held{fake: fake{snap: workshop()}, asked: make(chan struct{}), gone: make(chan struct{})}
	d := drive(t, h, 120, 40)
	d.app.show([]wish{{intent: access.GrantAccess{Principal: p}}}) // its commands are run here
	go d.app.make(planFor{task: d.app.planning, wishes: []wish{{intent: access.GrantAccess{Principal: p}}}})()
	<-h.asked
	d.keys("esc").sees("IAM PRINCIPAL")
	select {
	case <-h.gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the plan is still being made")
	}
	d.app.asking.wait(0) // what Run waits for
	if d.app.planning != 0 {
		t.Error("its answer is still awaited")
	}
}

func TestHeadAndFindingsCountTheSame(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24).keys("f").sees("▲ 1 finding", "Findings  1 to look at, 3 to know")
	for _, r := range report.Findings(d.app.world.findings, report.FindingFilter{}) {
		d.sees(" " + r.Sign + " " + r.Text[:20])
	}
}

func TestDemoIsAlwaysSeen(t *testing.T) {
	for w := 40; w <= 200; w += 8 {
		d := drive(t, &fake{snap: workshop()}, w, 24)
		d.app.o.Title = "demo s3"
		d.keys("down", "m").sees("demo s3")
		long := *d.app.world
		long.cluster.Name = strings.Repeat("long", 20)
		d.app.world = &long
		d.sees("demo s3")
	}
}

func TestDemoWithoutJournalNamesNone(t *testing.T) {
	o := access.Outcome{Done: 1}
	plan := access.Plan{Steps: make([]access.Step, 1)}
	said := func(p proof) string {
		var out []string
		for _, l := range p.lines {
			out = append(out, l.Text)
		}
		return strings.Join(out, "\n")
	}
	if got := said(newProof(apply{plan: plan}, ended{outcome: o})); strings.Contains(got, "kubectl") {
		t.Errorf("a demo: %s", got)
	}
	o.Journal = "20261122-120000-abcdef"
	if got := said(newProof(apply{plan: plan}, ended{outcome: o})); !strings.Contains(got, "kubectl eks-access undo") {
		t.Errorf("not a demo: %s", got)
	}
}

func TestUndoIsCalledUndo(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "p", "a")
	d.send(press("y")) // the commands wait in the driver
	d.sees("Applying").run()
	d.rest()
	d.lacks("resume").keys("u", "a")
	d.send(press("y"))
	d.sees("Undoing").lacks("Applying")
}

func TestRefusedPlanOpensOnWhatRefusesIt(t *testing.T) {
	plan := access.Plan{Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}},
		Findings: []access.Finding{{Code: access.LosesAccess, Severity: access.Refuse, Args: []string{roleARN("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"), "1"}}}}
	p := newPreview([]wish{migration("")}, "eks-workshop").take(planned{plan: plan})
	got := strings.Join(p.view(size{80, 21}, &theme{}), "\n")
	if p.focus != onFindings || !strings.Contains(got, "▸Before you say yes") || !strings.Contains(strings.Join(strings.Fields(got), " "), "loses access at step 1 · 1 step") {
		t.Errorf("focus %d:\n%s", p.focus, got)
	}
}

func TestLeavingAFilterKeepsTheRow(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("/").text("admin").keys("enter", "down")
	at := func() string { l, _ := d.app.stack[0].(matrix).current(); return l.name }
	was := at()
	if d.keys("esc"); at() != was || was != "platform-admin" {
		t.Errorf("cursor on %s, was on %s", at(), was)
	}
	d.keys("/").text("ghost").keys("esc")
	if at() != "ghost" {
		t.Errorf("cursor on %s, was on ghost", at())
	}
}
