package cmd

import (
	"bytes"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/iam"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

var (
	kills    = flag.Int("kills", 16, "how many migrations TestKilledAtAnyMoment kills; some 1 s each")
	killSeed = flag.Uint64("kill-seed", 1, "where its random numbers begin; a failure names the number to give here, with -kills 1 (the machine's own timing is not in it)")
)

// mortal is a cluster on loopback, on which processes of the real program run and are
// killed, and a second look at it that is not the program's.
type mortal struct {
	t     *testing.T
	world sim.World
	bench *sim.Bench
	env   []string
	state string // folder of journals
	steps int64  // of the plan, so about how many writes there are
	look  *live.World
	fate  atomic.Pointer[fate]
}

// fate is when a process dies: at its n-th write, or that long after.
type fate struct {
	process *os.Process
	at      int64
	after   time.Duration
	writes  atomic.Int64
	dead    atomic.Bool
}

func (f *fate) see(c sim.Call) {
	if c.Method == http.MethodGet || c.Query.Has("dryRun") || strings.Contains(c.Operation, "review") || c.Service == "sts" || c.Service == "iam" {
		return
	}
	if f.writes.Add(1) != f.at {
		return
	}
	if f.after == 0 {
		f.kill() // before the answer: the write is made, and nobody hears of it
		return
	}
	time.AfterFunc(f.after, f.kill)
}

func (f *fate) kill() {
	f.dead.Store(true)
	_ = f.process.Kill()
}

// scene is a world by name; the number is for the one that is drawn.
func scene(t *testing.T, name string, number uint64) sim.World {
	t.Helper()
	if name == probe.Drawn {
		return probe.Draw(rand.New(rand.NewPCG(number, 4)))
	}
	w, err := sim.Demo(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newMortal(t *testing.T, w sim.World) *mortal {
	t.Helper()
	c := w.Clusters[0]
	m := &mortal{t: t, world: w, state: t.TempDir(), bench: sim.New(w, sim.Options{Policies: access.PolicyTable(), Visible: 15 * time.Millisecond})}
	m.bench.Break(func(c sim.Call) *sim.Fault {
		if f := m.fate.Load(); f != nil {
			f.see(c)
		}
		return nil
	})
	api := httptest.NewServer(m.bench)
	k := httptest.NewTLSServer(m.bench.Kubernetes(c.Name)) // client-go sends no token without TLS
	k.Config.ErrorLog, api.Config.ErrorLog = quiet(), quiet()
	t.Cleanup(api.Close)
	t.Cleanup(k.Close)
	m.bench.SetEndpoint(c.Name, k.URL, nil)
	key, _ := m.bench.Caller()
	name := fmt.Sprintf("arn:aws:eks:%s:%s:cluster/%s", c.Region, c.Account, c.Name)
	conf := clientcmdapi.NewConfig()
	conf.Clusters[name] = &clientcmdapi.Cluster{Server: k.URL, CertificateAuthorityData: pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: k.Certificate().Raw})}
	conf.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: m.bench.Token(key, c.Name)}
	conf.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	conf.CurrentContext = name
	path := filepath.Join(m.state, "kubeconfig")
	if err := clientcmd.WriteToFile(*conf, path); err != nil {
		t.Fatal(err)
	}
	m.env = append(os.Environ(), "KUBECONFIG="+path, "HOME="+m.state, "XDG_STATE_HOME="+m.state, "AWS_ENDPOINT_URL="+api.URL,
		"AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY=bench", "AWS_EC2_METADATA_DISABLED=true")
	cfg := aws.Config{Region: c.Region, BaseEndpoint: aws.String("https://bench.invalid"), HTTPClient: &http.Client{Transport: sim.Wire(m.bench)},
		Credentials: credentials.NewStaticCredentialsProvider(key, "bench", "")}
	kr, er := access.KubeRealm(c.Name), access.EKSRealm(c.Name)
	side, err := kube.New(&rest.Config{Host: "https://bench.invalid", QPS: -1, Transport: bearer{sim.Wire(m.bench.Kubernetes(c.Name)),
		func() string { return m.bench.Token(key, c.Name) }}}, kr)
	if err != nil {
		t.Fatal(err)
	}
	m.look = &live.World{Sides: map[access.Realm]live.Side{er: eks.New(cfg, c.Name, er), kr: side}, Followers: []live.Follower{iam.New(cfg)}}
	return m
}

