package tui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// growing is a cluster whose access entries arrive one page after the other.
type growing struct {
	fake
	pages []access.Snapshot
	every time.Duration
}

func (g *growing) Load(ctx context.Context, seen func(access.Snapshot)) (access.Snapshot, error) {
	for _, p := range g.pages {
		wait(ctx, g.every)
		seen(p)
	}
	return g.pages[len(g.pages)-1], ctx.Err()
}

// pagesOf cuts the access entries of a snapshot into pages: those that did not arrive
// yet are known by name.
func pagesOf(s access.Snapshot, page int) []access.Snapshot {
	entries := access.Of[access.AccessEntry](s.Objects)
	var out []access.Snapshot
	for n := 0; n < len(entries); n += page {
		part := s
		part.Gaps = slices.Clone(s.Gaps)
		for _, e := range entries[min(n+page, len(entries)):] {
			part.Gaps = append(part.Gaps, access.Gap{Realm: e.In, Kind: access.EntryKind, Name: e.Principal, Why: access.Loading})
		}
		out = append(out, part)
	}
	return out
}

// loop is a program without a terminal: tasks run beside it, as bubbletea runs them.
type loop struct {
	a    *app
	msgs chan tea.Msg
	wg   sync.WaitGroup
}

func (l *loop) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	l.wg.Go(func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				l.run(c)
			}
		default:
			l.msgs <- msg
		}
	})
}

// read lets the cluster be read to the end, with a key every 5 ms. It returns how many
// worlds were made, and how long the answers to messages took.
func (l *loop) read(tb testing.TB) (worlds int, took answers) {
	l.run(l.a.Init())
	l.a.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	keys := time.NewTicker(5 * time.Millisecond)
	defer keys.Stop()
	last := time.After(time.Minute)
	for i := 0; !l.a.read; i++ {
		var msg tea.Msg
		select {
		case msg = <-l.msgs:
		case <-keys.C:
			msg = press([]string{"down", "right", "pgdown", "up", "home"}[i%5])
		case <-last:
			tb.Fatal("never read to the end")
		}
		if s, ok := msg.(surveyed); ok && s.world != nil {
			worlds++
		}
		began := time.Now()
		_, cmd := l.a.Update(msg)
		_ = l.a.draw()
		took = append(took, time.Since(began))
		l.run(cmd)
	}
	l.wg.Wait()
	return worlds, took
}

// arriving is a program that reads a cluster whose entries arrive one by one.
func arriving(tb testing.TB) (*loop, int) {
	g := &growing{fake: fake{snap: scale.Of("L/10", 1).Snapshot()}, every: 3 * time.Millisecond}
	g.pages = pagesOf(g.snap, 1)
	return &loop{a: newApp(tb.Context(), g, Options{}), msgs: make(chan tea.Msg, 1024)}, len(g.pages)
}

// While hundreds of entries arrive one by one, worlds are made of a part of the frames
// only, keys are taken, and the last one is shown.
func TestLoadingMakesNoWorldOfEachFrame(t *testing.T) {
	l, frames := arriving(t)
	worlds, _ := l.read(t)
	if worlds > frames/2 {
		t.Errorf("%d worlds were made of %d frames", worlds, frames)
	}
	if l.a.world.reading != "" || len(l.a.world.lines) < 500 {
		t.Errorf("at the end %d rows, reading %q", len(l.a.world.lines), l.a.world.reading)
	}
}

// What keys and frames wait for while entries arrive.
func BenchmarkLoading(b *testing.B) {
	var all answers
	for b.Loop() {
		l, _ := arriving(b)
		_, took := l.read(b)
		all = append(all, took...)
	}
	all.report(b)
}

// After a world is made the machine is left alone for as long as it took, but the
// last part waits for nothing.
func TestTheLastPartWaitsForNothing(t *testing.T) {
	j := newJob[part](t.Context(), 1)
	end := j.begin()
	j.box.only(part{last: true})
	end()
	done := make(chan tea.Msg)
	go func() { done <- listen(j, nil, false, time.Hour)() }()
	select {
	case msg := <-done:
		if s, ok := msg.(surveyed); !ok || !s.last {
			t.Errorf("%#v", msg)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the last part waits")
	}
}

func TestAWorldIsNotMadeWhileTheMachineRests(t *testing.T) {
	j := newJob[part](t.Context(), 1)
	defer j.begin()()
	j.box.only(part{snap: workshop()})
	const rest = 50 * time.Millisecond
	began := time.Now()
	if s, ok := listen(j, nil, false, rest)().(surveyed); !ok || s.world == nil || time.Since(began) < rest {
		t.Errorf("after %v: %#v", time.Since(began), s)
	}
}

// The names of entries are on the screen before anything else of them is known.
func TestRowsBeforeTheirEntries(t *testing.T) {
	first := pagesOf(scale.Of("L/10", 1).Snapshot(), 1)[0]
	a := newApp(t.Context(), &fake{snap: first}, Options{})
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	a.world = survey(first, nil)
	a.tell(loaded{world: a.world, busy: true})
	if got := fmt.Sprint(len(a.world.lines)); got < "500" || a.world.reading == "" {
		t.Errorf("%s rows, reading %q", got, a.world.reading)
	}
}
