package access

import (
	"slices"
	"strings"
	"testing"
)

// The orders that guides show: each must be refused, with the step that breaks it.
func TestGuardRefusesTheOrdersOfTheGuides(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	bare := func(st Step) Step {
		e := st.After.(AccessEntry)
		e.Groups = nil
		return Step{After: e, Why: WhyEntry}
	}
	entry, policy, retire := bare(p.Steps[1]), p.Steps[2], p.Steps[5]
	for name, steps := range map[string][]Step{
		"delete the mapping first":           {retire, entry, policy},
		"create, associate, delete":          {entry, policy, retire},
		"create without a policy":            {entry, retire},
		"drop the bridge before the policy":  {p.Steps[0], p.Steps[1], p.Steps[3], policy, retire},
		"drop the binding before the policy": {p.Steps[0], p.Steps[1], p.Steps[4], policy, p.Steps[3]},
	} {
		t.Run(name, func(t *testing.T) {
			fs := Guard(s, Plan{Steps: steps}, []Principal{principal(t, role("eks-workshop-admins"))})
			if !refused(fs) {
				t.Errorf("let through: %+v", fs)
			}
		})
	}
	if fs := Guard(s, p, []Principal{principal(t, role("eks-workshop-admins"))}); refused(fs) {
		t.Errorf("the bridge itself: %+v", fs)
	}
}

func TestGuardKeepsNodes(t *testing.T) {
	s := s3(t)
	am, _ := s.AuthMap()
	gone := Step{Before: am, After: authMap("[]\n", "[]\n")}
	if got := codes(Guard(s, Plan{Steps: []Step{gone}}, nil)); !strings.Contains(got, "refuse:nodes-lose") {
		t.Errorf("got %s", got)
	}
}

func TestGuardSaysWhenTheCallerLoses(t *testing.T) {
	s := s3(t)
	off := policy(role("platform-admin"), ClusterAdminPolicy)
	fs := Guard(s, Plan{Steps: []Step{{Before: off}}}, nil)
	i := slices.IndexFunc(fs, func(f Finding) bool { return f.Code == CallerLoses })
	if i < 0 || fs[i].Severity != Confirm {
		t.Errorf("got %+v", fs)
	}
}

func TestGuardSeesTheLastAdministratorGo(t *testing.T) {
	s := s3(t)
	am, _ := s.AuthMap()
	node := s3Roles[:strings.Index(s3Roles, "- rolearn: "+role("eks-workshop-admins"))]
	steps := []Step{{Before: policy(role("platform-admin"), ClusterAdminPolicy)}, {Before: am, After: authMap(node, "[]\n")}}
	if got := codes(Guard(s, Plan{Steps: steps}, nil)); !strings.Contains(got, "refuse:no-admin-left") {
		t.Errorf("got %s", got)
	}
}

func TestInverseOfTheBridgeIsSafeToo(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	for n := range len(p.Steps) + 1 {
		at := Project(s, p.Steps[:n]...)
		back, err := Inverse(p.Steps[:n])
		if err != nil {
			t.Fatal(err)
		}
		undo, err := BuildSteps(at, back)
		if err != nil || undo.Refused() {
			t.Errorf("undo after %d steps: %v %+v", n, err, undo.Findings)
		}
		if n == len(p.Steps) && (len(undo.Expect) == 0 || undo.Expect[0].Policies) {
			t.Errorf("an undo is proven too: %+v", undo.Expect)
		}
		was := Project(at, back...)
		for o := range s.Objects.All() {
			k := o.Key()
			if !Same(o, was.Objects.At(k)) {
				t.Errorf("undo after %d steps leaves %v, want %v", n, was.Objects.At(k), o)
			}
		}
	}
}

func refused(fs []Finding) bool { return Plan{Findings: fs}.Refused() }

// What was accepted can be applied from its file and taken back: the window is in
// the steps, not in the findings of the moment.
func TestAPlanWithoutABridgeCanBeUndone(t *testing.T) {
	s := s3(t, clusterRole("ops", rule("*", "", "configmaps")), binding("", "ops", "ClusterRole", "ops", "Group:ops"),
		entry(role("platform-admin"), "", "ops"), entry(role("root-admin"), ""), policy(role("root-admin"), ClusterAdminPolicy), iamRole(t, role("root-admin")))
	s = without(s, policy(role("platform-admin"), ClusterAdminPolicy).Key())
	p := build(t, s, Migrate{})
	again, err := BuildSteps(s, p.Steps)
	if err != nil || again.Refused() || !slices.Contains(again.Confirms(), NoBridge) {
		t.Errorf("from its file: %v %s", err, codes(again.Findings))
	}
	back, err := Inverse(p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	undo, err := BuildSteps(Project(s, p.Steps...), back)
	if err != nil || undo.Refused() || !slices.Contains(undo.Confirms(), NoBridge) {
		t.Errorf("undo: %v %s", err, codes(undo.Findings))
	}
}
