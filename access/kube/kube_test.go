package kube_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const realm access.Realm = "kube:eks-workshop"

const (
	admin   = "AKIAPLATFORMADMIN001"
	carts   = "AKIACARTSDEVELOPER01"
	nobody  = "AKIANOBODYKNOWN00001"
	cluster = "eks-workshop"
)

func workshop(t testing.TB) *sim.Bench {
	t.Helper()
	w, err := sim.Demo("s3")
	if err != nil {
		t.Fatal(err)
	}
	return sim.New(w, sim.Options{Policies: access.PolicyTable()})
}

func config(b *sim.Bench, key string) *rest.Config {
	return &rest.Config{Host: "https://kube.test", BearerToken: b.Token(key, cluster),
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return sim.Wire(b.Kubernetes(cluster)) }}
}

func open(t testing.TB, b *sim.Bench, key string) *kube.Side {
	t.Helper()
	s, err := kube.New(config(b, key), realm)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// direct is plain client-go, to see and to do what our side does not.
func direct(t testing.TB, b *sim.Bench) kubernetes.Interface {
	t.Helper()
	c := config(b, admin)
	c.ContentType = "application/json"
	k, err := kubernetes.NewForConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func read(t testing.TB, s *kube.Side) access.Snapshot {
	t.Helper()
	var mu sync.Mutex
	all := access.Snapshot{Objects: access.Objects{}}
	if err := s.Read(context.Background(), func(part access.Snapshot) {
		mu.Lock()
		defer mu.Unlock()
		all = all.Done(realm).Merge(part)
	}); err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Gaps {
		if g.Why == access.Loading {
			t.Errorf("still loading: %+v", g)
		}
	}
	return all
}

func gaps(s access.Snapshot) []string {
	var out []string
	for _, g := range s.Gaps {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", g.Why, g.Kind, g.Name)))
	}
	slices.Sort(out)
	return out
}

func TestReadTellsEverything(t *testing.T) {
	ctx, b := context.Background(), workshop(t)
	s := read(t, open(t, b, admin))
	k := direct(t, b)
	ns, _ := k.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	roles, _ := k.RbacV1().Roles("").List(ctx, metav1.ListOptions{})
	clusterRoles, _ := k.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
	bindings, _ := k.RbacV1().RoleBindings("").List(ctx, metav1.ListOptions{})
	clusterBindings, _ := k.RbacV1().ClusterRoleBindings().List(ctx, metav1.ListOptions{})
	want := []int{len(ns.Items), len(roles.Items) + len(clusterRoles.Items), len(bindings.Items) + len(clusterBindings.Items), 1}
	got := []int{len(access.Of[access.Namespace](s.Objects)), len(access.Of[access.Role](s.Objects)), len(access.Of[access.Binding](s.Objects)), len(access.Of[access.AuthMap](s.Objects))}
	if diff := cmp.Diff(want, got); diff != "" || want[0] < 5 || want[1] < 5 || want[2] < 5 {
		t.Errorf("namespaces, roles, bindings, maps: %v", diff)
	}
	if len(s.Gaps) > 0 || s.Server != "https://kube.test" {
		t.Errorf("gaps %v, server %q", gaps(s), s.Server)
	}
	if p := s.Caller.Kube; p.Name != "platform-admin" || p.Session != "alice" || !slices.Contains(s.Caller.Identity.Groups, "system:authenticated") {
		t.Errorf("caller %+v", s.Caller)
	}
	view, ok := access.Get[access.Role](s.Objects, access.Role{In: realm, Name: "view"}.Key())
	if !ok || len(view.Aggregate) == 0 || len(view.Rules) == 0 {
		t.Errorf("view: %+v", view)
	}
	for _, n := range access.Of[access.Namespace](s.Objects) {
		if len(n.Meta.Labels) > 0 {
			t.Errorf("%s has labels %v: the server's stamp is no decision", n.Name, n.Meta.Labels)
		}
	}
}

func TestReadSaysWhatIsDenied(t *testing.T) {
	for operation, want := range map[string]string{
		"list namespaces":          "denied Namespace",
		"list roles":               "denied Role",
		"list clusterroles":        "denied ClusterRole",
		"list rolebindings":        "denied RoleBinding",
		"list clusterrolebindings": "denied ClusterRoleBinding",
		"get configmaps":           "denied AuthMap",
	} {
		t.Run(operation, func(t *testing.T) {
			b := workshop(t)
			verb, resource, _ := strings.Cut(operation, " ")
			b.Break(func(c sim.Call) *sim.Fault {
				if c.Operation == operation {
					return &sim.Fault{Status: 403, Code: "Forbidden", Message: resource + ` is forbidden: User "dana" cannot ` + verb + ` resource "` + resource + `"`}
				}
				return nil
			})
			s := read(t, open(t, b, admin))
			if diff := cmp.Diff([]string{want}, gaps(s)); diff != "" {
				t.Fatal(diff)
			}
			if d := s.Gaps[0].Detail; !strings.HasPrefix(d, "dana may not "+operation) || !strings.Contains(d, "ask for the verb "+verb+" on "+resource) {
				t.Errorf("detail %q", d)
			}
			if n := len(access.Of[access.Namespace](s.Objects)); n == 0 {
				t.Error("no namespaces: those that bindings name are known")
			}
		})
	}
}

func TestReadWithoutAnswers(t *testing.T) {
	everything := func(why string) []string {
		return []string{why + " AuthMap", why + " ClusterRole", why + " ClusterRoleBinding", why + " Namespace", why + " Role", why + " RoleBinding"}
	}
	for name, tc := range map[string]struct {
		key    string
		fault  *sim.Fault
		wrap   func(http.RoundTripper) http.RoundTripper
		want   []string
		detail string
	}{
		"not mapped":     {key: nobody, want: everything("unauthorized"), detail: "does not know who we are (401)"},
		"no network":     {key: admin, fault: &sim.Fault{Drop: true}, want: everything("unreachable"), detail: "no answer from the API server https://kube.test"},
		"helper failing": {key: admin, wrap: failing("getting credentials: exec: executable aws failed with exit code 255"), want: everything("unauthorized"), detail: "aws sso login"},
		"trouble there":  {key: admin, fault: &sim.Fault{Status: 500, Code: "InternalError", Message: "etcd is sad"}, want: everything("unreachable"), detail: "etcd is sad"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // client-go asks a dropped connection again for ten seconds
				b := workshop(t)
				b.Break(func(sim.Call) *sim.Fault { return tc.fault })
				c := config(b, tc.key)
				if tc.wrap != nil {
					c.WrapTransport = tc.wrap
				}
				side, err := kube.New(c, realm)
				if err != nil {
					t.Fatal(err)
				}
				s := read(t, side)
				if diff := cmp.Diff(tc.want, gaps(s)); diff != "" {
					t.Error(diff)
				}
				for _, g := range s.Gaps {
					if !strings.Contains(g.Detail, tc.detail) {
						t.Errorf("detail %q, want %q in it", g.Detail, tc.detail)
					}
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func failing(text string) func(http.RoundTripper) http.RoundTripper {
	return func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New(text) })
	}
}

func TestAbsentAuthMapIsNoGap(t *testing.T) {
	b := workshop(t)
	if err := direct(t, b).CoreV1().ConfigMaps("kube-system").Delete(context.Background(), "aws-auth", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s := read(t, open(t, b, admin))
	if _, ok := s.AuthMap(); ok || len(s.Gaps) > 0 {
		t.Errorf("gaps %v", gaps(s))
	}
}

// The most recent state, so that a read after a write sees it, and whole, since pages
// come one after another.
func TestReadAsksForWholeListsOfNow(t *testing.T) {
	b := workshop(t)
	read(t, open(t, b, admin))
	lists := 0
	for _, c := range b.Calls() {
		if strings.HasPrefix(c.Operation, "list ") {
			lists++
			if c.Query.Get("resourceVersion") != "" || c.Query.Get("limit") != "" {
				t.Errorf("%s with %v", c.Operation, c.Query)
			}
		}
	}
	if lists != 5 {
		t.Errorf("%d lists", lists)
	}
}

func TestAsk(t *testing.T) {
	me, _ := access.ParsePrincipal("arn:aws:sts::123456789012:assumed-role/carts-developers/erin")
	other, _ := access.ParsePrincipal("arn:aws:iam::123456789012:role/security-audit")
	pods := func(ns string) access.Request { return access.Request{Verb: "create", Resource: "pods", Namespace: ns} }
	masters := access.Identity{User: "cluster-admin", Groups: []string{access.Masters}}
	stranger := access.Identity{User: "stranger"}
	for name, tc := range map[string]struct {
		key    string
		e      access.Expect
		caller access.Caller
		want   access.ProofState
		detail string
	}{
		"a group that may":              {admin, access.Expect{Identity: masters, Request: pods("carts"), Want: true}, access.Caller{}, access.Proven, ""},
		"a user that may not":           {admin, access.Expect{Identity: stranger, Request: pods("carts"), Want: true}, access.Caller{}, access.Disproven, ""},
		"a user that shall not":         {admin, access.Expect{Identity: stranger, Request: pods("carts")}, access.Caller{}, access.Proven, ""},
		"what every user may":           {admin, access.Expect{Identity: stranger, Request: access.Request{Verb: "get", URL: "/version"}, Want: true}, access.Caller{}, access.Proven, ""},
		"one's own policies":            {carts, access.Expect{Principal: me, Policies: true, Request: pods("carts"), Want: true}, access.Caller{Kube: me}, access.Proven, ""},
		"one's own policies, elsewhere": {carts, access.Expect{Principal: me, Policies: true, Request: pods("ui")}, access.Caller{Kube: me}, access.Proven, ""},
		"who one is, asked on the way":  {carts, access.Expect{Principal: me, Policies: true, Request: pods("carts"), Want: true}, access.Caller{}, access.Proven, ""},
		"somebody else's policies":      {carts, access.Expect{Principal: other, Policies: true, Request: pods("carts"), Want: true}, access.Caller{Kube: me}, access.Unprovable, "only as the principal itself"},
		"who may not ask":               {carts, access.Expect{Identity: stranger, Request: pods("carts"), Want: true}, access.Caller{Kube: me}, access.Unprovable, "ask for the verb create on subjectaccessreviews"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := open(t, workshop(t), tc.key).Ask(context.Background(), tc.e, tc.caller)
			if err != nil || p.State != tc.want || !strings.Contains(p.Detail, tc.detail) {
				t.Errorf("%s (%s), %v, want %s (%s)", p.State, p.Detail, err, tc.want, tc.detail)
			}
		})
	}
	b := workshop(t)
	b.Break(func(sim.Call) *sim.Fault { return &sim.Fault{Drop: true} })
	if _, err := open(t, b, admin).Ask(context.Background(), access.Expect{Identity: stranger, Request: pods("x")}, access.Caller{}); err == nil {
		t.Error("no answer passed for an answer")
	}
}

func role(name string, verbs ...string) access.Role {
	return access.Role{In: realm, Namespace: "carts", Name: name, Rules: []access.Rule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: verbs}}}
}

func binding(ns, name, to string) access.Binding {
	return access.Binding{In: realm, Namespace: ns, Name: name, Role: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "view"},
		Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: "rbac.authorization.k8s.io", Name: to}}}
}

