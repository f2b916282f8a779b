package report_test

import (
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

const bridge = "eks-access-bridge-7f3a91c2"

// migration is the plan of the story "from aws-auth to access entries", by hand.
func migration(t testing.TB) access.Plan {
	p := parse(t, admins)
	entry := access.AccessEntry{In: eksR, Principal: admins, Type: "STANDARD", Username: "cluster-admin"}
	bridged := entry
	bridged.Groups = []string{bridge}
	policy := access.PolicyAssociation{In: eksR, Principal: admins, Policy: access.PolicyARN("aws", access.ClusterAdminPolicy), Scope: access.PolicyScope{Cluster: true}}
	binding := bind("", bridge, "ClusterRole", "cluster-admin", bridge)
	am := access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles, "mapUsers": "[]\n"}}
	start, end := strings.Index(mapRoles, "- rolearn: "+admins), strings.Index(mapRoles, "- rolearn: arn:aws:iam::"+account+":role/teams")
	less := access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles[:start] + mapRoles[end:], "mapUsers": "[]\n"}}
	proof := []access.Expect{
		{Principal: p, Object: entry, Want: true},
		{Principal: p, Object: policy, Want: true},
		{Principal: p, Identity: access.Identity{User: "cluster-admin"}, Request: access.Request{Verb: "get", Resource: "pods", Namespace: "carts"}, Want: true, Policies: true},
	}
	return access.Plan{
		Cluster: access.Cluster{In: eksR, Name: "eks-workshop"},
		Intents: []string{"migrate every mapping in force to access entries"},
		Steps: []access.Step{
			{After: binding, Why: access.WhyBridge, Args: []string{bridge}},
			{After: bridged, Why: access.WhyEntryBridged, Args: []string{admins}},
			{After: policy, Why: access.WhyPolicy, Args: []string{access.ClusterAdminPolicy, ""}},
			{Before: bridged, After: entry, First: proof[1:2], Settle: true, Why: access.WhyBridgeOff, Args: []string{admins}},
			{Before: binding, Why: access.WhyBridgeDrop, Args: []string{bridge}},
			{Before: am, After: less, First: proof, Why: access.WhyRetire, Args: []string{admins}},
		},
		Expect: append(proof, access.Expect{Identity: access.Identity{User: "k8s-test-user"}, Request: access.Request{Verb: "list", Group: "apps", Resource: "deployments", Namespace: "default"}}),
		Findings: []access.Finding{
			{Code: access.MastersToPolicy, Severity: access.Info, Args: []string{admins}},
			{Code: access.NodeLeft, Severity: access.Warn, Args: []string{nodes}},
			{Code: access.NotProvable, Severity: access.Info, Args: []string{admins}},
			{Code: access.OneWayMode, Severity: access.Confirm, Args: []string{"API_AND_CONFIG_MAP", "API"}},
		},
	}
}

