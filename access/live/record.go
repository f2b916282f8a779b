package live

import (
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

// record is a journal that is being written, under the lock of its cluster. A new
// file is made by the first Started event: a run that changes nothing leaves none.
type record struct {
	dir    string
	plan   access.Plan
	now    func() time.Time
	by     Runner
	lock   *lock
	path   string
	file   *os.File
	size   int64 // of its whole lines
	told   bool  // who runs stands in it
	digest string
}

func newRecord(dir string, p access.Plan, now func() time.Time, by Runner) *record {
	return &record{dir: dir, plan: p, now: now, by: by, digest: p.Digest()}
}

// begin takes the cluster's lock, and goes on with an unfinished journal of the same
// plan, if there is one that still stands. The error is a *Busy while another run
// holds the lock.
func (r *record) begin() error {
	if r.dir == "" || len(r.plan.Steps) == 0 {
		return nil
	}
	var err error
	if r.lock, err = take(r.dir, place(r.plan), r.by); err != nil {
		return err
	}
	paths, err := journals(r.dir)
	if err != nil || !slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, r.digest[:6]) }) {
		return err
	}
	past, err := History(r.dir)
	if err != nil {
		return err
	}
	for _, p := range past {
		if p.Damage == nil && !p.Complete && p.UndoneBy == "" && p.GoneOnBy == "" && p.Plan.Digest() == r.digest {
			return r.resume(p.Path)
		}
	}
	return nil
}

// write appends an event, and for Started makes sure that it is on the disk.
func (r *record) write(e access.Event) error {
	if r.dir == "" || r.file == nil && e.State != access.Started {
		return nil
	}
	err := r.events(e)
	if err != nil {
		return fmt.Errorf("write the journal, without which nothing is changed: %w", err)
	}
	return nil
}

func (r *record) events(e access.Event) error {
	if r.file == nil {
		if err := r.create(); err != nil {
			return err
		}
	}
	if !r.told {
		if err := r.append(runLine{Run: r.by}); err != nil {
			return err
		}
		r.told = true
	}
	l := Moment{At: r.now().UTC(), Step: e.Step, State: e.State, Detail: e.Detail}
	if e.Err != nil {
		l.Error = e.Err.Error()
	}
	if err := r.append(l); err != nil || e.State != access.Started {
		return err
	}
	return r.file.Sync() // the others may be lost: undo tries what was started
}

// runLine says that somebody runs the plan, or ends its journal.
type runLine struct {
	Run   Runner `json:"run"`
	Ended bool   `json:"ended,omitempty"`
}

// End ends a journal without a further step: planned anew, nothing was left to do. What
// was done by it can still be taken back.
func (w *World) End(j Journal) error {
	r := newRecord(w.Journals, j.Plan, w.now, runner(w.now(), w.remembered()))
	defer r.close()
	if err := r.begin(); err != nil || r.path != j.Path {
		return err // another run has ended it meanwhile
	}
	if err := r.append(runLine{r.by, true}); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return r.file.Sync()
}

// append writes one line. What a full disk took of it is cut off again, so that the
// next line stands alone.
func (r *record) append(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if _, err := r.file.Write(append(text, '\n')); err != nil {
		return errors.Join(err, r.file.Truncate(r.size))
	}
	r.size += int64(len(text) + 1)
	return nil
}

// create begins a new journal. It gets its name when its plan is whole on the disk,
// so that whatever stops the machine leaves no half of a plan.
func (r *record) create() error {
	at := r.now().UTC()
	text, err := json.Marshal(journalHead{journalKind, at, r.plan})
	if err != nil {
		return err
	}
	fresh := r.lock.path + ".new" // the lock's holder alone writes it
	if err := whole(fresh, append(text, '\n')); err != nil {
		return err
	}
	path, err := r.name(at)
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	if err := syncFolder(r.dir); err != nil {
		return err
	}
	return r.resume(path)
}

// whole writes a file anew, to the disk.
func whole(path string, text []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// name is a path that no journal has: its beginning, and of which plan. The same plan
// can begin twice within a second.
func (r *record) name(at time.Time) (string, error) {
	base := filepath.Join(r.dir, at.Format("20060102-150405")+"-"+r.digest[:6])
	for n := 1; ; n++ {
		path := base + journalSuffix
		if n > 1 {
			path = fmt.Sprintf("%s-%d%s", base, n, journalSuffix)
		}
		switch _, err := os.Lstat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return path, nil
		case err != nil:
			return "", err
		}
	}
}

// resume opens a journal to go on with it, and cuts a torn last line off.
func (r *record) resume(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	if err == nil {
		r.size = int64(bytes.LastIndexByte(text, '\n') + 1)
		err = file.Truncate(r.size)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.path, r.file = path, file
	r.lock.under(idOf(path))
	return nil
}

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close() // what matters is synced
	}
	r.lock.release()
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
