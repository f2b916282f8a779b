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

// How many lose, gain and keep what is said before who.
func TestPreviewCountsWhomItReaches(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}} {
		drive(t, &fake{snap: workshop()}, s.w, s.h).keys("down", "m", "p", "tab", "tab").sees("others keep exactly what they have")
	}
}
