package access

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Whose plain item somebody takes out while the entry that was made of it stands: said.
func TestReplanPlainItemGone(t *testing.T) {
	dev := itemText("rolearn", role("dev"), "dev", "devs")
	s := s3(t, iamRole(t, role("dev")), binding("carts", "devs", "ClusterRole", "edit", "Group:devs"))
	s.Objects = s.Objects.With(authMap(s3Roles+dev, "[]\n"))
	p := build(t, s, Migrate{})
	n := 0
	for i, st := range p.Steps {
		if st.Key().Name == role("dev") {
			n = i + 1
		}
	}
	now := Project(s, p.Steps[:n]...)
	now.Objects = now.Objects.With(authMap(s3Roles, "[]\n"))
	again, err := Replan(now, p)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(codes(again.Findings), "confirm:item-gone") {
		t.Errorf("not said:\n%s\n%s", signs(again), codes(again.Findings))
	}
}

// Who had the policy already is not bound to a role because somebody else was.
func TestReplanLikewise(t *testing.T) {
	bob, amy := role("bob"), role("amy")
	s := s3(t, iamRole(t, bob), iamRole(t, amy), entry(bob, "bob"), policy(bob, ViewPolicy, "carts"))
	s.Objects = s.Objects.With(authMap(s3Roles+itemText("rolearn", amy, "amy", "amys"), "[]\n"))
	p := build(t, s, GrantAccess{Principal: principal(t, amy), Level: View, Namespaces: []string{"carts"}},
		GrantAccess{Principal: principal(t, bob), Level: View, Namespaces: []string{"carts"}})
	again, err := Replan(s, p)
	if err != nil {
		t.Fatal(err)
	}
	if signs(again) != signs(p) {
		t.Errorf("first\n%s\nsecond\n%s", signs(p), signs(again))
	}
	for _, d := range unlike(Project(s, p.Steps...).Objects, Project(s, again.Steps...).Objects) {
		t.Error(d)
	}
}

// What somebody else took away from whom the stopped plan had given it.
func TestReplanGrantTakenAway(t *testing.T) {
	bob := role("bob")
	s := s3(t, iamRole(t, bob))
	p := build(t, s, GrantAccess{Principal: principal(t, bob), Level: View, Namespaces: []string{"carts"}}, Migrate{})
	now := Project(s, p.Steps[:len(p.Steps)-1]...)
	now = without(without(now, policy(bob, ViewPolicy, "carts").Key()), entry(bob, "").Key())
	again, err := Replan(now, p)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(codes(again.Findings), "confirm:given-again") {
		t.Errorf("not said:\n%s\n%s", signs(again), codes(again.Findings))
	}
}

// Where nobody else has changed anything, a plan made anew asks for nothing but the yes to it.
func TestLawReplanAsksOnlyAfterSomebodyElse(t *testing.T) {
	forWishes(t, func(t *testing.T, r *rand.Rand, s Snapshot, p Plan) {
		for n := range len(p.Steps) + 1 {
			again, err := Replan(Project(s, p.Steps[:n]...), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range again.Findings {
				if f.Code == ItemGone || f.Code == GivenAgain {
					t.Errorf("after %d of %d: %s %v\n%s\n%s", n, len(p.Steps), f.Code, f.Args, strings.Join(p.Intents, "\n"), signs(p))
				}
			}
		}
	})
}
