package tui

import (
	"context"
	"fmt"
	"runtime"
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

// While thousands of entries arrive, a frame every 30 ms, the keys go on to answer,
// worlds are made of a part of the frames only, and the last one is shown.
func TestLoadingLeavesTheKeysAlone(t *testing.T) {
	g := &growing{fake: fake{snap: scale.Of("L/10", 1).Snapshot()}, every: 3 * time.Millisecond}
	g.pages = pagesOf(g.snap, 1)
	a := newApp(t.Context(), g, Options{})
	l := &loop{a: a, msgs: make(chan tea.Msg, 1024)}
	runtime.LockOSThread() // spent counts this thread
	defer runtime.UnlockOSThread()
	l.run(a.Init())
	a.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	keys := time.NewTicker(5 * time.Millisecond)
	defer keys.Stop()
	worlds, slowest, last := 0, time.Duration(0), time.After(time.Minute)
	for i := 0; !a.read; i++ {
		var msg tea.Msg
		select {
		case msg = <-l.msgs:
		case <-keys.C:
			msg = press([]string{"down", "right", "pgdown", "up", "home"}[i%5])
		case <-last:
			t.Fatal("never read to the end")
		}
		if s, ok := msg.(surveyed); ok && s.world != nil {
			worlds++
		}
		began := spent()
		_, cmd := a.Update(msg)
		_ = a.draw()
		slowest = max(slowest, spent()-began)
		l.run(cmd)
	}
	l.wg.Wait()
	t.Logf("%d frames, %d worlds, slowest answer %v", len(g.pages), worlds, slowest)
	if worlds > len(g.pages)/2 {
		t.Errorf("%d worlds were made of %d frames", worlds, len(g.pages))
	}
	if slowest > 2*keyTime {
		t.Errorf("an answer took %v while entries arrived", slowest)
	}
	if a.world.reading != "" || len(a.world.lines) < 500 {
		t.Errorf("at the end %d rows, reading %q", len(a.world.lines), a.world.reading)
	}
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
