package authorizer

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/auth/rbac/validation"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// levels and the ClusterRoles that stand for them.
var levels = map[access.Level]string{access.View: "view", access.Edit: "edit", access.Admin: "admin", access.Full: "cluster-admin"}

// yardsticks are the sets of rules that each suffice for a level: the world's own
// role, and AWS's policy of that name.
func yardsticks(w *world, l access.Level, namespace string) (out [][]rbacv1.PolicyRule) {
	own := w.RulesOf(rbacv1.RoleRef{Kind: "ClusterRole", Name: levels[l]}, "")
	if l == access.Full {
		own = everything
	}
	policy, _ := access.PolicyNamed(access.LevelPolicy(l))
	for _, rules := range [][]rbacv1.PolicyRule{own, policy.Rules} {
		if namespace != "" { // paths are not in a namespace
			rules = slices.DeleteFunc(slices.Clone(rules), func(r rbacv1.PolicyRule) bool { return len(r.Resources) == 0 })
		}
		if len(rules) > 0 {
			out = append(out, rules)
		}
	}
	return out
}

// levelled is a world whose people are near to a level: they hold its yardstick in
// pieces, with something less or more.
func (m maker) levelled() *world {
	w := m.World()
	w.ClusterRoles = slices.DeleteFunc(w.ClusterRoles, func(r *rbacv1.ClusterRole) bool {
		return r.Name == "view" || r.Name == "edit" || r.Name == "admin"
	})
	var lower []rbacv1.PolicyRule
	for _, name := range []string{"view", "edit", "admin"} {
		rules := m.Rules(3, false)
		if m.Chance(70) { // as in a real cluster, each has what the one before has
			rules = append(rules, lower...)
		}
		lower = rules
		if m.Chance(90) {
			w.ClusterRoles = append(w.ClusterRoles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
		}
	}
	for i, p := range w.People {
		l := access.Level(m.Between(int(access.View), int(access.Full)))
		sticks := yardsticks(w, l, "")
		if len(sticks) == 0 || m.Chance(20) {
			continue
		}
		subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: p.Identity.User}}
		for j, rules := range m.pieces(sticks[m.IntN(len(sticks))]) {
			name := fmt.Sprint("piece-", i, "-", j)
			ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
			w.ClusterRoles = append(w.ClusterRoles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
			if m.Chance(50) {
				w.ClusterRoleBindings = append(w.ClusterRoleBindings, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: ref, Subjects: subjects})
			} else {
				w.RoleBindings = append(w.RoleBindings, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: name}, RoleRef: ref, Subjects: subjects})
			}
		}
	}
	return w
}

// pieces are rules taken apart, some of them widened, at most one left out, and put
// into one to three roles.
func (m maker) pieces(rules []rbacv1.PolicyRule) [][]rbacv1.PolicyRule {
	var atoms []rbacv1.PolicyRule
	for _, r := range rules {
		atoms = append(atoms, validation.BreakdownRule(r)...)
	}
	if len(atoms) > 0 && m.Chance(50) {
		atoms = without(atoms, m.IntN(len(atoms)))
	}
	out := make([][]rbacv1.PolicyRule, m.Between(1, 3))
	for _, a := range atoms {
		if m.Chance(4) {
			a = m.widened(a)
		}
		i := m.IntN(len(out))
		// Join what differs in its verb only, so that the rules are not all atoms.
		if last := len(out[i]) - 1; last >= 0 && alike(out[i][last], a) {
			out[i][last].Verbs = append(slices.Clone(out[i][last].Verbs), a.Verbs...)
			continue
		}
		out[i] = append(out[i], a)
	}
	return out
}

func alike(a, b rbacv1.PolicyRule) bool {
	a.Verbs, b.Verbs = nil, nil
	return a.String() == b.String()
}

// widened is an atom with one part made wider, or narrower.
func (m maker) widened(a rbacv1.PolicyRule) rbacv1.PolicyRule {
	if len(a.NonResourceURLs) > 0 {
		a.NonResourceURLs = []string{m.Pick([]string{"*", a.NonResourceURLs[0] + "*", "/" + strings.Trim(a.NonResourceURLs[0], "/*")})}
		return a
	}
	_, sub, _ := strings.Cut(a.Resources[0], "/")
	switch m.IntN(5) {
	case 0:
		a.Verbs = []string{"*"}
	case 1:
		a.APIGroups = []string{"*"}
	case 2:
		a.Resources = []string{"*"}
	case 3:
		if sub != "" {
			a.Resources = []string{"*/" + sub}
		}
	case 4:
		a.ResourceNames = []string{m.Pick(rbacworld.Objects)}
	}
	return a
}

// witness is a request that an atom allows and that nothing narrower does: what a
// wildcard or the lack of a name leaves open is filled with words nobody has.
func witness(atom rbacv1.PolicyRule, namespace string) access.Request {
	fresh := func(list []string, word string) string {
		if list[0] == "*" {
			return word
		}
		return list[0]
	}
	q := access.Request{Verb: fresh(atom.Verbs, "ponder")}
	if len(atom.NonResourceURLs) > 0 {
		q.URL = atom.NonResourceURLs[0]
		if prefix, star := strings.CutSuffix(q.URL, "*"); star {
			q.URL = strings.TrimRight(prefix, "*") + "nowhere"
		}
		return q
	}
	q.Namespace, q.Group = namespace, fresh(atom.APIGroups, "nothing.example.org")
	q.Resource, q.Subresource, _ = strings.Cut(atom.Resources[0], "/")
	if q.Resource == "*" {
		q.Resource = "gizmos"
		if atom.Resources[0] == "*" {
			q.Subresource = "dangle"
		}
	}
	if q.Name = "nameless"; len(atom.ResourceNames) > 0 {
		q.Name = atom.ResourceNames[0]
	}
	return q
}
