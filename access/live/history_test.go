package live_test

import (
	"encoding/json"
	"errors"
	"fmt"
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

// told is a history in short: what each journal is about, and how it stands.
func told(t *testing.T, dir string) []string {
	t.Helper()
	past, err := live.History(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range past {
		what := "?"
		if len(p.Plan.Steps) > 0 {
			what = fmt.Sprintf("%c%s", p.Plan.Steps[0].Sign(), p.Plan.Steps[0].Key().Name)
		}
		text := what + " " + string(p.Now())
		if p.UndoneBy != "" {
			text += " undone"
		}
		out = append(out, text)
	}
	return out
}

func TestHistoryTellsHowChangesStand(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		apply := func(p access.Plan, observe func(access.Event) error) access.Outcome {
			time.Sleep(time.Second)
			o, _ := m.world(t, dir).Apply(t.Context(), p, yes(p), observe)
			return o
		}
		name := func(n string) access.Object { return filled(entry(n)) }
		apply(planOf(access.Step{After: name("a")}), nil)
		b := apply(planOf(access.Step{After: name("b")}), nil)
		m.broken = func(int, access.Object) fault { return denied }
		apply(planOf(access.Step{After: name("c")}), nil)
		m.broken = nil
		undo := planOf(access.Step{Before: name("b")})
		undo.Undoes = []string{b.Journal}
		apply(undo, nil)
		other := planOf(access.Step{After: name("a2")})
		other.Cluster = access.Cluster{}
		apply(other, nil)
		apply(planOf(access.Step{After: name("d")}), func(e access.Event) error {
			if e.State == access.Started {
				return errors.New("killed")
			}
			return nil
		})
	})
	arn := func(n string) string { return entry(n).Key().Name }
	want := []string{"+" + arn("d") + " stopped", "+" + arn("a2") + " done", "-" + arn("b") + " done", "+" + arn("c") + " stopped", "+" + arn("b") + " done undone", "+" + arn("a") + " done"}
	if d := cmp.Diff(want, told(t, dir)); d != "" {
		t.Error(d)
	}
	past, err := live.History(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p := past[3]; p.Stopped() == nil || !strings.Contains(p.Stopped().Error, "may not put") || len(p.Runs) != 1 || p.Runs[0].PID != os.Getpid() {
		t.Errorf("what stopped it: %+v, runs %+v", p.Stopped(), p.Runs)
	}
	if last, ok := live.Latest(past, demo); !ok || last.ID() != past[0].ID() {
		t.Errorf("Latest = %s, %v", last.ID(), ok)
	}
	if p, err := live.Named(past, past[2].ID()[9:]); err != nil || p.ID() != past[2].ID() {
		t.Errorf("Named by a part: %s, %v", p.ID(), err)
	}
	for word, says := range map[string]string{"zzz": "no journal is called", "20000101-": "names 6 journals", "": "no journal"} {
		if _, err := live.Named(past, word); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Named(%q): %v", word, err)
		}
	}
}

// A plan that was taken back and is run again is a change of its own: in the old
// journal it would count as taken back.
func TestAPlanRunAgainAfterItsUndoIsAnother(t *testing.T) {
	dir, m := t.TempDir(), newMemory()
	p := planOf(access.Step{After: filled(entry("a"))}, access.Step{After: filled(entry("b"))})
	stop := func(e access.Event) error {
		if e.Step == 0 && e.State == access.Done {
			return errors.New("stopped")
		}
		return nil
	}
	first, _ := m.world(t, dir).Apply(t.Context(), p, yes(p), stop)
	back := planOf(access.Step{Before: filled(entry("a"))})
	back.Undoes = []string{first.Journal}
	if _, err := m.world(t, dir).Apply(t.Context(), back, yes(back), nil); err != nil {
		t.Fatal(err)
	}
	again, err := m.world(t, dir).Apply(t.Context(), p, yes(p), nil)
	if err != nil || again.Journal == first.Journal {
		t.Fatalf("went on in %s, %v", again.Journal, err)
	}
	if js, err := live.Journals(dir, demo); err != nil || len(js) != 1 || js[0].Path != again.Journal {
		t.Errorf("what stands: %+v, %v", js, err)
	}
}

