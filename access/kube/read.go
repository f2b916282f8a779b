package kube

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
)

var authMapKey = access.AuthMap{}.Key()

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
	rbac := s.typed.RbacV1().RESTClient()
	all.Go(func() {
		list(ctx, r, rbac, access.RoleKind, func(sh *share, o *rbacv1.Role) access.Object {
			sh.meta(&o.ObjectMeta)
			sh.rules(o.Rules)
			return roleOf(s.realm, o)
		})
	})
	all.Go(func() {
		list(ctx, r, rbac, access.ClusterRoleKind, func(sh *share, o *rbacv1.ClusterRole) access.Object {
			sh.meta(&o.ObjectMeta)
			sh.rules(o.Rules)
			return clusterRoleOf(s.realm, o)
		})
	})
	all.Go(func() {
		list(ctx, r, rbac, access.ClusterRoleBindingKind, func(sh *share, o *rbacv1.ClusterRoleBinding) access.Object {
			sh.binding(&o.ObjectMeta, &o.RoleRef, o.Subjects)
			return clusterRoleBindingOf(s.realm, o)
		})
	})
	bindings := make(chan []access.Object, 1)
	all.Go(func() { s.readNamespaces(ctx, r, bindings) })
	all.Go(func() {
		bindings <- list(ctx, r, rbac, access.RoleBindingKind, func(sh *share, o *rbacv1.RoleBinding) access.Object {
			sh.binding(&o.ObjectMeta, &o.RoleRef, o.Subjects)
			return roleBindingOf(s.realm, o)
		})
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

// list reads all objects of a kind and says them as one part, or a gap.
func list[T any, P interface {
	*T
	Unmarshal([]byte) error
}](ctx context.Context, r *reading, client rest.Interface, k access.Kind, read func(*share, *T) access.Object) []access.Object {
	found, err := gather[T, P](ctx, client, k, read)
	if err != nil {
		r.say(access.Snapshot{Gaps: []access.Gap{r.side.gap(k, "list", access.Key{Kind: k}, err)}}, k)
		return nil
	}
	r.say(access.Snapshot{Objects: access.Objects{}.With(found...)}, k)
	return found
}

func gather[T any, P interface {
	*T
	Unmarshal([]byte) error
}](ctx context.Context, client rest.Interface, k access.Kind, read func(*share, *T) access.Object) ([]access.Object, error) {
	var found []access.Object
	sh := newShare()
	err := each[T, P](ctx, client, resources[k].Resource, func() { found = nil }, func(o *T) { found = append(found, read(sh, o)) })
	if err != nil {
		return nil, err
	}
	return found, nil
}

// readNamespaces falls back to the namespaces that role bindings name: who may
// not list namespaces should still see those that matter.
func (s *Side) readNamespaces(ctx context.Context, r *reading, bindings <-chan []access.Object) {
	found, err := gather(ctx, s.typed.CoreV1().RESTClient(), access.NamespaceKind, func(sh *share, o *corev1.Namespace) access.Object {
		sh.meta(&o.ObjectMeta)
		return namespaceOf(s.realm, o)
	})
	if err == nil {
		r.say(access.Snapshot{Objects: access.Objects{}.With(found...)}, access.NamespaceKind)
		return
	}
	part := access.Snapshot{Gaps: []access.Gap{s.gap(access.NamespaceKind, "list", access.Key{Kind: access.NamespaceKind}, err)}}
	had := map[string]bool{}
	for _, b := range <-bindings {
		if ns := b.Key().Namespace; !had[ns] {
			had[ns] = true
			found = append(found, access.Namespace{In: s.realm, Name: ns})
		}
	}
	part.Objects = access.Objects{}.With(found...)
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
