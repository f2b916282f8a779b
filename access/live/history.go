package live

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Past is a journal among the others of its folder.
type Past struct {
	Journal
	UndoneBy string  // ID of the journal that took it back, "" while it stands
	GoneOnBy string  // ID of the latest journal that goes on with it, by a plan made anew after a conflict
	Running  *Runner // who writes it now
	Damage   error   // what is not readable of it; what could be read stands beside
}

// State is how a change ended, so far.
type State string

const (
	Finished    State = "done"
	Stopped     State = "stopped"     // by an error, which the journal tells
	Interrupted State = "interrupted" // without a last word: killed, or the machine stopped
	UnderWay    State = "running"
	Damaged     State = "damaged"
	Untouched   State = "untouched" // cut off before anything was changed
)

// Now is the state of a journal.
func (p Past) Now() State {
	switch {
	case errors.Is(p.Damage, ErrCutOff):
		return Untouched
	case p.Damage != nil:
		return Damaged
	case p.Running != nil:
		return UnderWay
	case p.Complete:
		return Finished
	case p.Journal.Stopped() != nil:
		return Stopped
	}
	return Interrupted
}

// ErrNoJournal says that there is nothing to undo.
var ErrNoJournal = errors.New("there is no journal of a change to this cluster that is not taken back yet")

// History is every journal of a folder, of all clusters, the last written first.
func History(dir string) ([]Past, error) {
	paths, err := journals(dir)
	if err != nil {
		return nil, err
	}
	out := make([]Past, len(paths))
	g := errgroup.Group{} // the plan of a big migration is megabytes
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range paths {
		g.Go(func() error {
			out[i].Journal, out[i].Damage = ReadJournal(path)
			return nil
		})
	}
	_ = g.Wait()
	// What was taken away since the folder was read is not there.
	out = slices.DeleteFunc(out, func(p Past) bool { return errors.Is(p.Damage, fs.ErrNotExist) })
	slices.SortStableFunc(out, func(a, b Past) int { return b.Last.Compare(a.Last) })
	byID := map[string]*Past{}
	for i := range out {
		byID[out[i].ID()] = &out[i]
	}
	running := map[string]*Runner{}
	for i := range out {
		p := &out[i]
		if p.Damage == nil && p.Complete {
			if p.UndoneBy != "" {
				continue // an undo that was taken back, by one after it: what it took back stands again
			}
			for _, u := range p.Plan.Undoes {
				if o := byID[idOf(u)]; o != nil {
					o.UndoneBy = cmp.Or(o.UndoneBy, p.ID())
				}
			}
			continue
		}
		at := place(p.Plan)
		if _, asked := running[at]; !asked && at != "" {
			running[at] = nil
			if by, yes := held(dir, at); yes {
				running[at] = &by
			}
		}
		if by := running[at]; by != nil && by.Journal == p.ID() {
			p.Running = by
		}
	}
	for _, p := range out {
		for _, g := range p.Plan.GoesOn {
			if o := byID[idOf(g)]; o != nil && p.Damage == nil && p.UndoneBy == "" {
				o.GoneOnBy = cmp.Or(o.GoneOnBy, p.ID())
			}
		}
	}
	return out, nil
}

// Journals are those of changes to this cluster that were not taken back yet, the
// newest first. The journals of undoing are not among them: undo goes back, not to
// and fro. The error is ErrNoJournal when there are none.
func Journals(dir string, cluster access.Cluster) ([]Journal, error) {
	past, err := History(dir)
	if err != nil {
		return nil, err
	}
	var out []Journal
	for _, p := range past {
		switch {
		case errors.Is(p.Damage, ErrCutOff), p.Plan.Cluster.ARN != "" && !p.Plan.Cluster.Is(cluster):
		case p.Damage != nil:
			return nil, p.Damage
		case p.Plan.Cluster.Is(cluster) && len(p.Plan.Undoes) == 0 && p.UndoneBy == "":
			out = append(out, p.Journal)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w (%s)", ErrNoJournal, dir)
	}
	return out, nil
}

// Chain is a journal and those that its plan goes on with, the latest first. They are
// looked for beside it: one that is not there is on another machine, and left out. The
// error is that of one which can't be read.
func Chain(j Journal) ([]Journal, error) {
	out := []Journal{j}
	for _, path := range j.Plan.GoesOn {
		older, err := ReadJournal(filepath.Join(filepath.Dir(j.Path), filepath.Base(path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("%s goes on with one that can't be read: %w", j.ID(), err)
		}
		out = append(out, older)
	}
	return out, nil
}

// Latest is the last written journal of a cluster, whether of a change or of its
// undo; false when there is none that can be read.
func Latest(past []Past, cluster access.Cluster) (Past, bool) {
	for _, p := range past {
		if p.Damage == nil && p.Plan.Cluster.Is(cluster) {
			return p, true
		}
	}
	return Past{}, false
}

// Named finds a journal by its ID, or by a part of it that no other has.
func Named(past []Past, word string) (Past, error) {
	var hits []Past
	for _, p := range past {
		if p.ID() == word {
			return p, nil
		}
		if word != "" && strings.Contains(p.ID(), word) {
			hits = append(hits, p)
		}
	}
	switch len(hits) {
	case 0:
		return Past{}, fmt.Errorf("no journal is called %q: see kubectl eks-access history --all", word)
	case 1:
		return hits[0], nil
	}
	var ids []string
	for _, p := range hits[:min(len(hits), 5)] {
		ids = append(ids, p.ID())
	}
	return Past{}, fmt.Errorf("%q names %d journals (%s): write more of the ID", word, len(hits), strings.Join(ids, ", "))
}

// journals are the journals of a folder, the last written first.
func journals(dir string) ([]string, error) {
	if dir == "" {
		return nil, nil
	}
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
		return cmp.Or(b.written.Compare(a.written), strings.Compare(b.path, a.path))
	})
	var out []string
	for _, f := range files {
		out = append(out, f.path)
	}
	return out, nil
}
