package live_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var (
	lives     = flag.Int("lives", 3, "how many migrations of random worlds die and are resumed or undone; some 2 s each")
	firstLife = flag.Uint64("first-life", 1, "the seed of the first")
)

// process is a run of the program that dies: at one of its calls, before the server
// hears it or with the answer on its way, or when something is in the journal. From then
// on it is not heard, and what is in its journals is what it had written by then.
type process struct {
	dir   string // of its journals
	call  int    // at which it dies, 0: at none
	late  bool   // the server does what it was asked
	event int    // at which it dies

	mu     sync.Mutex
	calls  int
	events int
	died   chan struct{} // closed by death
	left   string        // a copy of its journals, from the moment of its death
	failed error         // why there is none
}

var errDied = errors.New("the process is dead")

func (p *process) dead() bool {
	select {
	case <-p.died:
		return true
	default:
		return false
	}
}

// die makes the copy. The caller holds the lock.
func (p *process) die() {
	if !p.dead() {
		p.left, p.failed = copied(p.dir)
		close(p.died)
	}
}

func (p *process) over(next http.RoundTripper) http.RoundTripper { return dying{p, next} }

type dying struct {
	process *process
	next    http.RoundTripper
}

func (d dying) RoundTrip(r *http.Request) (*http.Response, error) {
	p := d.process
	p.mu.Lock()
	p.calls++
	last := p.calls == p.call
	if last && !p.late {
		p.die()
	}
	dead := p.dead()
	p.mu.Unlock()
	if dead {
		return nil, errDied
	}
	res, err := d.next.RoundTrip(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if last {
		p.die()
	}
	if p.dead() {
		return nil, errDied
	}
	return res, err
}

// observe sees what has just been written to the journal.
func (p *process) observe(access.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.events++; p.events == p.event {
		p.die()
	}
	if p.dead() {
		return errDied
	}
	return nil
}

// copied is a copy of a folder of journals. A last line that nobody waited for until it
// was on the disk is torn.
func copied(dir string) (string, error) {
	out, err := os.MkdirTemp(fast, "journals")
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	for _, f := range files {
		text, e := os.ReadFile(f)
		info, e2 := os.Stat(f)
		if err = errors.Join(err, e, e2); err != nil {
			break
		}
		to := filepath.Join(out, filepath.Base(f))
		at := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
		if at > 0 && !bytes.Contains(text[at:], []byte(`"started"`)) {
			text = text[:at+len(text[at:])/2]
		}
		err = errors.Join(os.WriteFile(to, text, 0o600), os.Chtimes(to, info.ModTime(), info.ModTime()))
	}
	return out, err
}

// life runs do as a process that may die, and returns the folder of journals as the next
// process finds it.
func (d *watched) life(t *testing.T, p *process, do func(w *live.World, observe func(access.Event) error) error) (died bool, dir string) {
	t.Helper()
	p.died = make(chan struct{})
	w := over(t, d.bench, probe.Drawn, "us-west-2", p.dir, p.over)
	end := make(chan error, 1)
	d.dying.Go(func() { end <- do(w, p.observe) })
	select {
	case err := <-end:
		if !p.dead() {
			if err != nil {
				t.Errorf("not killed, and ended with %v", err)
			}
			return false, p.dir
		}
	case <-p.died:
	}
	if p.failed != nil {
		t.Fatal(p.failed)
	}
	t.Cleanup(func() { _ = os.RemoveAll(p.left) })
	past, err := live.History(p.left)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range past {
		if j.Damage != nil {
			t.Errorf("journal %s: %v", j.ID(), j.Damage)
		}
	}
	return true, p.left
}

// current is what the commands begin with: what a run wrote that was cut off is waited for.
func current(t *testing.T, w *live.World) (access.Snapshot, []live.Past, error) {
	s, err := w.Load(t.Context(), nil)
	past, err2 := live.History(w.Journals)
	if err := errors.Join(err, err2); err != nil {
		return s, past, err
	}
	if until := live.Unseen(past, s, w.Settle.Propagation); !until.IsZero() {
		time.Sleep(time.Until(until))
		s, err = w.Load(t.Context(), nil)
	}
	if len(s.Gaps) > 0 {
		err = errors.Join(err, fmt.Errorf("gaps %+v", s.Gaps))
	}
	return s, past, err
}

// migrate is the command, and so are resume and undo: each reads, and does what is left.
func migrate(t *testing.T) func(*live.World, func(access.Event) error) error {
	return func(w *live.World, observe func(access.Event) error) error {
		s, _, err := current(t, w)
		if err != nil {
			return err
		}
		plan, err := access.Build(s, access.Migrate{})
		if err == nil {
			_, err = w.Apply(t.Context(), plan, yes(plan), observe)
		}
		return err
	}
}

// resume goes on with the last journal. Where there is none nothing was begun, and it is
// migrated from the start.
func resume(t *testing.T) func(*live.World, func(access.Event) error) error {
	return func(w *live.World, observe func(access.Event) error) error {
		s, past, err := current(t, w)
		if err != nil {
			return err
		}
		c, _ := s.Cluster()
		last, ok := live.Latest(past, c)
		if !ok {
			return migrate(t)(w, observe)
		}
		if _, err = access.Remaining(s, last.Plan.Steps); err == nil {
			_, err = w.Apply(t.Context(), last.Plan, yes(last.Plan), observe)
		}
		return err
	}
}

// takeBack undoes the last journal, or goes on with an undo that was begun.
func takeBack(t *testing.T) func(*live.World, func(access.Event) error) error {
	return func(w *live.World, observe func(access.Event) error) error {
		s, past, err := current(t, w)
		if err != nil {
			return err
		}
		c, _ := s.Cluster()
		last, ok := live.Latest(past, c)
		if !ok {
			return nil // it died before there was anything to undo
		}
		if len(last.Plan.Undoes) > 0 {
			return resume(t)(w, observe)
		}
		steps, err := last.Undo()
		if err != nil {
			return err
		}
		left, err := access.Remaining(s, steps)
		if err != nil {
			return err
		}
		plan, err := access.BuildSteps(s, left)
		if err != nil || len(plan.Steps) == 0 {
			return err
		}
		plan.Undoes = []string{last.Path}
		_, err = w.Apply(t.Context(), plan, yes(plan), observe)
		return err
	}
}

// doomed is a process that dies at a random moment of its plan.
func doomed(r *rand.Rand, dir string, steps int) *process {
	p := &process{dir: dir}
	if r.IntN(3) == 0 {
		p.event = 1 + r.IntN(3*steps)
	} else {
		p.call, p.late = 1+r.IntN(30+8*steps), r.IntN(2) == 0
	}
	return p
}

// Migrations die at random calls and lines of the journal, and what goes on with them
// dies, too. Resume ends in what the plan foretold, undo in what was there first, every
// journal is readable, and nobody is denied for a moment what they might before.
func TestMigrationsDieAndNobodyNotices(t *testing.T) {
	sum, deaths, undone := probe.Seen{}, 0, 0
	for seed := *firstLife; seed < *firstLife+uint64(*lives); seed++ {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 11))
			d := drawn(t, seed, "")
			plan := d.migration(t)
			want, then := access.Project(d.now, plan.Steps...).Objects, resume(t)
			if d.now.Mode() == access.BothMode && r.IntN(2) == 0 {
				want, then = d.now.Objects, takeBack(t)
				undone++
			}
			p := probe.Watch(t.Context(), d.server, d.callers, d.was, probe.Often)
			died, dir := d.life(t, doomed(r, folder(t), len(plan.Steps)), migrate(t))
			for chance := 2; died; chance++ {
				deaths++
				next := &process{dir: dir}
				if r.IntN(chance) < 2 {
					next = doomed(r, dir, len(plan.Steps))
				}
				died, dir = d.life(t, next, then)
			}
			time.Sleep(5 * time.Second)
			seen := p.Stop()
			if sum.Add(seen); seen.Denied+seen.Unanswered > 0 {
				t.Errorf("seed %d: %s: %q", seed, seen, seen.Words)
			}
			d.dying.Wait()
			now := settled(t, d.World).Objects
			if d.now.Mode() == access.ConfigMapMode {
				// EKS makes an entry for the creator when the mode is switched; nobody planned it.
				want, now = but("/builder", want), but("/builder", now)
			}
			for _, what := range append(probe.Differ(d.callers, d.was, d.may(t)), differ(want, now)...) {
				t.Errorf("seed %d: %s", seed, what)
			}
		})
	}
	t.Logf("seeds %d to %d: %d deaths, %d of the migrations were undone; %s", *firstLife, *firstLife+uint64(*lives)-1, deaths, undone, sum)
	if deaths == 0 {
		t.Error("nothing died: the moments are wrong")
	}
}

// but leaves out all that is about a principal.
func but(who string, in access.Objects) access.Objects {
	out := access.Objects{}
	for o := range in.All() {
		if !strings.Contains(fmt.Sprintf("%+v", o), who) {
			out = out.With(o)
		}
	}
	return out
}
