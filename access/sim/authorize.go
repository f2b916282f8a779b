package sim

import (
	"fmt"
	"slices"
	"strings"
)

// request is one question to an authorizer. A path makes it non-resource.
type request struct {
	verb, group, resource, subresource, name, namespace, path string
}

// resourceName is what rules call the resource: "pods" or "pods/log".
func (q request) resourceName() string {
	if q.subresource == "" {
		return q.resource
	}
	return q.resource + "/" + q.subresource
}

// allows follows Kubernetes' own evaluation of a rule (kubernetes,
// plugin/pkg/auth/authorizer/rbac, RuleAllows).
func (r rule) allows(q request) bool {
	if !has(r.Verbs, q.verb) {
		return false
	}
	if q.path != "" {
		return slices.ContainsFunc(r.NonResourceURLs, func(u string) bool {
			prefix, wild := strings.CutSuffix(u, "*")
			return u == q.path || wild && strings.HasPrefix(q.path, prefix)
		})
	}
	if !has(r.APIGroups, q.group) {
		return false
	}
	whole := q.resourceName()
	named := has(r.Resources, whole) || q.subresource != "" && slices.Contains(r.Resources, "*/"+q.subresource)
	return named && (len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, q.name))
}

func has(list []string, word string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, word)
}

// policyAllows is EKS's authorizer: the union of the policies on the caller's
// entry, each within its scope. It knows the caller by the extra values that the
// authenticator sets, so impersonated users have no policies (EKS user guide,
// access policies). It allows or has no opinion, and never denies.
func (b *Bench) policyAllows(c *cluster, u user, q request) (bool, string) {
	if !c.readsEntries() {
		return false, ""
	}
	var caller arn
	for _, key := range []string{"arn", "canonicalArn"} {
		if v := u.Extra[key]; len(v) > 0 {
			a, err := parseARN(v[0])
			if err != nil {
				return false, ""
			}
			caller = a
			break
		}
	}
	if caller == (arn{}) {
		return false, ""
	}
	id := ""
	if v := u.Extra["principalId"]; len(v) > 0 {
		id = v[0]
	}
	e := c.entryOf(caller, id, b.seen())
	if e == nil {
		return false, ""
	}
	for _, a := range e.policies {
		if len(a.namespaces) > 0 && (q.namespace == "" || q.path != "" || !matchesNamespace(a.namespaces, q.namespace)) {
			continue // what is not in a namespace is out of a namespace scope
		}
		p, known := b.policyNamed(c, a.policy)
		if known && slices.ContainsFunc(p.Rules, func(r rule) bool { return r.allows(q) }) {
			return true, fmt.Sprintf("EKS Access Policy: allowed by %s on access entry %s", p.Name, e.principal)
		}
	}
	return false, ""
}
