package report_test

import (
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestBecauseTellsTheWholeChain(t *testing.T) {
	unreadBindings := workshop()
	unreadBindings.Gaps = []access.Gap{{Realm: kubeR, Kind: access.RoleBindingKind, Why: access.Denied, Detail: "rolebindings is forbidden"}}
	unreadEntries := workshop()
	unreadEntries.Gaps = []access.Gap{{Realm: eksR, Kind: access.EntryKind, Why: access.Denied, Detail: "not authorized"}}
	loading := workshop()
	loading.Gaps = []access.Gap{{Realm: kubeR, Kind: access.RoleBindingKind, Why: access.Loading}}
	creator := workshop(access.AuthMode{In: eksR, Mode: access.ConfigMapMode})
	template := workshop(access.AccessEntry{In: eksR, Principal: sso, Type: "STANDARD", Username: "dev:{{SessionName}}"},
		access.Binding{In: kubeR, Namespace: "ui", Name: "heidi", Role: bind("", "", "ClusterRole", "view", "").Role, Subjects: bindUser("dev:heidi").Subjects})
	undocumented := workshop(access.PolicyAssociation{In: eksR, Principal: sso, Policy: access.PolicyARN("aws", "AmazonEKSNewPolicy"), Scope: access.PolicyScope{Cluster: true}})

	everybody := workshop(bind("", "basic", "ClusterRole", "view", "system:authenticated"))

	basic := workshop(bind("", "basic", "ClusterRole", "basic", "system:authenticated"),
		access.Role{In: kubeR, Name: "basic", Rules: []access.Rule{rule("create", "authorization.k8s.io", "selfsubjectaccessreviews"), rule("create", "authentication.k8s.io", "selfsubjectreviews")}})

	for name, tc := range map[string]struct {
		s      access.Snapshot
		arn    string
		ns     string
		answer string
	}{
		"masters":          {workshop(), admins, "carts", "carts · eks-workshop-admins may do everything (Full)"},
		"policy":           {workshop(), carts, "carts", "carts · carts-developers may read and change workloads (Edit)"},
		"elsewhere":        {workshop(), carts, "checkout", "checkout · carts-developers may do nothing"},
		"cluster":          {workshop(), carts, "", "cluster · carts-developers may do nothing"},
		"group":            {workshop(), sso, "ui", "ui · EKSDeveloper ⟨permission set⟩ may do some things (Some)"},
		"role-missing":     {workshop(), sso, "catalog", "catalog · EKSDeveloper ⟨permission set⟩ may do nothing"},
		"node":             {workshop(), nodes, "ui", "ui · NodeInstanceRole-acgt4WAVfXAA is a node: the Node authorizer decides what it may do"},
		"never-matches":    {workshop(), "arn:aws:iam::" + account + ":role/teams/lost", "ui", "ui · lost may do nothing: none of its mappings is in force"},
		"unread":           {unreadBindings, carts, "checkout", "checkout · carts-developers is unknown: role bindings could not be read: the server refused: rolebindings is forbidden; ask for list rolebindings.rbac.authorization.k8s.io"},
		"at-least":         {unreadBindings, carts, "carts", "carts · carts-developers may at least read and change workloads (Edit); not everything could be read"},
		"undecided":        {unreadEntries, admins, "ui", "ui · eks-workshop-admins is unknown: the access entries could not be read, and one of them could replace it"},
		"loading":          {loading, carts, "checkout", "checkout · carts-developers is not known yet: still loading"},
		"session":          {template, sso, "ui", "ui · EKSDeveloper ⟨permission set⟩ may do nothing; more when the session name is heidi"},
		"everybody":        {everybody, sso, "ui", "ui · EKSDeveloper ⟨permission set⟩ may read (View)"},
		"not-everybody":    {basic, sso, "ui", "ui · EKSDeveloper ⟨permission set⟩ may do some things (Some)"},
		"policy-not-known": {undocumented, sso, "ui", "ui · EKSDeveloper ⟨permission set⟩ may at least do some things (Some); not everything could be read"},
	} {
		t.Run(name, func(t *testing.T) {
			ix := access.NewIndex(tc.s)
			ls := report.Because(ix, row(t, ix, tc.arn), tc.ns)
			if ls[0].Text != tc.answer {
				t.Errorf("got  %q\nwant %q", ls[0].Text, tc.answer)
			}
			if !strings.HasPrefix(ls[1].Text, "  because  ") {
				t.Errorf("second line %q does not say why", ls[1].Text)
			}
			golden(t, "because-"+name, text(ls))
		})
	}
	t.Run("creator", func(t *testing.T) {
		ix := access.NewIndex(creator)
		r, ok := ix.Row(access.Principal{Kind: access.CreatorPrincipal})
		if !ok {
			t.Fatal("no creator")
		}
		golden(t, "because-creator", text(report.Because(ix, r, "")))
	})
	t.Run("nobody", func(t *testing.T) {
		p := parse(t, "arn:aws:iam::"+account+":user/nobody")
		golden(t, "because-nobody", text(report.Because(access.NewIndex(workshop()), access.Row{Principal: p}, "ui")))
	})
}

func bindUser(name string) access.Binding {
	b := bind("ui", name, "ClusterRole", "view", "")
	b.Subjects[0].Kind, b.Subjects[0].Name = "User", name
	return b
}
