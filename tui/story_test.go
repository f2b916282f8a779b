package tui

import (
	"errors"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

func TestFirstFrameNeedsNoAnswer(t *testing.T) {
	d := start(t, &fake{snap: workshop()}, 120, 40)
	d.sees("eks-workshop", "reading", "IAM PRINCIPAL 0", "reading access entries, aws-auth")
	d.golden("first-120x40")
}

// The story of S3 by keys alone: migrate, preview, apply, proof, undo.
func TestMigrateApplyProofUndo(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40)
	before := f.snap

	d.keys("down", "m").sees("basket 1", "◆").keys("p").sees("Preview  1 principal", "nobody loses anything", "prove first")
	d.golden("preview-120x40")
	d.keys("down", "d").sees("accessEntry").golden("preview-raw-120x40")
	d.keys("a", "y").sees("✓ 6 steps done", "Proof", "journal").lacks("basket")
	d.golden("proof-120x40")
	if _, there := access.Get[access.AccessEntry](f.snap.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: roleARN("eks-workshop-admins")}); !there {
		t.Fatal("the entry was not made")
	}
	d.keys("enter").sees("IAM PRINCIPAL 9").keys("u").sees("Undo", "nobody loses anything").keys("a", "y").sees("6 steps done")
	for o := range before.Objects.All() {
		k := o.Key()
		if !access.Same(o, f.snap.Objects.At(k)) {
			t.Errorf("%v is not as it was", k)
		}
	}
	if f.snap.Objects.Len() != before.Objects.Len() {
		t.Errorf("%d objects after undo, %d before", f.snap.Objects.Len(), before.Objects.Len())
	}
}

func TestEnterAloneNeverApplies(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m", "p", "enter", "enter", "space", "y")
	d.sees("Preview")
	if d.app.running != nil || f.snap.Objects.Len() != workshop().Objects.Len() {
		t.Fatal("something was applied")
	}
}

// Keys typed before the plan is on the screen were not meant for it.
func TestTypedAheadKeysDieWhenThePlanAppears(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m").hurry("p", "a", "a")
	d.sees("Preview").lacks("Applying").lacks("steps done")
	if d.app.hushed == 0 {
		t.Fatal("keys count at once")
	}
	d.rest()
	d.keys("a", "y").sees("6 steps done")
}

func TestNoSingleKeyApplies(t *testing.T) {
	for _, k := range []string{"enter", "n", "esc"} {
		drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "p", "a").sees("Apply to eks-workshop?").keys(k).lacks("steps done").lacks("Apply to")
	}
}

func TestTypedAheadKeysDieWhenTheProofAppears(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "p", "a")
	d.hurry("y", "u", "enter").sees("6 steps done")
}

func TestStopAfterThisStepAndResume(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40)
	f.stop = func(step int) {
		if step == 1 {
			d.app.running.cancel()
		}
	}
	d.keys("down", "m", "p", "a", "y").sees("stopped at step 3", "2 steps done").sees("basket 1")
	d.golden("stopped-120x40")
	f.stop = nil
	d.keys("r").sees("4 steps done, 2 done already").lacks("basket")
	d.keys("u").sees("Undo").sees("6 - ClusterRoleBinding")
}

func TestFailureIsShownInPlace(t *testing.T) {
	f := &fake{snap: workshop(), fail: map[int]error{2: &access.Forbidden{Who: roleARN("platform-admin"), Action: "eks:AssociateAccessPolicy", Detail: "no identity-based policy allows it"}}}
	d := drive(t, f, 100, 30).keys("down", "m", "p", "a", "y")
	d.sees("stopped at step 3", "eks:AssociateAccessPolicy", "r resume", "u undo")
}

func TestEscapeAsksBeforeItStops(t *testing.T) {
	p := newProgress(apply{plan: access.Plan{Steps: make([]access.Step, 2)}})
	_, e := p.update(press("esc"))
	o, ok := e.(open)
	if !ok {
		t.Fatalf("effect %T", e)
	}
	for key, want := range map[string]effect{"enter": back{}, "n": back{}, "esc": back{}} {
		if _, e := o.screen.update(press(key)); e != want {
			t.Errorf("%s: %#v, want %#v", key, e, want)
		}
	}
	_, e = o.screen.update(press("y"))
	if m, ok := e.(many); !ok || m[1] != (stop{}) {
		t.Errorf("y: %#v", e)
	}
}

func TestOneWayDoorWantsTheClustersName(t *testing.T) {
	f := &fake{snap: configMapOnly()}
	d := drive(t, f, 120, 40).text("/workshop-admins").keys("enter", "m", "p").sees("[a]")
	for range 3 {
		d.keys("a")
		if top, ok := d.app.stack[len(d.app.stack)-1].(ask); ok {
			d.golden("one-way-120x40")
			d.keys("enter").sees(top.title, "type eks-workshop first")
			d.text("eks-work").keys("enter").sees(top.title)
			d.text("shop").keys("enter").sees("steps done")
			if m, _ := access.Get[access.AuthMode](f.snap.Objects, access.AuthMode{In: eksRealm}.Key()); m.Mode != access.BothMode {
				t.Errorf("mode %s", m.Mode)
			}
			d.keys("u").sees("Undo", "can't be switched back")
			return
		}
		d.keys("space") // a finding that a key accepts
	}
	t.Fatalf("the name was never asked for:\n%s", d.plain())
}

