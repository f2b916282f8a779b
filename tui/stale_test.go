package tui

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// An answer about a cluster that is not shown any more is not taken, and asked again.
func TestAnswersAboutAnOlderClusterAreAskedAgain(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("/").text("level>=full").keys("enter").sees("2 of 9")
	m := d.app.stack[0].(matrix)
	m.spans = nil
	older := access.NewIndex(workshop())
	next, e := m.update(measured{older, make([]span, len(m.w.lines))})
	if next.(matrix).spans != nil || e != (measure{}) {
		t.Errorf("taken: %v, then %#v", next.(matrix).spans, e)
	}
	y := newContrast(m.w, m.w.lines[0], m.w.lines[1], "")
	for _, msg := range []contrasted{{older, y.ids, access.Contrast{}}, {m.w.ix, [2]string{"a", "b"}, access.Contrast{}}} {
		if next, e := y.update(msg); next.(contrast).made || e != (compare{y.ids}) {
			t.Errorf("taken: %v, then %#v", next.(contrast).made, e)
		}
	}
}

// One big answer is made at a time.
func TestOneBigAnswerAtATime(t *testing.T) {
	a := newApp(t.Context(), &fake{snap: workshop()}, Options{})
	if a.measure() == nil || a.measure() != nil {
		t.Error("measured twice at once")
	}
	if a.compare([2]string{}) == nil || a.compare([2]string{}) != nil {
		t.Error("compared twice at once")
	}
	a.result(measured{})
	a.result(contrasted{})
	if a.measure() == nil || a.compare([2]string{}) == nil {
		t.Error("never again")
	}
}

func TestHalfAClusterHasNoFindings(t *testing.T) {
	s := workshop()
	if len(survey(s, nil).findings) == 0 {
		t.Fatal("nothing is found at all")
	}
	s.Gaps = append(s.Gaps, access.Gap{Realm: kubeRealm, Kind: access.RoleKind, Why: access.Loading})
	if fs := survey(s, nil).findings; len(fs) > 0 {
		t.Errorf("found while roles are read: %v", fs)
	}
}

// The cluster's word says too that some sessions have more, and is no nothing.
func TestWordOfSomeSessions(t *testing.T) {
	s := workshop()
	for role, sub := range map[string]rbacv1.Subject{"view": {Kind: "Group", Name: "orders-oncall"}, "edit": {Kind: "User", Name: "oncall:heidi"}} {
		sub.APIGroup = rbacv1.GroupName
		s.Objects = s.Objects.With(access.Binding{In: kubeRealm, Name: role, Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}, Subjects: []rbacv1.Subject{sub}})
	}
	drive(t, &fake{snap: s}, 120, 40).keys("/").text("oncall").keys("enter").sees("[View']")
	in := newTheme(true, 0, Options{}).inks
	in.dim = ink{"dim", ""}
	if c := (access.Cell{InForce: true, Depends: []access.More{{Level: access.Edit}}}); in.level(c) == in.dim {
		t.Error("what some sessions have is as quiet as nothing")
	}
}

// Why opens where the person is, if that is one of the places.
func TestWhyOfAReachIsWhereThePersonIs(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("right", "right", "right", "w").text("get pods").keys("enter", "a", "/").text("carts-dev").keys("enter", "enter")
	d.sees("carts-developers  in namespace checkout")
}
