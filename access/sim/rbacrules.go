package sim

import (
	"fmt"
	"slices"
	"strings"
)

// complete sets what the API server fills in on RBAC objects: the API group of
// a roleRef and of subjects (kubernetes, pkg/apis/rbac/v1/defaults.go).
func (m manifest) complete() {
	ref, ok := m["roleRef"].(map[string]any)
	if !ok {
		return
	}
	if manifest(ref).text("apiGroup") == "" {
		ref["apiGroup"] = rbacGroup
	}
	subjects, _ := m["subjects"].([]any)
	for _, s := range subjects {
		subject, ok := s.(map[string]any)
		if kind := manifest(subject).text("kind"); ok && manifest(subject).text("apiGroup") == "" && (kind == "User" || kind == "Group") {
			subject["apiGroup"] = rbacGroup
		}
	}
}

// checkRBAC finds what the API server would refuse in a role or a binding
// (kubernetes, pkg/apis/rbac/validation).
func (q *query) checkRBAC(m manifest) *failure {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	switch q.resource.name {
	case "roles", "clusterroles":
		var r clusterRole
		m.as(&r)
		for n, rule := range r.Rules {
			rule.check(fmt.Sprintf("rules[%d].", n), q.namespaced, add)
		}
	case "rolebindings", "clusterrolebindings":
		var b binding
		m.as(&b)
		b.check(q.namespaced, add)
	}
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return q.invalid(wrong[0])
	}
	return q.invalid("[" + strings.Join(wrong, ", ") + "]")
}

func (r rule) check(at string, namespaced bool, add func(string, ...any)) {
	if len(r.Verbs) == 0 {
		add("%sverbs: Required value: verbs must contain at least one value", at)
	}
	if len(r.NonResourceURLs) > 0 {
		if namespaced {
			add("%snonResourceURLs: Invalid value: %q: namespaced rules cannot apply to non-resource URLs", at, r.NonResourceURLs)
		}
		if len(r.APIGroups)+len(r.Resources)+len(r.ResourceNames) > 0 {
			add("%snonResourceURLs: Invalid value: %q: rules cannot apply to both regular resources and non-resource URLs", at, r.NonResourceURLs)
		}
		return
	}
	if len(r.APIGroups) == 0 {
		add("%sapiGroups: Required value: resource rules must supply at least one api group", at)
	}
	if len(r.Resources) == 0 {
		add("%sresources: Required value: resource rules must supply at least one resource", at)
	}
}

func (b binding) check(namespaced bool, add func(string, ...any)) {
	supported := []string{"Role", "ClusterRole"}
	if !namespaced {
		supported = supported[1:] // a Role cannot be bound in the whole cluster
	}
	if !slices.Contains(supported, b.RoleRef.Kind) {
		add(`roleRef.kind: Unsupported value: %q: supported values: "%s"`, b.RoleRef.Kind, strings.Join(supported, `", "`))
	}
	if b.RoleRef.Name == "" {
		add("roleRef.name: Required value")
	}
	for n, s := range b.Subjects {
		at := fmt.Sprintf("subjects[%d].", n)
		if s.Name == "" {
			add("%sname: Required value", at)
		}
		switch s.Kind {
		case "User", "Group":
		case "ServiceAccount":
			if !namespaced && s.Namespace == "" {
				add("%snamespace: Required value", at)
			}
		default:
			add(`%skind: Unsupported value: %q: supported values: "ServiceAccount", "User", "Group"`, at, s.Kind)
		}
	}
}
