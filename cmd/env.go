package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
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
)

// world is an opened cluster.
type world struct {
	*live.World
	name  string
	demo  bool   // ends with this process
	title string // heads the screens of what is no live cluster: "demo s3", "snapshot ..."
	past  bool   // a snapshot: it can't be changed

	discover func(context.Context) types // nil: there is no server to ask
	space    string                      // the context's namespace
}

// types are those of the server, or the built-in ones.
func (w *world) types(ctx context.Context) types {
	if w.discover == nil {
		return kube.Builtin()
	}
	return w.discover(ctx)
}

// home is the namespace that is meant when none is named (kubectl: "default").
func (w *world) home() string { return cmp.Or(w.space, "default") }

// settle is how long AWS and Kubernetes are waited for: eventual consistency of
// EKS is seconds, and an access policy is in force some seconds after the API says
// so (EKS user guide, "Associate access policies").
var settle = live.Settle{Every: 500 * time.Millisecond, AtMost: 90 * time.Second, Propagation: 10 * time.Second}

// openWorld opens a demo or the cluster of the kubeconfig's context. It reads the
// kubeconfig and nothing else, unless the cluster's name must be searched for;
// clients are made by the first call that needs them.
func (e *env) openWorld(ctx context.Context, t target) (*world, error) {
	switch {
	case t.Demo != "":
		return openDemo(t)
	case t.Snapshot != "":
		return openSnapshot(e, t)
	}
	// Warnings of the API server and of client-go would be written over a screen.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	found, err := e.locate(t)
	if err != nil {
		return nil, err
	}
	cfg := sync.OnceValues(func() (aws.Config, error) {
		o := eks.Options{Region: found.Region, Profile: found.Profile, RoleARN: found.RoleARN, ExternalID: found.ExternalID, Env: found.Env}
		c, err := eks.Config(context.WithoutCancel(ctx), o)
		if client, ok := c.HTTPClient.(*awshttp.BuildableClient); ok {
			if d, _ := clientcmd.ParseTimeout(t.Server.Timeout); d > 0 {
				c.HTTPClient = client.WithTimeout(d)
			}
		}
		return c, err
	})
	var unnamed error // why the cluster's name is not known
	if found.Cluster == "" {
		if found.Cluster, unnamed = search(ctx, cfg, found); unnamed != nil {
			if found.Evidence["region"] != "host" {
				return nil, fmt.Errorf("context %q (%s) does not look like an EKS cluster: nothing in it names one, and %w\nchoose another with --context, or name the cluster with --cluster-name and --region", found.Context, found.Server, unnamed)
			}
			found.Cluster = found.Context // the Kubernetes half is shown, the other one is a gap
		}
	}
	w := &live.World{Settle: settle, Now: time.Now, Journals: e.journals(), Sides: map[access.Realm]live.Side{}}
	er, kr := access.EKSRealm(found.Cluster), access.KubeRealm(found.Cluster)
	w.Sides[er] = &lazy{realm: er, open: sync.OnceValues(func() (live.Side, error) {
		c, err := cfg()
		if err = cmp.Or(unnamed, err); err != nil {
			return nil, err
		}
		return eks.New(c, found.Cluster, er), nil
	})}
	server := sync.OnceValues(func() (*kube.Side, error) {
		if found.Server == "" {
			return nil, errors.New("no kubeconfig context: choose one with --context")
		}
		c, err := t.configFlags().ToRESTConfig()
		if err != nil {
			return nil, err
		}
		if e.shown && c.ExecProvider != nil {
			// The screens read the terminal: a helper that wants to ask must say so instead.
			c.ExecProvider.StdinUnavailable = true
			c.ExecProvider.StdinUnavailableMessage = "log in before, for example with kubectl get namespaces"
		}
		return kube.New(c, kr)
	})
	w.Sides[kr] = &asking{lazy{realm: kr, open: func() (live.Side, error) { return server() }}}
	w.Followers = []live.Follower{lazyFollower(func() (live.Follower, error) {
		c, err := cfg()
		if err != nil {
			return nil, err
		}
		return iam.New(c), nil
	})}
	space, _, _ := t.configFlags().ToRawKubeConfigLoader().Namespace() // a kubeconfig without one has said so already
	return &world{World: w, name: found.Cluster, space: space, discover: func(ctx context.Context) types {
		s, err := server()
		if err != nil {
			return kube.Builtin() // the side's gaps say why
		}
		return s.Types(ctx)
	}}, nil
}

