package scale

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// defaults is what a new API server holds before anybody made anything: the bench
// has it word for word from kube-apiserver 1.36.3.
var defaults = sync.OnceValue(func() World {
	b := sim.New(sim.World{
		Callers: []sim.Caller{{Key: "AKIADEFAULTS000001", ARN: "arn:aws:iam::" + Account + ":user/reader"}},
		Clusters: []sim.Cluster{{Name: ClusterName, Account: Account, Region: Region, Mode: "API_AND_CONFIG_MAP",
			AWSAuth: map[string]string{"mapUsers": "- {userarn: \"arn:aws:iam::" + Account + ":user/reader\", username: reader, groups: [\"system:masters\"]}"}}},
	}, sim.Options{})
	key, _ := b.Caller()
	token := b.Token(key, ClusterName)
	var w World
	list := func(path string, into any) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		b.Kubernetes(ClusterName).ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			panic(fmt.Sprintf("the bench answers %s with %d: %s", path, answer.Code, answer.Body))
		}
		if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
			panic(err)
		}
	}
	const rbac = "/apis/rbac.authorization.k8s.io/v1/"
	var namespaces corev1.NamespaceList
	list("/api/v1/namespaces", &namespaces)
	var roles rbacv1.RoleList
	list(rbac+"roles", &roles)
	var clusterRoles rbacv1.ClusterRoleList
	list(rbac+"clusterroles", &clusterRoles)
	var bindings rbacv1.RoleBindingList
	list(rbac+"rolebindings", &bindings)
	var clusterBindings rbacv1.ClusterRoleBindingList
	list(rbac+"clusterrolebindings", &clusterBindings)
	w.Namespaces, w.Roles, w.ClusterRoles = namespaces.Items, roles.Items, clusterRoles.Items
	w.RoleBindings, w.ClusterRoleBindings = bindings.Items, clusterBindings.Items
	return w
})

// aggregated returns the ClusterRoles with the rules that the controller writes
// into those that select others, in order of name (kubernetes
// pkg/controller/clusterroleaggregation). An aggregated role may select another
// one, so it goes on until nothing changes.
func aggregated(all []rbacv1.ClusterRole) []rbacv1.ClusterRole {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b rbacv1.ClusterRole) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for changed := true; changed; {
		changed = false
		for i := range all {
			if all[i].AggregationRule == nil {
				continue
			}
			rules := selected(all[i], all)
			if !equality.Semantic.DeepEqual(rules, all[i].Rules) {
				all[i].Rules, changed = rules, true
			}
		}
	}
	return all
}

func selected(r rbacv1.ClusterRole, all []rbacv1.ClusterRole) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, s := range r.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		if err != nil {
			panic(err) // of a default role
		}
		for _, other := range all {
			if other.Name == r.Name || !selector.Matches(labels.Set(other.Labels)) {
				continue
			}
			for _, rule := range other.Rules {
				if !slices.ContainsFunc(out, func(have rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(have, rule) }) {
					out = append(out, rule)
				}
			}
		}
	}
	return out
}
