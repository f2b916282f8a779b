package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// shelf is journals in memory: List tells of them, Resume and Undo plan as flags do.
type shelf struct {
	past  []Past
	err   error
	whole access.Plan // of the change that is gone on with
	asked []string
	ended []string // journals
}

func (s *shelf) history() *History {
	return &History{
		List: func() ([]Past, error) { return s.past, s.err },
		Resume: func(snap access.Snapshot, id string) (Proposal, error) {
			s.asked = append(s.asked, "resume "+id)
			left, err := access.Remaining(snap, s.whole.Steps)
			if err != nil {
				return Proposal{}, err
			}
			p, err := access.BuildSteps(snap, left)
			do := p
			do.Caller, do.Steps = s.whole.Caller, s.whole.Steps
			return Proposal{Plan: p, Do: do}, err
		},
		Undo: func(snap access.Snapshot, id string) (Proposal, error) {
			s.asked = append(s.asked, "undo "+id)
			back, _ := access.Inverse(s.whole.Steps)
			left, err := access.Remaining(snap, back)
			if err != nil {
				return Proposal{}, err
			}
			p, err := access.BuildSteps(snap, left)
			return Proposal{Plan: p, Do: p, Said: []report.Line{report.OneWayStays()}}, err
		},
		Anew: func(_ context.Context, snap access.Snapshot, stopped access.Plan, journal string) (Proposal, error) {
			s.asked = append(s.asked, "anew "+journal)
			p, err := access.Replan(snap, stopped)
			return Proposal{Plan: p, Do: p}, err
		},
		End: func(journal string) (report.Line, error) {
			s.ended = append(s.ended, journal)
			return report.NothingLeftOf("20261129-180405-aaaaaa"), s.err
		},
	}
}

