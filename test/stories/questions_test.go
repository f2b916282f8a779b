package stories

import (
	"errors"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// TestJudgeQuestions: the real kubectl asks `auth can-i` as each caller, in words that
// people use, and we answer the same about them. kubectl judges what a word means, the
// API server who may.
func TestJudgeQuestions(t *testing.T) {
	t.Parallel()
	c := start(t, "s3")
	_, s := c.load()
	ix := access.NewIndex(s)
	types := c.types()
	asked, unknown := 0, 0
	for _, caller := range c.World.Callers {
		p, err := access.ParsePrincipal(caller.ARN)
		if err != nil {
			t.Fatal(err)
		}
		if _, active := ix.Who(p).Active(); !active {
			continue // the server does not let it in
		}
		for i, q := range []struct{ verb, word, sub, namespace string }{
			{"get", "po", "", "carts"}, {"delete", "Pod", "", "carts"}, {"create", "pods", "exec", "carts"}, {"get", "pods", "log", "ui"},
			{"patch", "deploy", "", "carts"}, {"get", "deployments.v1.apps", "", "catalog"}, {"update", "deploy", "scale", "ui"},
			{"list", "secret", "", "kube-system"}, {"get", "cm", "", "orders"}, {"list", "ev", "", "carts"},
			{"get", "events.events.k8s.io", "", "carts"}, {"delete", "netpol", "", "carts"}, {"get", "hpa.v2.autoscaling", "", "carts"},
			{"create", "rolebinding", "", "orders"}, {"impersonate", "sa", "", "carts"}, {"delete", "ing", "", "ui"}, {"get", "/metrics", "", ""},
		} {
			if i%2 == len(caller.ARN)%2 {
				continue // each caller is asked one half
			}
			request := access.Request{Verb: q.verb, URL: q.word}
			if q.namespace != "" {
				r, known := types.Resolve(q.word)
				if !known || !r.Served {
					t.Fatalf("%s is no type", q.word)
				}
				request = access.Request{Verb: q.verb, Group: r.Group, Resource: r.Name, Subresource: q.sub, Namespace: q.namespace}
			}
			a := ix.Ask(ix.Who(p), request)
			asked++
			if a.Verdict != access.Yes && a.Verdict != access.No {
				unknown++
				continue
			}
			if judge := c.kubectlCanI(caller.Key, q.verb, q.word, q.sub, q.namespace); judge != string(a.Verdict) {
				t.Errorf("%s: %s %s/%s in %s: kubectl says %s, we %s", caller.ARN, q.verb, q.word, q.sub, q.namespace, judge, a.Verdict)
			}
		}
	}
	t.Logf("%d questions, %d of them unknown to us", asked, unknown)
	if asked-unknown < 30 {
		t.Error("hardly anything was asked")
	}
	// The program itself, from end to end.
	for args, want := range map[string]int{
		"can-i carts-developers delete deploy -n carts": 0, "can-i carts-developers delete deploy -n ui": 1,
		"can-i carts-developers list crd": 1, "can-i eks-workshop-admins list crd -q": 0,
		"who-can delete deploy -n carts": 0, "compare carts-developers eks-workshop-admins": 1,
	} {
		if out, errs, exit := c.run(strings.Fields(args)...); exit != want || strings.Contains(errs, "built-in") || strings.Contains(errs, "serve") {
			t.Errorf("%s: exit %d, want %d\n%s%s", args, exit, want, out, errs)
		}
	}
}

// TestJudgeBuiltinTypes: the table of built-in types is what a real API server serves.
func TestJudgeBuiltinTypes(t *testing.T) {
	t.Parallel()
	c := start(t, "s4")
	live, table := c.types(), kube.Builtin()
	if !live.Live() {
		t.Fatal(live.Undiscovered())
	}
	served := 0
	for _, word := range live.Words() {
		want, _ := live.Resolve(word)
		if !want.Served {
			continue // of the table itself: the metrics server is not here
		}
		served++
		got, known := table.Resolve(word)
		bare := func(r access.Resource) access.Resource { r.Served, r.Also = false, nil; return r }
		if !known || !reflect.DeepEqual(bare(want), bare(got)) {
			t.Errorf("%s: the server has %+v, the table %+v", word, want, got)
		}
		also := slices.DeleteFunc(slices.Clone(got.Also), func(o string) bool { return strings.HasSuffix(o, ".metrics.k8s.io") })
		if !slices.Equal(want.Also, also) {
			t.Errorf("%s: the server has %v beside, the table %v", word, want.Also, also)
		}
	}
	for _, word := range table.Words() {
		if r, known := live.Resolve(word); !known || !r.Served && r.Group != "metrics.k8s.io" {
			t.Errorf("%s is in the table, and the server does not serve it", word)
		}
	}
	if served < 150 {
		t.Errorf("%d words only", served)
	}
}

// types are those that the cluster's API server says it serves.
func (c *cluster) types() *kube.Types {
	c.t.Helper()
	key, _ := c.Bench.Caller()
	side, err := kube.New(c.As(key), access.KubeRealm(c.Name))
	if err != nil {
		c.t.Fatal(err)
	}
	return side.Types(c.t.Context())
}

// kubectlCanI asks the real kubectl, as whoever holds an access key.
func (c *cluster) kubectlCanI(key, verb, word, sub, namespace string) string {
	c.t.Helper()
	bin, err := rig.Bin()
	if err != nil {
		c.t.Fatal(err)
	}
	as := c.As(key)
	args := []string{"auth", "can-i", verb, word, "--server", as.Host, "--token", as.BearerToken, "--insecure-skip-tls-verify", "--kubeconfig", "/dev/null"}
	if sub != "" {
		args = append(args, "--subresource", sub)
	}
	if namespace != "" {
		args = append(args, "-n", namespace)
	}
	cmd := exec.Command(filepath.Join(bin, "kubectl"), args...)
	cmd.Env = []string{"HOME=" + c.home}
	out, err := cmd.Output()
	var no *exec.ExitError
	if err != nil && (!errors.As(err, &no) || strings.TrimSpace(string(out)) == "") {
		c.t.Fatalf("kubectl %s: %v %s", strings.Join(args[:4], " "), err, no.Stderr)
	}
	answer, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return answer
}
