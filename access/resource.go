package access

import "slices"

// Resource is a resource type as requests name it, and what is known about it.
type Resource struct {
	Group        string   // "" is core, "*" all of them
	Name         string   // plural; "*" for all
	Kind         string   // "" when only the name is known
	Namespaced   bool     // true also when nobody knows
	Subresources []string // sorted
	Served       bool     // the server's discovery says so; otherwise the table of built-in types, or nobody
	Also         []string // other types that go by the word it was asked for, as NAME.GROUP
}

// String is the type as kubectl writes it: deployments.apps.
func (r Resource) String() string { return r.Name + pick(r.Group == "", "", "."+r.Group) }

// Has reports whether the type has a subresource, as far as is known.
func (r Resource) Has(sub string) bool {
	return r.Name == "*" || slices.Contains(r.Subresources, sub)
}

// Inside reports whether a request for a namespace is one in that namespace: the path of
// a single one has its name (/api/v1/namespaces/x), and the API server takes it for the
// namespace of the request. To list, watch, create or delete many is in none, also with
// a field selector for a name (k8s.io/apiserver pkg/endpoints/request requestinfo.go).
func (q Request) Inside() bool {
	return q.Group == "" && q.Resource == "namespaces" && slices.Contains([]string{"get", "update", "patch", "delete"}, q.Verb)
}

// In is the request as the API server authorizes it when it is made in a namespace, about
// a type that is in namespaces or is not.
func (q Request) In(namespace string, namespaced bool) Request {
	switch {
	case q.URL == "" && q.Inside():
		q.Namespace = q.Name
	case q.URL == "" && namespaced:
		q.Namespace = namespace
	default:
		q.Namespace = ""
	}
	return q
}
