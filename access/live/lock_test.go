package live_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// TestMain lets the test's own program be another process, which applies a plan in a
// folder of journals: see inAnother.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EKS_ACCESS_TEST_APPLIES_IN"); dir != "" {
		os.Exit(another(dir))
	}
	os.Exit(m.Run())
}

// inAnother is a process that applies a plan of two steps.
func inAnother(dir string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "EKS_ACCESS_TEST_APPLIES_IN="+dir), env...)
	return cmd
}

func twoSteps() access.Plan {
	return planOf(access.Step{After: filled(entry("a"))}, access.Step{After: filled(entry("b"))})
}

// another is that process. It ends with 0 when all was done and 10 plus the number of
// writes when it stopped; told to, it waits for its end when the first step has begun.
func another(dir string) int {
	m, p := newMemory(), twoSteps()
	little()
	_, err := m.world(&testing.T{}, dir).Apply(context.Background(), p, yes(p), func(e access.Event) error {
		if e.State == access.Started && os.Getenv("EKS_ACCESS_TEST_WAITS") != "" {
			os.Stdout.WriteString("begun\n")
			time.Sleep(time.Minute)
		}
		return nil
	})
	if err != nil {
		return 10 + m.puts
	}
	return 0
}

// Two runs on one cluster do not mix: the second says who is at it, and has done nothing.
func TestTwoRunsDoNotMix(t *testing.T) {
	dir := t.TempDir()
	first, second := newMemory(), newMemory()
	p := planOf(access.Step{After: entry("a")}, access.Step{After: entry("b")})
	asked := 0
	_, err := first.world(t, dir).Apply(t.Context(), p, yes(p), func(e access.Event) error {
		if e.State != access.Started {
			return nil
		}
		asked++
		_, err := second.world(t, dir).Apply(t.Context(), p, yes(p), nil)
		var busy *live.Busy
		if !errors.As(err, &busy) || busy.By.PID != os.Getpid() || busy.Cluster != "demo" {
			t.Errorf("the second run: %v", err)
		}
		if by, yes := live.Running(dir, demo); !yes || by.Journal == "" {
			t.Errorf("Running = %+v, %v", by, yes)
		}
		// Another cluster is another lock.
		other := p
		other.Cluster.ARN = strings.Replace(p.Cluster.ARN, "demo", "other", 1)
		if _, busy := live.Running(dir, other.Cluster); busy {
			t.Error("another cluster is busy, too")
		}
		past, err := live.History(dir)
		if err != nil || len(past) != 1 || past[0].Now() != live.UnderWay {
			t.Errorf("history while it runs: %+v, %v", past, err)
		}
		return nil
	})
	if err != nil || asked != 2 || second.puts != 0 {
		t.Fatalf("asked %d times, the second wrote %d times, %v", asked, second.puts, err)
	}
	if _, busy := live.Running(dir, demo); busy {
		t.Error("still busy after the end")
	}
	if _, err := second.world(t, dir).Apply(t.Context(), p, yes(p), nil); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

// The system gives a killed process's lock up: nobody has to take a file away.
func TestACrashLeavesNoLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journals")
	cmd := inAnother(dir, "EKS_ACCESS_TEST_WAITS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "begun\n" {
		t.Fatalf("%q, %v", line, err)
	}
	by, busy := live.Running(dir, demo)
	if !busy || by.PID != cmd.Process.Pid {
		t.Errorf("Running = %+v, %v; want process %d", by, busy, cmd.Process.Pid)
	}
	p := planOf(access.Step{After: entry("b")})
	_, err = newMemory().world(t, dir).Apply(t.Context(), p, yes(p), nil)
	if err == nil || !strings.Contains(err.Error(), "is under way") {
		t.Errorf("beside a run of another process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := newMemory().world(t, dir).Apply(t.Context(), p, yes(p), nil); err != nil {
		t.Errorf("after the crash: %v", err)
	}
	past, err := live.History(dir)
	if err != nil || len(past) != 2 || past[1].Now() != live.Interrupted || past[0].Now() != live.Finished {
		t.Errorf("history: %+v, %v", past, err)
	}
}

func TestTheFolderIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := planOf(access.Step{After: entry("a")})
	if _, err := newMemory().world(t, dir).Apply(t.Context(), p, yes(p), nil); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v: want a journal and a lock", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
}
