package cmd

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/jsonpath"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kubectl-eks_access": func() {
			settle = live.Settle{Every: 20 * time.Millisecond, AtMost: 5 * time.Second, Propagation: 60 * time.Millisecond}
			os.Exit(Main(os.Args[1:]))
		},
	})
}

// TestScripts runs the stories of testdata/script with the real main. Commands of
// theirs: see the functions below.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, dir := range []string{"home", "state"} {
				if err := os.Mkdir(filepath.Join(e.WorkDir, dir), 0o700); err != nil {
					return err
				}
			}
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("KUBECONFIG", filepath.Join(e.WorkDir, "none"))
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("TERM", "xterm")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "json": jsonIs, "bench": bench, "as": as, "break": breaks, "calls": calls, "kube": kubernetes,
		},
	})
}

// exits CODE COMMAND...: the command ends with this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var ended *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &ended):
		code = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// json FILE PATH PATTERN: the JSON (or YAML) in the file has a value at the
// jsonpath that matches the pattern as a whole.
func jsonIs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH PATTERN")
	}
	var v any
	if err := k8syaml.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	p := jsonpath.New("").AllowMissingKeys(true)
	ts.Check(p.Parse("{" + args[1] + "}"))
	var out bytes.Buffer
	ts.Check(p.Execute(&out, v))
	if regexp.MustCompile("^(?s:"+args[2]+")$").MatchString(out.String()) == neg {
		ts.Fatalf("%s is %q; want %q: %v", args[1], out.String(), args[2], !neg)
	}
}

// served is a world on loopback: the AWS half and the Kubernetes half.
type served struct {
	bench *sim.Bench
	world sim.World
	kube  *httptest.Server
	token string
}

// shared are the worlds of the scripts that run now, by the script's name.
var shared = struct {
	sync.Mutex
	of map[string]*served
}{of: map[string]*served{}}

func of(ts *testscript.TestScript) *served {
	shared.Lock()
	defer shared.Unlock()
	b := shared.of[ts.Name()]
	if b == nil {
		ts.Fatalf("start a bench first")
	}
	return b
}

// bench WORLD [STATUS]: serve a world, its cluster in this status, and point the
// environment at it as "aws eks update-kubeconfig" and AWS_ENDPOINT_URL would.
func bench(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: bench WORLD [STATUS]")
	}
	w, err := sim.Demo(args[0])
	ts.Check(err)
	if len(args) > 1 {
		w.Clusters[0].Status = args[1]
	}
	b := &served{world: w, bench: sim.New(w, sim.Options{Policies: access.PolicyTable(), Visible: 50 * time.Millisecond, ClusterUpdate: 100 * time.Millisecond})}
	c := w.Clusters[0]
	aws := httptest.NewServer(b.bench)
	b.kube = httptest.NewTLSServer(b.bench.Kubernetes(c.Name)) // client-go sends no token without TLS
	ts.Defer(aws.Close)
	ts.Defer(b.kube.Close)
	b.bench.SetEndpoint(c.Name, b.kube.URL, nil)
	shared.Lock()
	shared.of[ts.Name()] = b
	shared.Unlock()
	ts.Setenv("AWS_ENDPOINT_URL", aws.URL)
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "bench")
	key, _ := b.bench.Caller()
	as(ts, false, []string{key})
}

// as KEY: be the caller who has this access key, for AWS and for kubectl.
func as(ts *testscript.TestScript, neg bool, args []string) {
	b := of(ts)
	c := b.world.Clusters[0]
	name := fmt.Sprintf("arn:aws:eks:%s:%s:cluster/%s", c.Region, c.Account, c.Name)
	b.token = b.bench.Token(args[0], c.Name)
	k := clientcmdapi.NewConfig()
	k.Clusters[name] = &clientcmdapi.Cluster{Server: b.kube.URL, CertificateAuthorityData: pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: b.kube.Certificate().Raw})}
	k.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: b.token}
	k.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	k.CurrentContext = name
	path := ts.MkAbs("kubeconfig")
	ts.Check(clientcmd.WriteToFile(*k, path))
	ts.Setenv("KUBECONFIG", path)
	ts.Setenv("AWS_ACCESS_KEY_ID", args[0])
}

// break OPERATION STATUS CODE: the operation (a prefix of it) is answered by this
// error from now on; alone it mends everything.
func breaks(ts *testscript.TestScript, neg bool, args []string) {
	b := of(ts)
	if len(args) == 0 {
		b.bench.Break(nil)
		return
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	b.bench.Break(func(c sim.Call) *sim.Fault {
		if !strings.HasPrefix(c.Operation, args[0]) {
			return nil
		}
		return &sim.Fault{Status: status, Code: args[2], Message: "User is not authorized to perform: eks:" + args[0]}
	})
}

// calls PATTERN: some call so far matches, written as its service, operation and status.
func calls(ts *testscript.TestScript, neg bool, args []string) {
	re := regexp.MustCompile(args[0])
	for _, c := range of(ts).bench.Calls() {
		line := fmt.Sprintf("%s %s %d", c.Service, c.Operation, c.Status)
		if re.MatchString(line) {
			if neg {
				ts.Fatalf("there was %q", line)
			}
			return
		}
	}
	if !neg {
		ts.Fatalf("no call matches %q", args[0])
	}
}

// kube METHOD PATH [FILE]: speak to the Kubernetes API as the present caller; the
// answer can be looked at as stdout. With "!" it must be refused. A change of
// aws-auth or of an entry takes a moment to be seen, so an Unauthorized is asked again.
func kubernetes(ts *testscript.TestScript, neg bool, args []string) {
	var body []byte
	if len(args) > 2 {
		text, err := k8syaml.YAMLToJSON([]byte(ts.ReadFile(args[2])))
		ts.Check(err)
		body = text
	}
	b := of(ts)
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequest(args[0], b.kube.URL+args[1], bytes.NewReader(body))
		ts.Check(err)
		r.Header.Set("Authorization", "Bearer "+b.token)
		r.Header.Set("Content-Type", "application/json")
		res, err := b.kube.Client().Do(r)
		ts.Check(err)
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		ts.Check(err)
		if res.StatusCode == http.StatusUnauthorized && !neg && time.Now().Before(deadline) {
			continue
		}
		fmt.Fprintf(ts.Stdout(), "%s\n", text)
		if (res.StatusCode >= 300) != neg {
			ts.Fatalf("%s %s: %s", args[0], args[1], res.Status)
		}
		return
	}
}
