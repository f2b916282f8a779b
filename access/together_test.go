package access

import (
	"slices"
	"strings"
	"testing"
)

// RBAC objects are made and extended, and several changes are one plan: no later one makes
// what an earlier one waits for impossible, and what can't be had together is an error.
func TestChangesTogether(t *testing.T) {
	dev, arn := principal(t, role("dev")), role("dev")
	am, en := "~ AuthMap kube-system/aws-auth", " AccessEntry /"+arn
	pol := func(name string) string { return " PolicyAssociation " + arn + "/" + PolicyARN("aws", name) }
	edit := binding("carts", "b", "ClusterRole", "edit", "Group:devs")
	reader := clusterRole("reader", rule("get,list,watch", "", "pods"))
	wider := Role{Name: "reader", Rules: []Rule{rule("get,list,watch", "", "pods"), rule("get", "", "secrets")}}
	deployer := Role{Name: "deployer", Rules: []Rule{rule("get,list,watch,patch", "apps", "deployments")}}
	has := s3(t, iamRole(t, arn), entry(arn, "dev", "devs"), edit, policy(arn, ViewPolicy, "carts", "catalog"))
	old := s3(t, mapped(item(arn, "d", "devs"), iamRole(t, arn), edit)...)
	view := func(ns ...string) GrantAccess { return GrantAccess{Principal: dev, Policy: ViewPolicy, Namespaces: ns} }
	for name, m := range map[string]move{
		"a Role in two namespaces":  {s: s3(t), in: []Intent{MakeRole{Role: deployer, Namespaces: []string{"carts", "catalog"}}}, steps: "+ Role carts/deployer\n+ Role catalog/deployer"},
		"a ClusterRole":             {s: s3(t), in: []Intent{MakeRole{Role: wider}}, steps: "+ ClusterRole /reader"},
		"a ClusterRole, extended":   {s: Project(has, Step{After: reader}, Step{After: binding("carts", "r", "ClusterRole", "reader", "Group:devs")}), in: []Intent{MakeRole{Role: wider}}, steps: "~ ClusterRole /reader", says: []string{"info:role-extended"}},
		"a ClusterRole, as it is":   {s: s3(t, reader), in: []Intent{MakeRole{Role: reader}}, says: []string{"info:nothing-to-do"}},
		"a ClusterRole with less":   {s: s3(t, clusterRole("reader", wider.Rules...)), in: []Intent{MakeRole{Role: reader}}, err: "has rules that the file lacks: get secrets"},
		"the cluster's own role":    {s: s3(t), in: []Intent{MakeRole{Role: clusterRole("view", rule("*", "*", "*"))}}, err: "the cluster's own"},
		"a rule that is none":       {s: s3(t), in: []Intent{MakeRole{Role: Role{Name: "r", Rules: []Rule{{Verbs: []string{"get"}}}}}}, err: "rule 1"},
		"a binding, and who gains":  {s: has, in: []Intent{BindRole{Groups: []string{"devs"}, Users: []string{"ann"}, ClusterRole: "admin", Namespaces: []string{"catalog"}}}, steps: "+ RoleBinding catalog/admin-binding\n~ RoleBinding catalog/admin-binding"},
		"a binding of everybody":    {s: s3(t), in: []Intent{BindRole{Groups: []string{"system:authenticated"}, ClusterRole: "view"}}, err: "the cluster's own"},
		"a binding of nobody":       {s: s3(t), in: []Intent{BindRole{ClusterRole: "view"}}, err: "groups or users"},
		"a binding in no namespace": {s: s3(t), in: []Intent{BindRole{Groups: []string{"g"}, ClusterRole: "view", Namespaces: []string{"fresh"}}}, err: "does not exist"},
		"namespace, role, binding, group": {s: has, in: []Intent{MakeNamespaces{[]string{"fresh"}}, MakeRole{Role: deployer, Namespaces: []string{"fresh"}}, BindRole{Groups: []string{"deployers"}, Role: "deployer", Namespaces: []string{"fresh"}}, ChangeIdentity{Principal: dev, Add: []string{"deployers"}}},
			steps: lines("+ Namespace /fresh", "+ Role fresh/deployer", "+ RoleBinding fresh/deployer-binding", "~"+en)},
		"a ClusterRole granted from its file": {s: has, in: []Intent{GrantAccess{Principal: dev, ClusterRole: "reader", RoleObject: &wider, Namespaces: []string{"carts"}}}, steps: "+ ClusterRole /reader\n+ RoleBinding carts/reader-binding"},

		"two contents of one role":       {s: s3(t), in: []Intent{MakeRole{Role: reader}, MakeRole{Role: wider}}, err: "different rules"},
		"one role, twice":                {s: s3(t), in: []Intent{MakeRole{Role: wider}, BindRole{Groups: []string{"g"}, ClusterRole: "reader", RoleObject: &wider}}, steps: "+ ClusterRole /reader\n+ ClusterRoleBinding /reader-binding"},
		"two groups for one entry":       {s: s3(t, iamRole(t, arn)), in: []Intent{GrantAccess{Principal: dev, Level: View, Groups: []string{"g1"}}, GrantAccess{Principal: dev, Policy: EditPolicy, Groups: []string{"g2"}}}, steps: lines("+"+en, "+"+pol(ViewPolicy), "~"+en, "+"+pol(EditPolicy))},
		"a group for who moves":          {s: old, in: []Intent{GrantAccess{Principal: dev, Policy: ViewPolicy, Groups: []string{"g"}}}, steps: lines("+"+en, "~"+en, "+"+pol(ViewPolicy), am)},
		"migrate, then other groups":     {s: old, in: []Intent{Migrate{Principals: []Principal{dev}}, ChangeIdentity{Principal: dev, Add: []string{"ops"}, Drop: []string{"devs"}}}, steps: lines("+"+en, "~"+en, am)},
		"migrate twice":                  {s: old, in: []Intent{Migrate{Principals: []Principal{dev}}, Migrate{Principals: []Principal{dev}}}, steps: lines("+"+en, am), silent: NotMigratable},
		"migrate all but who is revoked": {s: old, in: []Intent{Migrate{}, RevokeAccess{Principal: dev}, RevokeAccess{Principal: principal(t, role("eks-workshop-admins"))}}, steps: am},
		"two scopes taken":               {s: has, in: []Intent{RevokeAccess{Principal: dev, Policy: ViewPolicy, Namespaces: []string{"carts"}}, RevokeAccess{Principal: dev, Policy: ViewPolicy, Namespaces: []string{"catalog"}}}, steps: lines("~"+pol(ViewPolicy), "-"+pol(ViewPolicy))},
		"one scope taken twice":          {s: has, in: []Intent{RevokeAccess{Principal: dev, Policy: ViewPolicy}, RevokeAccess{Principal: dev, Policy: ViewPolicy}}, steps: "-" + pol(ViewPolicy)},
		"all taken twice":                {s: has, in: []Intent{RevokeAccess{Principal: dev}, RevokeAccess{Principal: dev}}, steps: lines("-"+pol(ViewPolicy), "-"+en)},
		"given, then taken":              {s: has, in: []Intent{view("default"), RevokeAccess{Principal: dev, Policy: ViewPolicy}}, err: "say once what shall be left"},
		"taken, then given as it is":     {s: has, in: []Intent{RevokeAccess{Principal: dev, Policy: ViewPolicy}, view("carts")}, err: "leave one of them out"},
		"all taken, and changed":         {s: has, in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"g"}}, RevokeAccess{Principal: dev}}, err: "one plan can't do both"},
		"all taken, and migrated":        {s: old, in: []Intent{RevokeAccess{Principal: dev}, Migrate{Principals: []Principal{dev}}}, err: "one plan can't do both"},
	} {
		t.Run(name, m.hold)
	}
}

