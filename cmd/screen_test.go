package cmd

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/export"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// opened is the cluster as the screens open it, in this process.
func (m *mortal) opened() (*env, *world) {
	m.t.Helper()
	for _, v := range m.env {
		if k, value, _ := strings.Cut(v, "="); os.Getenv(k) != value {
			m.t.Setenv(k, value)
		}
	}
	e := system()
	w, err := e.open(m.t.Context(), target{})
	if err != nil {
		m.t.Fatal(err)
	}
	w.Settle = live.Settle{Every: 20 * time.Millisecond, AtMost: 5 * time.Second, Propagation: 60 * time.Millisecond}
	return e, w
}

// halfway applies a migration of which two steps are done.
func (m *mortal) halfway(w *world, s access.Snapshot) (access.Plan, access.Outcome) {
	m.t.Helper()
	admins, _ := access.ParsePrincipal("arn:aws:iam::123456789012:role/eks-workshop-admins")
	plan, err := access.Build(s, access.Migrate{Principals: []access.Principal{admins}})
	if err != nil {
		m.t.Fatal(err)
	}
	m.bench.Break(func(c sim.Call) *sim.Fault {
		if c.Operation == "AssociateAccessPolicy" {
			return &sim.Fault{Status: 403, Code: "AccessDeniedException"}
		}
		return nil
	})
	o, err := w.Apply(m.t.Context(), plan, access.Accepted{Digest: plan.Digest(), Codes: plan.Confirms()}, func(access.Event) error { return nil })
	if err == nil || o.Done != 2 {
		m.t.Fatalf("%v, %+v", err, o)
	}
	m.bench.Break(nil)
	return plan, o
}

