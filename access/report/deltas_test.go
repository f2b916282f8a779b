package report_test

import (
	"fmt"
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
