// Package fill creates the Kubernetes half of a made-up world in a real API server.
package fill

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// workers is how many creates are under way at once: kube-apiserver takes some
// 1,500 a second of them on two cores.
const workers = 64

// APIServer creates everything that the world holds and the server does not, and
// with it aws-auth. World L takes about half a minute.
func APIServer(ctx context.Context, cfg *rest.Config, w scale.World) error {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1
	cfg.ContentType, cfg.AcceptContentTypes = "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	opts, rbac := metav1.CreateOptions{}, client.RbacV1()
	if err := create(ctx, w.Namespaces, func(ctx context.Context, o *corev1.Namespace) error {
		_, err := client.CoreV1().Namespaces().Create(ctx, o, opts)
		return err
	}); err != nil {
		return err
	}
	authMap := []corev1.ConfigMap{{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "aws-auth"}, Data: w.AuthMap()}}
	if err := create(ctx, authMap, func(ctx context.Context, o *corev1.ConfigMap) error {
		_, err := client.CoreV1().ConfigMaps(o.Namespace).Create(ctx, o, opts)
		return err
	}); err != nil {
		return err
	}
	if err := create(ctx, w.ClusterRoles, func(ctx context.Context, o *rbacv1.ClusterRole) error {
		_, err := rbac.ClusterRoles().Create(ctx, o, opts)
		return err
	}); err != nil {
		return err
	}
	if err := create(ctx, w.Roles, func(ctx context.Context, o *rbacv1.Role) error {
		_, err := rbac.Roles(o.Namespace).Create(ctx, o, opts)
		return err
	}); err != nil {
		return err
	}
	if err := create(ctx, w.ClusterRoleBindings, func(ctx context.Context, o *rbacv1.ClusterRoleBinding) error {
		_, err := rbac.ClusterRoleBindings().Create(ctx, o, opts)
		return err
	}); err != nil {
		return err
	}
	return create(ctx, w.RoleBindings, func(ctx context.Context, o *rbacv1.RoleBinding) error {
		_, err := rbac.RoleBindings(o.Namespace).Create(ctx, o, opts)
		return err
	})
}

// create makes every object, many at a time; what exists already is left as it is.
func create[T any](ctx context.Context, objects []T, one func(context.Context, *T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i := range objects {
		g.Go(func() error {
			if err := one(ctx, &objects[i]); err != nil && !apierrors.IsAlreadyExists(err) {
				return fmt.Errorf("fill the API server: %w", err)
			}
			return nil
		})
	}
	return g.Wait()
}
