package live_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/iam"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// wired is a demo world behind the real sides, the real SDK and the real client-go.
func wired(t *testing.T, story, cluster, region, dir string, o sim.Options) (*live.World, *sim.Bench) {
	t.Helper()
	w, err := sim.Demo(story)
	if err != nil {
		t.Fatal(err)
	}
	return wiredTo(t, w, cluster, region, dir, o)
}

// wiredTo is any world behind them. What is given beside it looks at each call on its way.
func wiredTo(t *testing.T, w sim.World, cluster, region, dir string, o sim.Options, look ...func(http.RoundTripper) http.RoundTripper) (*live.World, *sim.Bench) {
	t.Helper()
	o.Policies = access.PolicyTable()
	b := sim.New(w, o)
	return over(t, b, cluster, region, dir, look...), b
}

// over is one more look at a bench, as another process has it.
func over(t *testing.T, b *sim.Bench, cluster, region, dir string, look ...func(http.RoundTripper) http.RoundTripper) *live.World {
	t.Helper()
	wire := func(h http.Handler) http.RoundTripper {
		out := sim.Wire(h)
		for _, l := range look {
			out = l(out)
		}
		return out
	}
	key, _ := b.Caller()
	cfg, err := eks.Config(context.Background(), eks.Options{Region: region, HTTPClient: &http.Client{Transport: wire(b), Timeout: 30 * time.Second},
		Credentials: credentials.NewStaticCredentialsProvider(key, "s", "")})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kube.New(&rest.Config{Host: "https://kube.test", BearerToken: b.Token(key, cluster),
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return wire(b.Kubernetes(cluster)) }}, access.KubeRealm(cluster))
	if err != nil {
		t.Fatal(err)
	}
	return &live.World{
		Sides: map[access.Realm]live.Side{
			access.EKSRealm(cluster): eks.New(cfg, cluster, access.EKSRealm(cluster)), access.KubeRealm(cluster): k},
		Followers: []live.Follower{iam.New(cfg)},
		Settle:    live.Settle{Every: 200 * time.Millisecond, AtMost: 20 * time.Second, Propagation: 5 * time.Second},
		Journals:  dir,
	}
}

func TestLoadThroughTheWire(t *testing.T) {
	w, _ := wired(t, "s3", "eks-workshop", "us-west-2", "", sim.Options{})
	s, err := w.Load(context.Background(), nil)
	if err != nil || len(s.Gaps) > 0 {
		t.Fatalf("gaps %v, %v", s.Gaps, err)
	}
	if s.Mode() != access.BothMode || s.Caller.AWS.ID() != s.Caller.Kube.ID() || len(s.Realms) != 3 {
		t.Errorf("mode %s, caller %+v, realms %v", s.Mode(), s.Caller, s.Realms)
	}
	states := map[string]access.MappingState{}
	for _, m := range access.Resolve(s) {
		states[m.Principal.Name] = m.State
	}
	for name, want := range map[string]access.MappingState{"eks-workshop-admins": access.Active, "data-science": access.Dead, "legacy-jenkins": access.Dead,
		"AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085": access.Active} {
		if states[name] != want {
			t.Errorf("%s is %q, want %q", name, states[name], want)
		}
	}
}