// change is a journal's words.
func change(id, state string, done int, p *access.Plan) Past {
	began := time.Date(2026, 11, 29, 18, 4, 5, 0, time.UTC)
	c := report.PastChange{ID: id, Began: &began, Last: &began, Caller: "arn:aws:sts::" + account + ":assumed-role/platform-admin/alice", State: state, Done: done,
		Cluster: report.PastCluster{Name: "eks-workshop", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/eks-workshop"},
		Runs:    []report.PastRunner{{At: began, By: "alice on laptop", PID: 7}}, Journal: "/home/alice/" + id + ".journal"}
	d := report.PastDetail{PastChange: c, Plan: p}
	if p != nil {
		d.Intents, d.Steps = p.Intents, len(p.Steps)
		for i := range p.Steps[:done] {
			d.Events = append(d.Events, report.PastEvent{At: began, Step: i + 1, State: access.Done})
		}
	}
	return Past{PastDetail: d, Here: true}
}

// remembered is the workshop whose first change, a migration, stopped after some steps.
func remembered(t *testing.T, w, h, done int) (*driver, *fake, *shelf) {
	t.Helper()
	s := workshop()
	admins, _ := access.ParsePrincipal(roleARN("eks-workshop-admins"))
	plan, err := access.Build(s, access.Migrate{Principals: []access.Principal{admins}})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{snap: access.Project(s, plan.Steps[:done]...)}
	stopped := change("20261129-180405-aaaaaa", "stopped", done, &plan)
	stopped.Stopped = &report.PastStop{Step: done + 1, Error: "may not eks:AssociateAccessPolicy\nask for it"}
	undone := change("20261128-180405-bbbbbb", "done", len(plan.Steps), &plan)
	undone.UndoneBy = "20261128-180505-cccccc"
	undo := change("20261128-180505-cccccc", "done", len(plan.Steps), &plan)
	undo.Undoes = []string{"20261128-180405-bbbbbb"}
	other := change("20261127-180405-dddddd", "interrupted", 2, &plan)
	other.Cluster.Name, other.Here = "prod\x1b[31m", false
	damaged := Past{PastDetail: report.PastDetail{PastChange: report.PastChange{ID: "20261126-\x1b[5mx", State: "damaged", Damage: "line 3 is damaged\n\x1b[0m", Journal: "/j\u202e"}}}
	now := change("20261125-180405-eeeeee", "running", 1, &plan)
	sh := &shelf{past: []Past{stopped, undo, undone, other, damaged, now}, whole: plan}
	d := drive(t, f, w, h)
	d.app.o.History = sh.history()
	return d, f, sh
}

func TestHistoryOfThisClusterAndOfAll(t *testing.T) {
	d, _, _ := remembered(t, 120, 40, 2)
	d.keys("H").sees("History  4 changes of eks-workshop", "2 of others: a", "migrate eks-workshop-admins to access entries", "stopped at 3/6", "undone", "running, 1/6 done").lacks("prod")
	d.sees("may not eks:AssociateAccessPolicy ask for it", "by platform-admin/alice, alice on laptop  2026-11-29 18:04:05")
	d.keys("a").sees("6 changes of every cluster", "prod␛[31m", "damaged").keys("a").lacks("prod")
	d.keys("enter").sees("cluster   eks-workshop", "2/6 ✓ + access entry  eks-workshop-admins", "3/6 · + AmazonEKSClusterAdminPolicy", "not begun").keys("enter").sees("4 changes")
	d.keys("H").sees("IAM PRINCIPAL")
}

// Whoever comes back after a change was cut off is told, once.
func TestHalfwayChangeIsTold(t *testing.T) {
	d, _, sh := remembered(t, 80, 24, 2)
	d.keys("r").sees("a change stands halfway, 2 of 6 steps done: H").keys("j").lacks("stands halfway").keys("r").lacks("stands halfway")
	sh.past = slices.DeleteFunc(sh.past, func(p Past) bool { return p.Here && p.PastChange.Halfway() })
	for name, past := range map[string][]Past{"of another cluster": sh.past, "none": nil} {
		other, _, sh := remembered(t, 80, 24, 2)
		if sh.past = past; strings.Contains(other.keys("r").plain(), "stands halfway") {
			t.Error(name)
		}
	}
}

// A change is gone on with through the same preview, and applied under its own digest.
func TestResumeFromTheHistory(t *testing.T) {
	for _, open := range [][]string{{"H"}, {"H", "enter"}} {
		d, f, sh := remembered(t, 120, 40, 2)
		d.keys(open...).keys("r").sees("Resume", "4 steps", "nobody loses anything")
		if got, want := asked(t, d.ask()).accepted.Digest, sh.whole.Digest(); got != want {
			t.Errorf("digest %s, want that of the whole plan", got[:6])
		}
		d.keys("a", "y").sees("4 steps done, 2 done already")
		same(t, access.Project(workshop(), sh.whole.Steps...), f.snap)
		d.keys("u").sees("Undo", "6 steps").keys("a", "y").sees("6 steps done")
		same(t, workshop(), f.snap)
	}
}

// ask is what a asks in the preview.
func (d *driver) ask() effect {
	_, e := d.app.stack[len(d.app.stack)-1].update(press("a"))
	return e
}

func TestUndoFromTheHistory(t *testing.T) {
	d, f, sh := remembered(t, 120, 40, 2)
	narrow, _, _ := remembered(t, 80, 24, 2)
	narrow.keys("H", "u").sees("Before you say yes ▲") // what stays is said there
	d.keys("H", "u").sees("Undo", "2 steps", "can't be switched back; all else is taken back").keys("esc").sees("History  4 changes")
	d.keys("u", "a", "y").sees("2 steps done")
	same(t, workshop(), f.snap)
	if got := strings.Join(sh.asked, ", "); got != "undo 20261129-180405-aaaaaa, undo 20261129-180405-aaaaaa" {
		t.Error(got)
	}
}

// An undo is taken back as any change: it stands in the history as one.
func TestUndoOfAnUndoFromTheHistory(t *testing.T) {
	for _, open := range [][]string{{"H", "down"}, {"H", "down", "enter"}} {
		d, f, sh := remembered(t, 120, 40, 2)
		d.keys(open...).sees("20261128-180505-cccccc").keys("u").sees("Undo", "2 steps").keys("a", "y").sees("2 steps done")
		if got := strings.Join(sh.asked, ", "); got != "undo 20261128-180505-cccccc" {
			t.Error(got)
		}
		same(t, workshop(), f.snap)
	}
}

// What is in the basket stays there when something else is taken back.
func TestUndoFromTheHistoryKeepsTheBasket(t *testing.T) {
	d, _, _ := remembered(t, 120, 40, 2)
	d.text("/orders-oncall").keys("enter", "m", "p").sees("Preview").keys("esc", "H", "u", "a", "y").sees("2 steps done", "basket 1")
}

// The journal of a change that is done but for its last word is ended.
func TestResumeOfWhatIsDoneEndsTheJournal(t *testing.T) {
	d, _, sh := remembered(t, 80, 24, 6)
	d.keys("H", "r").sees("Resume")
	d.golden("resume-done-80x24")
	d.keys("a").sees("Apply to eks-workshop?").keys("y").sees("done already")
	if len(sh.asked) != 1 {
		t.Error(sh.asked)
	}
}

func TestWhatSomebodyElseChangedStopsResume(t *testing.T) {
	d, f, sh := remembered(t, 120, 40, 2)
	d.keys("H")
	e, _ := access.Get[access.AccessEntry](f.snap.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: roleARN("eks-workshop-admins")})
	e.Groups = []string{"breakfast"}
	f.snap.Objects = f.snap.Objects.With(e) // after the screens have read it
	d.keys("r").sees("no plan can be made", "changed by somebody else", "p plan anew").keys("a").sees("a: there is no plan")
	d.keys("p").sees("Planned anew", "nobody loses anything").keys("a", "y").sees("done")
	if e, _ := access.Get[access.AccessEntry](f.snap.Objects, e.Key()); !slices.Equal(e.Groups, []string{"breakfast"}) {
		t.Errorf("theirs was overwritten: %v", e.Groups)
	}
	if got := strings.Join(sh.asked, ", "); got != "resume 20261129-180405-aaaaaa, anew /home/alice/20261129-180405-aaaaaa.journal" {
		t.Error(got)
	}
}

