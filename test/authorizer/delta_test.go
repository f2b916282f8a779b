package authorizer

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/component-helpers/auth/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"github.com/eks-access/kubectl-eks-access/access"
)

// changed is the world with a few things changed: what a person would edit, delete or
// add, and people who arrive as somebody else.
func (m maker) changed(w *world) *world {
	c := *w
	for range m.Between(0, 4) {
		switch m.IntN(6) {
		case 0:
			if len(c.RoleBindings) > 0 {
				c.RoleBindings = without(c.RoleBindings, m.IntN(len(c.RoleBindings)))
			}
		case 1:
			if len(c.ClusterRoleBindings) > 0 {
				c.ClusterRoleBindings = without(c.ClusterRoleBindings, m.IntN(len(c.ClusterRoleBindings)))
			}
		case 2:
			if len(c.ClusterRoles) > 0 {
				i := m.IntN(len(c.ClusterRoles))
				r := *c.ClusterRoles[i]
				r.Rules = m.nearly(r.Rules, false)
				c.ClusterRoles = swapped(c.ClusterRoles, i, &r)
			}
		case 3:
			if len(c.Roles) > 0 {
				i := m.IntN(len(c.Roles))
				r := *c.Roles[i]
				r.Rules = m.nearly(r.Rules, true)
				c.Roles = swapped(c.Roles, i, &r)
			}
		case 4:
			if more := m.World().RoleBindings[0]; !slices.ContainsFunc(c.RoleBindings, func(b *rbacv1.RoleBinding) bool { return b.Namespace == more.Namespace && b.Name == more.Name }) {
				c.RoleBindings = append(slices.Clone(c.RoleBindings), more)
			}
		case 5:
			i := m.IntN(len(c.People))
			p := m.Person(i, c.Named())
			c.People = swapped(c.People, i, p)
		}
	}
	return &c
}

// nearly are rules with a piece less, more or wider.
func (m maker) nearly(rules []rbacv1.PolicyRule, namespaced bool) []rbacv1.PolicyRule {
	if m.Chance(30) {
		return append(slices.Clone(rules), m.Rule(namespaced))
	}
	return m.pieces(rules)[0]
}

// projected is a snapshot after the steps to another, as a plan foretells it.
func projected(from, to access.Snapshot) access.Snapshot {
	var steps []access.Step
	for o := range from.Objects.All() {
		if to.Objects.At(o.Key()) == nil {
			steps = append(steps, access.Step{Before: o})
		}
	}
	for o := range to.Objects.All() {
		if was := from.Objects.At(o.Key()); !access.Same(was, o) {
			steps = append(steps, access.Step{Before: was, After: o})
		}
	}
	return access.Project(from, steps...)
}

// TestJudgeCompare: what Compare says a principal loses or gains is what upstream's
// authorizer stops or begins to allow, request by request, and nothing else.
func TestJudgeCompare(t *testing.T) {
	m := newMaker(*seed + 6)
	m.Valid, m.Plain = true, true
	lost, gained, kept, deltas, witnesses := 0, 0, 0, 0, 0
	for range *worlds / 2 {
		w := m.World()
		c := m.changed(w)
		was, is := access.NewIndex(w.Snapshot()), access.NewIndex(c.Snapshot())
		before, after := newJudge(w), newJudge(c)
		ask, err := answers(access.NewIndex(projected(w.Snapshot(), c.Snapshot())), c)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]map[string]access.Delta{}
		for _, d := range access.Compare(was, is) {
			if said[d.Principal.ARN] == nil {
				said[d.Principal.ARN] = map[string]access.Delta{}
			}
			said[d.Principal.ARN][d.Namespace] = d
			deltas++
		}
		for who := range w.People {
			a, b := login(w.People[who].Identity), login(c.People[who].Identity)
			of := said[w.People[who].ARN()]
			fail := func(q access.Request, what string) {
				t.Helper()
				t.Fatalf("seed %d: %s\nbefore%s\nafter%s\nsaid %+v", *seed+6, what, difference{w, who, q, ""}, difference{c, who, q, ""}, of)
			}
			for range *requests / 4 {
				q := m.Request(w, w.People[who])
				if m.Chance(50) {
					q = m.Request(c, c.People[who])
				}
				if q.URL != "" {
					q.Namespace = "" // as it is asked
				}
				yes, _ := before.allows(a, q)
				still, _ := after.allows(b, q)
				if what := differs(c, after, ask(who, q), who, q); what != "" {
					fail(q, "as a plan foretells it: "+what)
				}
				// What is lost or gained in the whole cluster is said once, for the cluster.
				told := func(rules func(access.Delta) []access.Rule) bool {
					return rbac.RulesAllow(asked(a, q), rules(of[""])...) || rbac.RulesAllow(asked(a, q), rules(of[q.Namespace])...)
				}
				switch {
				case yes && !still:
					if lost++; !told(func(d access.Delta) []access.Rule { return d.Lost }) {
						fail(q, "lost, and not said")
					}
				case !yes && still:
					if gained++; !told(func(d access.Delta) []access.Rule { return d.Gained }) {
						fail(q, "gained, and not said")
					}
				default:
					kept++
				}
			}
			check := func(ns string, rules []access.Rule, with, without judge, as, then user.Info) {
				t.Helper()
				for _, r := range rules {
					for _, atom := range validation.BreakdownRule(r) {
						q := witness(atom, ns)
						may, _ := with.allows(as, q)
						might, _ := without.allows(then, q)
						if witnesses++; !may || might {
							fail(q, "said to change in \""+ns+"\", and does not: "+atom.String())
						}
					}
				}
			}
			for ns, d := range of {
				check(ns, d.Lost, before, after, a, b)
				check(ns, d.Gained, after, before, b, a)
			}
		}
	}
	t.Logf("seed %d: %d requests lost, %d gained, %d kept; %d deltas, %d of their atoms witnessed", *seed+6, lost, gained, kept, deltas, witnesses)
	if lost < *worlds || gained < *worlds/2 || witnesses < *worlds {
		t.Error("too little changed")
	}
}