// bridged migrates the workshop's administrators by hand-made steps: bridge,
// entry, policy, entry without the bridge, bridge down, item out of aws-auth.
func bridged(t *testing.T, s access.Snapshot) access.Plan {
	t.Helper()
	const admins = "arn:aws:iam::123456789012:role/eks-workshop-admins"
	p, err := access.ParsePrincipal(admins)
	if err != nil {
		t.Fatal(err)
	}
	cluster, _ := s.Cluster()
	was, ok := s.AuthMap()
	if !ok {
		t.Fatal("no aws-auth")
	}
	text := was.Data["mapRoles"]
	is := access.AuthMap{In: was.In, Data: map[string]string{"mapRoles": text[:strings.Index(text, "# Workshop")], "mapUsers": was.Data["mapUsers"]}}
	span := access.Binding{In: s.Realm("kube"), Name: "eks-access-bridge-1", Role: rbacv1.RoleRef{Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{Kind: "Group", Name: "eks-access-bridge-1"}}}
	one := access.AccessEntry{In: s.Realm("eks"), Principal: admins, Type: "STANDARD", Groups: []string{"eks-access-bridge-1"}}
	two := one
	two.Groups = nil
	pol := access.PolicyAssociation{In: s.Realm("eks"), Principal: admins, Policy: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", Scope: access.PolicyScope{Cluster: true}}
	group := access.Expect{Principal: p, Identity: access.Identity{User: "x", Groups: []string{"eks-access-bridge-1"}}, Request: access.Request{Verb: "delete", Resource: "nodes"}, Want: true}
	policies := group
	policies.Policies = true
	return access.Plan{Cluster: cluster, Caller: s.Caller.AWS, Steps: []access.Step{
		{After: span}, {After: one, First: []access.Expect{group}}, {After: pol},
		{Before: one, After: two, Settle: true, First: []access.Expect{{Object: pol, Want: true}, policies}},
		{Before: span}, {Before: was, After: is},
	}, Expect: []access.Expect{{Object: two, Want: true}, {Object: pol, Want: true}, policies}}
}

func TestApplyIsProjectThroughTheWire(t *testing.T) {
	for _, lose := range []string{"", "CreateAccessEntry", "AssociateAccessPolicy", "UpdateAccessEntry", "create clusterrolebindings", "delete clusterrolebindings", "update configmaps"} {
		t.Run("losing "+lose, func(t *testing.T) {
			dir := folder(t)
			synctest.Test(t, func(t *testing.T) {
				w, b := wired(t, "s3", "eks-workshop", "us-west-2", dir, sim.Options{Visible: 3 * time.Second})
				before, err := w.Load(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				b.Break(func(c sim.Call) *sim.Fault {
					if lose != "" && c.Operation == lose {
						return &sim.Fault{Lose: true}
					}
					return nil
				})
				p := bridged(t, before)
				out, err := w.Apply(t.Context(), p, yes(p), nil)
				if err != nil || out.Done != 6 || len(out.Drift) > 0 {
					t.Fatalf("outcome %+v, %v", out, err)
				}
				var states []access.ProofState
				for _, proof := range out.Proofs {
					states = append(states, proof.State)
				}
				if !slices.Equal(states, []access.ProofState{access.Proven, access.Proven, access.Unprovable}) {
					t.Errorf("proofs %v", states)
				}
				b.Break(nil)
				sameWorld(t, w, access.Project(before, p.Steps...))

				if out, err = w.Apply(t.Context(), p, yes(p), nil); err != nil || out.Skipped != 6 {
					t.Errorf("again: %+v, %v", out, err)
				}
				j, err := last(dir, p.Cluster)
				if err != nil {
					t.Fatal(err)
				}
				steps, err := j.Undo()
				if err != nil {
					t.Fatal(err)
				}
				back := access.Plan{Cluster: p.Cluster, Steps: steps}
				if _, err := w.Apply(t.Context(), back, yes(back), nil); err != nil {
					t.Fatal(err)
				}
				sameWorld(t, w, before)
			})
		})
	}
}

// sameWorld loads again and compares, after what servers fill in.
func sameWorld(t *testing.T, w *live.World, want access.Snapshot) {
	t.Helper()
	time.Sleep(5 * time.Second) // what is being deleted stays visible for a while
	have, err := w.Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := differ(want.Objects, have.Objects); len(d) > 0 {
		t.Error(strings.Join(d, "\n"))
	}
}

func TestSwitchingTheModeThroughTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := wired(t, "s1", "dev-cluster", "us-west-2", "", sim.Options{ClusterUpdate: 2 * time.Minute})
		s, err := w.Load(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		cluster, ok := s.Cluster()
		if !ok || s.Mode() != access.ConfigMapMode {
			t.Fatalf("gaps %v, mode %q", s.Gaps, s.Mode())
		}
		mode := access.AuthMode{In: s.Realm("eks"), Mode: access.BothMode}
		entry := access.AccessEntry{In: s.Realm("eks"), Principal: "arn:aws:iam::111122223333:role/team-a-developer", Groups: []string{"team-a"}}
		p := access.Plan{Cluster: cluster, Steps: []access.Step{
			{Before: access.AuthMode{In: s.Realm("eks"), Mode: access.ConfigMapMode}, After: mode}, {After: entry}}}
		out, err := w.Apply(t.Context(), p, yes(p), nil)
		if err != nil || out.Done != 2 {
			t.Errorf("outcome %+v, %v", out, err)
		}
	})
}
