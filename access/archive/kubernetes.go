package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// list is what kubectl prints for several objects (kind List), or the API server for a
// collection (kind RoleList and so on, whose items leave their kind out).
type list struct {
	metav1.TypeMeta
	Metadata metav1.ListMeta   `json:"metadata"`
	Items    []json.RawMessage `json:"items"`
}

// always is what the API server makes by itself of a kind, at every start (Kubernetes
// RBAC, "Default roles and role bindings" and "Auto-reconciliation"; the namespaces of
// pkg/controlplane). kubectl does not tell what it was asked for: a list counts as all
// of a kind when it holds these, so a list of one namespace or of some names never does.
var always = map[access.Kind][]access.Key{
	access.NamespaceKind:          {{Name: "default"}, {Name: "kube-system"}},
	access.ClusterRoleKind:        {{Name: "cluster-admin"}, {Name: "system:basic-user"}},
	access.ClusterRoleBindingKind: {{Name: "cluster-admin"}, {Name: "system:basic-user"}},
	access.RoleKind: {
		{Namespace: "kube-public", Name: "system:controller:bootstrap-signer"},
		{Namespace: "kube-system", Name: "extension-apiserver-authentication-reader"},
	},
	access.RoleBindingKind: {
		{Namespace: "kube-public", Name: "system:controller:bootstrap-signer"},
		{Namespace: "kube-system", Name: "system::extension-apiserver-authentication-reader"},
	},
}

// kubernetes reads an object or a list of them.
func (r *reader) kubernetes(d document) error {
	var l list
	if err := unmarshal(d, &l.TypeMeta); err != nil {
		return err
	}
	if l.Kind == "SelfSubjectReview" {
		return r.whoami(d)
	}
	if !strings.HasSuffix(l.Kind, "List") {
		// One object alone is never all of a kind.
		_, err := r.object(d, l.TypeMeta)
		return err
	}
	if err := unmarshal(d, &l); err != nil {
		return err
	}
	found := map[access.Kind][]access.Key{}
	for i, text := range l.Items {
		item := document{d.file, d.line, text}
		var t metav1.TypeMeta
		if err := unmarshal(item, &t); err != nil {
			return fmt.Errorf("%w (item %d)", err, i+1)
		}
		if t.Kind == "" && l.Kind != "List" {
			t = metav1.TypeMeta{APIVersion: l.APIVersion, Kind: strings.TrimSuffix(l.Kind, "List")}
		}
		o, err := r.object(item, t)
		if err != nil {
			return fmt.Errorf("%w (item %d)", err, i+1)
		}
		if o != nil {
			found[o.Key().Kind] = append(found[o.Key().Kind], o.Key())
		}
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		r.judge(d, k, found[k], l.Metadata.Continue != "")
	}
	return nil
}

// judge says whether a list holds all objects of a kind.
func (r *reader) judge(d document, k access.Kind, keys []access.Key, more bool) {
	missing := slices.ContainsFunc(always[k], func(want access.Key) bool {
		return !slices.ContainsFunc(keys, func(have access.Key) bool { return have.Namespace == want.Namespace && have.Name == want.Name })
	})
	switch {
	case k == access.AuthMapKind:
	case more || missing:
		r.remark(d, Part, string(k))
	default:
		r.whole[k] = true
	}
}

// object reads one object; one that says nothing about access is remarked on and nil.
func (r *reader) object(d document, t metav1.TypeMeta) (access.Object, error) {
	o, err := r.known(d, t)
	switch {
	case err != nil:
		return nil, err
	case o != nil:
		return o, r.add(d, o)
	case t.APIVersion == "v1" && t.Kind == "Secret":
		r.remark(d, Secrets)
	default:
		r.remark(d, Unneeded, t.Kind)
	}
	return nil, nil
}

