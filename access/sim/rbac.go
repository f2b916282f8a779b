package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rbac is the cluster's roles and bindings, decoded.
type rbac struct {
	clusterRoles map[string]clusterRole
	roles        map[string][]rule // by namespace/name
	bindings     []binding         // of the whole cluster first
}

type clusterRole struct {
	Metadata struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Rules       []rule `json:"rules"`
	Aggregation *struct {
		Selectors []struct {
			MatchLabels map[string]string `json:"matchLabels"`
		} `json:"clusterRoleSelectors"`
	} `json:"aggregationRule"`
}

type binding struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	RoleRef struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"roleRef"`
	Subjects []struct {
		Kind      string `json:"kind"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"subjects"`
}

// access is the store's roles and bindings, decoded once per write.
func (s *store) access() *rbac {
	if s.rbac != nil {
		return s.rbac
	}
	out := &rbac{clusterRoles: map[string]clusterRole{}, roles: map[string][]rule{}}
	for at, m := range s.objects {
		if at.group != rbacGroup {
			continue
		}
		switch at.resource {
		case "clusterroles":
			var r clusterRole
			m.as(&r)
			out.clusterRoles[at.name] = r
		case "roles":
			var r clusterRole
			m.as(&r)
			out.roles[at.namespace+"/"+at.name] = r.Rules
		default:
			var b binding
			m.as(&b)
			b.Kind = m.kind()
			out.bindings = append(out.bindings, b)
		}
	}
	slices.SortFunc(out.bindings, func(a, b binding) int {
		return cmp.Or(cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace), cmp.Compare(a.Metadata.Name, b.Metadata.Name))
	})
	s.rbac = out
	return out
}

// rules of a ClusterRole, aggregated on read, where a cluster has a controller
// that writes them. Roles that aggregate each other stop at the second visit.
func (a *rbac) clusterRules(name string, visited ...string) []rule {
	r := a.clusterRoles[name]
	if r.Aggregation == nil || slices.Contains(visited, name) {
		return r.Rules
	}
	visited = append(slices.Clone(visited), name)
	var out []rule
	for _, other := range sortedKeys(a.clusterRoles) {
		for _, s := range r.Aggregation.Selectors {
			if other == name || !matchLabels(s.MatchLabels, a.clusterRoles[other].Metadata.Labels) {
				continue
			}
			for _, added := range a.clusterRules(other, visited...) {
				if !slices.ContainsFunc(out, func(r rule) bool { return equalRules(r, added) }) {
					out = append(out, added)
				}
			}
		}
	}
	return out
}

func matchLabels(wanted, labels map[string]string) bool {
	for k, v := range wanted {
		if labels[k] != v {
			return false
		}
	}
	return len(wanted) > 0
}

func equalRules(a, b rule) bool {
	return slices.Equal(a.APIGroups, b.APIGroups) && slices.Equal(a.Resources, b.Resources) && slices.Equal(a.Verbs, b.Verbs) &&
		slices.Equal(a.NonResourceURLs, b.NonResourceURLs) && slices.Equal(a.ResourceNames, b.ResourceNames)
}

// granted walks the rules that a user has in a namespace (or, if none, in the
// whole cluster), with the binding each comes from, until visit says stop.
func (a *rbac) granted(u user, namespace string, visit func(rule, string) bool) {
	for _, b := range a.bindings {
		if b.Metadata.Namespace != "" && b.Metadata.Namespace != namespace {
			continue
		}
		subject := b.subjectOf(u)
		if subject == "" {
			continue
		}
		rules := a.roles[b.Metadata.Namespace+"/"+b.RoleRef.Name]
		if b.RoleRef.Kind == "ClusterRole" {
			rules = a.clusterRules(b.RoleRef.Name)
		}
		for _, r := range rules {
			if !visit(r, b.reason(subject)) {
				return
			}
		}
	}
}

// subjectOf names the subject of the binding that the user is, empty if none.
func (b binding) subjectOf(u user) string {
	for _, s := range b.Subjects {
		switch {
		case s.Kind == "User" && s.Name == u.Name:
			return fmt.Sprintf("User %q", s.Name)
		case s.Kind == "Group" && slices.Contains(u.Groups, s.Name):
			return fmt.Sprintf("Group %q", s.Name)
		case s.Kind == "ServiceAccount" && u.Name == serviceAccount(cmp.Or(s.Namespace, b.Metadata.Namespace), s.Name):
			return fmt.Sprintf("ServiceAccount %q", s.Name+"/"+cmp.Or(s.Namespace, b.Metadata.Namespace))
		}
	}
	return ""
}

func serviceAccount(namespace, name string) string {
	return "system:serviceaccount:" + namespace + ":" + name
}

// reason is the API server's own wording.
func (b binding) reason(subject string) string {
	name := b.Metadata.Name
	if b.Metadata.Namespace != "" {
		name += "/" + b.Metadata.Namespace
	}
	return fmt.Sprintf("RBAC: allowed by %s %q of %s %q to %s", b.Kind, name, b.RoleRef.Kind, b.RoleRef.Name, subject)
}

// allows asks RBAC alone.
func (a *rbac) allows(u user, q request) (allowed bool, reason string) {
	a.granted(u, q.namespace, func(r rule, why string) bool {
		if r.allows(q) {
			allowed, reason = true, why
		}
		return !allowed
	})
	return allowed, reason
}

// authorize is the whole chain of the cluster: system:masters first, as EKS has
// it, then access policies and RBAC.
func (b *Bench) authorize(c *cluster, u user, q request) (bool, string) {
	if slices.Contains(u.Groups, "system:masters") {
		return true, ""
	}
	if ok, why := b.policyAllows(c, u, q); ok {
		return true, why
	}
	return c.store.access().allows(u, q)
}

// groupsOf adds the groups that the API server itself gives to a user.
func groupsOf(u user) user {
	group := "system:authenticated"
	if u.Name == "system:anonymous" {
		group = "system:unauthenticated"
	}
	if strings.HasPrefix(u.Name, "system:serviceaccount:") && len(strings.Split(u.Name, ":")) == 4 {
		u.Groups = append(slices.Clone(u.Groups), "system:serviceaccounts", "system:serviceaccounts:"+strings.Split(u.Name, ":")[2])
	}
	if !slices.Contains(u.Groups, group) {
		u.Groups = append(slices.Clone(u.Groups), group)
	}
	return u
}