// Who must survive: what can't be said by the order of steps is said by findings.
func TestWhoMustSurvive(t *testing.T) {
	// The caller is one of two administrators, and both of them move.
	both := s3(t, authMap(item(role("platform-admin"), "p", Masters)+item(role("eks-workshop-admins"), "a", Masters), ""))
	for _, o := range []Object{entry(role("platform-admin"), ""), policy(role("platform-admin"), ClusterAdminPolicy)} {
		both = without(both, o.Key())
	}
	both.Caller.Identity = Identity{User: "p", Groups: []string{Masters}}
	all := build(t, both, Migrate{})
	if !slices.Contains(all.Confirms(), NoAdminAside) || all.Refused() {
		t.Errorf("all administrators move at once: %s", codes(all.Findings))
	}
	says(t, all.Findings, NoAdminAside, "eks-workshop-admins")
	if one := build(t, both, Migrate{Principals: []Principal{principal(t, role("eks-workshop-admins"))}}); slices.Contains(one.Confirms(), NoAdminAside) {
		t.Errorf("one of them stands aside: %s", codes(one.Findings))
	}
	// What only gives locks nobody out, whomever it is about.
	if more := build(t, both, GrantAccess{Principal: principal(t, role("platform-admin")), ClusterRole: "view", Namespaces: []string{"carts"}}, GrantAccess{Principal: principal(t, role("eks-workshop-admins")), ClusterRole: "view", Namespaces: []string{"carts"}}); len(more.Confirms()) > 0 {
		t.Errorf("a grant: %s", codes(more.Findings))
	}
	beside := build(t, Project(both, Step{After: entry(role("dev"), "", "devs")}), GrantAccess{Principal: principal(t, role("platform-admin")), ClusterRole: "view", Namespaces: []string{"carts"}},
		GrantAccess{Principal: principal(t, role("eks-workshop-admins")), ClusterRole: "view", Namespaces: []string{"carts"}}, RevokeAccess{Principal: principal(t, role("dev"))})
	if slices.Contains(beside.Confirms(), NoAdminAside) {
		t.Errorf("grants beside the loss of somebody else: %s", codes(beside.Findings))
	}
	undo, err := Inverse(all.Steps)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := BuildSteps(Project(both, all.Steps...), undo); err != nil || !slices.Contains(p.Confirms(), NoAdminAside) {
		t.Errorf("to take it back is the same: %v %s", err, codes(p.Findings))
	}
}

