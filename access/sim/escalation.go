package sim

import (
	"cmp"
	"fmt"
	"slices"
)

// escalates keeps a user from granting what it has not: writing a role needs its
// rules or the verb escalate, writing a binding the rules of its role or the
// verb bind. The verbs may come from any authorizer, the rules from RBAC alone,
// so AmazonEKSAdminPolicy does not do (kubernetes, pkg/registry/rbac;
// aws/containers-roadmap 2682).
func (b *Bench) escalates(q *query, m manifest) *failure {
	if q.group != rbacGroup || slices.Contains(q.user.Groups, "system:masters") {
		return nil
	}
	access := q.cluster.store.access()
	var rules []rule
	switch q.resource.name {
	case "roles", "clusterroles":
		if ok, _ := b.authorize(q.cluster, q.user, request{verb: "escalate", group: rbacGroup, resource: q.resource.name, namespace: q.namespace, name: q.object}); ok {
			return nil
		}
		var r clusterRole
		m.as(&r)
		rules = r.Rules
	default:
		var bound binding
		m.as(&bound)
		ask := request{verb: "bind", group: rbacGroup, resource: "clusterroles", namespace: q.namespace, name: bound.RoleRef.Name}
		rules = access.clusterRules(bound.RoleRef.Name)
		if bound.RoleRef.Kind == "Role" {
			ask.resource, rules = "roles", access.roles[q.namespace+"/"+bound.RoleRef.Name]
		}
		if ok, _ := b.authorize(q.cluster, q.user, ask); ok {
			return nil
		}
	}
	var missing []string
	for _, r := range rules {
		for _, one := range r.single() {
			if !access.covers(q.user, q.namespace, one) {
				missing = append(missing, one.brief())
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	text := fmt.Sprintf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:", q.user.Name, q.user.Groups)
	for _, s := range missing {
		text += "\n" + s
	}
	return q.forbid(text)
}

// single takes a rule apart into rules with one of everything.
func (r rule) single() []rule {
	var out []rule
	for _, verb := range r.Verbs {
		for _, u := range r.NonResourceURLs {
			out = append(out, rule{Verbs: []string{verb}, NonResourceURLs: []string{u}})
		}
		for _, group := range r.APIGroups {
			for _, res := range r.Resources {
				one := rule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{res}}
				if len(r.ResourceNames) == 0 {
					out = append(out, one)
				}
				for _, name := range r.ResourceNames {
					one.ResourceNames = []string{name}
					out = append(out, one)
				}
			}
		}
	}
	return out
}

// covers tells whether one of the user's RBAC rules holds a single rule.
func (a *rbac) covers(u user, namespace string, one rule) (held bool) {
	a.granted(u, namespace, func(r rule, _ string) bool {
		switch {
		case !has(r.Verbs, one.Verbs[0]):
		case len(one.NonResourceURLs) > 0:
			held = has(r.NonResourceURLs, one.NonResourceURLs[0])
		case has(r.APIGroups, one.APIGroups[0]) && has(r.Resources, one.Resources[0]):
			held = len(r.ResourceNames) == 0 || len(one.ResourceNames) > 0 && slices.Contains(r.ResourceNames, one.ResourceNames[0])
		}
		return !held
	})
	return held
}

func (r rule) brief() string {
	if len(r.NonResourceURLs) > 0 {
		return fmt.Sprintf("{NonResourceURLs:%q, Verbs:%q}", r.NonResourceURLs, r.Verbs)
	}
	names := ""
	if len(r.ResourceNames) > 0 {
		names = fmt.Sprintf(", ResourceNames:%q", r.ResourceNames)
	}
	return fmt.Sprintf("{APIGroups:%q, Resources:%q%s, Verbs:%q}", cmp.Or(r.APIGroups[0], ""), r.Resources, names, r.Verbs)
}
