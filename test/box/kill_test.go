package box

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var (
	kills    = flag.Int("kills", 0, "how many migrations of the real program are killed, or have the API server restarted under them; some 40 s each, since it waits as long as EKS may need")
	killSeed = flag.Uint64("kill-seed", 1, "where the random numbers of the kills begin")
)

// build makes the program, beside the box's own files, which end with it.
var build = sync.OnceValues(func() (string, error) {
	root, err := rig.Root()
	if err != nil {
		return "", err
	}
	b, err := theBox()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(b.Dir, "kubectl-eks_access")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/kubectl-eks_access")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

// program is the real one at work on a scene.
type program struct {
	*scene
	home string
}

func (p program) journals() string {
	return filepath.Join(p.home, "state", "kubectl-eks-access", "journals")
}

// lines is how much stands in the journals: a plan's moments are counted by it.
func (p program) lines() int {
	files, _ := filepath.Glob(filepath.Join(p.journals(), "*.journal"))
	n := 0
	for _, f := range files {
		text, _ := os.ReadFile(f)
		n += bytes.Count(text, []byte("\n"))
	}
	return n
}

// run is one process. When its journal has grown by some lines strike is called, a
// moment later; below 0 never. What it says is for a person who looks for the reason.
func (p program) run(lines int, moment time.Duration, strike func(*os.Process), args ...string) (exit int, killed bool, said string) {
	p.t.Helper()
	bin, err := build()
	if err != nil {
		p.t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), append(p.Env(), "HOME="+p.home, "XDG_STATE_HOME="+filepath.Join(p.home, "state"), "AWS_EC2_METADATA_DISABLED=true")...)
	cmd.Stdout, cmd.Stderr = &out, &out
	from := p.lines()
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	var strikes sync.WaitGroup
	strikes.Go(func() {
		for lines >= 0 && p.lines() < from+lines {
			select {
			case <-ended:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
		if lines >= 0 {
			time.Sleep(moment)
			strike(cmd.Process)
		}
	})
	err = cmd.Wait()
	close(ended)
	strikes.Wait()
	var bad *exec.ExitError
	if err != nil && !errors.As(err, &bad) {
		p.t.Fatal(err)
	}
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return cmd.ProcessState.ExitCode(), status.Signaled(), out.String()
}

// readable fails for every journal that is not.
func (p program) readable() []live.Past {
	p.t.Helper()
	past, err := live.History(p.journals())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, j := range past {
		if j.Damage != nil {
			p.t.Errorf("journal %s: %v", j.ID(), j.Damage)
		}
	}
	return past
}

// The real program is killed on a real cluster (SIGKILL), or the API server is restarted
// under it, which stops it with exit code 3. Resume ends in what the plan foretold, undo
// in what was there first, and nobody is denied anything that a server answers.
func TestKilledInTheBox(t *testing.T) {
	sum, deaths, stops := probe.Seen{}, 0, 0
	for seed := *killSeed; seed < *killSeed+uint64(*kills); seed++ {
		r := rand.New(rand.NewPCG(seed, 13))
		w := probe.Draw(rand.New(rand.NewPCG(seed, 4)))
		if name := []string{"s1", "s3", "s3", ""}[r.IntN(4)]; name != "" {
			w = demo(t, name)
		}
		ok := t.Run(fmt.Sprintf("-kill-seed %d %s", seed, w.Clusters[0].Name), func(t *testing.T) {
			seen, died, stopped := killed(t, r, w)
			sum.Add(seen)
			deaths, stops = deaths+died, stops+stopped
		})
		if !ok {
			break
		}
	}
	t.Logf("%d runs from seed %d: %d processes killed, %d stopped by a restart; %s", *kills, *killSeed, deaths, stops, sum)
}

func killed(t *testing.T, r *rand.Rand, w sim.World) (seen probe.Seen, deaths, stops int) {
	s := open(t).play(t, w)
	p := program{s, t.TempDir()}
	_, before := s.load("")
	plan := s.migration(before)
	want, then := access.Project(before, plan.Steps...).Objects, "resume"
	if before.Mode() == access.BothMode && r.IntN(2) == 0 {
		want, then = before.Objects, "undo"
	}
	watch := s.watch()
	restarted := false
	restart := func(*os.Process) {
		seen.Add(watch.Stop()) // who is not there can't be asked, and knows no roles while it starts
		s.box.Stop()
		if err := s.box.Again(); err != nil {
			t.Error(err)
		}
		watch, restarted = s.watch(), true
	}
	kill := func(p *os.Process) { _ = p.Kill() }
	command := "migrate"
	for chance := 2; ; chance++ {
		lines, strike := -1, kill
		if r.IntN(chance) < 2 {
			lines = 2 + r.IntN(3*len(plan.Steps))
		}
		if !restarted && r.IntN(4) == 0 {
			strike = restart
		}
		code, dead, said := p.run(lines, time.Duration(r.Int64N(int64(60*time.Millisecond))), strike, command, "--yes", "--accept", string(access.OneWayMode),
			"--accept", string(access.NoAdminAside))
		past := p.readable()
		switch {
		case dead:
			deaths++
		case code == 3 && restarted:
			stops++
		case code != 0:
			t.Fatalf("%s: exit %d\n%s", command, code, said)
		}
		if code == 0 && command == then || len(past) > 0 && past[0].Complete && (then == "resume" || len(past[0].Plan.Undoes) > 0) {
			break
		}
		if command = then; len(past) == 0 {
			command = "migrate" // it died before there was anything to go on with
		}
	}
	time.Sleep(2 * lag)
	seen.Add(watch.Stop())
	if seen.Denied+seen.Unanswered > 0 {
		t.Errorf("%s: %q", seen, seen.Words)
	}
	s.same()
	_, now := s.load("")
	for _, what := range differ(want, now.Objects, w.Clusters[0].Creator) {
		t.Error(what)
	}
	return seen, deaths, stops
}

// differ are the objects that are not as they should be. Of a creator EKS makes an entry
// when the mode is switched, which nobody planned.
func differ(want, have access.Objects, creator string) []string {
	var out []string
	for _, pair := range [][2]access.Objects{{want, have}, {have, want}} {
		for o := range pair[0].All() {
			k := o.Key()
			text := fmt.Sprintf("%s %s %s: %+v, and %+v", k.Kind, k.Namespace, k.Name, o, pair[1].At(k))
			if !access.Same(o, pair[1].At(k)) && !strings.Contains(text, creator) && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}
