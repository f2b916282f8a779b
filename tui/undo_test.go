package tui

import (
	"errors"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// same fails unless the cluster is as it was.
func same(t *testing.T, was, is access.Snapshot) {
	t.Helper()
	for o := range was.Objects.All() {
		k := o.Key()
		if !access.Same(o, is.Objects.At(k)) {
			t.Errorf("%v is not as it was", k)
		}
	}
	if is.Objects.Len() != was.Objects.Len() {
		t.Errorf("%d objects, %d before", is.Objects.Len(), was.Objects.Len())
	}
}

// shown is the plan on the screen.
func (d *driver) shown() access.Plan { return d.app.stack[len(d.app.stack)-1].(previewed).plan }

// A step whose answer was lost is done or not: only the cluster knows.
func TestUndoTakesBackAStepWhoseAnswerWasLost(t *testing.T) {
	for name, f := range map[string]*fake{
		"done":     {snap: workshop(), lost: map[int]error{2: errors.New("connection reset")}},
		"not done": {snap: workshop(), fail: map[int]error{2: errors.New("connection reset")}},
	} {
		t.Run(name, func(t *testing.T) {
			before := f.snap
			d := drive(t, f, 120, 40).keys("down", "m", "p", "a", "y").sees("stopped at step 3", "2 steps done")
			f.lost, f.fail = nil, nil
			d.keys("u").sees("Undo")
			if got, want := len(d.shown().Steps), pick(name == "done", 3, 2); got != want {
				t.Fatalf("%d steps back, want %d:\n%s", got, want, d.plain())
			}
			d.keys("a", "y").sees("steps done")
			same(t, before, f.snap)
		})
	}
}

func TestUndoTakesBackASkippedStep(t *testing.T) {
	f := &fake{snap: workshop()}
	before := f.snap
	d := drive(t, f, 120, 40).keys("down", "m", "p")
	f.does(d.shown().Steps[0]) // by the run before, say
	d.keys("a", "y").sees("5 steps done, 1 done already").keys("u").sees("Undo")
	if n := len(d.shown().Steps); n != 6 {
		t.Fatalf("%d steps back, want 6", n)
	}
	d.keys("a", "y").sees("steps done")
	same(t, before, f.snap)
}

// Only what is still there is taken back, and what somebody else made of an object
// is never overwritten.
func TestUndoStartsFromTheClusterAsItIs(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m", "p")
	plan := d.shown()
	d.keys("a", "y").sees("6 steps done").keys("enter")
	back, err := access.Inverse(plan.Steps)
	if err != nil {
		t.Fatal(err)
	}
	f.does(back[0])
	d.keys("u").sees("Undo")
	if n := len(d.shown().Steps); n != 5 || len(d.shown().Undoes) == 0 {
		t.Fatalf("%d steps back, want 5, of journal %q", n, d.shown().Undoes)
	}
	e, _ := access.Get[access.AccessEntry](f.snap.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: roleARN("eks-workshop-admins")})
	e.Groups = []string{"breakfast"}
	f.snap.Objects = f.snap.Objects.With(e)
	d.keys("esc", "u").sees("no plan can be made", "was changed by somebody else", "breakfast").keys("a").sees("a: there is no plan")
}

// What can't be read is not called a change.
func TestUndoOfWhatCanNotBeReadSaysSo(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m", "p", "a", "y").sees("6 steps done").keys("enter")
	f.snap.Objects = f.snap.Objects.With()
	for o := range f.snap.Objects.All() {
		k := o.Key()
		if k.Kind == access.EntryKind {
			f.snap.Objects = f.snap.Objects.Without(k)
		}
	}
	f.snap.Gaps = append(f.snap.Gaps, access.Gap{Realm: eksRealm, Kind: access.EntryKind, Why: access.Denied, Detail: "eks:ListAccessEntries"})
	d.keys("u").sees("no plan can be made", "eks:ListAccessEntries").lacks("somebody else")
}