// locate says which cluster is meant: what the flags say, else what the
// kubeconfig's context does.
func (e *env) locate(t target) (kube.Target, error) {
	loader := t.configFlags().ToRawKubeConfigLoader()
	config, err := loader.RawConfig()
	if err != nil {
		return kube.Target{}, fmt.Errorf("read the kubeconfig: %w", err)
	}
	name := cmp.Or(t.Context, config.CurrentContext)
	var found kube.Target
	switch {
	case config.Contexts[name] != nil:
		overridden(&config, name, t)
		found, err = kube.Locate(config, name, e.getenv)
		// With a name there is no doubt left; with a region the server can be searched for.
		if err != nil && t.Cluster == "" && (t.Region == "" || found.Cluster != "" || found.Server == "") {
			return kube.Target{}, err
		}
	case t.Context != "":
		return kube.Target{}, noContext(t.Context, config, loader)
	case t.Cluster == "":
		return kube.Target{}, noKubeconfig(config, loader)
	}
	if t.Cluster != "" {
		found.Cluster = t.Cluster
	}
	found.Region = cmp.Or(t.Region, found.Region)
	if t.Profile != "" {
		// Whoever names a profile means its credentials, not a role taken from the kubeconfig.
		found.Profile, found.RoleARN, found.ExternalID = t.Profile, "", ""
	}
	if t.RoleARN != "" {
		found.RoleARN, found.ExternalID = t.RoleARN, ""
	}
	return found, nil
}

// overridden applies --user, which changes who the context's helper speaks for.
func overridden(config *clientcmdapi.Config, name string, t target) {
	if t.Server.User != "" {
		c := *config.Contexts[name]
		c.AuthInfo = t.Server.User
		config.Contexts[name] = &c
	}
}

func noContext(name string, config clientcmdapi.Config, loader clientcmd.ClientConfig) error {
	names := make([]string, 0, len(config.Contexts))
	for n := range config.Contexts {
		names = append(names, n)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return noKubeconfig(config, loader)
	}
	fix := "there are: " + strings.Join(names[:min(len(names), atMost)], ", ")
	if near := nearest(name, names); near != "" {
		fix = fmt.Sprintf("did you mean %q? %s", near, fix)
	}
	return usage("no context %q in %s\n%s", name, paths(loader), fix)
}

func noKubeconfig(config clientcmdapi.Config, loader clientcmd.ClientConfig) error {
	if len(config.Contexts) > 0 {
		return usage("no current context in %s\nchoose one with --context, or with kubectl config use-context NAME", paths(loader))
	}
	return usage("no kubeconfig: looked in %s\nmake one with aws eks update-kubeconfig --name CLUSTER, name one with --kubeconfig, try --cluster-name and --region for the AWS half alone, or look around with --demo", paths(loader))
}

func paths(loader clientcmd.ClientConfig) string {
	access := loader.ConfigAccess()
	if access.IsExplicitFile() {
		return access.GetExplicitFile()
	}
	return strings.Join(access.GetLoadingPrecedence(), ", ")
}

// search asks the region's clusters for the kubeconfig's server.
func search(ctx context.Context, cfg func() (aws.Config, error), found kube.Target) (string, error) {
	c, err := cfg()
	switch {
	case err != nil:
		return "", err
	case c.Region == "":
		return "", errors.New("no region is known to search in: give --region or --cluster-name")
	}
	return eks.FindCluster(ctx, c, found.Server)
}

// demoWorld is the demo when none is named.
const demoWorld = "s3"

func demoWorlds() []string { return sim.Demos() }

// openDemo opens an invented cluster in this process: the real sides speak to the
// bench without a network, a file, or anything of the environment.
func openDemo(t target) (*world, error) {
	scene, err := sim.Demo(t.Demo)
	if err != nil {
		return nil, usage("--demo=%s: there are the worlds %s", t.Demo, strings.Join(sim.Demos(), ", "))
	}
	c := scene.Clusters[0]
	for _, other := range scene.Clusters {
		if other.Name == t.Cluster {
			c = other
		}
	}
	if t.Cluster != "" && c.Name != t.Cluster {
		return nil, usage("--demo=%s has no cluster %q: it is %q", t.Demo, t.Cluster, c.Name)
	}
	bench := sim.New(scene, sim.Options{Policies: access.PolicyTable(),
		Visible: 400 * time.Millisecond, Latency: 15 * time.Millisecond, ClusterUpdate: 1500 * time.Millisecond})
	key, _ := bench.Caller()
	endpoint := "https://demo.invalid" // RFC 6761: no such host, so nothing can leave
	bench.SetEndpoint(c.Name, endpoint, nil)
	cfg := aws.Config{Region: c.Region, BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: sim.Wire(bench)},
		Credentials: credentials.NewStaticCredentialsProvider(key, "demo", "")}
	kr, er := access.KubeRealm(c.Name), access.EKSRealm(c.Name)
	side, err := kube.New(&rest.Config{Host: endpoint, QPS: -1, Transport: bearer{sim.Wire(bench.Kubernetes(c.Name)),
		func() string { return bench.Token(key, c.Name) }}}, kr)
	if err != nil {
		return nil, err
	}
	w := &live.World{
		Sides:     map[access.Realm]live.Side{er: eks.New(cfg, c.Name, er), kr: side},
		Followers: []live.Follower{iam.New(cfg)},
		Settle:    live.Settle{Every: 50 * time.Millisecond, AtMost: 10 * time.Second, Propagation: time.Second},
		Now:       time.Now, // and no journals: there will be nothing to undo
	}
	return &world{World: w, name: c.Name, demo: true, title: "demo " + t.Demo}, nil
}

// bearer signs each request with a fresh token, as kubectl's helper does.
type bearer struct {
	next  http.RoundTripper
	token func() string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token())
	return b.next.RoundTrip(r)
}
