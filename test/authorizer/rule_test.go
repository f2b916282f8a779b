package authorizer

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

func (m maker) rules(high int, namespaced bool) (out []rbacv1.PolicyRule) {
	for range m.between(0, high) {
		out = append(out, m.rule(namespaced))
	}
	return out
}

func (m maker) rule(namespaced bool) rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: m.some(m.count(3), verbs)}
	if m.chance(15) && !(m.valid && namespaced) {
		r.NonResourceURLs = m.some(m.between(1, 2), urls)
		if m.valid || !m.chance(15) {
			return r
		}
		// A rule about both: no API server takes it, and the authorizer would read both halves.
	}
	r.APIGroups, r.Resources = m.some(m.count(2), apiGroups), m.some(m.count(3), resources)
	if !m.plain && m.chance(8) {
		r.Resources = append(r.Resources, m.pick(oddOnes))
	}
	if m.chance(35) {
		r.ResourceNames = m.some(m.between(1, 2), objects)
	}
	return r
}

// request asks about a person: mostly something that a rule of theirs names, as it
// is or with one part changed, so that yes, no and near misses are all frequent.
func (m maker) request(w *world, p person) access.Request {
	q, aimed := m.aimed(w, p)
	if !aimed || m.chance(10) {
		q = m.anything()
	}
	for m.chance(30) {
		q = m.missed(q)
	}
	return q
}

func (m maker) anything() access.Request {
	q := access.Request{Verb: m.pick(verbs)}
	if m.chance(20) {
		q.URL = m.url(m.pick(urls))
		return q
	}
	q.Group = m.pick(apiGroups)
	q.Resource, q.Subresource = m.resource(m.pick(resources))
	q.Name = m.pick([]string{"", "", "one", "two", "*"})
	q.Namespace = m.pick(append([]string{""}, namespaces...))
	return q
}

// aimed draws a request from a rule that seems to be the person's.
func (m maker) aimed(w *world, p person) (access.Request, bool) {
	type held struct {
		rule      rbacv1.PolicyRule
		namespace string
	}
	var theirs []held
	add := func(subjects []rbacv1.Subject, ref rbacv1.RoleRef, namespace string) {
		if slices.ContainsFunc(subjects, p.resembles) {
			for _, r := range w.rulesOf(ref, namespace) {
				theirs = append(theirs, held{r, namespace})
			}
		}
	}
	for _, b := range w.clusterRoleBindings {
		add(b.Subjects, b.RoleRef, "")
	}
	for _, b := range w.roleBindings {
		add(b.Subjects, b.RoleRef, b.Namespace)
	}
	if len(theirs) == 0 {
		return access.Request{}, false
	}
	h := theirs[m.IntN(len(theirs))]
	q := m.drawn(h.rule)
	if q.URL == "" {
		q.Namespace = h.namespace
		if h.namespace == "" && m.chance(70) {
			q.Namespace = m.pick(namespaces)
		}
	}
	return q, true
}

// resembles is a guess for the aim, wrong now and then.
func (p person) resembles(s rbacv1.Subject) bool {
	return strings.HasSuffix(p.identity.User, s.Name) || s.Name == "system:authenticated" || slices.Contains(p.identity.Groups, s.Name)
}

// drawn is a request that a rule allows, unless one of its lists is empty.
func (m maker) drawn(r rbacv1.PolicyRule) access.Request {
	q := access.Request{Verb: m.one(r.Verbs, verbs)}
	if len(r.NonResourceURLs) > 0 && (len(r.Resources) == 0 || m.chance(50)) {
		q.URL = m.url(m.pick(r.NonResourceURLs))
		return q
	}
	q.Group = m.one(r.APIGroups, apiGroups)
	if len(r.Resources) > 0 {
		q.Resource, q.Subresource = m.resource(m.pick(r.Resources))
	}
	if len(r.ResourceNames) > 0 {
		q.Name = m.pick(r.ResourceNames)
	} else {
		q.Name = m.pick([]string{"", "", "one", "*"})
	}
	return q
}

// one is a value that a list with wildcards matches.
func (m maker) one(list, pool []string) string {
	if len(list) == 0 {
		return m.pick(pool)
	}
	if v := m.pick(list); v != "*" {
		return v
	}
	return m.pick(append([]string{"anything"}, pool...))
}

// resource is a resource and subresource that a rule's word matches.
func (m maker) resource(word string) (resource, sub string) {
	resource, sub, _ = strings.Cut(word, "/")
	if word == "*" && m.chance(80) {
		resource, sub, _ = strings.Cut(m.pick(resources[:9]), "/")
	}
	if word != "*" && resource == "*" && m.chance(80) {
		resource = m.pick(resources[:6])
	}
	return resource, sub
}

// url is a path that a rule's word matches.
func (m maker) url(word string) string {
	prefix, star := strings.CutSuffix(word, "*")
	if !star || m.chance(10) {
		return word
	}
	return "/" + strings.TrimPrefix(strings.TrimRight(prefix, "*")+m.pick([]string{"", "x", "v1", "v1/pods", "/"}), "/")
}

// missed is the request with one part changed.
func (m maker) missed(q access.Request) access.Request {
	if q.URL != "" {
		switch m.IntN(6) {
		case 0:
			q.URL = "/" + strings.TrimPrefix(strings.TrimSuffix(q.URL, "/"), "/")
		case 1:
			q.URL += m.pick([]string{"/", "x", "*"})
		case 2:
			q.URL = "/" + strings.TrimPrefix(q.URL[:len(q.URL)-1], "/")
		case 3:
			q.Verb = m.pick(verbs)
		case 4:
			q.Namespace = m.pick(namespaces) // a request for a path has none: the server must not care
		case 5:
			q.URL = strings.ReplaceAll(q.URL, "*", "x") // a star inside a rule's path is a letter like others
		}
		return q
	}
	switch m.IntN(8) {
	case 0, 1:
		if q.Subresource == "" {
			q.Subresource = m.pick(subs)
		} else {
			q.Subresource = m.pick([]string{"", m.pick(subs)})
		}
	case 2:
		q.Name = m.pick([]string{"", "one", "two", "*", "on"})
	case 3:
		q.Namespace = m.pick(append([]string{"", "elsewhere"}, namespaces...))
	case 4:
		q.Group = m.pick(append([]string{"app"}, apiGroups...))
	case 5:
		q.Verb = m.pick(append([]string{"", "GET", "ge"}, verbs...))
	case 6:
		q.Resource = m.pick(append([]string{"*"}, resources[:6]...))
	case 7:
		q.Resource = m.pick(oddOnes)
	}
	return q
}