// now is what is there, when everything that was written is visible.
func (m *mortal) now() access.Snapshot {
	m.t.Helper()
	m.fate.Store(nil)
	time.Sleep(40 * time.Millisecond)
	s, err := m.look.Load(m.t.Context(), func(access.Snapshot) {})
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// may is what everybody may now, and watch asks for it again all the time.
func (m *mortal) may() probe.May {
	m.t.Helper()
	c := m.world.Clusters[0]
	out, err := probe.Bench(m.bench, c.Name).May(m.t.Context(), m.world.Callers, probe.Questions("carts", "catalog"))
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

func (m *mortal) watch(was probe.May) *probe.Probe {
	return probe.Watch(m.t.Context(), probe.Bench(m.bench, m.world.Clusters[0].Name), m.world.Callers, was, probe.Often)
}

// run is one process, killed at its fate if it has one. It says whether it was.
func (m *mortal) run(f *fate, args ...string) (killed bool, output string) {
	m.t.Helper()
	cmd := exec.Command("kubectl-eks_access", args...)
	var out bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = m.env, &out, &out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.fate.Store(nil)
	if f != nil {
		f.process = cmd.Process
		m.fate.Store(f)
	}
	err := cmd.Wait()
	m.fate.Store(nil)
	if f != nil && f.dead.Load() && cmd.ProcessState.ExitCode() < 0 {
		return true, out.String()
	}
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, &out)
	}
	return false, out.String()
}

// doom is a fate at a random moment: with a write, or between two.
func (m *mortal) doom(r *rand.Rand) *fate {
	f := &fate{at: 1 + r.Int64N(m.steps)}
	if r.IntN(3) > 0 {
		f.after = time.Duration(r.Int64N(int64(60 * time.Millisecond)))
	}
	return f
}

// agreed is a command with all that a migration asks of these worlds.
func agreed(command string) []string {
	return []string{command, "--yes", "--accept", string(access.OneWayMode), "--accept", string(access.NoAdminAside)}
}

// survives runs a command until it ends by itself: killed at random moments, and again
// by the command that goes on with it.
func (m *mortal) survives(r *rand.Rand, first string, then string) (deaths int) {
	m.t.Helper()
	command := first
	for chance := 1.0; ; chance /= 2 {
		var f *fate
		if r.Float64() < chance {
			f = m.doom(r)
		}
		killed, _ := m.run(f, agreed(command)...)
		m.readable()
		if !killed {
			return deaths
		}
		deaths++
		if m.ended() {
			return deaths // it died with its last word
		}
		command = then
	}
}

// ended reports whether the last journal came to its end.
func (m *mortal) ended() bool {
	m.t.Helper()
	past, err := live.History(m.journals())
	if err != nil {
		m.t.Fatal(err)
	}
	return len(past) > 0 && past[0].Complete
}

func (m *mortal) journals() string { return filepath.Join(m.state, "kubectl-eks-access", "journals") }

// readable holds every journal to what was promised: it reads, to its last whole line.
func (m *mortal) readable() {
	m.t.Helper()
	past, err := live.History(m.journals())
	if err != nil {
		m.t.Fatal(err)
	}
	for _, p := range past {
		if p.Damage != nil {
			m.t.Errorf("%s: %v", p.ID(), p.Damage)
		}
	}
}

// differ are the objects that people decide and that are not as they should be.
func differ(want, have access.Snapshot) []string {
	var out []string
	for _, pair := range [][2]access.Snapshot{{want, have}, {have, want}} {
		for o := range pair[0].Objects.All() {
			if k := o.Key(); !access.Same(o, pair[1].Objects.At(k)) {
				out = append(out, fmt.Sprintf("%s %s: %+v, not %+v", k.Kind, k.Name, pair[1].Objects.At(k), o))
			}
		}
	}
	return out
}

