package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Journal is what is on disk about the runs of one plan: its first line is the
// plan, each further line a runner or an event. A resumed plan goes on in the same
// journal, so that undoing it takes back all of it. There is no credential in it.
type Journal struct {
	Path     string
	Plan     access.Plan
	States   []access.StepState // the last of each step, "" if it was not reached; Done stays
	Of       time.Time          // when the first run began
	Last     time.Time          // when the last line was written
	Complete bool               // every step is done, or was done already
	Runs     []Runner           // who ran it, one for each run that wrote
	Moments  []Moment           // what happened, in order

	ended bool   // what was left of it is not to do any more
	tried []bool // Started was written: what followed is undone, whatever came of it
}

// Moment is an event, and when it was.
type Moment struct {
	At     time.Time        `json:"at"`
	Step   int              `json:"step"` // numbered from 0
	State  access.StepState `json:"state"`
	Detail string           `json:"detail,omitempty"`
	Error  string           `json:"error,omitempty"`
}

// The lines of a journal.
type (
	journalHead struct {
		Kind string      `json:"kind"` // "Journal"
		At   time.Time   `json:"at"`
		Plan access.Plan `json:"plan"`
	}
	journalLine struct {
		Moment
		Run   *Runner `json:"run,omitempty"`   // a run begins; the rest is empty
		Ended bool    `json:"ended,omitempty"` // and ends it: see World.End
	}
)

const (
	journalKind   = "Journal"
	journalSuffix = ".journal"
)

// ErrCutOff says that a journal ends before its plan does. Nothing was changed:
// changes begin when the plan is on the disk.
var ErrCutOff = errors.New("it was cut off before anything was changed")

// ID names a journal among those of its folder: 20261121-103102-1a2b3c.
func (j Journal) ID() string { return idOf(j.Path) }

func idOf(path string) string { return strings.TrimSuffix(filepath.Base(path), journalSuffix) }

// ReadJournal reads a journal back. The last line may be torn: the machine may
// have stopped in the middle of it. Beside an error stands what could be read: a
// journal with a damaged line still tells its cluster.
func ReadJournal(path string) (Journal, error) {
	j := Journal{Path: path}
	text, err := os.ReadFile(path)
	if err != nil {
		return j, fmt.Errorf("read journal: %w", err)
	}
	lines := bufio.NewReader(bytes.NewReader(text))
	first, err := lines.ReadBytes('\n')
	if err != nil && !foreign(first) {
		return j, fmt.Errorf("read journal %s: %w", path, ErrCutOff)
	}
	var head journalHead
	if err := json.Unmarshal(first, &head); err != nil {
		return j, fmt.Errorf("read journal %s: its first line is not a plan (%w)", path, err)
	}
	if head.Kind != journalKind {
		return j, fmt.Errorf("read journal %s: its first line is not a plan, it is no journal", path)
	}
	n := len(head.Plan.Steps)
	j.Plan, j.Of, j.Last, j.States, j.tried = head.Plan, head.At, head.At, make([]access.StepState, n), make([]bool, n)
	for number := 2; ; number++ {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			break // the end, or a torn last line
		}
		var l journalLine
		if err := json.Unmarshal(text, &l); err != nil {
			return j, fmt.Errorf("read journal %s: line %d is damaged (%w)", path, number, err)
		}
		if l.Step < 0 || l.Step >= n {
			return j, fmt.Errorf("read journal %s: line %d is damaged (the plan has no step %d)", path, number, l.Step+1)
		}
		j.take(l)
	}
	j.Complete = j.ended || !slices.ContainsFunc(j.States, func(s access.StepState) bool { return s != access.Done && s != access.Skipped })
	return j, nil
}

// foreign reports whether a line without an end is not the beginning of a journal.
// Where the machine stopped, a file system may have left zeros.
func foreign(line []byte) bool {
	begins := []byte(`{"kind":"` + journalKind + `"`)
	line = bytes.TrimRight(line, "\x00")
	n := min(len(line), len(begins))
	return !bytes.Equal(line[:n], begins[:n])
}

func (j *Journal) take(l journalLine) {
	if l.Run != nil {
		j.Runs, j.ended = append(j.Runs, *l.Run), j.ended || l.Ended
		j.Last = later(j.Last, l.Run.At)
		return
	}
	j.Moments = append(j.Moments, l.Moment)
	j.Last = later(j.Last, l.At)
	j.note(l.Step, l.State)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// note folds an event in. A step found done after we had started it was done by us.
func (j *Journal) note(step int, state access.StepState) {
	switch {
	case state == access.Started:
		j.tried[step] = true
	case state == access.Skipped && j.tried[step]:
		state = access.Done
	}
	if j.States[step] != access.Done || state == access.Started {
		j.States[step] = state
	}
}

// Done is how many steps are done, or were done already.
func (j Journal) Done() int {
	n := 0
	for _, s := range j.States {
		if s == access.Done || s == access.Skipped {
			n++
		}
	}
	return n
}

// Stopped is the failure with which the last run ended, nil when it ended in
// another way.
func (j Journal) Stopped() *Moment {
	if n := len(j.Moments); n > 0 && j.Moments[n-1].State == access.Failed {
		return &j.Moments[n-1]
	}
	return nil
}

// Undo returns the steps that take back what was done, newest first. A step whose
// outcome is not known is among them: where it was not done, its inverse is found
// done already. See access.Inverse for the error.
func (j Journal) Undo() ([]access.Step, error) {
	var done []access.Step
	for i, s := range j.Plan.Steps {
		if i < len(j.tried) && j.tried[i] || i < len(j.States) && j.States[i] == access.Done {
			done = append(done, s)
		}
	}
	return access.Inverse(done)
}
