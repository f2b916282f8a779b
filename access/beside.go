package access

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Bound is a subject that bindings let do something and that no IAM principal of
// the cluster becomes: service accounts, users of certificates or another issuer, or
// names that nobody arrives under.
type Bound struct {
	Kind, Namespace, Name string   // as a binding's subject; Namespace of a ServiceAccount only
	Everywhere            bool     // in the whole cluster
	Namespaces            []string // where else, sorted
	Grant                 Grant    // the first that allows it
}

// Beside are all subjects beside the principals that may do something: in the
// request's namespace, or, with anywhere, in some. Sorted by kind, namespace, name.
func (ix *Index) Beside(q Request, anywhere bool) []Bound {
	r := ix.rbac
	may := ix.allowing(q)
	n := r.number(q.Namespace)
	allows := func(i int32) bool {
		in := r.namespaces[i]
		return may.roles[r.refs[i]] && (in == 0 || q.URL == "" && (anywhere || in == n))
	}
	found := map[subject]bool{}
	for sub, list := range r.named {
		if slices.ContainsFunc(list, allows) {
			found[sub] = true
		}
	}
	ix.arrive(func(sub subject) { delete(found, sub) })
	out := make([]Bound, 0, len(found))
	for sub := range found {
		b := Bound{Kind: sub.kind, Name: sub.name}
		for _, i := range r.named[sub] {
			if !allows(i) {
				continue
			}
			if b.Grant.Via == nil {
				b.Grant = r.grant(sub, i)
			}
			if in := r.namespaces[i]; in == 0 {
				b.Everywhere = true
			} else if name := r.names[in]; len(b.Namespaces) == 0 || b.Namespaces[len(b.Namespaces)-1] != name {
				b.Namespaces = append(b.Namespaces, name)
			}
		}
		out = append(out, b.serviceAccount())
	}
	slices.SortFunc(out, func(a, b Bound) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// serviceAccount turns a service account's user name into its own (Kubernetes
// "Authenticating", "Service account tokens").
func (b Bound) serviceAccount() Bound {
	rest, ok := strings.CutPrefix(b.Name, "system:serviceaccount:")
	ns, name, named := strings.Cut(rest, ":")
	if ok && named && b.Kind == rbacv1.UserKind {
		b.Kind, b.Namespace, b.Name = rbacv1.ServiceAccountKind, ns, name
	}
	return b
}

// arrive goes through the subjects that some principal matches, in some session at least.
func (ix *Index) arrive(as func(subject)) {
	for _, r := range ix.Rows() {
		for _, m := range r.mayCount() {
			for _, sub := range m.Identity.subjects() {
				as(sub)
			}
			for _, subs := range ix.rbac.conditional(m.Identity) {
				for _, sub := range subs {
					as(sub)
				}
			}
		}
	}
}