// Real processes are killed (SIGKILL) in the middle of a migration, by the calls that the
// bench sees and by time: resume always ends in what the plan foretold, undo always in
// what was there first, killed again or not, no journal is ever unreadable, and nobody is
// denied for a moment what they might before.
func TestKilledAtAnyMoment(t *testing.T) {
	deaths, journals, seen := 0, map[string]int{}, probe.Seen{}
	for i := range uint64(*kills) {
		seed := *killSeed + i
		r := rand.New(rand.NewPCG(seed, 9))
		name := []string{"s3", "s5", "s1", probe.Drawn, probe.Drawn}[r.IntN(5)]
		w := scene(t, name, seed)
		// No undo takes back a switch of the mode.
		back := r.IntN(2) == 0 && w.Clusters[0].Mode != string(access.ConfigMapMode)
		ok := t.Run(fmt.Sprintf("-kill-seed %d %s", seed, name), func(t *testing.T) {
			m := newMortal(t, w)
			was, might := m.now(), m.may()
			plan, err := access.Build(was, access.Migrate{})
			if err != nil {
				t.Fatal(err)
			}
			m.steps = int64(len(plan.Steps))
			p := m.watch(might)
			want := access.Project(was, plan.Steps...)
			if !back {
				deaths += m.survives(r, "migrate", "resume")
			} else {
				want = was
				if killed, _ := m.run(m.doom(r), agreed("migrate")...); killed {
					deaths++
				}
				m.readable()
				deaths += m.survives(r, "undo", "undo")
			}
			now := m.now()
			one := p.Stop()
			if seen.Add(one); one.Denied+one.Unanswered > 0 {
				t.Errorf("%s: %q", one, one.Words)
			}
			for _, what := range probe.Differ(w.Callers, might, m.may()) {
				t.Error(what)
			}
			for _, d := range differ(want, now) {
				// EKS shows a cluster's creator as an entry when the mode is switched (EKS user
				// guide, "Change authentication mode"): nobody planned it.
				if c := w.Clusters[0]; c.Mode != string(access.ConfigMapMode) || !strings.Contains(d, c.Creator) {
					t.Error(d)
				}
			}
			// What came to its end says so, and changes nothing.
			_, said := m.run(nil, "resume", "--yes")
			if !strings.Contains(said, "nothing to go on with") {
				t.Errorf("resume after the end:\n%s", said)
			}
			past, _ := live.History(m.journals())
			for _, p := range past {
				journals[string(p.Now())]++
			}
		})
		if !ok {
			break
		}
	}
	t.Logf("%d runs from seed %d, %d processes killed, journals %v; %s", *kills, *killSeed, deaths, journals, seen)
	if deaths < *kills/2 {
		t.Errorf("only %d of %d runs were killed in time: the moments are wrong", deaths, *kills)
	}
}

// An undo that dies with its last write is ended by the next undo, and only the one
// after that takes back the change before.
func TestUndoKilledAtItsEnd(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	groups := func() string {
		for o := range m.now().Objects.All() {
			if e, ok := o.(access.AccessEntry); ok && strings.HasSuffix(e.Principal, "carts-developers") {
				return strings.Join(e.Groups, " ")
			}
		}
		t.Fatal("the entry is gone")
		return ""
	}
	m.run(nil, "change", "carts-developers", "--add-group", "one", "--yes")
	m.run(nil, "change", "carts-developers", "--add-group", "two", "--yes")
	if killed, out := m.run(&fate{at: 1}, "undo", "--yes"); !killed || groups() != "one" {
		t.Fatalf("killed: %v, groups %q\n%s", killed, groups(), out)
	}
	if _, out := m.run(nil, "undo", "--yes"); groups() != "one" || !strings.Contains(out, "goes on with ") {
		t.Errorf("groups %q\n%s", groups(), out)
	}
	if _, out := m.run(nil, "undo", "--yes"); groups() != "" {
		t.Errorf("groups %q\n%s", groups(), out)
	}
	if _, out := m.run(nil, "history"); strings.Count(out, "undone") != 2 {
		t.Errorf("history:\n%s", out)
	}
}

// What a process wrote just before it died may show later than the next one reads: that
// one waits, and then knows of it.
func TestAChangeWaitsForWhatWasCutOff(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	was := m.now()
	if killed, out := m.run(&fate{at: 2}, agreed("migrate")...); !killed {
		t.Fatal(out)
	}
	past, err := live.History(m.journals())
	if err != nil || len(past) != 1 {
		t.Fatalf("%d journals, %v", len(past), err)
	}
	text, err := os.ReadFile(past[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	// As if it had died in a second from now: however slow this machine is, it is just now.
	soon := strings.Replace(string(text), past[0].Last.Format(time.RFC3339Nano), time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano), 1)
	if err := os.WriteFile(past[0].Path, []byte(soon), 0o600); err != nil || soon == string(text) {
		t.Fatalf("%v:\n%s", err, text)
	}
	if _, out := m.run(nil, agreed("undo")...); !strings.Contains(out, "waits ") || !strings.Contains(out, "cut off in the middle of a write") {
		t.Errorf("it does not say that it waits:\n%s", out)
	}
	if d := differ(was, m.now()); len(d) > 0 {
		t.Error(d)
	}
}

// quiet drops what a server says about connections that die.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
