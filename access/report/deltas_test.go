package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestDeltasPutLosersFirst(t *testing.T) {
	discovery := []access.Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/version"}}, rule("create", "authorization.k8s.io", "selfsubjectaccessreviews")}
	var many []access.Rule
	for i := range 14 {
		many = append(many, rule("get", "", fmt.Sprintf("resource%02d", i)))
	}
	step := access.Step{After: access.AccessEntry{In: eksR, Principal: nodes}}
	golden(t, "deltas", text(report.Deltas(access.Plan{Steps: []access.Step{step}, Deltas: []access.Delta{
		{Principal: parse(t, carts), Namespace: "ui", Was: access.View, Is: access.Edit, Gained: many},
		{Principal: parse(t, sso), Gained: discovery},
		{Principal: parse(t, admins), Was: access.Full, Is: access.Full, Lost: []access.Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}},
		{Principal: parse(t, admins), Namespace: "ui", Was: access.View, Is: access.View, Lost: many, Gained: many[:1]},
		{Principal: parse(t, "arn:aws:iam::"+account+":user/dana"), Lost: discovery},
	}})))
}

// Where the same is lost and gained the rules stand once, for all these namespaces; what
// differs in a level, a rule or a session stays apart, and the whole cluster is no namespace.
func TestNamespacesThatLoseTheSameAreTold(t *testing.T) {
	pods, secrets := []access.Rule{rule("get", "", "pods")}, []access.Rule{rule("get", "", "secrets")}
	dev, dana := parse(t, carts), parse(t, "arn:aws:iam::"+account+":user/dana")
	got := text(report.Deltas(access.Plan{Impact: access.Impact{Lose: 2}, Deltas: []access.Delta{
		{Principal: dev, Was: access.View, Lost: pods},
		{Principal: dev, Namespace: "carts", Was: access.View, Lost: pods},
		{Principal: dev, Namespace: "catalog", Was: access.Edit, Lost: pods},
		{Principal: dev, Namespace: "orders", Was: access.View, Lost: secrets},
		{Principal: dev, Namespace: "test", Was: access.View, Lost: pods, When: &access.Condition{Variable: "SessionName", Value: "alice"}},
		{Principal: dev, Namespace: "ui", Was: access.View, Lost: pods},
		{Principal: dana, Namespace: "ui", Was: access.View, Lost: pods},
	}}))
	for _, want := range []string{"View → none  in the whole cluster\n", "View → none  in carts and ui\n", "Edit → none  in catalog\n", "View → none  in orders\n", "  in test, ", "dana  View → none  in ui\n"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q stands %d times in\n%s", want, strings.Count(got, want), got)
		}
	}
	if n := strings.Count(got, "get  pods"); n != 5 {
		t.Errorf("pods stand %d times in\n%s", n, got)
	}
}

// How many a plan reaches is said once: who keeps what it has needs no second sentence
// that it neither loses nor gains.
func TestReach(t *testing.T) {
	touched := []access.Step{{After: access.AccessEntry{In: eksR, Principal: admins}}}
	already := []access.Intent{access.GrantAccess{Principal: parse(t, admins)}}
	dana := parse(t, "arn:aws:iam::"+account+":user/dana")
	for want, p := range map[string]access.Plan{
		"eks-workshop-admins and 12 others keep exactly what they have":                                        {Steps: touched, Impact: access.Impact{Keep: 13}},
		"eks-workshop-admins keeps exactly what it has":                                                        {Steps: touched, Impact: access.Impact{Keep: 1}},
		"7 principals keep exactly what they have":                                                             {Impact: access.Impact{Keep: 7}},
		"1 principal loses something; nobody gains anything; 12 keep exactly what they have":                   {Impact: access.Impact{Lose: 1, Keep: 12}},
		"nobody loses anything; 2 gain something; eks-workshop-admins and 1 other keep exactly what they have": {Steps: touched, Impact: access.Impact{Gain: 2, Keep: 2}},
		"2 principals lose something; eks-workshop-admins keeps exactly what it has":                           {Steps: touched, From: already, Impact: access.Impact{Lose: 2, Keep: 1}},
		"1 principal loses something; 1 gains something":                                                       {Impact: access.Impact{Lose: 1, Gain: 1}},
	} {
		if got := report.Deltas(p)[0].Text; got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	lines := text(report.Preview(access.Plan{Steps: touched, Impact: access.Impact{Gain: 1, Keep: 3}, Deltas: []access.Delta{{Principal: dana, Is: access.View}}}, false))
	if strings.Count(lines, "keep") != 1 || !strings.Contains(lines, "dana  none → View") || strings.Contains(lines, "everyone else") {
		t.Errorf("a preview says\n%s", lines)
	}
}

// A gain of discovery alone is no gain in the headline; its loss is a loss.
func TestLoggingInIsNoPermission(t *testing.T) {
	discovery := []access.Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api"}}}
	step := []access.Step{{After: access.AccessEntry{In: eksR, Principal: admins}}}
	for want, d := range map[string]access.Delta{
		"1 principal · 1 step · nobody loses anything":                                           {Principal: parse(t, admins), Gained: discovery},
		"eks-workshop-admins loses some permissions in the whole cluster · 1 principal · 1 step": {Principal: parse(t, admins), Lost: discovery},
	} {
		if got := report.Headline(access.Plan{Steps: step, Deltas: []access.Delta{d}}); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
