package live_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/live"
)

// little makes the disk small for this process: no file gets longer than it says.
func little() {
	room, err := strconv.ParseUint(os.Getenv("EKS_ACCESS_TEST_ROOM"), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // a write over the limit shall fail, not end the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		panic(err)
	}
}

// A disk that is full takes a part of a line. The part is cut off again, so that the
// journal reads wherever that was, and the plan goes on in it when there is room.
func TestAFullDiskLeavesNoHalfLine(t *testing.T) {
	p := twoSteps()
	dir := folder(t)
	o, err := newMemory().world(t, dir).Apply(t.Context(), p, yes(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.Stat(o.Journal)
	if err != nil {
		t.Fatal(err)
	}
	begun := 0
	for room := int64(100); room < whole.Size()-20; room += 17 {
		dir := folder(t)
		var ended *exec.ExitError
		if err := inAnother(dir, "EKS_ACCESS_TEST_ROOM="+strconv.FormatInt(room, 10)).Run(); !errors.As(err, &ended) || ended.ExitCode() < 10 {
			t.Fatalf("room for %d of %d: %v", room, whole.Size(), err)
		}
		journals, _ := filepath.Glob(filepath.Join(dir, "*.journal"))
		if puts := ended.ExitCode() - 10; len(journals) == 0 && puts > 0 {
			t.Fatalf("room for %d: %d writes without a journal", room, puts)
		}
		for _, path := range journals {
			begun++
			if text, err := os.ReadFile(path); err != nil || text[len(text)-1] != '\n' {
				t.Errorf("room for %d: a torn line is left, %v", room, err)
			}
			if _, err := live.ReadJournal(path); err != nil {
				t.Errorf("room for %d: %v", room, err)
			}
		}
		o, err := newMemory().world(t, dir).Apply(t.Context(), p, yes(p), nil)
		if err != nil || len(journals) > 0 && o.Journal != journals[0] {
			t.Fatalf("room for %d: with room again: %s, %v", room, o.Journal, err)
		}
		if j, err := live.ReadJournal(o.Journal); err != nil || !j.Complete {
			t.Errorf("room for %d: %v, complete %v", room, err, j.Complete)
		}
	}
	if begun < 10 {
		t.Errorf("only %d journals were begun: the limits are wrong", begun)
	}
}