// Whoever may write entries or aws-auth may give what they don't have; that is said.
func TestMoreThanTheCallerHasIsSaid(t *testing.T) {
	s := s3(t, entry(role("ops"), "", "ops"), iamRole(t, role("ops")), binding("carts", "ops", "ClusterRole", "edit", "Group:ops"), iamRole(t, role("new")))
	s.Caller.Kube = principal(t, role("ops"))
	s.Caller.Identity = Identity{User: "arn:aws:sts::" + account + ":assumed-role/ops/me", Groups: []string{"ops"}}
	fresh := principal(t, role("new"))
	says(t, build(t, s, GrantAccess{Principal: fresh, Level: Full}).Findings, BeyondYou, "role/new")
	says(t, build(t, s, GrantAccess{Principal: fresh, Level: Full, Groups: []string{Masters}, Via: ViaAuthMap}).Findings, BeyondYou, "role/new")
	says(t, build(t, s, GrantAccess{Principal: fresh, ClusterRole: "edit", Namespaces: []string{"catalog"}}).Findings, BeyondYou, "catalog")
	same := build(t, s, GrantAccess{Principal: fresh, ClusterRole: "edit", Namespaces: []string{"carts"}})
	if strings.Contains(codes(same.Findings), string(BeyondYou)) {
		t.Errorf("what the caller has: %s", codes(same.Findings))
	}
}
