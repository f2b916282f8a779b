package kube

import (
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/eks-access/kubectl-eks-access/access"
)

// nameLabel is put on every namespace by the API server itself (kubernetes
// pkg/registry/core/namespace): a stamp, not something people decide.
const nameLabel = "kubernetes.io/metadata.name"

func meta(m metav1.ObjectMeta) access.Meta {
	return access.Meta{Labels: m.Labels, Annotations: m.Annotations}
}

func namespaceOf(in access.Realm, o *corev1.Namespace) access.Namespace {
	n := access.Namespace{In: in, Name: o.Name, Meta: meta(o.ObjectMeta)}
	if n.Meta.Labels[nameLabel] == o.Name {
		n.Meta.Labels = maps.Clone(n.Meta.Labels)
		delete(n.Meta.Labels, nameLabel)
	}
	return n
}

func roleOf(in access.Realm, o *rbacv1.Role) access.Role {
	return access.Role{In: in, Namespace: o.Namespace, Name: o.Name, Rules: o.Rules, Meta: meta(o.ObjectMeta)}
}

func clusterRoleOf(in access.Realm, o *rbacv1.ClusterRole) access.Role {
	r := access.Role{In: in, Name: o.Name, Rules: o.Rules, Meta: meta(o.ObjectMeta)}
	if o.AggregationRule != nil {
		r.Aggregate = o.AggregationRule.ClusterRoleSelectors
	}
	return r
}

func roleBindingOf(in access.Realm, o *rbacv1.RoleBinding) access.Binding {
	return access.Binding{In: in, Namespace: o.Namespace, Name: o.Name, Role: o.RoleRef, Subjects: o.Subjects, Meta: meta(o.ObjectMeta)}
}

func clusterRoleBindingOf(in access.Realm, o *rbacv1.ClusterRoleBinding) access.Binding {
	return access.Binding{In: in, Name: o.Name, Role: o.RoleRef, Subjects: o.Subjects, Meta: meta(o.ObjectMeta)}
}

func authMapOf(in access.Realm, o *corev1.ConfigMap) access.AuthMap {
	return access.AuthMap{In: in, Data: o.Data}
}

// object reads what a raw object says.
func (s *Side) object(k access.Kind, live *unstructured.Unstructured) (access.Object, error) {
	switch k {
	case access.AuthMapKind:
		return typed(live, s.realm, authMapOf)
	case access.NamespaceKind:
		return typed(live, s.realm, namespaceOf)
	case access.RoleKind:
		return typed(live, s.realm, roleOf)
	case access.ClusterRoleKind:
		return typed(live, s.realm, clusterRoleOf)
	case access.RoleBindingKind:
		return typed(live, s.realm, roleBindingOf)
	case access.ClusterRoleBindingKind:
		return typed(live, s.realm, clusterRoleBindingOf)
	}
	return nil, fmt.Errorf("%s is no kind of the API server", k)
}

func typed[T any, O access.Object](live *unstructured.Unstructured, in access.Realm, read func(access.Realm, *T) O) (access.Object, error) {
	var o T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, &o); err != nil {
		return nil, fmt.Errorf("read %s %s: %w", live.GetKind(), live.GetName(), err)
	}
	return read(in, &o), nil
}

// manifest is the object as it would be created.
func manifest(o access.Object) (*unstructured.Unstructured, error) {
	var out any
	switch o := o.(type) {
	case access.AuthMap:
		out = &corev1.ConfigMap{TypeMeta: kind("v1", "ConfigMap"), ObjectMeta: named(o.Key(), access.Meta{}), Data: o.Data}
	case access.Namespace:
		out = &corev1.Namespace{TypeMeta: kind("v1", "Namespace"), ObjectMeta: named(o.Key(), o.Meta)}
	case access.Role:
		t, m := kind(rbacv1.SchemeGroupVersion.String(), string(o.Key().Kind)), named(o.Key(), o.Meta)
		if o.Namespace != "" {
			out = &rbacv1.Role{TypeMeta: t, ObjectMeta: m, Rules: o.Rules}
			break
		}
		r := &rbacv1.ClusterRole{TypeMeta: t, ObjectMeta: m, Rules: o.Rules}
		if len(o.Aggregate) > 0 {
			r.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: o.Aggregate}
		}
		out = r
	case access.Binding:
		t, m := kind(rbacv1.SchemeGroupVersion.String(), string(o.Key().Kind)), named(o.Key(), o.Meta)
		if o.Namespace != "" {
			out = &rbacv1.RoleBinding{TypeMeta: t, ObjectMeta: m, RoleRef: o.Role, Subjects: o.Subjects}
		} else {
			out = &rbacv1.ClusterRoleBinding{TypeMeta: t, ObjectMeta: m, RoleRef: o.Role, Subjects: o.Subjects}
		}
	default:
		return nil, fmt.Errorf("%s %s is not written through the API server", o.Key().Kind, o.Key().Name)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(out)
	if err != nil {
		return nil, err
	}
	delete(content, "status")
	return &unstructured.Unstructured{Object: content}, nil
}

func kind(version, name string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: version, Kind: name}
}

func named(k access.Key, m access.Meta) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: k.Namespace, Name: k.Name, Labels: m.Labels, Annotations: m.Annotations}
}
