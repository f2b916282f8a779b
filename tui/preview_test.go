package tui

import (
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// What can't be proven from here has no tick, in the list and beside a step.
func TestWhatCanNotBeProvenHasNoTick(t *testing.T) {
	who, _ := access.ParsePrincipal(roleARN("eks-workshop-admins"))
	other, _ := access.ParsePrincipal(roleARN("security-audit"))
	asks := func(p access.Principal, verb string) access.Expect {
		return access.Expect{Principal: p, Request: access.Request{Verb: verb, Resource: "pods"}, Want: true, Policies: true}
	}
	plan := access.Plan{
		Steps: []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"},
			First: []access.Expect{asks(who, "get"), asks(other, "get"), asks(who, "list"), asks(who, "watch"), asks(other, "list")}}},
		Findings: []access.Finding{{Code: access.NotProvable, Severity: access.Warn, Args: []string{who.String()}}},
	}
	p := newPreview([]wish{migration("")}, "c").take(planned{plan: plan})
	for _, s := range []size{{80, 21}, {120, 37}, {200, 47}} {
		got := strings.Join(p.view(s, &theme{}), "\n")
		for _, l := range strings.Split(got, "\n") {
			if strings.Contains(l, "✓") && strings.Contains(l, "eks-workshop-admins") {
				t.Errorf("%dx%d: %s", s.w, s.h, l)
			}
		}
		if !strings.Contains(got, "? not provable from here: eks-workshop-admins may get") || !strings.Contains(got, "✓ prove first: security-audit may get") {
			t.Errorf("%dx%d:\n%s", s.w, s.h, got)
		}
	}
	rows := p.stepRows()
	if len(rows) != 3 || !strings.HasSuffix(rows[0].text, "and 2 more") || !strings.HasSuffix(rows[1].text, "and 1 more") {
		t.Errorf("%+v", rows)
	}
}

// The boxes of what must be accepted are explained where they stand, each that is there.
func TestBoxesAreExplained(t *testing.T) {
	step := []access.Step{{After: access.Namespace{In: kubeRealm, Name: "x"}}}
	asks, door := access.Finding{Code: access.NoBridge, Severity: access.Confirm, Args: []string{roleARN("a")}}, access.Finding{Code: access.MadeAnew, Severity: access.Confirm}
	for _, s := range []size{{40, 7}, {80, 21}, {120, 37}} {
		show := func(fs ...access.Finding) string {
			p := newPreview(nil, "c").take(planned{plan: access.Plan{Steps: step, Findings: fs}})
			p.focus = onFindings
			return strings.Join(p.view(s, &theme{}), "\n")
		}
		const space, a = "[ ] space accepts", "[a] a asks for it"
		if got := show(asks, door); !strings.Contains(got, space+"  "+a) {
			t.Errorf("%dx%d: neither is explained:\n%s", s.w, s.h, got)
		}
		if got := show(asks); !strings.Contains(got, space) || strings.Contains(got, a) {
			t.Errorf("%dx%d:\n%s", s.w, s.h, got)
		}
		if got := show(door); strings.Contains(got, space) || !strings.Contains(got, a) {
			t.Errorf("%dx%d:\n%s", s.w, s.h, got)
		}
		if got := show(); strings.Contains(got, space) || strings.Contains(got, a) {
			t.Errorf("%dx%d:\n%s", s.w, s.h, got)
		}
	}
}

// To which mode is migrated can be changed: the key stands at the foot of a usual terminal.
func TestModeOfAMigrationIsAtTheFoot(t *testing.T) {
	drive(t, &fake{snap: workshop()}, 80, 24).keys("down", "m", "p").sees("t on to API", "e export", "esc back").keys("t").sees("t not to API").keys("t").sees("t on to API", "6 steps")
}

// How many lose, gain and keep what is said before who.
func TestPreviewCountsWhomItReaches(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}} {
		drive(t, &fake{snap: workshop()}, s.w, s.h).keys("down", "m", "p", "tab", "tab").sees("others keep exactly what they have")
	}
}
