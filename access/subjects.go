package access

import (
	"slices"
	"strconv"

	rbacv1 "k8s.io/api/rbac/v1"
)

// besideSubject adds the new name to every binding that names the old one, so that
// the rights are there before anyone arrives under the new name.
func (b *builder) besideSubject(p Principal, mv movedSubject) {
	bound := b.ix.rbac.bindingsOf(subject{mv.kind, mv.old})
	if mv.goes {
		b.renamed = append(b.renamed, mv)
	}
	b.say(Info, pick(mv.goes, NameReplaced, NameMoved), nil, p.String(), mv.old, mv.new, strconv.Itoa(len(bound)))
	fresh := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: mv.kind, Name: mv.new}
	for _, old := range bound {
		if slices.Contains(old.Subjects, fresh) {
			continue
		}
		if r, ok := b.ix.rbac.role(roleKey(old.In, old.Role, old.Namespace)); ok {
			b.beyondCaller(r, old.Namespace)
		}
		more := old
		more.Subjects = append(slices.Clone(old.Subjects), fresh)
		b.step(Step{Before: old, After: more, Why: WhySubject, Args: []string{mv.old, mv.new}})
	}
}

// unread reports whether some of these kinds of the cluster's API could not be read.
func (ix *Index) unread(kinds ...Kind) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		_, gap := ix.snap.Gap(ix.rbac.realm, k, "")
		return gap
	})
}

// caller is our own mapping, as the API server sees us; false when it could not say.
func (ix *Index) caller() (Mapping, bool) {
	c := ix.snap.Caller
	if r, ok := ix.Row(c.Kube); ok && c.Kube.ARN != "" {
		if m, ok := r.Active(); ok {
			if c.Identity.User != "" {
				m.Identity = c.Identity // templates rendered, as the API server sees us
			}
			return m, true
		}
	}
	if c.Identity.User == "" && len(c.Identity.Groups) == 0 {
		return Mapping{}, false
	}
	// In no visible place: a certificate, a token, or the cluster's hidden creator.
	return Mapping{Principal: c.Kube, Identity: c.Identity, From: Key{Kind: "Caller"}, Source: FromCaller, State: Active}, true
}

// Caller is who asks, as the API server sees them: in their own session, and also where
// no mapping lets them in; false when it could not say.
func (ix *Index) Caller() (Row, bool) {
	m, ok := ix.caller()
	if !ok {
		return Row{}, false
	}
	r, listed := ix.Row(m.Principal)
	if m.Principal.ARN == "" || !listed {
		r = Row{Principal: m.Principal}
	}
	if r.Principal.ARN == "" {
		r.Principal.Name = m.Identity.User
	}
	others := slices.DeleteFunc(slices.Clone(r.Mappings), func(o Mapping) bool { return o.State == Active })
	r.Mappings = append([]Mapping{m}, others...)
	return r, true
}

// mayBind reports whether the caller may create a ClusterRoleBinding to the role,
// as far as can be known: an unknown answer is tried, since a refusal then stops the
// plan before anything is taken away.
//
// Source: Kubernetes RBAC, "Privilege escalation prevention": bind on the role, or
// holding all its rules through RBAC.
func (b *builder) mayBind(role string) bool {
	m, ok := b.was.caller()
	if !ok {
		return true
	}
	for _, q := range []Request{
		{Verb: "create", Group: rbacv1.GroupName, Resource: "clusterrolebindings"},
		{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: role},
	} {
		if yes, _, unknown := b.was.Can(m, q); !yes && len(unknown) == 0 {
			return false
		}
	}
	return true
}
