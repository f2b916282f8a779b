package rbacworld

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// server is a real kube-apiserver, with the controller that fills aggregated roles.
type server struct {
	*testing.T
	client kubernetes.Interface
	world  *live.World
}

func startServer(t *testing.T) *server {
	t.Helper()
	cp := rig.Start(t, rig.Options{})
	client, err := kubernetes.NewForConfig(cp.Admin)
	if err != nil {
		t.Fatal(err)
	}
	side, err := kube.New(cp.Admin, KubeRealm)
	if err != nil {
		t.Fatal(err)
	}
	return &server{t, client, &live.World{Sides: map[access.Realm]live.Side{KubeRealm: side}}}
}

// must stops the test, unless what should be there was there already.
func (s *server) must(err error) {
	s.Helper()
	if err != nil && !apierrors.IsAlreadyExists(err) {
		s.Fatal(err)
	}
}

func (s *server) rbac() rbacclient.RbacV1Interface { return s.client.RbacV1() }

// write creates a world. The default roles are there already, and stay as they are.
func (s *server) write(w *World) {
	s.Helper()
	var all []func() error
	do := func(f func() error) { all = append(all, f) }
	for _, ns := range Namespaces {
		_, err := s.client.CoreV1().Namespaces().Create(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{})
		s.must(err)
	}
	for _, o := range w.Roles {
		do(func() error {
			_, err := s.rbac().Roles(o.Namespace).Create(s.Context(), o, metav1.CreateOptions{})
			return err
		})
	}
	for _, o := range w.ClusterRoles {
		do(func() error {
			_, err := s.rbac().ClusterRoles().Create(s.Context(), o, metav1.CreateOptions{})
			return err
		})
	}
	for _, o := range w.RoleBindings {
		do(func() error {
			_, err := s.rbac().RoleBindings(o.Namespace).Create(s.Context(), o, metav1.CreateOptions{})
			return err
		})
	}
	for _, o := range w.ClusterRoleBindings {
		do(func() error {
			_, err := s.rbac().ClusterRoleBindings().Create(s.Context(), o, metav1.CreateOptions{})
			return err
		})
	}
	each(all, func(f func() error) { s.must(f()) })
}

// each calls f for all values, eight at a time.
func each[T any](all []T, f func(T)) {
	todo := make(chan T)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for v := range todo {
				f(v)
			}
		})
	}
	for _, v := range all {
		todo <- v
	}
	close(todo)
	workers.Wait()
}

// settle waits for the aggregation controller, and then for the authorizer's own
// caches: of each kind it sees objects in order, so when it knows the last of each,
// it knows all.
func (s *server) settle(round int) {
	s.Helper()
	s.until("the aggregated roles have the rules of those they select", func() bool { return len(s.unaggregated()) == 0 })
	name, who := fmt.Sprint("last-", round), fmt.Sprint("sentinel-", round)
	at := metav1.ObjectMeta{Name: name, Namespace: "default"}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: who}}
	rules := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{"last.example.com"}, Resources: []string{"local"}}}
	s.write(&World{
		Roles:               []*rbacv1.Role{{ObjectMeta: at, Rules: rules}},
		RoleBindings:        []*rbacv1.RoleBinding{{ObjectMeta: at, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name}, Subjects: subjects}},
		ClusterRoles:        []*rbacv1.ClusterRole{{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/last"}}}}},
		ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}, Subjects: subjects}},
	})
	for _, q := range []access.Request{{Verb: "get", Group: "last.example.com", Resource: "local", Namespace: "default"}, {Verb: "get", URL: "/last"}} {
		s.until("the authorizer has seen the last objects", func() bool {
			r := s.review(access.Identity{User: who}, q)
			return r.Allowed
		})
	}
}

func (s *server) until(what string, done func() bool) {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("it is not so in time: %s: %v", what, s.unaggregated())
		}
	}
}

// unaggregated are the aggregated roles whose rules are not those that we say they
// will have.
func (s *server) unaggregated() (out []string) {
	s.Helper()
	all, aggregated := access.Of[access.Role](s.load().Objects), 0
	for _, r := range all {
		if len(r.Aggregate) > 0 {
			aggregated++
		}
		if want := access.Selected(r, all); len(r.Aggregate) > 0 && !sameRules(want, r.Rules) {
			out = append(out, r.Name)
		}
	}
	if aggregated < 4 { // view, edit and admin are, and some of ours
		out = append(out, "too few aggregated roles to tell")
	}
	return out
}

func sameRules(a, b []rbacv1.PolicyRule) bool {
	text := func(rules []rbacv1.PolicyRule) (out []string) {
		for _, r := range rules {
			out = append(out, r.String())
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(text(a), text(b))
}

// load is what our own side reads.
func (s *server) load() access.Snapshot {
	s.Helper()
	snap, err := s.world.Load(s.Context(), nil)
	if err != nil {
		s.Fatal(err)
	}
	if len(snap.Gaps) > 0 {
		s.Fatalf("not all was read: %v", snap.Gaps)
	}
	return snap
}

// login are the groups of somebody who logged in: the API server adds one (kubernetes
// apiserver pkg/authentication/group). A review adds none by itself.
func login(id access.Identity) []string {
	if id.User == "system:anonymous" || slices.Contains(id.Groups, "system:unauthenticated") {
		return id.Groups
	}
	return append(slices.Clone(id.Groups), "system:authenticated")
}

// review asks the server itself.
func (s *server) review(id access.Identity, q access.Request) authorizationv1.SubjectAccessReviewStatus {
	r := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: id.User, Groups: login(id)}}
	if q.URL != "" {
		r.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: q.URL, Verb: q.Verb}
	} else {
		r.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{Verb: q.Verb, Group: q.Group, Resource: q.Resource,
			Subresource: q.Subresource, Name: q.Name, Namespace: q.Namespace}
	}
	got, err := s.client.AuthorizationV1().SubjectAccessReviews().Create(context.WithoutCancel(s.Context()), r, metav1.CreateOptions{})
	if err != nil {
		s.Errorf("ask %+v as %+v: %v", q, id, err)
		return authorizationv1.SubjectAccessReviewStatus{}
	}
	return got.Status
}

// read is the world as the server has it now: to aim with, at the default roles too.
func (s *server) read(people []Person) *World {
	s.Helper()
	w := &World{People: people}
	ctx, o := s.Context(), metav1.ListOptions{}
	roles, err1 := s.rbac().Roles("").List(ctx, o)
	wide, err2 := s.rbac().ClusterRoles().List(ctx, o)
	bindings, err3 := s.rbac().RoleBindings("").List(ctx, o)
	wideBindings, err4 := s.rbac().ClusterRoleBindings().List(ctx, o)
	s.must(cmp.Or(err1, err2, err3, err4))
	w.Roles, w.ClusterRoles, w.RoleBindings, w.ClusterRoleBindings = pointers(roles.Items), pointers(wide.Items), pointers(bindings.Items), pointers(wideBindings.Items)
	return w
}

func pointers[T any](items []T) (out []*T) {
	for i := range items {
		out = append(out, &items[i])
	}
	return out
}