// Two modes ahead are two doors, from the first one on.
func TestEachOneWayDoorWantsTheName(t *testing.T) {
	door := func(from, to access.Mode) access.Finding {
		return access.Finding{Code: access.OneWayMode, Severity: access.Confirm, Args: []string{string(from), string(to)}}
	}
	p := newPreview([]wish{migration("")}, "c").take(planned{plan: access.Plan{Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}},
		Findings: []access.Finding{door(access.BothMode, access.APIMode), door(access.ConfigMapMode, access.BothMode)}}})
	_, e := p.update(press("a"))
	for _, want := range []string{"from CONFIG_MAP to API_AND_CONFIG_MAP", "from API_AND_CONFIG_MAP to API"} {
		o, _ := e.(open)
		q, ok := o.screen.(ask)
		if !ok || !strings.Contains(q.lines[0].Text, want) || q.word != "c" {
			t.Fatalf("%#v, want %s", e, want)
		}
		if _, e := q.update(press("enter")); e == nil {
			t.Fatal("no word about what is missing")
		} else if _, no := e.(say); !no {
			t.Fatalf("enter alone: %#v", e)
		}
		q.typed = q.typed.insert("c")
		_, e = q.update(press("enter"))
		e = e.(many)[1]
	}
	if _, ok := e.(apply); !ok {
		t.Errorf("%#v", e)
	}
}

func TestRefusedPlanSaysWhyAndIsNotApplied(t *testing.T) {
	p := newPreview([]wish{migration("")}, "eks-workshop").take(planned{plan: access.Plan{Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}},
		Findings: []access.Finding{{Code: access.NoAdminLeft, Severity: access.Refuse, Args: []string{"1"}}}}})
	_, e := p.update(press("a"))
	if s, ok := e.(say); !ok || !strings.Contains(s.text, "refused: ") {
		t.Errorf("effect %#v", e)
	}
}

// asked is what yes does in the question that an effect opens.
func asked(t *testing.T, e effect) apply {
	t.Helper()
	o, _ := e.(open)
	q, _ := o.screen.(ask)
	a, ok := q.then.(apply)
	if !ok {
		t.Fatalf("effect %#v asks nothing", e)
	}
	return a
}

func TestEveryConfirmMustBeAccepted(t *testing.T) {
	two := access.Plan{Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}},
		Findings: []access.Finding{{Code: access.NoBridge, Severity: access.Confirm, Args: []string{roleARN("a")}}, {Code: access.NoBridge, Severity: access.Confirm, Args: []string{roleARN("b")}}}}
	var s screen = newPreview([]wish{migration("")}, "eks-workshop").take(planned{plan: two})
	for i := range 2 {
		var e effect
		if s, e = s.update(press("a")); e == nil {
			t.Fatal("no word about what is missing")
		}
		if _, asked := e.(open); asked {
			t.Fatalf("applied after %d of 2", i)
		}
		s, _ = s.update(press("space"))
	}
	_, e := s.update(press("a"))
	a := asked(t, e)
	if a.accepted.Digest != two.Digest() || len(a.accepted.Codes) != 1 || a.accepted.Codes[0] != access.NoBridge {
		t.Errorf("effect %#v", e)
	}
	s, _ = s.update(press("space")) // taken back
	if _, e := s.update(press("a")); e != nil {
		if _, asked := e.(open); asked {
			t.Error("applied without acceptance")
		}
	}
}

func TestGrantToANewPrincipalLooksItUp(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("right", "g").sees("Grant access", "carts")
	d.keys("enter").text("arn:aws:iam::" + account + ":role/newcomer").keys("enter")
	d.sees("role/newcomer", "access entry")
	if f.looks == 0 {
		t.Error("IAM was not asked")
	}
	d.golden("grant-120x40")
	d.keys("ctrl+b").sees("basket 1").keys("p", "a", "y").sees("steps done").keys("enter").sees("newcomer", "IAM PRINCIPAL 10")
}

func TestGrantNeedsAPlaceBeforeItIsWeighed(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30).keys("g").sees("choose namespaces, or the whole cluster")
	d.keys("ctrl+p").sees("^p: choose namespaces")
}

func TestPickedNameAndTypedNameAreBothTaken(t *testing.T) {
	var s screen = newPicker("Namespaces", []string{"carts", "catalog", "ui"}, nil, several, "will be created")
	for _, k := range []string{"c", "a", "r", "tab", "n", "e", "w"} {
		s, _ = s.update(press(k))
	}
	_, e := s.update(press("enter"))
	a, ok := e.(answer)
	if !ok || strings.Join(a.msg.(chosen).items, " ") != "carts new" {
		t.Errorf("effect %#v", e)
	}
}

func TestNoPlanIsMadeOnHalfTheFacts(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m")
	d.app.busy = true
	d.keys("p").sees("making the plan")
	d.app.busy = false
	if d.app.later == nil {
		t.Fatal("the plan was made while the cluster was being read")
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40)
	old := d.app.world
	d.send(surveyed{task: 999, world: survey(access.Snapshot{}, nil), last: true})
	d.send(planned{task: 999, err: errors.New("stale")})
	if d.app.world != old {
		t.Error("a stale world was shown")
	}
	d.keys("down", "m", "p")
	d.send(planned{task: 999, err: errors.New("stale")})
	d.lacks("stale").sees("nobody loses anything")
}

func TestApplyingOneGrantKeepsTheBasket(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "up", "right", "right", "g", "ctrl+p").sees("Preview", "AmazonEKSViewPolicy")
	d.keys("a", "y").sees("done", "basket 1")
}

func TestControlCDuringApplyStopsThePlanFirst(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m", "p", "a")
	d.send(press("y")) // the commands wait in the driver
	d.send(press("ctrl+c"))
	if d.left || d.app.running.ctx.Err() == nil {
		t.Fatal("the plan was not stopped, or not waited for")
	}
	if d.run(); !d.left {
		t.Fatal("did not leave when the plan had stopped")
	}
}