// What somebody else's change has stopped is planned anew, and goes on with its journal.
func TestScreensPlanAnew(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	e, w := m.opened()
	plan, o := m.halfway(w, m.now())
	was := plan.Steps[1].After.(access.AccessEntry)
	is := was
	is.Groups = append(slices.Clone(is.Groups), "breakfast")
	if err := m.look.Sides[was.In].Put(t.Context(), was, is); err != nil {
		t.Fatal(err)
	}
	h := e.past(w, target{})
	past, _ := h.List()
	if _, err := h.Resume(m.now(), past[0].ID); !conflict(err) {
		t.Fatalf("resumed: %v", err)
	}
	got, err := h.Anew(t.Context(), m.now(), plan, o.Journal)
	if err != nil || len(got.Plan.GoesOn) != 1 || !slices.Contains(got.Plan.Confirms(), access.MadeAnew) {
		t.Fatalf("%v, %+v", err, got.Plan.Findings)
	}
	if _, err := w.Apply(t.Context(), got.Do, access.Accepted{Digest: got.Do.Digest(), Codes: got.Plan.Confirms()}, func(access.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	past, _ = h.List()
	if len(past) != 2 || past[0].State != "done" || past[1].GoneOnBy != past[0].ID {
		t.Errorf("%+v", past)
	}
	if _, err := h.Undo(m.now(), past[1].ID); err == nil || !strings.Contains(err.Error(), "goes on with it") {
		t.Errorf("the first alone is taken back: %v", err)
	}
	if back, err := h.Undo(m.now(), past[0].Journal); err != nil || len(back.Plan.Steps) == 0 {
		t.Errorf("by its path: %v", err)
	}
	// One that has changed nothing has no journal.
	if _, err := h.Anew(t.Context(), m.now(), plan, ""); err != nil {
		t.Error(err)
	}
}

// A change that somebody else has brought to its end is ended, as resume --replan does it.
func TestScreensEndWhatHasNothingLeft(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	e, w := m.opened()
	plan, o := m.halfway(w, m.now())
	other, err := access.Build(m.now(), plan.From...)
	if err == nil {
		_, err = w.Apply(t.Context(), other, access.Accepted{Digest: other.Digest(), Codes: other.Confirms()}, func(access.Event) error { return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	h := e.past(w, target{})
	got, err := h.Anew(t.Context(), m.now(), plan, o.Journal)
	if err != nil || len(got.Plan.Steps) != 0 {
		t.Fatalf("%v, %d steps", err, len(got.Plan.Steps))
	}
	said, err := h.End(o.Journal)
	if err != nil || !strings.Contains(said.Text, "has nothing left to do, and is ended") {
		t.Errorf("%v, %q", err, said.Text)
	}
	past, _ := h.List()
	for _, p := range past {
		if p.State != "done" {
			t.Errorf("%+v", p.PastChange)
		}
	}
	if _, err := h.End("/no/such.journal"); err == nil {
		t.Error("of a journal that is not there")
	}
}

// What the screens resume and take back is what the flags do: under the digest of the
// whole plan, so that its journal goes on and one undo takes back all of it.
func TestScreensGoOnWithAJournal(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	e, w := m.opened()
	first := m.now()
	h := e.past(w, target{})
	only := func() tui.Past {
		t.Helper()
		past, err := h.List()
		if err != nil || len(past) == 0 || !past[len(past)-1].Here {
			t.Fatalf("%v, %d journals", err, len(past))
		}
		return past[len(past)-1]
	}
	apply := func(p tui.Proposal, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Apply(t.Context(), p.Do, access.Accepted{Digest: p.Do.Digest(), Codes: p.Plan.Confirms()}, func(access.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}

	plan, _ := m.halfway(w, first)
	p := only()
	if p.State != "stopped" || p.Done != 2 || len(p.Events) == 0 || p.Plan == nil {
		t.Errorf("%+v", p.PastChange)
	}
	got, err := h.Resume(m.now(), p.ID)
	if len(got.Plan.Steps) != len(plan.Steps)-2 || got.Do.Digest() != plan.Digest() {
		t.Errorf("%d steps to look at, %v", len(got.Plan.Steps), err)
	}
	apply(got, err)
	if p = only(); p.State != "done" {
		t.Errorf("%+v", p.PastChange)
	}
	if _, err := h.Resume(m.now(), p.ID); err == nil || !strings.Contains(err.Error(), "has come to its end") {
		t.Errorf("resumed again: %v", err)
	}
	apply(h.Undo(m.now(), p.ID))
	if d := differ(first, m.now()); len(d) > 0 {
		t.Errorf("undo leaves %v", d)
	}
	if p = only(); p.UndoneBy == "" {
		t.Errorf("%+v", p.PastChange)
	}
	// The undo stands in the history as a change, and is taken back as the command does it.
	all, _ := h.List()
	back := all[0].PastChange
	if _, no := back.Ended(); no != "" || len(back.Undoes) == 0 {
		t.Errorf("%q, %+v", no, back)
	}
	redo, err := h.Undo(m.now(), back.ID)
	flags, errToo := journalPlan(e, back.ID, m.now())
	if err != nil || errToo != nil || len(redo.Plan.Steps) == 0 || redo.Plan.Digest() != flags.Digest() {
		t.Errorf("%v, %v, %d steps", err, errToo, len(redo.Plan.Steps))
	}
	for _, plan := range []func(access.Snapshot, string) (tui.Proposal, error){h.Resume, h.Undo} {
		if _, err := plan(m.now(), p.ID); err == nil || !strings.Contains(err.Error(), "was taken back by") {
			t.Errorf("again: %v", err)
		}
		if _, err := plan(m.now(), "20200101-nothing"); err == nil {
			t.Error("of a journal that is not there")
		}
	}
	if e.past(&world{demo: true}, target{}) != nil || e.past(&world{past: true}, target{}) != nil {
		t.Error("a demo or a snapshot has a history")
	}
}

// journalPlan is what the command plans to take back a journal.
func journalPlan(e *env, id string, s access.Snapshot) (access.Plan, error) {
	js, err := standing(e, id, s)
	if err != nil {
		return access.Plan{}, err
	}
	p, err := undoOf(s, js)
	return p.plan, err
}

func TestScreensSaveNewFilesOnly(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	for _, want := range []string{"eks-workshop-access.tf", "eks-workshop-access-2.tf", "eks-workshop-access-3.tf"} {
		name := freeName("terraform", "eks-workshop", false)
		if name != want {
			t.Errorf("%s, want %s", name, want)
		}
		path, err := saveNew(name, "text of "+want)
		if err != nil || path != filepath.Join(dir, want) {
			t.Errorf("%s %v", path, err)
		}
		if text, _ := os.ReadFile(path); string(text) != "text of "+want {
			t.Errorf("%q", text)
		}
		if at, err := os.Stat(path); err != nil || at.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", at.Mode(), err)
		}
	}
	if _, err := saveNew("eks-workshop-access.tf", "other"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if err := os.Symlink("nowhere", "link"); err != nil {
		t.Skip(err)
	}
	if _, err := saveNew("link", "other"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("through a link: %v", err)
	}
	if path, err := saveNew("~/home.tf", ""); err != nil || path != filepath.Join(dir, "home.tf") {
		t.Errorf("%s %v", path, err)
	}
	if _, err := saveNew("no/such/folder.tf", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	seen := map[string]bool{}
	for _, f := range export.Formats() {
		for _, plan := range []bool{false, true} {
			name := freeName(string(f), "../\x1b[31m/prod.e", plan)
			if seen[name] || strings.ContainsAny(name, "/\x1b[") || fileEnds[f] == "" {
				t.Errorf("%s: %q", f, name)
			}
			seen[name] = true
		}
	}
}

// A plan's file is one that apply takes, under a name that no other file has.
func TestScreensPlanFileIsWhatApplyTakes(t *testing.T) {
	t.Chdir(t.TempDir())
	plan := access.Plan{Steps: []access.Step{{After: access.Namespace{In: access.KubeRealm("c"), Name: "x\x1b[31m"}}}}
	for _, want := range []string{"plan-" + plan.Digest()[:8] + ".json", "plan-" + plan.Digest()[:8] + "-2.json"} {
		name, text, err := planFile(plan)
		if err != nil || name != want || strings.Contains(text, "\x1b") {
			t.Fatalf("%s %v, want %s", name, err, want)
		}
		var back access.Plan
		if err := json.Unmarshal([]byte(text), &back); err != nil || back.Digest() != plan.Digest() {
			t.Errorf("%v: %s", err, text)
		}
		if left, _ := os.ReadDir("."); (len(left) > 0) != (want[len(want)-7:] == "-2.json") { // nothing is written by naming it
			t.Errorf("%v", left)
		}
		if _, err := saveNew(name, text); err != nil {
			t.Error(err)
		}
	}
}

// What could not be read is not left out of an export without a word.
func TestScreensExportAsTheCommandDoes(t *testing.T) {
	w, err := openDemo(target{Demo: "s3"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admins, _ := access.ParsePrincipal("arn:aws:iam::123456789012:role/eks-workshop-admins")
	plan, err := access.Build(s, access.Migrate{Principals: []access.Principal{admins}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formatNames() {
		if text, err := w.exportText(f, s, nil, nil); err != nil || !strings.Contains(text, "eks-workshop") {
			t.Errorf("%s: %v\n%s", f, err, text)
		}
		if text, err := w.exportText(f, s, &plan, nil); err != nil || !strings.Contains(text, "migrate") {
			t.Errorf("%s of a plan: %v\n%s", f, err, text)
		}
	}
	all, _ := w.exportText("terraform", s, nil, nil)
	one, _ := w.exportText("terraform", s, nil, []access.Principal{admins})
	if len(one) >= len(all) {
		t.Errorf("%d bytes of one, %d of all", len(one), len(all))
	}
	s.Gaps = append(s.Gaps, access.Gap{Realm: s.Realm("eks"), Kind: access.EntryKind, Why: access.Denied, Detail: "eks:ListAccessEntries"})
	if _, err := w.exportText("terraform", s, nil, nil); err == nil || !strings.Contains(err.Error(), "less than there is") {
		t.Errorf("with a gap: %v", err)
	}
	if _, err := w.exportText("cobol", s, nil, nil); err == nil {
		t.Error("in cobol")
	}
}