// One file that can't be read does not hide the others, and no other cluster's stops
// an undo here.
func TestDamageIsTold(t *testing.T) {
	dir := t.TempDir()
	_, path := written(t, dir)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name+".journal"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := string(text[:strings.IndexByte(string(text), '\n')+1])
	write("20261121-110000-aaaaaa", head[:len(head)/2])
	write("20261121-110001-bbbbbb", "")
	write("20261121-110003-dddddd", head[:len(head)/2]+"\x00\x00\x00")
	other := planOf(access.Step{After: entry("a")})
	other.Cluster.ARN = strings.Replace(demo.ARN, "demo", "other", 1)
	plan, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	write("20261121-110002-cccccc", `{"kind":"Journal","at":"2026-11-21T11:00:02Z","plan":`+string(plan)+"}\ngarbage\n")
	if js, err := live.Journals(dir, demo); err != nil || len(js) != 1 {
		t.Errorf("beside a damaged one of another cluster: %d journals, %v", len(js), err)
	}
	states := map[live.State]int{}
	past, err := live.History(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range past {
		states[p.Now()]++
	}
	if d := cmp.Diff(map[live.State]int{live.Stopped: 1, live.Untouched: 3, live.Damaged: 1}, states); d != "" {
		t.Error(d)
	}
	write("20261121-110002-cccccc", head+"garbage\n")
	if _, err := live.Journals(dir, demo); err == nil || !strings.Contains(err.Error(), "line 2 is damaged") {
		t.Errorf("a damaged one of this cluster: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "20261121-110002-cccccc.journal")); err != nil {
		t.Fatal(err)
	}
	if js, err := live.Journals(dir, demo); err != nil || len(js) != 1 {
		t.Errorf("%d journals, %v", len(js), err)
	}
}

// Hundreds of journals are listed.
func TestHundredsOfJournals(t *testing.T) {
	dir := folder(t)
	_, path := written(t, dir)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("20261121-%06d-abcdef.journal", i)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past, err := live.History(dir)
	if err != nil || len(past) != 601 {
		t.Errorf("%d journals, %v", len(past), err)
	}
}

// A plan that was made anew goes on with the journals of the stopped ones: they are found
// beside it, say who goes on with them, and stand again when that one is taken back.
func TestAChainOfJournals(t *testing.T) {
	dir := folder(t)
	p, first := written(t, dir)
	m := newMemory()
	second := planOf(access.Step{After: entry("c")})
	second.GoesOn = []string{first, filepath.Join(t.TempDir(), "20200101-000000-ffffff.journal")} // one of another machine
	out, err := m.world(t, dir).Apply(t.Context(), second, yes(second), nil)
	if err != nil {
		t.Fatal(err)
	}
	past := func() (older live.Past) {
		t.Helper()
		all, err := live.History(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if one.Path == first {
				older = one
			}
		}
		return older
	}
	if got := past(); got.GoneOnBy == "" || !strings.Contains(out.Journal, got.GoneOnBy) {
		t.Errorf("gone on by %q, want %s", got.GoneOnBy, out.Journal)
	}
	j, err := live.ReadJournal(out.Journal)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := live.Chain(j)
	if err != nil || len(chain) != 2 || chain[1].Path != first || chain[1].Plan.Digest() != p.Digest() {
		t.Errorf("%d journals, %v", len(chain), err)
	}
	// The plan of the first, run again, does not go on in its journal.
	m.objects = m.objects.With(filled(entry("b", "ours")))
	if again, err := m.world(t, dir).Apply(t.Context(), p, yes(p), nil); err != nil || again.Journal == first {
		t.Errorf("%s, %v", again.Journal, err)
	}
	back := planOf(access.Step{Before: filled(entry("c"))})
	back.Undoes = []string{out.Journal}
	if _, err := m.world(t, dir).Apply(t.Context(), back, yes(back), nil); err != nil {
		t.Fatal(err)
	}
	if got := past(); got.GoneOnBy != "" {
		t.Errorf("gone on by %s, which was taken back", got.GoneOnBy)
	}
	if err := os.WriteFile(first, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := live.Chain(j); err == nil {
		t.Error("a chain with a damaged journal")
	}
}

// A journal of which nothing is left to do is ended without a step, once.
func TestAJournalIsEnded(t *testing.T) {
	dir := folder(t)
	_, path := written(t, dir)
	j, err := live.ReadJournal(path)
	if err != nil || j.Complete {
		t.Fatalf("complete: %v, %v", j.Complete, err)
	}
	w := newMemory().world(t, dir)
	for range 2 {
		if err := w.End(j); err != nil {
			t.Fatal(err)
		}
	}
	ended, err := live.ReadJournal(path)
	if err != nil || !ended.Complete || ended.Done() != 1 || len(ended.Runs) != 2 {
		t.Errorf("complete: %v, %d done, %d runs, %v", ended.Complete, ended.Done(), len(ended.Runs), err)
	}
	if steps, err := ended.Undo(); err != nil || len(steps) != 1 {
		t.Errorf("to take back: %v, %v", steps, err)
	}
}
