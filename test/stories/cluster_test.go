// Package stories plays the stories of the product from end to end: the real
// program, by flags and by keys, on a real kube-apiserver that logs in and
// authorizes as EKS does. Who may do what is always asked of that server.
package stories

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// plugin builds the program once.
var plugin = sync.OnceValues(func() (string, error) {
	root, err := rig.Root()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "eks-access-stories")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "kubectl-eks_access")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/kubectl-eks_access")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := plugin(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// cluster is a world brought to life, and a home folder for journals.
type cluster struct {
	*rig.Cluster
	t    *testing.T
	home string
}

func start(t *testing.T, world string) *cluster {
	t.Helper()
	w, err := sim.Demo(world)
	if err != nil {
		t.Fatal(err)
	}
	// Writes take a while to be visible, as on EKS.
	c := rig.EKSOf(t, w, sim.Options{Visible: 300 * time.Millisecond})
	return &cluster{Cluster: c, t: t, home: t.TempDir()}
}

func (c *cluster) command(args ...string) *exec.Cmd {
	c.t.Helper()
	bin, err := plugin()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), append(c.Env(), "HOME="+c.home, "XDG_STATE_HOME="+filepath.Join(c.home, "state"), "AWS_EC2_METADATA_DISABLED=true")...)
	return cmd
}

// run is the program with flags, without a terminal.
func (c *cluster) run(args ...string) (stdout, stderr string, exit int) {
	c.t.Helper()
	cmd := c.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var bad *exec.ExitError
	switch {
	case errors.As(err, &bad):
		exit = bad.ExitCode()
	case err != nil:
		c.t.Fatal(err)
	}
	return out.String(), errs.String(), exit
}

// must is run with the exit code 0.
func (c *cluster) must(args ...string) string {
	c.t.Helper()
	out, errs, exit := c.run(args...)
	if exit != 0 {
		c.t.Fatalf("%s: exit %d\n%s\n%s", strings.Join(args, " "), exit, out, errs)
	}
	return out
}

// client logs in as whoever holds an access key, with a token of its own.
func (c *cluster) client(key string) *kubernetes.Clientset {
	c.t.Helper()
	k, err := kubernetes.NewForConfig(c.As(key))
	if err != nil {
		c.t.Fatal(err)
	}
	return k
}

// question is one request that is asked of the server.
type question struct{ verb, group, resource, sub, namespace string }

func (q question) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s%s in %q", q.verb, q.resource, map[bool]string{true: "/" + q.sub}[q.sub != ""], q.namespace))
}

// ask is a SelfSubjectAccessReview: the whole authorizer chain, for the caller.
func ask(ctx context.Context, k *kubernetes.Clientset, q question) (bool, error) {
	got, err := k.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: q.verb, Group: q.group, Resource: q.resource, Subresource: q.sub, Namespace: q.namespace}}}, metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	return got.Status.Allowed, nil
}

func whoami(ctx context.Context, k *kubernetes.Clientset) (authenticationv1.UserInfo, error) {
	got, err := k.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return got.Status.UserInfo, nil
}

// questions are what every principal is asked, in these namespaces and cluster-wide.
func questions(namespaces ...string) []question {
	out := []question{{verb: "*", group: "*", resource: "*"}}
	for _, ns := range append([]string{""}, namespaces...) {
		for _, verb := range []string{"get", "list", "create", "delete"} {
			out = append(out,
				question{verb: verb, resource: "pods", namespace: ns}, question{verb: verb, resource: "secrets", namespace: ns},
				question{verb: verb, group: "apps", resource: "deployments", namespace: ns}, question{verb: verb, group: "rbac.authorization.k8s.io", resource: "rolebindings", namespace: ns})
		}
		out = append(out, question{verb: "create", resource: "pods", sub: "exec", namespace: ns}, question{verb: "get", resource: "pods", sub: "log", namespace: ns})
	}
	return append(out, question{verb: "list", resource: "nodes"}, question{verb: "list", resource: "namespaces"})
}
