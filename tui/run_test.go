package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// screenful is what a program wrote, safe to read while it writes.
type screenful struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screenful) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screenful) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func ran(t *testing.T, ctx context.Context, b Backend, in io.Reader) (string, error) {
	t.Helper()
	var out screenful
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, b, Options{In: in, Out: &out, Env: []string{"TERM=xterm-256color"}})
	}()
	select {
	case err := <-done:
		return out.String(), err
	case <-time.After(20 * time.Second):
		t.Fatal("Run did not return")
		return "", nil
	}
}

func restored(t *testing.T, out string) {
	t.Helper()
	in, back := strings.LastIndex(out, "\x1b[?1049h"), strings.LastIndex(out, "\x1b[?1049l")
	if in < 0 || back < in {
		t.Errorf("the other screen was entered at %d and left at %d", in, back)
	}
	if hide, show := strings.LastIndex(out, "\x1b[?25l"), strings.LastIndex(out, "\x1b[?25h"); show < hide {
		t.Error("the cursor stays hidden")
	}
}

func TestRunLeavesTheTerminalAsItWas(t *testing.T) {
	out, err := ran(t, context.Background(), &fake{snap: workshop()}, strings.NewReader("q"))
	if err != nil {
		t.Error(err)
	}
	restored(t, out)
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	in, keep := io.Pipe()
	defer keep.Close()
	out, err := ran(t, ctx, &fake{snap: workshop(), parts: []access.Snapshot{{}}, pace: time.Hour}, in)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	restored(t, out)
}

// panicking panics while it reads.
type panicking struct{ fake }

func (*panicking) Load(context.Context, func(access.Snapshot)) (access.Snapshot, error) {
	time.Sleep(200 * time.Millisecond) // the first frame is there
	panic("a bug in a side")
}

func TestRunRestoresTheTerminalAfterAPanic(t *testing.T) {
	in, keep := io.Pipe()
	defer keep.Close()
	out, err := ran(t, context.Background(), &panicking{fake{snap: workshop()}}, in)
	if !errors.Is(err, tea.ErrProgramPanic) {
		t.Errorf("error %v", err)
	}
	restored(t, out)
}

func TestNoColourIsAnyValue(t *testing.T) {
	for env, want := range map[string]bool{"NO_COLOR=1": true, "NO_COLOR=yes": true, "NO_COLOR=0": true, "NO_COLOR=": false, "COLOR=1": false} {
		if got := noColour([]string{"TERM=x", env}); got != want {
			t.Errorf("%s: %v", env, got)
		}
	}
}

func TestNewestPartReplacesThoseNobodyLookedAt(t *testing.T) {
	b := newInbox[int]()
	b.only(1)
	b.only(2)
	if got, ok := b.next(context.Background()); !ok || len(got) != 1 || got[0] != 2 {
		t.Errorf("%v %v", got, ok)
	}
	b.add(3)
	b.add(4)
	b.end()
	if got, _ := b.next(context.Background()); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if _, ok := b.next(context.Background()); ok {
		t.Error("something after the end")
	}
}
