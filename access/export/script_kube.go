package export

import (
	"cmp"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// operation is one of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// resource is the type of an object with its group, so that no custom resource of the
// same name is meant.
var resource = map[access.Kind]string{
	access.AuthMapKind:            "configmaps",
	access.NamespaceKind:          "namespaces",
	access.RoleKind:               "roles.rbac.authorization.k8s.io",
	access.ClusterRoleKind:        "clusterroles.rbac.authorization.k8s.io",
	access.RoleBindingKind:        "rolebindings.rbac.authorization.k8s.io",
	access.ClusterRoleBindingKind: "clusterrolebindings.rbac.authorization.k8s.io",
}

// target is the namespace and TYPE/NAME of an object, as words of bash.
func target(o access.Object) string {
	k := o.Key()
	return quote(k.Namespace) + " " + quote(resource[k.Kind]+"/"+k.Name)
}

// fields are what people decide of an object, by JSON pointer, in the API server's form.
func fields(o access.Object) map[string]any {
	out := map[string]any{}
	switch o := o.(type) {
	case access.Role:
		if len(o.Aggregate) > 0 {
			out["/aggregationRule/clusterRoleSelectors"] = o.Aggregate // the controller fills the rules
		} else if len(o.Rules) > 0 {
			out["/rules"] = o.Rules
		}
	case access.Binding:
		ref := o.Role
		ref.APIGroup = cmp.Or(ref.APIGroup, rbacv1.GroupName)
		out["/roleRef"] = ref
		if len(o.Subjects) > 0 {
			subjects := slices.Clone(o.Subjects)
			for i, s := range subjects {
				if s.Kind != rbacv1.ServiceAccountKind {
					subjects[i].APIGroup = cmp.Or(s.APIGroup, rbacv1.GroupName)
				}
			}
			out["/subjects"] = subjects
		}
	case access.AuthMap:
		if len(o.Data) > 0 {
			out["/data"] = o.Data
		}
	}
	return out
}

// tests hold when an object is as this one. The name is tested too: a patch without an
// operation would be no question.
func tests(o access.Object) []operation {
	f := fields(o)
	f["/metadata/name"] = o.Key().Name
	var out []operation
	for _, path := range slices.Sorted(maps.Keys(f)) {
		out = append(out, operation{"test", path, f[path]})
	}
	return out
}

// patch changes one object into another, if it still is what it was when the server
// applies it: nobody's change in between is lost.
func patch(was, is access.Object) []operation {
	out, before, after := tests(was), fields(was), fields(is)
	for _, path := range slices.Sorted(maps.Keys(after)) {
		out = append(out, operation{"add", path, after[path]}) // add replaces what is there
	}
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[path]; !stays {
			out = append(out, operation{Op: "remove", Path: path})
		}
	}
	return out
}

// object writes the call that makes, changes or removes a Kubernetes object.
func (w *sh) object(st access.Step) {
	o := anyOf(st)
	k := o.Key()
	where := "--namespace=" + quote(k.Namespace)
	name := quote(resource[k.Kind] + "/" + k.Name)
	switch {
	case st.Before == nil:
		w.line("  kubectl create --filename=- %s", heredoc(encodeYAML(manifest(o))))
	case st.After == nil:
		if k.Kind == access.NamespaceKind {
			w.line("  empty %s", quote(k.Name))
		}
		w.line("  kubectl delete %s %s", where, name)
	default:
		w.line("  kubectl patch %s %s --type=json --patch=%s", where, name, payload(patch(st.Before, st.After)))
	}
}

// review is a SubjectAccessReview as JSON. It names the group that whoever logs in is
// in: a review adds none by itself.
func review(e access.Expect) string {
	q := e.Request
	spec := input{"user": e.Identity.User, "groups": set(append([]string{"system:authenticated"}, e.Identity.Groups...))}
	if q.URL != "" {
		spec["nonResourceAttributes"] = input{"path": q.URL, "verb": q.Verb}
	} else {
		attributes := input{}
		for name, value := range map[string]string{"verb": q.Verb, "group": q.Group, "resource": q.Resource, "subresource": q.Subresource, "name": q.Name, "namespace": q.Namespace} {
			if value != "" {
				attributes[name] = value
			}
		}
		spec["resourceAttributes"] = attributes
	}
	return payload(input{"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})
}