// What is changed while a plan is applied stops it; the same wish is planned again from
// what is there, and shown, and the basket is empty when it is done.
func TestWhatSomebodyElseChangesMeanwhileIsPlannedAnew(t *testing.T) {
	f := &fake{snap: workshop()}
	sh := &shelf{}
	d := drive(t, f, 120, 40)
	d.app.o.History = sh.history()
	d.keys("down", "m", "p")
	plan := d.shown()
	entry := plan.Steps[1].After.(access.AccessEntry)
	f.stop = func(step int) {
		if step == 1 {
			entry.Groups = append(slices.Clone(entry.Groups), "breakfast")
			f.does(access.Step{After: entry})
			f.fail = map[int]error{2: &access.Conflict{Key: entry.Key(), Want: plan.Steps[1].After, Have: entry}}
		}
	}
	d.keys("a", "y").sees("stopped at step 3", "somebody else", "p plan anew", "basket 1").lacks("r resume")
	f.stop, f.fail = nil, nil
	d.keys("p").sees("Planned anew", "nobody loses anything").keys("tab", "tab", "tab").sees("[a]").keys("a", "y").sees("done").lacks("basket 1")
	e, _ := access.Get[access.AccessEntry](f.snap.Objects, entry.Key())
	if !slices.Equal(e.Groups, []string{"breakfast"}) {
		t.Errorf("groups %v", e.Groups)
	}
	if len(sh.asked) != 1 {
		t.Error(sh.asked)
	}
}

// meddled is the cluster with the whole plan done, and the entry changed by somebody else.
func meddled(f *fake, steps []access.Step) {
	f.does(steps...)
	e, _ := access.Get[access.AccessEntry](f.snap.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: roleARN("eks-workshop-admins")})
	e.Groups = []string{"breakfast"}
	f.does(access.Step{After: e})
}

