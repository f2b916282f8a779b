package export

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// existing is what there is for some principals, or for all.
func existing(ix *access.Index, o Options) sheet {
	snap := ix.Snapshot()
	c, _ := snap.Cluster()
	s := sheet{cluster: c}
	chosen := map[string]bool{}
	for _, e := range access.Of[access.AccessEntry](snap.Objects) {
		p, err := access.ParsePrincipal(e.Principal)
		if len(o.Principals) > 0 && (err != nil || !slices.ContainsFunc(o.Principals, func(q access.Principal) bool { return q.ID() == p.ID() })) {
			continue
		}
		if p.ServiceLinked() {
			s.linked = append(s.linked, e.Principal)
			continue
		}
		chosen[e.Principal] = true
	}
	s.entries = entries(snap, snap, chosen)
	bindings := named(snap)
	if len(o.Principals) > 0 {
		bindings = reaching(ix, o)
	}
	roles := map[access.Key]bool{}
	for _, b := range bindings {
		if len(o.Namespaces) > 0 && !slices.Contains(o.Namespaces, b.Namespace) {
			continue
		}
		s.objects = append(s.objects, change{b, b})
		k := access.Key{Realm: b.In, Kind: access.Kind(b.Role.Kind), Name: b.Role.Name}
		if k.Kind == access.RoleKind {
			k.Namespace = b.Namespace
		}
		if r, ok := access.Get[access.Role](snap.Objects, k); ok && !roles[k] && !shipped(r.Name, r.Meta.Labels) {
			roles[k] = true
			s.objects = append(s.objects, change{r, r})
		}
	}
	slices.SortStableFunc(s.objects, inOrder)
	if am, ok := snap.AuthMap(); ok && len(o.Principals)+len(o.Namespaces) == 0 {
		s.authMap = &change{am, am}
	}
	for _, m := range access.Of[access.AuthMode](snap.Objects) {
		s.mode = &change{m, m}
	}
	return s
}

// named are the bindings that people made for people: those to a user or a group.
// What only service accounts have belongs to the workload that brought it.
func named(s access.Snapshot) []access.Binding {
	return slices.DeleteFunc(access.Of[access.Binding](s.Objects), func(b access.Binding) bool {
		return shipped(b.Name, b.Meta.Labels) || !slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return s.Kind != rbacv1.ServiceAccountKind })
	})
}

// reaching are the bindings through which these principals have rights, also those
// that only some sessions have.
func reaching(ix *access.Index, o Options) []access.Binding {
	namespaces := append([]string{""}, ix.Namespaces()...)
	if len(o.Namespaces) > 0 {
		namespaces = o.Namespaces
	}
	found := map[access.Key]bool{}
	for _, p := range o.Principals {
		row, _ := ix.Row(p)
		m, ok := row.Active()
		if !ok {
			continue
		}
		for _, ns := range namespaces {
			for _, g := range append(slices.Clone(ix.Grants(m, ns)), ix.Conditional(m, ns)...) {
				for _, k := range g.Via {
					found[k] = true
				}
			}
		}
	}
	return slices.DeleteFunc(access.Of[access.Binding](ix.Snapshot().Objects), func(b access.Binding) bool {
		return !found[b.Key()] || shipped(b.Name, b.Meta.Labels)
	})
}

// shipped reports whether a role or a binding comes with Kubernetes or with EKS:
// the API server and EKS put them back themselves, so nobody's code should hold them
// (Kubernetes, "Using RBAC Authorization", default roles; EKS user guide, "Default
// Amazon EKS created Kubernetes roles and users").
func shipped(name string, labels map[string]string) bool {
	_, ours := labels["eks.amazonaws.com/component"]
	return ours || labels["kubernetes.io/bootstrapping"] == "rbac-defaults" ||
		strings.HasPrefix(name, "system:") || strings.HasPrefix(name, "eks:") ||
		slices.Contains([]string{"cluster-admin", "admin", "edit", "view"}, name)
}
