package authorizer

import (
	"fmt"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// TestLawGaps: what could not be read never comes out as a plain no, nor as a yes.
func TestLawGaps(t *testing.T) {
	m := newMaker(*seed + 3)
	kinds := []access.Kind{access.RoleKind, access.ClusterRoleKind, access.RoleBindingKind, access.ClusterRoleBindingKind}
	said := map[string]int{}
	for range *worlds / 2 {
		w := m.World()
		// The API server keeps cluster-admin whole, so that an unread one may be taken to be.
		w.ClusterRoles = append(slices.DeleteFunc(w.ClusterRoles, func(r *rbacv1.ClusterRole) bool { return r.Name == "cluster-admin" }),
			&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "cluster-admin"}, Rules: everything})
		missing := kinds[m.IntN(len(kinds))]
		ask, err := unread(missing)(w)
		if err != nil {
			t.Fatal(err)
		}
		j := newJudge(w)
		for range *requests / 2 {
			who := m.IntN(len(w.People))
			q := m.Request(w, w.People[who])
			got := ask(who, q)
			want, reason := j.allows(login(w.People[who].Identity), q)
			switch {
			case got.yes && !want:
				t.Fatalf("seed %d: without any %s a yes (%v): %s", *seed+3, missing, got.why, difference{w, who, q, ""})
			case !got.yes && want && len(got.unknown) == 0:
				t.Fatalf("seed %d: without any %s a plain no, but %s: %s", *seed+3, missing, reason, difference{w, who, q, ""})
			}
			said[fmt.Sprintf("%t with %t for %t", got.yes, len(got.unknown) > 0, want)]++
		}
	}
	t.Logf("seed %d: %v", *seed+3, said)
	for _, s := range []string{"true with false for true", "false with true for true", "false with true for false", "false with false for false"} {
		if said[s] == 0 {
			t.Errorf("never %s", s)
		}
	}
}

// everything is the rules of cluster-admin.
var everything = []rbacv1.PolicyRule{
	{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
	{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
}

// unread answers from what is left when the objects of a kind could not be read.
func unread(kind access.Kind) answerer {
	return func(w *world) (func(int, access.Request) answer, error) {
		s := w.Snapshot()
		left := slices.DeleteFunc(slices.Collect(s.Objects.All()), func(o access.Object) bool { return o.Key().Kind == kind })
		s.Objects = access.Objects{}.With(left...)
		s.Gaps = []access.Gap{{Realm: rbacworld.KubeRealm, Kind: kind, Why: access.Denied}}
		return answers(access.NewIndex(s), w)
	}
}