// grant gives one team a namespace, with everything a grant may have to make.
func grant(t testing.TB) access.Plan {
	team := "arn:aws:iam::" + account + ":role/team-a-developer"
	role := access.Role{In: kubeR, Namespace: "test", Name: "k8s-test-role", Rules: []access.Rule{rule("get list", "", "pods"), rule("*", "*", "*")},
		Meta: access.Meta{Labels: map[string]string{"team": "a"}}}
	was := bind("test", "k8s-test-rolebinding", "Role", "k8s-test-role", "others")
	is := was
	is.Subjects = append(is.Subjects[:1:1], rbac("User", "k8s-test-user"))
	am := access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles}}
	more := access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles + "- rolearn: " + team + "\n  username: k8s-test-user\n"}}
	scope := access.PolicyAssociation{In: eksR, Principal: carts, Policy: access.PolicyARN("aws", access.ViewPolicy), Scope: access.PolicyScope{Namespaces: []string{"ui"}}}
	wider := scope
	wider.Scope.Namespaces = []string{"ui", "catalog"}
	return access.Plan{
		Steps: []access.Step{
			{After: access.Namespace{In: kubeR, Name: "test"}, Why: access.WhyNamespace, Args: []string{"test"}},
			{After: role, Why: access.WhyRole, Args: []string{"k8s-test-role"}},
			{Before: was, After: is, Why: access.WhyBind, Args: []string{"k8s-test-role", "User k8s-test-user"}},
			{Before: am, After: more, Why: access.WhyMapping, Args: []string{team}},
			{Before: scope, After: wider, Why: access.WhyPolicyScope, Args: []string{access.ViewPolicy, "catalog, ui"}},
			{Before: access.AuthMode{In: eksR, Mode: access.BothMode}, After: access.AuthMode{In: eksR, Mode: access.APIMode}, Why: access.WhyMode, Args: []string{"API_AND_CONFIG_MAP", "API"}},
			{Before: access.AuthMode{In: eksR, Mode: access.ConfigMapMode}, After: access.AuthMode{In: eksR, Mode: access.BothMode}, Why: access.WhyMode, Args: []string{"CONFIG_MAP", "API_AND_CONFIG_MAP"}},
		},
		Deltas: []access.Delta{
			{Principal: parse(t, team), Gained: []access.Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/version"}}, rule("create", "authorization.k8s.io", "selfsubjectaccessreviews")}},
			{Principal: parse(t, team), Namespace: "test", Was: access.None, Is: access.Some, Gained: []access.Rule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api"}}, rule("get list", "", "pods")}},
			{Principal: parse(t, sso), Namespace: "", Was: access.Full, Is: access.View, Lost: []access.Rule{rule("*", "*", "*")}},
		},
		Findings: []access.Finding{{Code: access.NamespaceMade, Severity: access.Info, Args: []string{"test"}},
			{Code: access.LosesAccess, Severity: access.Refuse, Args: []string{sso, "6", "", "* *"}}},
	}
}

func TestPreviewShowsTheWholePlan(t *testing.T) {
	for name, p := range map[string]access.Plan{"migration": migration(t), "grant": grant(t), "nothing": {Findings: []access.Finding{{Code: access.NothingToDo}}}} {
		golden(t, "preview-"+name, text(report.Preview(p, false)))
		golden(t, "preview-"+name+"-raw", text(report.Preview(p, true)))
	}
}

func TestEveryStepHasATitleAndACall(t *testing.T) {
	var b strings.Builder
	for _, p := range []access.Plan{migration(t), grant(t)} {
		undo, _ := access.Inverse(p.Steps)
		for _, s := range append(p.Steps, undo...) {
			b.WriteString(string(s.Sign()) + " " + report.StepTitle(s) + "\n    " + report.StepCall(s) + "\n    " + report.StepWhy(s) + "\n")
		}
	}
	golden(t, "steps", b.String())
}

func TestHeadline(t *testing.T) {
	p := parse(t, admins)
	step := []access.Step{{After: access.AccessEntry{In: eksR, Principal: admins}}}
	for name, tc := range map[string]struct {
		plan access.Plan
		want string
	}{
		"nothing to do":   {access.Plan{}, "nothing to do"},
		"nobody loses":    {access.Plan{Steps: step}, "1 principal · 1 step · nobody loses anything"},
		"a whole level":   {access.Plan{Steps: step, Deltas: []access.Delta{{Principal: p, Namespace: "carts", Was: access.Edit, Is: access.View}}}, "eks-workshop-admins loses Edit in carts · 1 principal · 1 step"},
		"within a level":  {access.Plan{Steps: step, Deltas: []access.Delta{{Principal: p, Was: access.View, Is: access.View, Lost: []access.Rule{{}}}}}, "eks-workshop-admins loses some permissions in the whole cluster · 1 principal · 1 step"},
		"several scopes":  {access.Plan{Steps: step, Deltas: []access.Delta{{Principal: p, Was: access.View}, {Principal: p, Namespace: "ui", Was: access.View}}}, "eks-workshop-admins loses permissions in the whole cluster · 1 principal · 1 step"},
		"some namespaces": {access.Plan{Steps: step, Deltas: []access.Delta{{Principal: p, Namespace: "ui", Is: access.View}, {Principal: p, Namespace: "carts", Is: access.View}}}, "1 principal · 1 step · eks-workshop-admins gains permissions in 2 scopes · nobody loses anything"},
		"has it already":  {access.Plan{Steps: step, From: []access.Intent{access.GrantAccess{Principal: p}}}, "1 principal · 1 step · eks-workshop-admins gains nothing · nobody loses anything"},
		"who knows":       {access.Plan{Steps: step, From: []access.Intent{access.GrantAccess{Principal: p}}, Findings: []access.Finding{{Code: access.Unseen}}}, "1 principal · 1 step · nobody loses anything"},
		"gains":           {access.Plan{Steps: step, Deltas: []access.Delta{{Principal: p, Namespace: "ui", Is: access.View}}}, "1 principal · 1 step · eks-workshop-admins gains View in ui · nobody loses anything"},
		"a window":        {access.Plan{Steps: step, Findings: []access.Finding{{Code: access.NoBridge, Severity: access.Confirm, Args: []string{admins}}}}, "eks-workshop-admins is without rights for some seconds · 1 principal · 1 step"},
		"refused, midway": {access.Plan{Steps: step, Findings: []access.Finding{{Code: access.LosesAccess, Severity: access.Refuse, Args: []string{admins, "3", "", "* *"}}}}, "refused · eks-workshop-admins loses access at step 3 · 1 principal · 1 step"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := report.Headline(tc.plan); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// A policy that counts elsewhere then is told from where it does now.
func TestTitlesTellScopesApart(t *testing.T) {
	on := func(namespaces ...string) access.Object {
		return access.PolicyAssociation{In: eksR, Principal: carts, Policy: access.PolicyARN("aws", access.ViewPolicy), Scope: access.PolicyScope{Cluster: len(namespaces) == 0, Namespaces: namespaces}}
	}
	for want, s := range map[string]access.Step{
		"AmazonEKSViewPolicy  carts,ui → ui  carts-developers":                               {Before: on("ui", "carts"), After: on("ui")},
		"AmazonEKSViewPolicy  cluster → carts,ui  carts-developers":                          {Before: on(), After: on("carts", "ui")},
		"AmazonEKSViewPolicy  carts → cluster  carts-developers":                             {Before: on("carts"), After: on()},
		"AmazonEKSViewPolicy  ui  carts-developers":                                          {Before: on("ui")},
		"AmazonEKSViewPolicy  6 namespaces  carts-developers":                                {After: on("f", "e", "d", "c", "b", "a")},
		"AmazonEKSViewPolicy  6 namespaces → 5 namespaces  + g  − e and f  carts-developers": {Before: on("f", "e", "d", "c", "b", "a"), After: on("g", "d", "c", "b", "a")},
	} {
		if got := report.StepTitle(s); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// One of two equal items goes: the other is not shown as gone.
func TestStepOnADuplicateItem(t *testing.T) {
	item := "- rolearn: " + admins + "\n  username: a\n"
	am := func(text string) access.AuthMap {
		return access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": text}}
	}
	for want, s := range map[string]access.Step{
		"aws-auth  − line 3 (mapRoles)  eks-workshop-admins":                                {Before: am(item + item), After: am(item)},
		"aws-auth  − lines 1 and 3 (mapRoles)  eks-workshop-admins and eks-workshop-admins": {Before: am(item + item), After: am("")},
		"aws-auth  text only":  {Before: am(item), After: am("# a comment\n" + item)},
		"aws-auth  new, empty": {After: am("")},
	} {
		if got := report.StepTitle(s); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// The name that EKS gives an entry is no difference to the name that was left to it.
func TestFieldsShowWhatEKSFillsIn(t *testing.T) {
	left := access.AccessEntry{In: eksR, Principal: carts}
	given := access.AccessEntry{In: eksR, Principal: carts, Type: "STANDARD", Username: access.DefaultUsername(parse(t, carts))}
	for _, l := range report.StepFields(access.Step{Before: left, After: given}) {
		if l.Kind != report.Plain {
			t.Errorf("%q is shown as a difference", l.Text)
		}
	}
}
