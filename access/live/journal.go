package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Journal is what is on disk about the runs of one plan: its first line is the
// plan, each further line an event. A resumed plan goes on in the same journal,
// so that undoing it takes back all of it. There is no credential in it.
type Journal struct {
	Path     string
	Plan     access.Plan
	States   []access.StepState // the last of each step, "" if it was not reached; Done stays
	Of       time.Time          // when the first run began
	Complete bool               // every step is done, or was done already

	tried []bool // Started was written: what followed is undone, whatever came of it
}

// ErrNoJournal says that there is nothing to undo.
var ErrNoJournal = errors.New("there is no journal of a change to this cluster that is not taken back yet")

// The lines of a journal.
type (
	journalHead struct {
		Kind string      `json:"kind"` // "Journal"
		At   time.Time   `json:"at"`
		Plan access.Plan `json:"plan"`
	}
	journalLine struct {
		At     time.Time        `json:"at"`
		Step   int              `json:"step"`
		State  access.StepState `json:"state"`
		Detail string           `json:"detail,omitempty"`
		Error  string           `json:"error,omitempty"`
	}
)

const journalKind = "Journal"

// ReadJournal reads a journal back. The last line may be torn: the machine may
// have stopped in the middle of it.
func ReadJournal(path string) (Journal, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Journal{}, fmt.Errorf("read journal: %w", err)
	}
	lines := bufio.NewReader(bytes.NewReader(text))
	first, err := lines.ReadBytes('\n')
	var head journalHead
	if err == nil {
		err = json.Unmarshal(first, &head)
	}
	if err != nil || head.Kind != journalKind {
		return Journal{}, fmt.Errorf("read journal %s: its first line is not a plan (%v): it is no journal, or it was cut off before anything was changed", path, err)
	}
	n := len(head.Plan.Steps)
	j := Journal{Path: path, Plan: head.Plan, Of: head.At, States: make([]access.StepState, n), tried: make([]bool, n)}
	for number := 2; ; number++ {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			break // the end, or a torn last line
		}
		var l journalLine
		if err := json.Unmarshal(text, &l); err != nil || l.Step < 0 || l.Step >= n {
			return Journal{}, fmt.Errorf("read journal %s: line %d is damaged (%v)", path, number, err)
		}
		j.note(l.Step, l.State)
	}
	j.Complete = !slices.ContainsFunc(j.States, func(s access.StepState) bool { return s != access.Done && s != access.Skipped })
	return j, nil
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

// Journals are those of changes to this cluster that were not taken back yet, the
// newest first. The journals of undoing are not among them: undo goes back, not to
// and fro. The error is ErrNoJournal when there are none.
func Journals(dir string, cluster access.Cluster) ([]Journal, error) {
	paths, err := journals(dir)
	if err != nil {
		return nil, err
	}
	undone := map[string]bool{}
	var out []Journal
	for _, path := range paths {
		j, err := ReadJournal(path)
		switch {
		case err != nil:
			return nil, err
		case !j.Plan.Cluster.Is(cluster):
		case len(j.Plan.Undoes) > 0:
			for _, u := range j.Plan.Undoes {
				undone[u] = undone[u] || j.Complete
			}
		case !undone[path]:
			out = append(out, j)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w (%s)", ErrNoJournal, dir)
	}
	return out, nil
}

// journals are the journals of a folder, the last written first.
func journals(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the folder of journals: %w", err)
	}
	type file struct {
		path    string
		written time.Time
	}
	var files []file
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), journalSuffix) && info.Mode().IsRegular() {
			files = append(files, file{filepath.Join(dir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		if c := b.written.Compare(a.written); c != 0 {
			return c
		}
		return strings.Compare(b.path, a.path)
	})
	var out []string
	for _, f := range files {
		out = append(out, f.path)
	}
	return out, nil
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

const journalSuffix = ".journal"

// record is a journal that is being written. A new file is made by the first
// Started event: a run that changes nothing leaves none.
type record struct {
	dir    string
	plan   access.Plan
	now    func() time.Time
	path   string
	file   *os.File
	digest string
}

func newRecord(dir string, p access.Plan, now func() time.Time) *record {
	return &record{dir: dir, plan: p, now: now, digest: p.Digest()}
}

// write appends an event, and for Started makes sure that it is on the disk.
func (r *record) write(e access.Event) error {
	if r.dir == "" || r.file == nil && e.State != access.Started {
		return nil
	}
	if r.file == nil {
		if err := r.create(); err != nil {
			return fmt.Errorf("write the journal, without which nothing is changed: %w", err)
		}
	}
	l := journalLine{At: r.now().UTC(), Step: e.Step, State: e.State, Detail: e.Detail}
	if e.Err != nil {
		l.Error = e.Err.Error()
	}
	err := r.append(l)
	if err == nil && e.State == access.Started {
		err = r.file.Sync() // the others may be lost: undo tries what was started
	}
	if err != nil {
		return fmt.Errorf("write the journal %s: %w", r.path, err)
	}
	return nil
}

func (r *record) append(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(text, '\n'))
	return err
}

// find goes on with an unfinished journal of the same plan, if there is one.
func (r *record) find() error {
	if r.dir == "" {
		return nil
	}
	paths, err := journals(r.dir)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if !strings.HasSuffix(path, r.name()) {
			continue
		}
		if j, err := ReadJournal(path); err == nil && !j.Complete && j.Plan.Digest() == r.digest {
			return r.resume(path)
		}
	}
	return nil
}

// create begins a new journal.
func (r *record) create() error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	at := r.now().UTC()
	path := filepath.Join(r.dir, at.Format("20060102T150405.000000000Z")+r.name())
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	r.path, r.file = path, file
	if err := r.append(journalHead{journalKind, at, r.plan}); err != nil {
		return err
	}
	return syncFolder(r.dir)
}

// resume cuts a torn last line off, so that the next one stands alone.
func (r *record) resume(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	if err == nil {
		err = file.Truncate(int64(bytes.LastIndexByte(text, '\n') + 1))
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.path, r.file = path, file
	return nil
}

// name is the end of the file's name.
func (r *record) name() string { return "-" + r.digest[:12] + journalSuffix }

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close() // what matters is synced
	}
}

// syncFolder makes a new file's name durable, too. Not every system can do it.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}
