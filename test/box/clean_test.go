package box

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// clean takes away what a world left, but for the namespaces that the next one has, too,
// and puts a text into aws-auth that lets nobody in but the marker.
func (b *box) clean(ctx context.Context, namespaces []string) error {
	if err := b.cleanRoles(ctx); err != nil {
		return err
	}
	spaces, err := b.admin.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, ns := range spaces.Items {
		// One that is made again at once is still being terminated to those who only watch.
		if ns.Name == "default" || strings.HasPrefix(ns.Name, "kube-") || slices.Contains(namespaces, ns.Name) {
			continue
		}
		// No controller finishes a deletion here. What is in it stays, and is overwritten.
		err := b.admin.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{})
		ns.Spec.Finalizers, ns.ResourceVersion = nil, ""
		if err == nil {
			_, err = b.admin.CoreV1().Namespaces().Finalize(ctx, &ns, metav1.UpdateOptions{})
		}
		if err != nil {
			return err
		}
	}
	maps := b.admin.CoreV1().ConfigMaps("kube-system")
	text := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "aws-auth"}, Data: map[string]string{"mapAccounts": "['" + markerAccount + "']"}}
	if _, err = maps.Create(ctx, text, metav1.CreateOptions{}); apierrors.IsAlreadyExists(err) {
		_, err = maps.Update(ctx, text, metav1.UpdateOptions{})
	}
	return errors.Join(err, b.marked(ctx, true))
}

// cleanRoles deletes all roles and bindings that no API server makes itself.
func (b *box) cleanRoles(ctx context.Context) error {
	people := metav1.ListOptions{LabelSelector: "kubernetes.io/bootstrapping!=rbac-defaults"}
	rbac := b.admin.RbacV1()
	err := errors.Join(
		rbac.ClusterRoleBindings().DeleteCollection(ctx, metav1.DeleteOptions{}, people),
		rbac.ClusterRoles().DeleteCollection(ctx, metav1.DeleteOptions{}, people))
	roles, err2 := rbac.Roles("").List(ctx, people)
	bindings, err3 := rbac.RoleBindings("").List(ctx, people)
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	for _, r := range roles.Items {
		err = errors.Join(err, rbac.Roles(r.Namespace).Delete(ctx, r.Name, metav1.DeleteOptions{}))
	}
	for _, r := range bindings.Items {
		err = errors.Join(err, rbac.RoleBindings(r.Namespace).Delete(ctx, r.Name, metav1.DeleteOptions{}))
	}
	return err
}

// marked waits until the authenticator lets the marker in, or does so no more: then it
// has read what was written to aws-auth before.
func (b *box) marked(ctx context.Context, want bool) error {
	return await(ctx, "the authenticator reads aws-auth", func() (bool, error) {
		got, err := b.judge.review(token(markerKey))
		return got.Authenticated == want, err
	})
}

// bound waits until the API server's authorizer knows all roles and bindings that were
// made before: it watches each of the four kinds, in order, so one more of each is last.
func (b *box) bound(ctx context.Context) error {
	rbac, meta := b.admin.RbacV1(), metav1.ObjectMeta{Name: "marker", Namespace: "kube-system"}
	rules := []rbacv1.PolicyRule{{APIGroups: []string{"box"}, Resources: []string{"markers"}, Verbs: []string{"get"}}}
	who := []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "marker"}}
	_, err1 := rbac.Roles("kube-system").Create(ctx, &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
	_, err2 := rbac.RoleBindings("kube-system").Create(ctx, &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: who,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "marker"}}, metav1.CreateOptions{})
	meta.Namespace = ""
	_, err3 := rbac.ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
	_, err4 := rbac.ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: who,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "marker"}}, metav1.CreateOptions{})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if err := b.may(ctx, "default", true); err != nil { // by the cluster's
		return err
	}
	if err := rbac.ClusterRoleBindings().Delete(ctx, "marker", metav1.DeleteOptions{}); err != nil {
		return err
	}
	err := errors.Join(b.may(ctx, "default", false), b.may(ctx, "kube-system", true)) // by the namespace's
	return errors.Join(err, rbac.ClusterRoles().Delete(ctx, "marker", metav1.DeleteOptions{}),
		rbac.Roles("kube-system").Delete(ctx, "marker", metav1.DeleteOptions{}), rbac.RoleBindings("kube-system").Delete(ctx, "marker", metav1.DeleteOptions{}))
}

// may waits until the marker may do its one thing in a namespace, or may not.
func (b *box) may(ctx context.Context, namespace string, want bool) error {
	return await(ctx, "the API server reads roles and bindings", func() (bool, error) {
		got, err := b.admin.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: "marker", ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get", Group: "box", Resource: "markers", Namespace: namespace}}}, metav1.CreateOptions{})
		return err == nil && got.Status.Allowed == want, err
	})
}

// await asks every few milliseconds, for a minute.
func await(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		yes, err := done()
		if yes && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w, %w", what, ctx.Err(), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
