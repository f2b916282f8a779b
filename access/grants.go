package access

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// Grant is one permission with its reason: mapping, subject, binding, role; or
// entry, association.
type Grant struct {
	Rules   []Rule
	Scope   string // namespace, "" for the whole cluster
	Pattern string // the scope's wildcard that matched, if one did
	Subject string // "Group devs", "User alice", or "" for a policy
	Via     []Key  // binding and role, or entry and policy association
	Policy  string // name of the access policy
	Unknown *Gap   // its rules are not known
	id      string
}

// heldKey is all that a mapping's grants depend on in one index.
type heldKey struct {
	from         Key
	section      awsauth.Section
	index        int
	user, groups string
}

type held struct {
	super    bool
	cluster  []Grant
	ns       map[string][]Grant
	patterns []Grant // policies with namespace scopes, Scope empty, Pattern set
}

// Grants are all permissions behind a cell, in order: the whole cluster's first.
func (ix *Index) Grants(m Mapping, namespace string) []Grant {
	h := ix.hold(m)
	if h.super {
		return []Grant{{Rules: superRules, Subject: "Group " + Masters}}
	}
	return h.in(namespace)
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
func (ix *Index) Scopes(m Mapping) []string {
	h := ix.hold(m)
	var out []string
	for ns := range h.ns {
		out = append(out, ns)
	}
	for _, g := range h.patterns {
		for _, ns := range ix.names {
			if scopeMatches(g.Pattern, ns) {
				out = append(out, ns)
			}
		}
		if !strings.HasSuffix(g.Pattern, "*") {
			out = append(out, g.Pattern)
		}
	}
	return set(out)
}

// in are the grants that count in a namespace.
func (h *held) in(namespace string) []Grant {
	out := slices.Clone(h.cluster)
	if namespace == "" {
		return out
	}
	out = append(out, h.ns[namespace]...)
	for _, g := range h.patterns {
		if scopeMatches(g.Pattern, namespace) {
			out = append(out, g)
		}
	}
	return out
}

func (ix *Index) hold(m Mapping) *held {
	at := heldKey{m.From, m.Item.Section, m.Item.Index, m.Identity.User, strings.Join(m.Identity.Groups, "\n")}
	if h, ok := ix.held[at]; ok {
		return h
	}
	h := &held{super: m.Identity.Super(), ns: map[string][]Grant{}}
	for _, sub := range m.Identity.subjects() {
		for _, b := range ix.rbac.bindings(sub) {
			key := roleKey(b.In, b.Role, b.Namespace)
			g := Grant{Rules: ix.rbac.roles[key].Rules, Scope: b.Namespace, Subject: sub.kind + " " + sub.name,
				Via: []Key{b.Key(), key}, id: string(key.Kind) + "/" + key.Namespace + "/" + key.Name}
			if b.Namespace == "" {
				h.cluster = append(h.cluster, g)
			} else {
				h.ns[b.Namespace] = append(h.ns[b.Namespace], g)
			}
		}
	}
	for _, a := range ix.Policies(m) {
		h.addPolicy(m, a)
	}
	ix.held[at] = h
	return h
}

func (h *held) addPolicy(m Mapping, a PolicyAssociation) {
	name := PolicyName(a.Policy)
	g := Grant{Via: []Key{a.Key()}, Policy: name, id: "policy/" + name}
	if p, ok := PolicyNamed(name); ok && p.Known() {
		g.Rules = p.Rules
	} else {
		g.Unknown = &Gap{Realm: a.In, Kind: PolicyKind, Name: name, Why: Undocumented}
	}
	if a.Scope.Cluster {
		h.cluster = append(h.cluster, g)
		return
	}
	// Non-resource URLs can't be inside a namespace.
	g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r Rule) bool { return len(r.Resources) == 0 })
	for _, p := range a.Scope.Namespaces {
		g.Pattern = p
		h.patterns = append(h.patterns, g)
	}
}
