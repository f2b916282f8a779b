package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// Cluster is a real Kubernetes API that authenticates and authorizes as EKS
// does: tokens, access entries and access policies by the bench's webhooks,
// aws-auth and RBAC as they stand in the API itself.
type Cluster struct {
	*ControlPlane
	Name       string
	ARN        string
	Region     string
	World      sim.World
	Bench      *sim.Bench
	AWS        string // the bench's address, for AWS_ENDPOINT_URL
	Kubeconfig string // of the world's default caller; its context is named by the cluster's ARN

	servers []*http.Server
}

// EKS is OpenEKS for a test: it ends with the test.
func EKS(t testing.TB, world string) *Cluster {
	t.Helper()
	w, err := sim.Demo(world)
	if err != nil {
		t.Fatal(err)
	}
	return EKSOf(t, w, sim.Options{})
}

// EKSOf is EKS for a world of the test's own and a bench that is slow or broken.
func EKSOf(t testing.TB, w sim.World, o sim.Options) *Cluster {
	t.Helper()
	c, err := OpenEKS(t.Context(), w, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// OpenEKS brings a world's first cluster to life. Its others are known to the
// AWS APIs alone. In o, Policies and AuthMap are set here.
func OpenEKS(ctx context.Context, w sim.World, o sim.Options) (*Cluster, error) {
	if len(w.Clusters) == 0 {
		return nil, errors.New("the world has no cluster")
	}
	first := w.Clusters[0]
	c := &Cluster{Name: first.Name, ARN: arn(first), Region: first.Region, World: w}
	// The webhooks are asked before the API server that they read aws-auth from is ready.
	var client atomic.Pointer[kubernetes.Clientset]
	o.Policies = access.PolicyTable()
	o.AuthMap = func() (map[string]string, error) {
		if k := client.Load(); k != nil {
			return authMap(k)
		}
		return nil, errors.New("the API server is not up yet")
	}
	c.Bench = sim.New(w, o)
	if err := c.open(ctx, &client); err != nil {
		c.Close()
		return nil, fmt.Errorf("world with cluster %s: %w", c.Name, err)
	}
	return c, nil
}

func (c *Cluster) open(ctx context.Context, client *atomic.Pointer[kubernetes.Clientset]) error {
	hooks, err := c.listen(c.Bench.Webhooks(c.Name))
	if err != nil {
		return err
	}
	if c.AWS, err = c.listen(c.Bench); err != nil {
		return err
	}
	c.ControlPlane, err = Open(Options{Authenticate: hooks + "/authenticate", Authorize: hooks + "/authorize"})
	if err != nil {
		return err
	}
	k, err := kubernetes.NewForConfig(c.Admin)
	if err != nil {
		return err
	}
	client.Store(k)
	return c.fill(ctx)
}

// On brings a world's first cluster to life on a control plane that is open already. Its
// webhooks and the address for AWS must lead to the bench. What is there stays there.
func (c *ControlPlane) On(ctx context.Context, w sim.World, bench *sim.Bench, aws string) (*Cluster, error) {
	first := w.Clusters[0]
	out := &Cluster{ControlPlane: c, Name: first.Name, ARN: arn(first), Region: first.Region, World: w, Bench: bench, AWS: aws}
	return out, out.fill(ctx)
}

// fill makes the world's objects and writes the kubeconfig of its callers.
func (c *Cluster) fill(ctx context.Context) error {
	if err := c.Apply(ctx, c.Bench.Seed(c.Name)...); err != nil {
		return err
	}
	c.Bench.SetEndpoint(c.Name, c.Admin.Host, c.Admin.CAData)

	key, _ := c.Bench.Caller()
	config := kubeconfig(c.ARN, c.As(key))
	for _, other := range c.World.Callers {
		if other.Key != key {
			addContext(config, other.Key, c.ARN, c.Bench.Token(other.Key, c.Name))
		}
	}
	c.Kubeconfig = filepath.Join(c.Dir, "caller.kubeconfig")
	return clientcmd.WriteToFile(*config, c.Kubeconfig)
}

// As is the configuration of whoever holds an access key.
func (c *Cluster) As(accessKey string) *rest.Config {
	return &rest.Config{
		Host:            c.Admin.Host,
		BearerToken:     c.Bench.Token(accessKey, c.Name),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.Admin.CAData},
		QPS:             -1,
	}
}

// Env is what leads a program to this cluster, as its world's default caller.
func (c *Cluster) Env() []string {
	key, _ := c.Bench.Caller()
	return []string{
		"KUBECONFIG=" + c.Kubeconfig,
		"AWS_ENDPOINT_URL=" + c.AWS,
		"AWS_ACCESS_KEY_ID=" + key,
		"AWS_SECRET_ACCESS_KEY=sandbox", // the bench has no secrets to keep
		"AWS_REGION=" + c.Region,
	}
}

// Close ends everything that OpenEKS started.
func (c *Cluster) Close() {
	if c.ControlPlane != nil {
		c.ControlPlane.Close()
	}
	for _, s := range c.servers {
		s.Close()
	}
}

// listen serves on a free port of loopback.
func (c *Cluster) listen(h http.Handler) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h}
	c.servers = append(c.servers, s)
	go s.Serve(l)
	return "http://" + l.Addr().String(), nil
}

func authMap(k *kubernetes.Clientset) (map[string]string, error) {
	m, err := k.CoreV1().ConfigMaps("kube-system").Get(context.Background(), "aws-auth", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

func arn(c sim.Cluster) string {
	partition := "aws"
	for prefix, name := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov"} {
		if strings.HasPrefix(c.Region, prefix) {
			partition = name
		}
	}
	return fmt.Sprintf("arn:%s:eks:%s:%s:cluster/%s", partition, c.Region, c.Account, c.Name)
}
