package access

import (
	"strings"
)

// Grant is one permission with its reason: mapping, subject, binding, role; or
// entry, association.
type Grant struct {
	Rules   []Rule
	Scope   string     // namespace, "" for the whole cluster
	Pattern string     // the policy scope's name or wildcard that matched
	Subject string     // "Group devs", "User alice", or "" for a policy
	Via     []Key      // binding and role, or entry and policy association
	Policy  string     // name of the access policy
	Unknown *Gap       // its rules are not known
	When    *Condition // only sessions of this condition have it
}

// Grants are all permissions behind a cell that every session has, in order: the
// whole cluster's first.
func (ix *Index) Grants(m Mapping, namespace string) []Grant {
	h := ix.holder(m)
	if h.super {
		return []Grant{{Rules: superRules, Subject: "Group " + Masters}}
	}
	return h.grants(namespace)
}

// Conditional are the permissions that only some sessions have beside: bindings that
// name what a template can render to. Sorted by condition.
func (ix *Index) Conditional(m Mapping, namespace string) []Grant {
	h := ix.holder(m)
	if h.super {
		return nil
	}
	var out []Grant
	for _, s := range h.sessions {
		for _, g := range h.bound(s.subjects, namespace) {
			g.When = &s.when
			out = append(out, g)
		}
	}
	return out
}

// Rules are the rules that count in a namespace (or in the whole cluster).
func (ix *Index) Rules(m Mapping, namespace string) []Rule {
	return rulesOf(ix.Grants(m, namespace))
}

func rulesOf(gs []Grant) []Rule {
	var out []Rule
	for _, g := range gs {
		out = append(out, g.Rules...)
	}
	return out
}

// Scopes are the namespaces in which a mapping has grants of its own, sorted. For
// policies with wildcards these are the namespaces that exist.
func (ix *Index) Scopes(m Mapping) []string { return ix.holder(m).scopes() }

func (h *holder) scopes() []string {
	ix := h.ix
	var out []string
	add := func(list []int32) {
		for i, b := range list {
			if i == 0 || ix.rbac.namespaces[b] != ix.rbac.namespaces[list[i-1]] {
				out = append(out, ix.rbac.bindings[b].Namespace)
			}
		}
	}
	for _, l := range h.lists {
		add(l[len(ix.rbac.inCluster(l)):])
	}
	for _, s := range h.sessions {
		for _, sub := range s.subjects {
			l := ix.rbac.named[sub]
			add(l[len(ix.rbac.inCluster(l)):])
		}
	}
	for _, a := range h.policies {
		for _, p := range a.Scope.Namespaces {
			switch prefix, star := strings.CutSuffix(p, "*"); {
			case unsure(p):
				// which namespaces it is about is not known, and a gap says so
			case star:
				out = append(out, starting(ix.names, prefix)...)
			default:
				out = append(out, p)
			}
		}
	}
	return set(out)
}

// grants are those that count in a namespace: first what counts everywhere.
func (h *holder) grants(namespace string) []Grant {
	out := h.bound(h.subjects, "")
	for _, a := range h.policies {
		if a.Scope.Cluster {
			out = append(out, policyGrant(a, ""))
		}
	}
	if namespace == "" {
		return out
	}
	for _, sub := range h.subjects {
		out = h.append(out, sub, h.ix.rbac.inNamespace(h.ix.rbac.named[sub], h.ix.rbac.number(namespace)))
	}
	for _, a := range h.policies {
		for _, p := range a.Scope.Namespaces {
			if scopeMatches(p, namespace) {
				out = append(out, policyGrant(a, p))
			}
		}
	}
	return out
}

// bound are the grants that bindings give to subjects, the cluster's first.
func (h *holder) bound(subs []subject, namespace string) []Grant {
	var out []Grant
	for _, sub := range subs {
		out = h.append(out, sub, h.ix.rbac.inCluster(h.ix.rbac.named[sub]))
	}
	if namespace == "" {
		return out
	}
	for _, sub := range subs {
		out = h.append(out, sub, h.ix.rbac.inNamespace(h.ix.rbac.named[sub], h.ix.rbac.number(namespace)))
	}
	return out
}

func (h *holder) append(out []Grant, sub subject, bindings []int32) []Grant {
	for _, i := range bindings {
		b := &h.ix.rbac.bindings[i]
		out = append(out, Grant{Rules: h.ix.rbac.rules(i), Scope: b.Namespace, Subject: sub.kind + " " + sub.name,
			Via: []Key{b.Key(), roleKey(b.In, b.Role, b.Namespace)}})
	}
	return out
}

// policyGrant is what an association gives. Inside a namespace, rules about URLs
// don't count.
func policyGrant(a PolicyAssociation, pattern string) Grant {
	name := PolicyName(a.Policy)
	g := Grant{Rules: policyRules(a), Via: []Key{a.Key()}, Policy: name, Pattern: pattern}
	if p, ok := PolicyNamed(name); !ok || !p.Known() {
		g.Unknown = &Gap{Realm: a.In, Kind: PolicyKind, Name: name, Why: Undocumented}
	}
	return g
}
