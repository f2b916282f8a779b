package rbacworld

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Rules makes some rules, for a Role or for a ClusterRole.
func (m Maker) Rules(high int, namespaced bool) (out []rbacv1.PolicyRule) {
	for range m.Between(0, high) {
		out = append(out, m.Rule(namespaced))
	}
	return out
}

// Rule makes one.
func (m Maker) Rule(namespaced bool) rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: m.Some(m.count(3), verbs)}
	if m.Chance(15) && !(m.Valid && namespaced) {
		r.NonResourceURLs = m.Some(m.Between(1, 2), urls)
		if m.Valid || !m.Chance(15) {
			return r
		}
		// A rule about both: no API server takes it, and the authorizer would read both halves.
	}
	r.APIGroups, r.Resources = m.Some(m.count(2), apiGroups), m.Some(m.count(3), resources)
	if !m.Plain && m.Chance(8) {
		r.Resources = append(r.Resources, m.Pick(oddOnes))
	}
	if m.Chance(35) {
		r.ResourceNames = m.Some(m.Between(1, 2), Objects)
	}
	return r
}

// Request asks about a person: mostly something that a rule of theirs names, as it
// is or with one part changed, so that yes, no and near misses are all frequent.
func (m Maker) Request(w *World, p Person) access.Request {
	q, aimed := m.aimed(w, p)
	if !aimed || m.Chance(10) {
		q = m.anything()
	}
	for m.Chance(30) {
		q = m.missed(q)
	}
	return q
}

func (m Maker) anything() access.Request {
	q := access.Request{Verb: m.Pick(verbs)}
	if m.Chance(20) {
		q.URL = m.url(m.Pick(urls))
		return q
	}
	q.Group = m.Pick(apiGroups)
	q.Resource, q.Subresource = m.resource(m.Pick(resources))
	q.Name = m.Pick([]string{"", "", "one", "two", "*"})
	q.Namespace = m.Pick(append([]string{""}, Namespaces...))
	return q
}

// aimed draws a request from a rule that seems to be the person's.
func (m Maker) aimed(w *World, p Person) (access.Request, bool) {
	type held struct {
		rule      rbacv1.PolicyRule
		namespace string
	}
	var theirs []held
	add := func(subjects []rbacv1.Subject, ref rbacv1.RoleRef, namespace string) {
		if slices.ContainsFunc(subjects, p.resembles) {
			for _, r := range w.RulesOf(ref, namespace) {
				theirs = append(theirs, held{r, namespace})
			}
		}
	}
	for _, b := range w.ClusterRoleBindings {
		add(b.Subjects, b.RoleRef, "")
	}
	for _, b := range w.RoleBindings {
		add(b.Subjects, b.RoleRef, b.Namespace)
	}
	if len(theirs) == 0 {
		return access.Request{}, false
	}
	h := theirs[m.IntN(len(theirs))]
	q := m.Drawn(h.rule)
	if q.URL == "" {
		q.Namespace = h.namespace
		if h.namespace == "" && m.Chance(70) {
			q.Namespace = m.Pick(Namespaces)
		}
	}
	return q, true
}

// resembles is a guess for the aim, wrong now and then.
func (p Person) resembles(s rbacv1.Subject) bool {
	return strings.HasSuffix(p.Identity.User, s.Name) || s.Name == "system:authenticated" || slices.Contains(p.Identity.Groups, s.Name)
}

// Drawn is a request that a rule allows, unless one of its lists is empty.
func (m Maker) Drawn(r rbacv1.PolicyRule) access.Request {
	q := access.Request{Verb: m.one(r.Verbs, verbs)}
	if len(r.NonResourceURLs) > 0 && (len(r.Resources) == 0 || m.Chance(50)) {
		q.URL = m.url(m.Pick(r.NonResourceURLs))
		return q
	}
	q.Group = m.one(r.APIGroups, apiGroups)
	if len(r.Resources) > 0 {
		q.Resource, q.Subresource = m.resource(m.Pick(r.Resources))
	}
	if len(r.ResourceNames) > 0 {
		q.Name = m.Pick(r.ResourceNames)
	} else {
		q.Name = m.Pick([]string{"", "", "one", "*"})
	}
	return q
}

// one is a value that a list with wildcards matches.
func (m Maker) one(list, pool []string) string {
	if len(list) == 0 {
		return m.Pick(pool)
	}
	if v := m.Pick(list); v != "*" {
		return v
	}
	return m.Pick(append([]string{"anything"}, pool...))
}

// resource is a resource and subresource that a rule's word matches.
func (m Maker) resource(word string) (resource, sub string) {
	resource, sub, _ = strings.Cut(word, "/")
	if word == "*" && m.Chance(80) {
		resource, sub, _ = strings.Cut(m.Pick(resources[:9]), "/")
	}
	if word != "*" && resource == "*" && m.Chance(80) {
		resource = m.Pick(resources[:6])
	}
	return resource, sub
}

// url is a path that a rule's word matches.
func (m Maker) url(word string) string {
	prefix, star := strings.CutSuffix(word, "*")
	if !star || m.Chance(10) {
		return word
	}
	return "/" + strings.TrimPrefix(strings.TrimRight(prefix, "*")+m.Pick([]string{"", "x", "v1", "v1/pods", "/"}), "/")
}

// missed is the request with one part changed.
func (m Maker) missed(q access.Request) access.Request {
	if q.URL != "" {
		switch m.IntN(6) {
		case 0:
			q.URL = "/" + strings.TrimPrefix(strings.TrimSuffix(q.URL, "/"), "/")
		case 1:
			q.URL += m.Pick([]string{"/", "x", "*"})
		case 2:
			q.URL = "/" + strings.TrimPrefix(q.URL[:len(q.URL)-1], "/")
		case 3:
			q.Verb = m.Pick(verbs)
		case 4:
			q.Namespace = m.Pick(Namespaces) // a request for a path has none: the server must not care
		case 5:
			q.URL = strings.ReplaceAll(q.URL, "*", "x") // a star inside a rule's path is a letter like others
		}
		return q
	}
	switch m.IntN(8) {
	case 0, 1:
		if q.Subresource == "" {
			q.Subresource = m.Pick(subs)
		} else {
			q.Subresource = m.Pick([]string{"", m.Pick(subs)})
		}
	case 2:
		q.Name = m.Pick([]string{"", "one", "two", "*", "on"})
	case 3:
		q.Namespace = m.Pick(append([]string{"", "elsewhere"}, Namespaces...))
	case 4:
		q.Group = m.Pick(append([]string{"app"}, apiGroups...))
	case 5:
		q.Verb = m.Pick(append([]string{"", "GET", "ge"}, verbs...))
	case 6:
		q.Resource = m.Pick(append([]string{"*"}, resources[:6]...))
	case 7:
		q.Resource = m.Pick(oddOnes)
	}
	return q
}
