package box

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/iam"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
	"github.com/eks-access/kubectl-eks-access/test/probe"
)

// scene is a world that is played in the box, and what everybody may in it.
type scene struct {
	*rig.Cluster
	t         *testing.T
	box       *box
	server    probe.Server
	questions []probe.Question
	was       probe.May
}

// lag is how long EKS takes to see a write. Of aws-auth the authenticator sees a new
// text at once.
const lag = 200 * time.Millisecond

// settle is how long the program waits for that.
var settle = live.Settle{Every: 50 * time.Millisecond, AtMost: 30 * time.Second, Propagation: 3 * lag}

// play empties the box and brings a world's first cluster to life in it. It returns when
// everything that the world holds counts.
func (b *box) play(t *testing.T, w sim.World) *scene {
	t.Helper()
	ctx := t.Context()
	c := w.Clusters[0]
	if err := b.clean(ctx, c.Namespaces); err != nil {
		t.Fatal(err)
	}
	bench := sim.New(w, sim.Options{Policies: access.PolicyTable(), Visible: lag, ClusterUpdate: 2 * lag,
		AuthMap: func() (map[string]string, error) { return nil, nil }}) // that is the authenticator's
	b.bench.Store(bench)
	b.name.Store(&c.Name)
	on, err := b.On(ctx, w, bench, b.aws)
	if err == nil && c.AWSAuth == nil {
		err = b.admin.CoreV1().ConfigMaps("kube-system").Delete(ctx, "aws-auth", metav1.DeleteOptions{})
	}
	if err == nil {
		err = errors.Join(b.marked(ctx, false), b.bound(ctx))
	}
	if err != nil {
		t.Fatal(err)
	}
	wire, err := rest.TransportFor(&rest.Config{Host: b.Admin.Host, TLSClientConfig: rest.TLSClientConfig{CAData: b.Admin.CAData}})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{Cluster: on, t: t, box: b, server: probe.Server{URL: b.Admin.Host, Transport: wire, Token: token}}
	s.questions = probe.Questions(some(c.Namespaces)...)
	s.was = s.may()
	return s
}

// some of a world's namespaces stand for all: people's, as they come.
func some(namespaces []string) []string {
	out := slices.DeleteFunc(slices.Clone(namespaces), func(ns string) bool {
		return slices.Contains([]string{"default", "kube-system", "kube-public", "kube-node-lease"}, ns)
	})
	return out[:min(2, len(out))]
}

// may is what everybody may now, by asking the server as each of them.
func (s *scene) may() probe.May {
	s.t.Helper()
	out, err := s.server.May(s.t.Context(), s.World.Callers, s.questions)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// same holds everybody to what they might at the beginning, once what was written
// counts: a bridge that is gone may be seen a moment longer.
func (s *scene) same() {
	s.t.Helper()
	var differ []string
	for range 20 {
		if differ = probe.Differ(s.World.Callers, s.was, s.may()); len(differ) == 0 {
			return
		}
		time.Sleep(lag)
	}
	for _, what := range differ {
		s.t.Error(what)
	}
}

// watch begins to ask as everybody, all the time.
func (s *scene) watch() *probe.Probe {
	return probe.Watch(s.t.Context(), s.server, s.World.Callers, s.was, probe.Often)
}

// load opens the cluster as the program does, as the world's default caller, and reads it.
func (s *scene) load(journals string) (*live.World, access.Snapshot) {
	s.t.Helper()
	key, _ := s.Bench.Caller()
	cfg, err := eks.Config(s.t.Context(), eks.Options{Region: s.Region, Endpoint: s.AWS, Credentials: credentials.NewStaticCredentialsProvider(key, "box", "")})
	if err != nil {
		s.t.Fatal(err)
	}
	side, err := kube.New(s.As(key), access.KubeRealm(s.Name))
	if err != nil {
		s.t.Fatal(err)
	}
	w := &live.World{
		Sides:     map[access.Realm]live.Side{access.EKSRealm(s.Name): eks.New(cfg, s.Name, access.EKSRealm(s.Name)), access.KubeRealm(s.Name): side},
		Followers: []live.Follower{iam.New(cfg)},
		Settle:    settle,
		Journals:  journals,
	}
	now, err := w.Load(s.t.Context(), nil)
	if err != nil || len(now.Gaps) > 0 {
		s.t.Fatalf("%v %+v", err, now.Gaps)
	}
	return w, now
}

// migration is a plan that moves everybody.
func (s *scene) migration(now access.Snapshot) access.Plan {
	s.t.Helper()
	plan, err := access.Build(now, access.Migrate{})
	if err != nil || plan.Refused() {
		s.t.Fatalf("%v %+v", err, plan.Findings)
	}
	return plan
}

func accepted(p access.Plan) access.Accepted {
	return access.Accepted{Digest: p.Digest(), Codes: p.Confirms()}
}
