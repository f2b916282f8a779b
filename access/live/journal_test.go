package live_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// written runs two steps, the second of which fails, and returns the journal's path.
func written(t *testing.T, dir string) (access.Plan, string) {
	t.Helper()
	m := newMemory(filled(entry("b", "ours")))
	m.meanwhile(filled(entry("b", "theirs")))
	p := planOf(access.Step{After: entry("a")}, access.Step{Before: filled(entry("b", "ours"))})
	w := m.world(t, dir)
	w.Now = func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }
	out, err := w.Apply(context.Background(), p, yes(p), nil)
	if err == nil || out.Journal == "" {
		t.Fatalf("outcome %+v, %v", out, err)
	}
	return p, out.Journal
}

func TestJournalTellsTheRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "journals")
	p, path := written(t, dir)
	j, err := live.ReadJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]access.StepState{access.Done, access.Failed}, j.States); diff != "" {
		t.Error(diff)
	}
	if j.Plan.Digest() != p.Digest() || j.Complete || !j.Of.Equal(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("journal %+v", j)
	}
	if name := filepath.Base(path); name != "20261121-100000-"+p.Digest()[:6]+".journal" {
		t.Errorf("name %s", name)
	}
	for at, want := range map[string]os.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(at); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v", at, info.Mode().Perm(), want)
		}
	}
	steps, err := j.Undo()
	if err != nil || len(steps) != 1 || steps[0].Sign() != '-' {
		t.Errorf("Undo = %v, %v: only the first step was begun", steps, err)
	}
}

func TestJournalSurvivesATornLine(t *testing.T) {
	_, path := written(t, t.TempDir())
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Count(string(text), "\n")
	for cut := len(text) - 1; cut > strings.Index(string(text), "\n"); cut-- {
		if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := live.ReadJournal(path); err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(text), err)
		}
	}
	for name, bad := range map[string]string{
		"empty":            "",
		"no plan":          "hello\n",
		"a damaged middle": string(text[:strings.Index(string(text), "\n")+1]) + "garbage\n" + `{"step":0,"state":"done"}` + "\n",
		"a step too many":  string(text) + `{"step":7,"state":"done"}` + "\n",
	} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := live.ReadJournal(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s (of %d lines): err = %v", name, whole, err)
		}
	}
}

// A run that goes on after a torn line writes on a line of its own.
func TestResumeAfterATornLine(t *testing.T) {
	m, dir := newMemory(), t.TempDir()
	p := planOf(access.Step{After: entry("a")}, access.Step{After: entry("b")})
	killed := func(e access.Event) error {
		if e.State == access.Done {
			return errors.New("killed")
		}
		return nil
	}
	out, _ := m.world(t, dir).Apply(context.Background(), p, yes(p), killed)
	text, err := os.ReadFile(out.Journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out.Journal, text[:strings.Index(string(text), `"done"`)], 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = m.world(t, dir).Apply(context.Background(), p, yes(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	j, err := live.ReadJournal(out.Journal)
	if err != nil || len(must(filepath.Glob(filepath.Join(dir, "*.journal")))) != 1 {
		t.Fatalf("journal %+v, %v", j, err)
	}
	if steps, err := j.Undo(); err != nil || len(steps) != 2 {
		t.Errorf("Undo = %d steps, %v", len(steps), err)
	}
	if diff := cmp.Diff([]access.StepState{access.Done, access.Done}, j.States); diff != "" || !j.Complete {
		t.Errorf("what was begun and found done was done by us: %s", diff)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestLastJournal(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "absent")} {
		if _, err := last(d, demo); !errors.Is(err, live.ErrNoJournal) {
			t.Errorf("err = %v", err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"a", "b", "c"} {
			m, p := newMemory(), planOf(access.Step{After: entry(name)})
			if _, err := m.world(t, dir).Apply(t.Context(), p, yes(p), nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
	})
	j, err := last(dir, demo)
	if err != nil || j.Plan.Steps[0].Key() != entry("c").Key() || !j.Complete {
		t.Errorf("last journal %+v, %v", j, err)
	}
}

// Undo goes back: not to and fro, not to another cluster, not to one of the same name
// that is gone.
func TestLastJournalIsOfAChangeThatStands(t *testing.T) {
	dir := t.TempDir()
	m := newMemory()
	apply := func(p access.Plan) access.Outcome {
		t.Helper()
		o, err := m.world(t, dir).Apply(t.Context(), p, yes(p), nil)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := apply(planOf(access.Step{After: entry("a")}))
	second := apply(planOf(access.Step{After: entry("b")}))
	back := planOf(access.Step{Before: entry("b")})
	back.Undoes = []string{second.Journal}
	apply(back)
	j, err := last(dir, demo)
	if err != nil || j.Path != first.Journal {
		t.Errorf("last %q, %v; want the first change, %q", j.Path, err, first.Journal)
	}
	anew, other := demo, demo
	anew.Endpoint, other.ARN = "https://other", "arn:aws:eks:eu-west-1:111122223333:cluster/other"
	if _, err := last(dir, other); !errors.Is(err, live.ErrNoJournal) {
		t.Errorf("another cluster's journal: %v", err)
	}
	was := demo
	was.Endpoint = "https://demo"
	if was.Is(anew) || !was.Is(demo) {
		t.Error("a cluster made again has another endpoint")
	}
}

func TestUndoLeavesTheModeAndSaysSo(t *testing.T) {
	mode := func(m access.Mode) access.AuthMode { return access.AuthMode{In: eksRealm, Mode: m} }
	m, dir := newMemory(mode(access.ConfigMapMode)), t.TempDir()
	p := planOf(access.Step{Before: mode(access.ConfigMapMode), After: mode(access.BothMode)}, access.Step{After: entry("a")})
	if _, err := m.world(t, dir).Apply(context.Background(), p, yes(p), nil); err != nil {
		t.Fatal(err)
	}
	j, err := last(dir, demo)
	if err != nil {
		t.Fatal(err)
	}
	if steps, err := j.Undo(); !errors.Is(err, access.ErrOneWay) || len(steps) != 1 {
		t.Errorf("Undo = %v, %v", steps, err)
	}
}

// last is the newest journal of a change that stands.
func last(dir string, c access.Cluster) (live.Journal, error) {
	js, err := live.Journals(dir, c)
	if err != nil {
		return live.Journal{}, err
	}
	return js[0], nil
}