// Planned anew with nothing left to do, a change is at its end, and so is its journal.
func TestPlannedAnewWithNothingLeftEndsTheJournal(t *testing.T) {
	d, f, sh := remembered(t, 120, 40, 2)
	d.keys("H")
	meddled(f, sh.whole.Steps[2:])
	d.keys("r").sees("no plan can be made", "changed by somebody else").keys("p").sees("Planned anew", "nothing to do", "20261129-180405-aaaaaa has nothing left to do, and is ended")
	d.keys("a").sees("a: there is nothing to do")
	if got := strings.Join(sh.ended, ", "); got != "/home/alice/20261129-180405-aaaaaa.journal" {
		t.Errorf("ended %q", got)
	}
	d.keys("esc", "H", "r").sees("no plan can be made")
	sh.err = errors.New("write the journal: disk full")
	d.keys("p").sees("Planned anew", "write the journal: disk full").lacks("is ended")
}

// When it was the basket's plan, its wishes have come true.
func TestPlannedAnewWithNothingLeftEmptiesTheBasket(t *testing.T) {
	f := &fake{snap: workshop()}
	sh := &shelf{}
	d := drive(t, f, 120, 40)
	d.app.o.History = sh.history()
	d.keys("down", "m", "p")
	plan := d.shown()
	f.stop = func(step int) {
		if step == 1 {
			k := plan.Steps[1].Key()
			f.fail = map[int]error{2: &access.Conflict{Key: k, Want: plan.Steps[1].After, Have: f.snap.Objects.At(k)}}
		}
	}
	d.keys("a", "y").sees("stopped at step", "basket 1")
	f.stop, f.fail = nil, nil
	meddled(f, plan.Steps[2:])
	d.keys("p").sees("Planned anew", "nothing to do").lacks("basket 1")
	if len(sh.ended) != 0 {
		t.Error("there was no journal, and this was ended:", sh.ended)
	}
}

// Where there are journals, what was applied in the session is taken back by its journal,
// with what it went on with.
func TestUndoOfTheSessionIsByItsJournal(t *testing.T) {
	d, _, sh := remembered(t, 120, 40, 0)
	d.keys("down", "m", "p", "a", "y").sees("6 steps done").keys("u").sees("Undo", "6 steps").keys("esc").sees("IAM PRINCIPAL")
	if got := strings.Join(sh.asked, ", "); got != "undo /home/alice/.kube/eks-access/journal-2026-11-30T10-00-00Z.jsonl" {
		t.Error(got)
	}
}

func TestHistorySaysWhyNot(t *testing.T) {
	d, _, sh := remembered(t, 120, 40, 2)
	d.keys("H", "a")
	for _, want := range []string{"", "r: it is done", "r: it was taken back by 20261128-180505-cccccc; u: it was taken back",
		"r: it is of another cluster; u: it is of another cluster", "r: its journal can't be read; u: its journal", "r: it is under way; u: it is under way"} {
		for _, w := range strings.Split(want, "; ") {
			if w != "" {
				d.keys(w[:1]).sees(w)
			}
		}
		d.keys("down")
	}
	if len(sh.asked) != 0 {
		t.Error(sh.asked)
	}
}

func TestHistoryThatIsNotThere(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24).keys("H").sees("No history in a demo", "A demo keeps no journals", "u takes back what was applied").keys("enter").lacks("No history")
	d.app.o.Title = "snapshot 2026-11-22"
	d.keys("H").sees("No history here", "A snapshot is only looked at").keys("esc")
	sh := &shelf{}
	d.app.o.History = sh.history()
	d.keys("H").sees("0 changes of eks-workshop", "nothing was changed by this user").keys("enter").sees("there is no change under the cursor").keys("r").sees("r: there is no change").keys("esc")
	sh.err = errors.New("read the folder of journals: permission denied")
	d.keys("H").sees("read the folder of journals: permission denied").fits()
}

func TestHistoryAtFourSizes(t *testing.T) {
	for _, s := range sizes {
		d, _, _ := remembered(t, s.w, s.h, 2)
		d.keys("H").golden(fmt.Sprintf("history-%dx%d", s.w, s.h))
		d.keys("enter").golden(fmt.Sprintf("past-%dx%d", s.w, s.h))
		d.keys("esc", "a").golden(fmt.Sprintf("history-all-%dx%d", s.w, s.h))
		for _, k := range []string{"down", "enter", "esc", "down", "down", "enter", "end", "?", "esc", "esc", "end", "enter"} {
			d.keys(k).fits()
		}
	}
}
