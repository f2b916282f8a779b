package authorizer

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// TestJudgeCorners are differences that random worlds showed once, each in the
// smallest world that has it. The judge says who is right.
func TestJudgeCorners(t *testing.T) {
	reader := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}},
		{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}},
	}}
	wide := func(refKind string, s rbacv1.Subject) *world {
		return &world{ClusterRoles: []*rbacv1.ClusterRole{reader}, ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{
			ObjectMeta: metav1.ObjectMeta{Name: "wide"}, RoleRef: rbacv1.RoleRef{Kind: refKind, Name: "reader"}, Subjects: []rbacv1.Subject{s}}}}
	}
	local := func(s rbacv1.Subject) *world {
		return &world{ClusterRoles: []*rbacv1.ClusterRole{reader}, RoleBindings: []*rbacv1.RoleBinding{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: "local"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}, Subjects: []rbacv1.Subject{s}}}}
	}
	alice := rbacv1.Subject{Kind: rbacv1.UserKind, Name: "alice"}
	everybody := rbacv1.Subject{Kind: rbacv1.GroupKind, Name: "system:authenticated"}
	pods := access.Request{Verb: "get", Resource: "pods", Namespace: "team-a"}
	metrics := access.Request{Verb: "get", URL: "/metrics"}
	for name, tc := range map[string]struct {
		world *world
		user  string
		group string
		q     access.Request
		want  bool
	}{
		"a RoleBinding gives rights in its namespace":          {local(alice), "alice", "", pods, true},
		"a RoleBinding gives no path":                          {local(alice), "alice", "", metrics, false},
		"nor when the question names a namespace":              {local(alice), "alice", "", access.Request{Verb: "get", URL: "/metrics", Namespace: "team-a"}, false},
		"a path is the cluster's, whatever namespace is asked": {wide("ClusterRole", alice), "alice", "", access.Request{Verb: "get", URL: "/metrics", Namespace: "team-a"}, true},
		"a reference without a kind refers to nothing":         {wide("", alice), "alice", "", pods, false},
		"a reference's kind has one spelling":                  {wide("clusterrole", alice), "alice", "", pods, false},
		"a ClusterRoleBinding can't refer to a Role":           {wide("Role", alice), "alice", "", pods, false},
		"a service account of no namespace is nobody":          {wide("ClusterRole", rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: "builder"}), "system:serviceaccount::builder", "", pods, false},
		"whoever logs in is authenticated":                     {wide("ClusterRole", everybody), "alice", "", pods, true},
		"the anonymous user is not":                            {wide("ClusterRole", everybody), "system:anonymous", "", pods, false},
		"nor is who is in the group of those who are not":      {wide("ClusterRole", everybody), "alice", "system:unauthenticated", pods, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := person{Name: "p0", Item: true, Identity: access.Identity{User: tc.user}}
			if tc.group != "" {
				p.Identity.Groups = []string{tc.group}
			}
			tc.world.People = []person{p}
			j := newJudge(tc.world)
			if got, reason := j.allows(login(p.Identity), tc.q); got != tc.want {
				t.Fatalf("the API server says %t: %s", got, reason)
			}
			ask, err := ours(tc.world)
			if err != nil {
				t.Fatal(err)
			}
			if what := differs(tc.world, j, ask(0, tc.q), 0, tc.q); what != "" {
				t.Error(difference{tc.world, 0, tc.q, what})
			}
		})
	}
}
