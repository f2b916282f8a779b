package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
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
		switch bound.RoleRef.Kind {
		case "ClusterRole":
		case "Role":
			ask.resource, rules = "roles", access.roles[q.namespace+"/"+bound.RoleRef.Name]
		default:
			return fail(http.StatusInternalServerError, "", "unsupported role reference kind: %q", bound.RoleRef.Kind)
		}
		if ok, _ := b.authorize(q.cluster, q.user, ask); ok {
			return nil
		}
	}
	var missing []rule
	for _, r := range rules {
		for _, one := range r.single() {
			if !access.covers(q.user, q.namespace, one) {
				missing = append(missing, one)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return q.forbid(fmt.Sprintf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s",
		q.user.Name, q.user.Groups, strings.Join(compact(missing), "\n")))
}

// compact describes single rules, those that differ in their verbs together.
func compact(rules []rule) []string {
	var out []rule
	for _, r := range rules {
		same := slices.IndexFunc(out, func(o rule) bool {
			o.Verbs = r.Verbs
			return len(r.NonResourceURLs) == 0 && equalRules(o, r)
		})
		if same < 0 {
			out = append(out, r)
		} else if !slices.Contains(out[same].Verbs, r.Verbs[0]) {
			out[same].Verbs = append(out[same].Verbs, r.Verbs[0])
		}
	}
	var texts []string
	for _, r := range out {
		texts = append(texts, r.brief())
	}
	slices.Sort(texts)
	return slices.Compact(texts)
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

// brief is the API server's short form of a rule.
func (r rule) brief() string {
	var parts []string
	for _, p := range []struct {
		name  string
		words []string
	}{{"APIGroups", r.APIGroups}, {"Resources", r.Resources}, {"NonResourceURLs", r.NonResourceURLs}, {"ResourceNames", r.ResourceNames}, {"Verbs", r.Verbs}} {
		if len(p.words) > 0 {
			parts = append(parts, fmt.Sprintf("%s:%q", p.name, p.words))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
