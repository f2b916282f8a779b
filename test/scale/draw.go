package scale

import (
	"fmt"
	"math/rand/v2"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// draw is the dice of one world.
type draw struct {
	*rand.Rand
	Size
}

func pick[T any](d draw, from []T) T { return from[d.IntN(len(from))] }

// low draws from 0 to n-1, the lower numbers more often.
func (d draw) low(n int) int { f := d.Float64(); return int(f * f * float64(n)) }

func user(i int) string  { return person(i) + "@corp.example" }
func group(i int) string { return fmt.Sprintf("%s-%04d", teams[i%len(teams)], i) }

// person is the part of a user name that IAM knows.
func person(i int) string { return fmt.Sprintf("%s.%04d", people[i%len(people)], i) }

func meta(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app.kubernetes.io/managed-by": "worldgen"}}
}

func clusterRef(name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
}

func (d draw) subjects(n int) []rbacv1.Subject {
	var out []rbacv1.Subject
	had := map[string]bool{}
	for len(out) < n {
		s := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group(d.low(d.Groups))}
		if d.IntN(3) == 0 {
			s.Kind, s.Name = rbacv1.UserKind, user(d.low(d.Users))
		}
		if !had[s.Kind+s.Name] {
			had[s.Kind+s.Name] = true
			out = append(out, s)
		}
	}
	return out
}

// roles adds the Roles and returns their names by namespace.
func (d draw) roles(w *World) map[string][]string {
	in := map[string][]string{}
	third := w.Namespaces[:max(1, len(w.Namespaces)/3)]
	for len(w.Roles) < d.Roles {
		ns, name := pick(d, third).Name, pick(d, jobs)
		if slices.Contains(in[ns], name) {
			continue
		}
		in[ns] = append(in[ns], name)
		w.Roles = append(w.Roles, rbacv1.Role{ObjectMeta: meta(ns, name), Rules: d.rules(1 + d.IntN(4))})
	}
	return in
}

func (d draw) ref(custom []rbacv1.ClusterRole, roles []string) rbacv1.RoleRef {
	if len(roles) > 0 && d.IntN(5) < 3 {
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: pick(d, roles)}
		if d.IntN(100) == 0 {
			ref.Name = "removed-long-ago"
		}
		return ref
	}
	switch n := d.IntN(100); {
	case n < 40:
		return clusterRef("view")
	case n < 65:
		return clusterRef("edit")
	case n < 75:
		return clusterRef("admin")
	}
	return clusterRef(pick(d, custom).Name)
}

// clusterRole gives one in ten a non-resource rule, and one in twenty-five the
// label that adds it to view.
func (d draw) clusterRole(i int) rbacv1.ClusterRole {
	r := rbacv1.ClusterRole{ObjectMeta: meta("", fmt.Sprintf("corp:%s-%03d", pick(d, jobs), i)), Rules: d.rules(1 + d.IntN(6))}
	if i%10 == 3 {
		r.Rules = append(r.Rules, rbacv1.PolicyRule{NonResourceURLs: []string{"/metrics", "/healthz/*"}, Verbs: []string{"get"}})
	}
	if i%25 == 7 {
		r.Labels["rbac.authorization.k8s.io/aggregate-to-view"] = "true"
		r.Rules = []rbacv1.PolicyRule{{APIGroups: []string{"corp.example"}, Resources: []string{fmt.Sprintf("things%d", i)}, Verbs: read}}
	}
	return r
}

func (d draw) rules(n int) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for range n {
		r := rbacv1.PolicyRule{Verbs: pick(d, verbs)}
		of := pick(d, resources)
		r.APIGroups, r.Resources = []string{of.group}, []string{of.name}
		if more := pick(d, resources); more.group == of.group && more.name != of.name {
			r.Resources = append(r.Resources, more.name)
		}
		if d.IntN(6) == 0 {
			r.ResourceNames = []string{pick(d, names), "shared"}
			if r.ResourceNames[0] == "shared" {
				r.ResourceNames = r.ResourceNames[:1]
			}
		}
		out = append(out, r)
	}
	return out
}

var (
	read  = []string{"get", "list", "watch"}
	verbs = [][]string{read, read, read, {"get"}, {"create"}, {"get", "list"}, {"get", "update", "patch"},
		{"delete"}, {"get", "list", "watch", "create", "update", "patch", "delete"}, {"*"}}
	resources = []struct{ group, name string }{
		{"", "pods"}, {"", "pods"}, {"", "pods/log"}, {"", "pods/exec"}, {"", "pods/portforward"}, {"", "secrets"}, {"", "configmaps"},
		{"", "services"}, {"", "events"}, {"", "persistentvolumeclaims"}, {"", "serviceaccounts"},
		{"apps", "deployments"}, {"apps", "deployments/scale"}, {"apps", "statefulsets"}, {"apps", "*"}, {"", "*"},
		{"batch", "jobs"}, {"batch", "cronjobs"}, {"networking.k8s.io", "ingresses"}, {"networking.k8s.io", "networkpolicies"},
		{"rbac.authorization.k8s.io", "rolebindings"}, {"autoscaling", "horizontalpodautoscalers"}, {"*", "*/scale"},
	}
	names  = []string{"app-config", "tls", "registry", "db-password", "shared"}
	jobs   = []string{"deployer", "log-reader", "secret-reader", "debugger", "db-operator", "ci", "oncall", "auditor", "scaler", "release-manager", "support", "batch-runner"}
	apps   = []string{"payments", "search", "checkout", "ledger", "mobile-api", "catalog", "fraud", "ml", "data", "web"}
	stages = []string{"dev", "test", "staging", "prod"}
	teams  = []string{"sre", "payments-dev", "data-eng", "contractors", "platform", "qa", "security", "mobile", "ml-ops", "support"}
	people = []string{"ada", "bo", "chen", "dina", "emre", "fay", "gus", "hana", "ivo", "jun", "kemi", "lars"}
)
