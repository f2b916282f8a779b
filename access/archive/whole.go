package archive

import (
	"maps"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// snapshot is what the documents say, with a gap over all that they do not.
func (r *reader) snapshot() access.Snapshot {
	s := access.Snapshot{Realms: []access.Realm{r.eks, r.kube}}
	var objects []access.Object
	for _, o := range r.objects {
		objects = append(objects, o.object)
	}
	about := func(in access.Realm) {
		if !slices.Contains(s.Realms, in) {
			s.Realms = append(s.Realms, in)
		}
	}
	missing := func(in access.Realm, k access.Kind, name string) {
		about(in)
		s.Gaps = append(s.Gaps, access.Gap{Realm: in, Kind: k, Name: name, Why: access.NotGiven})
	}
	for _, k := range r.kube.Kinds() {
		if !r.whole[k] {
			missing(r.kube, k, "")
		}
	}
	if !r.whole[access.NamespaceKind] {
		objects = append(objects, r.namespaces()...)
	}
	for _, k := range []access.Kind{access.ClusterKind, access.AuthModeKind, access.PolicyKind} {
		if !r.whole[k] {
			missing(r.eks, k, "")
		}
	}
	objects = append(objects, r.entries(missing)...)
	s.Objects = access.Objects{}.With(objects...)
	facts := r.principals(s, missing)
	for _, f := range facts {
		about(f.Key().Realm)
	}
	s.Objects, s.Caller = s.Objects.With(facts...), r.caller
	// Merging puts realms and gaps into their order.
	return access.Snapshot{}.Merge(s)
}

// entries returns those of which only the name is known, and says what is missing of
// each: a row whose identity is not known, not a row that is not there.
func (r *reader) entries(missing func(access.Realm, access.Kind, string)) []access.Object {
	mode := access.Mode("")
	if m, ok := r.objects[access.AuthMode{In: r.eks}.Key()].object.(access.AuthMode); ok {
		mode = m.Mode
	}
	names := maps.Clone(r.described)
	maps.Copy(names, r.listed)
	maps.Copy(names, r.associated)
	if !r.whole[access.EntryKind] && (mode != access.ConfigMapMode || len(names) > 0) {
		missing(r.eks, access.EntryKind, "") // in mode CONFIG_MAP there are none
	}
	var out []access.Object
	for _, arn := range slices.Sorted(maps.Keys(names)) {
		if !r.described[arn] {
			out = append(out, access.AccessEntry{In: r.eks, Principal: arn})
			missing(r.eks, access.EntryKind, arn)
		}
		if !r.associated[arn] && len(r.associated) > 0 {
			missing(r.eks, access.AssociationKind, arn)
		}
	}
	if len(r.associated) == 0 && (len(names) > 0 || !r.whole[access.EntryKind] && mode != access.ConfigMapMode) {
		missing(r.eks, access.AssociationKind, "")
	}
	return out
}

// namespaces are those that roles and bindings are in, when they were not listed.
func (r *reader) namespaces() []access.Object {
	var out []access.Object
	for k := range r.objects {
		if n := (access.Namespace{In: r.kube, Name: k.Namespace}); (k.Kind == access.RoleKind || k.Kind == access.RoleBindingKind) && r.objects[n.Key()].object == nil {
			out = append(out, n)
		}
	}
	return out
}
