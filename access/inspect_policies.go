package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
)

// policies says what is not known of access policies, and which scopes take in
// namespaces that do not exist yet. One policy is one finding, whoever has it.
func (i *inspector) policies() {
	type held struct{ policy, pattern string }
	who, about := map[held][]Principal{}, map[held][]Key{}
	note := func(h held, p Principal, a PolicyAssociation) {
		who[h], about[h] = append(who[h], p), append(about[h], a.Key())
	}
	for _, r := range i.ix.Rows() {
		m, ok := r.Active()
		if !ok {
			continue
		}
		for _, a := range i.ix.Policies(m) {
			name := PolicyName(a.Policy)
			if p, ok := PolicyNamed(name); !ok || !p.Known() {
				note(held{name, ""}, r.Principal, a)
			}
			for _, pattern := range a.Scope.Namespaces {
				if strings.HasSuffix(pattern, "*") {
					note(held{name, pattern}, r.Principal, a)
				}
			}
		}
	}
	for _, p := range Of[AccessPolicy](i.ix.Snapshot().Objects) {
		if _, ok := PolicyNamed(p.Name); !ok {
			h := held{PolicyName(p.Name), ""}
			about[h] = append(about[h], p.Key())
		}
	}
	for h, keys := range about {
		_, inTable := PolicyNamed(h.policy)
		switch {
		case h.pattern != "":
			i.say(Info, PolicyWildcard, who[h], sortedKeys(keys), h.policy, h.pattern)
		case inTable:
			i.say(Info, PolicyUnknown, who[h], sortedKeys(keys), h.policy, who[h][0].String())
		default:
			i.say(Warn, PolicyNew, who[h], sortedKeys(keys), h.policy, PolicyTableDate)
		}
	}
}

// policyLanes are what an associated policy brings, where it counts.
func (i *inspector) policyLanes(a PolicyAssociation) []lane {
	p, ok := PolicyNamed(a.Policy)
	if !ok {
		return nil
	}
	adds := i.chargeOfPolicy(p)
	switch {
	case adds == 0:
		return nil
	case a.Scope.Cluster:
		return []lane{{Road{Via: []Key{a.Key()}}, adds}}
	case slices.ContainsFunc(a.Scope.Namespaces, func(pattern string) bool { return scopeMatches(pattern, systemNamespace) }):
		return []lane{{Road{Namespace: systemNamespace, Via: []Key{a.Key()}}, adds}}
	}
	return nil
}

func (i *inspector) chargeOfPolicy(p ManagedPolicy) charge {
	c, ok := i.charges[p.Name]
	if !ok {
		c = chargeOf(p.Rules, i.ix.Snapshot().Mode().ConfigMap())
		i.charges[p.Name] = c
	}
	return c
}

// nodePolicy reports whether a policy is the one that EKS Auto Mode's nodes have.
func nodePolicy(name string) bool { return name == "AmazonEKSAutoNodePolicy" }

// cannotBind says where the holder of AmazonEKSAdminPolicy is refused when it binds
// roles. The policy lists the verbs on role bindings, yet the API server asks in
// addition for the verb bind on the role, or for all its rules held through RBAC, and
// what access policies give is not RBAC.
//
// Source: kubernetes pkg/registry/rbac/rolebinding/policybased, escalation_check.go;
// aws/containers-roadmap issue 2682.
func (i *inspector) cannotBind(r Row, m Mapping) {
	var scopes []string
	var about []Key
	for _, a := range i.ix.Policies(m) {
		if PolicyName(a.Policy) != AdminPolicy {
			continue
		}
		for _, scope := range pick(a.Scope.Cluster, []string{""}, set(a.Scope.Namespaces)) {
			if !i.mayPassOn(m, strings.TrimSuffix(scope, "*")) {
				scopes = append(scopes, scope)
			}
		}
		about = append(about, a.Key())
	}
	if len(scopes) > 0 {
		i.say(Info, AdminCantBind, []Principal{r.Principal}, append([]Key{m.From}, about...), r.Principal.String(), strings.Join(scopes, ", "))
	}
}

// mayPassOn reports whether a mapping may bind the ClusterRole admin in a namespace,
// or whether that can't be told.
func (i *inspector) mayPassOn(m Mapping, namespace string) bool {
	yes, _, unknown := i.ix.Can(m, Request{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: LevelRole(Admin), Namespace: namespace})
	if yes || len(unknown) > 0 {
		return true
	}
	var through []Grant
	for _, g := range i.ix.Grants(m, namespace) {
		if g.Policy == "" && slices.ContainsFunc(g.Rules, func(r Rule) bool { return !Everyones(r) }) {
			through = append(through, g)
		}
	}
	// Who holds all rules of the policy holds this one; most hold much less.
	makes := Request{Verb: "create", Group: rbacv1.GroupName, Resource: "rolebindings"}
	if !slices.ContainsFunc(rulesOf(through), func(r Rule) bool { return Allows(r, makes) }) {
		return false
	}
	at := strings.Join(sources(through), " ") + "\n" + AdminPolicy
	covers, ok := i.covers[at]
	if !ok {
		p, _ := PolicyNamed(AdminPolicy)
		covers, _ = validation.Covers(rulesOf(through), p.Rules)
		i.covers[at] = covers
	}
	return covers
}
