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
