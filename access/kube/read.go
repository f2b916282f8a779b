package kube

import (
	"context"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

var authMapKey = access.AuthMap{}.Key()

// whole asks for one big list out of the watch cache: for RBAC that is much
// cheaper than pages out of etcd, for the server and for us.
var whole = metav1.ListOptions{ResourceVersion: "0"}

// Read asks for everything at once. What can't be read is a gap; the error is nil
// unless ctx ended.
func (s *Side) Read(ctx context.Context, seen func(access.Snapshot)) error {
	r := &reading{side: s, seen: seen}
	for _, k := range s.realm.Kinds() {
		r.left.Gaps = append(r.left.Gaps, access.Gap{Realm: s.realm, Kind: k, Why: access.Loading})
	}
	r.say(access.Snapshot{Server: s.server})
	var all sync.WaitGroup
	all.Go(func() {
		// Who we are. When it can't be told, the lists tell why.
		if c, err := s.whoami(ctx); err == nil {
			r.say(access.Snapshot{Caller: c})
		}
	})
	all.Go(func() { s.readAuthMap(ctx, r) })
	all.Go(func() {
		list(r, access.RoleKind, func() (*rbacv1.RoleList, error) { return s.typed.RbacV1().Roles("").List(ctx, whole) },
			func(l *rbacv1.RoleList) []rbacv1.Role { return l.Items }, roleOf)
	})
	all.Go(func() {
		list(r, access.ClusterRoleKind, func() (*rbacv1.ClusterRoleList, error) { return s.typed.RbacV1().ClusterRoles().List(ctx, whole) },
			func(l *rbacv1.ClusterRoleList) []rbacv1.ClusterRole { return l.Items }, clusterRoleOf)
	})
	all.Go(func() {
		list(r, access.ClusterRoleBindingKind, func() (*rbacv1.ClusterRoleBindingList, error) {
			return s.typed.RbacV1().ClusterRoleBindings().List(ctx, whole)
		}, func(l *rbacv1.ClusterRoleBindingList) []rbacv1.ClusterRoleBinding { return l.Items }, clusterRoleBindingOf)
	})
	bindings := make(chan []access.Binding, 1)
	all.Go(func() { s.readNamespaces(ctx, r, bindings) })
	all.Go(func() {
		bindings <- list(r, access.RoleBindingKind, func() (*rbacv1.RoleBindingList, error) {
			return s.typed.RbacV1().RoleBindings("").List(ctx, whole)
		}, func(l *rbacv1.RoleBindingList) []rbacv1.RoleBinding { return l.Items }, roleBindingOf)
	})
	all.Wait()
	return ctx.Err()
}

// reading hands parts over one at a time, each with what is still loading.
type reading struct {
	side *Side
	seen func(access.Snapshot)
	mu   sync.Mutex
	left access.Snapshot
}

func (r *reading) say(part access.Snapshot, done ...access.Kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(done) > 0 {
		r.left = r.left.Done(r.side.realm, done...)
	}
	part.Realms = []access.Realm{r.side.realm}
	part.Gaps = append(part.Gaps, r.left.Gaps...)
	r.seen(part)
}

// list reads all objects of a kind, as one part or as a gap.
func list[L any, T any, O access.Object](r *reading, k access.Kind, ask func() (*L, error), items func(*L) []T, read func(access.Realm, *T) O) []O {
	l, err := ask()
	if err != nil {
		r.say(access.Snapshot{Gaps: []access.Gap{r.side.gap(k, "list", access.Key{Kind: k}, err)}}, k)
		return nil
	}
	found := items(l)
	out, objects := make([]O, len(found)), make([]access.Object, len(found))
	for i := range found {
		out[i] = read(r.side.realm, &found[i])
		objects[i] = out[i]
	}
	r.say(access.Snapshot{Objects: access.Objects{}.With(objects...)}, k)
	return out
}

// readNamespaces falls back to the namespaces that role bindings name: who may
// not list namespaces should still see those that matter.
func (s *Side) readNamespaces(ctx context.Context, r *reading, bindings <-chan []access.Binding) {
	l, err := s.typed.CoreV1().Namespaces().List(ctx, whole)
	if err == nil {
		objects := make([]access.Object, len(l.Items))
		for i := range l.Items {
			objects[i] = namespaceOf(s.realm, &l.Items[i])
		}
		r.say(access.Snapshot{Objects: access.Objects{}.With(objects...)}, access.NamespaceKind)
		return
	}
	var part access.Snapshot
	part.Gaps = []access.Gap{s.gap(access.NamespaceKind, "list", access.Key{Kind: access.NamespaceKind}, err)}
	var named []access.Object
	for _, b := range <-bindings {
		named = append(named, access.Namespace{In: s.realm, Name: b.Namespace})
	}
	part.Objects = part.Objects.With(named...)
	r.say(part, access.NamespaceKind)
}

// readAuthMap: that there is no aws-auth is a normal state, and no gap.
func (s *Side) readAuthMap(ctx context.Context, r *reading) {
	cm, err := s.typed.CoreV1().ConfigMaps(authMapKey.Namespace).Get(ctx, authMapKey.Name, metav1.GetOptions{})
	part := access.Snapshot{}
	switch {
	case err == nil:
		m := authMapOf(s.realm, cm)
		part.Objects = access.Objects{}.With(m)
	case !absent(err):
		part.Gaps = []access.Gap{s.gap(access.AuthMapKind, "get", authMapKey, err)}
	}
	r.say(part, access.AuthMapKind)
}