// Every kind that is written: made, changed, removed, and read back each time.
func TestObjectsFromNothingToNothing(t *testing.T) {
	mapped := func(text string) access.AuthMap {
		return access.AuthMap{In: realm, Data: map[string]string{"mapRoles": text}}
	}
	for name, tc := range map[string]struct{ one, two access.Object }{
		"Role":               {role("r", "get"), role("r", "get", "list")},
		"ClusterRole":        {access.Role{In: realm, Name: "cr", Rules: role("", "get").Rules}, access.Role{In: realm, Name: "cr", Rules: role("", "watch").Rules}},
		"RoleBinding":        {binding("carts", "rb", "a"), binding("carts", "rb", "b")},
		"ClusterRoleBinding": {binding("", "crb", "a"), binding("", "crb", "b")},
		"Namespace":          {access.Namespace{In: realm, Name: "new"}, access.Namespace{In: realm, Name: "new", Meta: access.Meta{Labels: map[string]string{"team": "a"}}}},
		"AuthMap":            {mapped("[]"), mapped("- rolearn: x\n")},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, b := context.Background(), workshop(t)
			side := open(t, b, admin)
			if name == "AuthMap" {
				if err := direct(t, b).CoreV1().ConfigMaps("kube-system").Delete(ctx, "aws-auth", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			pairs := [][2]access.Object{{nil, tc.one}, {tc.one, tc.two}, {tc.two, nil}}
			for _, p := range pairs {
				if err := side.Put(ctx, p[0], p[1]); err != nil {
					t.Fatal(err)
				}
				if got, err := side.Get(ctx, tc.one.Key()); err != nil || !access.Same(got, p[1]) {
					t.Errorf("read back %+v, %v, want %+v", got, err, p[1])
				}
			}
			if err := side.Put(ctx, tc.two, nil); err != nil {
				t.Errorf("removing what is gone: %v", err)
			}
		})
	}
}
