package authorizer

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/component-helpers/auth/rbac/validation"
	rbacregistry "k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// resolved are the rules that upstream's resolver finds for a user in a scope.
func resolved(w *world, u user.Info, namespace string) []rbacv1.PolicyRule {
	resolver, _ := rbacregistry.NewTestRuleResolver(w.Roles, w.RoleBindings, w.ClusterRoles, w.ClusterRoleBindings)
	rules, _ := resolver.RulesFor(context.Background(), u, namespace) // a missing role is an error, and no rules
	return rules
}

// everybodys is a cluster with nothing but upstream's own roles and bindings: what a
// user without any right may do there, everybody may.
func everybodys() judge {
	w := &world{}
	for _, r := range bootstrappolicy.ClusterRoles() {
		w.ClusterRoles = append(w.ClusterRoles, &r)
	}
	for _, b := range bootstrappolicy.ClusterRoleBindings() {
		w.ClusterRoleBindings = append(w.ClusterRoleBindings, &b)
	}
	return newJudge(w)
}

// everyonesRules are pieces of what everybody may.
func (m maker) everyonesRules() []rbacv1.PolicyRule {
	var all []rbacv1.PolicyRule
	for _, r := range bootstrappolicy.ClusterRoles() {
		if slices.Contains([]string{"system:basic-user", "system:discovery", "system:public-info-viewer"}, r.Name) {
			all = append(all, r.Rules...)
		}
	}
	return m.pieces(all)[0]
}

// TestJudgeLevel: a cell's level is what upstream's Covers says of upstream's rules,
// and what the level promises, upstream's authorizer allows.
func TestJudgeLevel(t *testing.T) {
	m := newMaker(*seed + 5)
	m.Valid, m.Plain = true, true
	all := everybodys()
	seen := map[access.Level]int{}
	promised, withheld := 0, 0
	for range *worlds / 40 {
		w := m.levelled()
		for i, r := range w.ClusterRoles {
			if m.Chance(15) && r.Name[:2] != "pi" {
				w.ClusterRoles[i].Rules = m.everyonesRules()
			}
		}
		ix, j := access.NewIndex(w.Snapshot()), newJudge(w)
		for who, p := range w.People {
			row, err := rbacworld.RowOf(ix, p)
			if err != nil {
				t.Fatal(err)
			}
			u := login(p.Identity)
			for _, ns := range []string{"", "elsewhere", "team-a", m.Pick(rbacworld.Namespaces)} {
				got, rules := ix.Cell(row, ns).Level, resolved(w, u, ns)
				seen[got]++
				fail := func(q access.Request, why string) {
					t.Helper()
					t.Fatalf("seed %d: cell %q says %s: %s", *seed+5, ns, got, difference{w, who, q, why})
				}
				want := access.Some // None and Some are one to Covers
				for l := access.View; l <= access.Full; l++ {
					for _, stick := range yardsticks(w, l, ns) {
						ok, rest := validation.Covers(rules, stick)
						if ok || p.Identity.Super() {
							want = l
							continue
						}
						if withheld++; l > got {
							q := witness(rest[m.IntN(len(rest))], ns)
							if yes, reason := j.allows(u, q); yes {
								fail(q, fmt.Sprintf("not %s, yet %s", l, reason))
							}
						}
					}
				}
				if max(got, access.Some) != want {
					fail(access.Request{}, "Covers says "+want.String())
				}
				if sticks := yardsticks(w, got, ns); got >= access.View {
					var why string
					ok := slices.ContainsFunc(sticks, func(want []rbacv1.PolicyRule) bool {
						for range 8 {
							q := m.Drawn(want[m.IntN(len(want))])
							if q.URL == "" {
								q.Namespace = ns
							}
							if yes, _ := j.allows(u, q); !yes {
								why = fmt.Sprintf("%s allows %+v, the API server does not", got, q)
								return false
							}
							promised++
						}
						return true
					})
					if !ok {
						fail(access.Request{}, why)
					}
				}
				if !p.Identity.Node() {
					checkSome(t, all, j, u, rules, ns, got, fail)
				}
			}
		}
	}
	t.Logf("seed %d: cells by level %v, %d requests promised, %d withheld", *seed+5, seen, promised, withheld)
	for l := access.None; l <= access.Full; l++ {
		if seen[l] < 10 {
			t.Errorf("level %s was seen %d times only", l, seen[l])
		}
	}
}

// checkSome: None has nothing beyond everybody's, and Some has.
func checkSome(t *testing.T, all, j judge, u user.Info, rules []rbacv1.PolicyRule, ns string, got access.Level, fail func(access.Request, string)) {
	t.Helper()
	if got > access.Some {
		return
	}
	nobody, beyond := login(access.Identity{User: "nobody"}), false
	for _, r := range rules {
		for _, atom := range validation.BreakdownRule(r) {
			q := witness(atom, ns)
			if q.URL != "" && ns != "" {
				continue // a path is the cluster's
			}
			yes, reason := j.allows(u, q)
			if !yes {
				fail(q, "the judges disagree about "+atom.String())
			}
			if ok, _ := all.allows(nobody, q); !ok {
				if beyond = true; got == access.None {
					fail(q, "beyond what everybody may: "+reason)
				}
			}
		}
	}
	if got == access.Some && !beyond {
		fail(access.Request{}, "nothing beyond what everybody may")
	}
}
