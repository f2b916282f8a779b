package sim

import (
	"fmt"
	"slices"
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
	var wrong []fieldError
	switch q.resource.name {
	case "roles", "clusterroles":
		var r clusterRole
		m.as(&r)
		for n, rule := range r.Rules {
			wrong = append(wrong, rule.wrong(fmt.Sprintf("rules[%d].", n), q.namespaced)...)
		}
	case "rolebindings", "clusterrolebindings":
		var b binding
		m.as(&b)
		wrong = b.wrong(q.namespaced)
	}
	if len(wrong) == 0 {
		return nil
	}
	return q.invalid(wrong...)
}

func (r rule) wrong(at string, namespaced bool) (out []fieldError) {
	if len(r.Verbs) == 0 {
		out = append(out, requiredField(at+"verbs", "verbs must contain at least one value"))
	}
	if len(r.NonResourceURLs) > 0 {
		if namespaced {
			out = append(out, invalidField(at+"nonResourceURLs", r.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs"))
		}
		if len(r.APIGroups)+len(r.Resources)+len(r.ResourceNames) > 0 {
			out = append(out, invalidField(at+"nonResourceURLs", r.NonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"))
		}
		return out
	}
	if len(r.APIGroups) == 0 {
		out = append(out, requiredField(at+"apiGroups", "resource rules must supply at least one api group"))
	}
	if len(r.Resources) == 0 {
		out = append(out, requiredField(at+"resources", "resource rules must supply at least one resource"))
	}
	return out
}

func (b binding) wrong(namespaced bool) (out []fieldError) {
	supported := []string{"Role", "ClusterRole"}
	if !namespaced {
		supported = supported[1:] // a Role cannot be bound in the whole cluster
	}
	if !slices.Contains(supported, b.RoleRef.Kind) {
		out = append(out, unsupportedField("roleRef.kind", b.RoleRef.Kind, supported))
	}
	if b.RoleRef.Name == "" {
		out = append(out, requiredField("roleRef.name", ""))
	}
	for n, s := range b.Subjects {
		at := fmt.Sprintf("subjects[%d].", n)
		if s.Name == "" {
			out = append(out, requiredField(at+"name", ""))
		}
		switch s.Kind {
		case "User", "Group":
		case "ServiceAccount":
			if !namespaced && s.Namespace == "" {
				out = append(out, requiredField(at+"namespace", ""))
			}
		default:
			out = append(out, unsupportedField(at+"kind", s.Kind, []string{"ServiceAccount", "User", "Group"}))
		}
	}
	return out
}