// known reads an object that says something about access, nil for any other.
func (r *reader) known(d document, t metav1.TypeMeta) (access.Object, error) {
	switch t.APIVersion {
	case "v1":
		switch t.Kind {
		case "Namespace":
			return typed(d, func(o *corev1.Namespace) (metav1.ObjectMeta, access.Object) {
				// What people write on a namespace gives nobody anything.
				return o.ObjectMeta, access.Namespace{In: r.kube, Name: o.Name}
			}, false)
		case "ConfigMap":
			return r.configMap(d)
		}
	case rbacv1.SchemeGroupVersion.String():
		switch t.Kind {
		case "Role":
			return typed(d, func(o *rbacv1.Role) (metav1.ObjectMeta, access.Object) {
				return o.ObjectMeta, access.Role{In: r.kube, Namespace: o.Namespace, Name: o.Name, Rules: o.Rules, Meta: written(o.ObjectMeta)}
			}, true)
		case "ClusterRole":
			return typed(d, func(o *rbacv1.ClusterRole) (metav1.ObjectMeta, access.Object) {
				role := access.Role{In: r.kube, Name: o.Name, Rules: o.Rules, Meta: written(o.ObjectMeta)}
				if o.AggregationRule != nil {
					role.Aggregate = o.AggregationRule.ClusterRoleSelectors
				}
				return o.ObjectMeta, role
			}, false)
		case "RoleBinding":
			return typed(d, func(o *rbacv1.RoleBinding) (metav1.ObjectMeta, access.Object) {
				return o.ObjectMeta, access.Binding{In: r.kube, Namespace: o.Namespace, Name: o.Name, Role: o.RoleRef, Subjects: o.Subjects, Meta: written(o.ObjectMeta)}
			}, true)
		case "ClusterRoleBinding":
			return typed(d, func(o *rbacv1.ClusterRoleBinding) (metav1.ObjectMeta, access.Object) {
				return o.ObjectMeta, access.Binding{In: r.kube, Name: o.Name, Role: o.RoleRef, Subjects: o.Subjects, Meta: written(o.ObjectMeta)}
			}, false)
		}
	default:
		if strings.HasPrefix(t.APIVersion, rbacv1.GroupName+"/") {
			return nil, d.at(fmt.Errorf("%s of %s: want %s", t.Kind, t.APIVersion, rbacv1.SchemeGroupVersion))
		}
	}
	return nil, nil
}

// configMap keeps aws-auth only: other ConfigMaps may hold anything.
func (r *reader) configMap(d document) (access.Object, error) {
	var name struct{ Metadata metav1.ObjectMeta }
	if err := unmarshal(d, &name); err != nil {
		return nil, err
	}
	if name.Metadata.Name != "aws-auth" || name.Metadata.Namespace != "kube-system" {
		return nil, nil
	}
	r.whole[access.AuthMapKind] = true
	return typed(d, func(o *corev1.ConfigMap) (metav1.ObjectMeta, access.Object) {
		return o.ObjectMeta, access.AuthMap{In: r.kube, Data: o.Data}
	}, true)
}

func written(m metav1.ObjectMeta) access.Meta {
	return access.Meta{Labels: m.Labels, Annotations: m.Annotations}
}

// typed reads one object into its type and checks that it has a place.
func typed[T any](d document, read func(*T) (metav1.ObjectMeta, access.Object), inNamespace bool) (access.Object, error) {
	var t T
	if err := unmarshal(d, &t); err != nil {
		return nil, err
	}
	m, o := read(&t)
	switch b, binds := o.(access.Binding); {
	case m.Name == "":
		return nil, d.at(fmt.Errorf("a %s without metadata.name", o.Key().Kind))
	case inNamespace && m.Namespace == "":
		// It would count in the whole cluster.
		return nil, d.at(fmt.Errorf("%s has no metadata.namespace", m.Name))
	case binds && (b.Role.Name == "" || b.Role.Kind == ""):
		return nil, d.at(errors.New(m.Name + " has no roleRef: is it cut off?"))
	}
	return o, nil
}
