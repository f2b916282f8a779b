package access

import (
	"slices"
	"strings"
	"testing"
)

// Whoever else arrives under a name can't be known, so no subject is ever taken out
// of a binding, and only what a session can be called is a session.
func TestAMigrationTakesNoSubjectAway(t *testing.T) {
	s := s3(t, mapped("- rolearn: "+role("dev")+"\n  username: '{{SessionName}}'\n", iamRole(t, role("dev")),
		binding("", "system:kube-scheduler", "ClusterRole", "view", "User:system:kube-scheduler"),
		binding("carts", "people", "ClusterRole", "edit", "User:oidc-alice", "User:alice"))...)
	p := build(t, s, Migrate{Principals: []Principal{principal(t, role("dev"))}})
	for _, st := range p.Steps {
		was, ok := st.Before.(Binding)
		if !ok || isBridge(was.Name) {
			continue
		}
		for _, sub := range was.Subjects {
			if !slices.Contains(st.After.(Binding).Subjects, sub) {
				t.Errorf("%s loses its subject %s", was.Name, sub.Name)
			}
		}
		if was.Name == "system:kube-scheduler" {
			t.Error("system:kube-scheduler is no session's name")
		}
	}
}

func TestRenamedTemplatesKeepTheirPeople(t *testing.T) {
	s := s3(t, mapped("- rolearn: "+role("dev")+"\n  username: 'aws:{{SessionName}}'\n", iamRole(t, role("dev")), binding("carts", "b", "ClusterRole", "edit", "User:aws:alice"))...)
	p := build(t, s, Migrate{Principals: []Principal{principal(t, role("dev"))}})
	b, _ := Get[Binding](Project(s, p.Steps...).Objects, binding("carts", "b", "ClusterRole", "edit").Key())
	if len(b.Subjects) != 2 || b.Subjects[1].Name != "kube:aws:alice" {
		t.Errorf("subjects %v", b.Subjects)
	}
	s.Gaps = []Gap{{Realm: kubeR, Kind: RoleBindingKind, Why: Denied}}
	p = build(t, s, Migrate{Principals: []Principal{principal(t, role("dev"))}})
	if len(p.Steps) > 0 || !strings.Contains(codes(p.Findings), "not-migratable") {
		t.Errorf("renamed without having seen the bindings: %s", codes(p.Findings))
	}
}

// A group that others are in too, and a name that something is bound to already, are
// never what a grant binds.
func TestAGrantReachesNobodyElse(t *testing.T) {
	dev := principal(t, role("dev"))
	for name, tc := range map[string]struct {
		os []Object
		in GrantAccess
	}{
		"a shared group of an entry": {[]Object{entry(role("dev"), "", "viewers"), entry(role("other"), "", "viewers"), iamRole(t, role("other"))},
			GrantAccess{Principal: dev, ClusterRole: "admin", Namespaces: []string{"carts"}}},
		"a shared group of an item": {mapped("- rolearn: "+role("dev")+"\n  username: '{{SessionName}}'\n  groups: [devs]\n- rolearn: "+role("other")+"\n  username: o\n  groups: [devs]\n", iamRole(t, role("other"))),
			GrantAccess{Principal: dev, Level: Edit, Namespaces: []string{"carts"}}},
		"an item with nothing but its ARN": {mapped("- rolearn: " + role("dev") + "\n"), GrantAccess{Principal: dev, Level: View}},
		"a name that is bound already": {[]Object{binding("", "ops", "ClusterRole", "cluster-admin", "Group:dev", "User:dev", "Group:eks-access:dev")},
			GrantAccess{Principal: dev, ClusterRole: "view", Namespaces: []string{"carts"}}},
		"a binding of that name to another role": {[]Object{entry(role("dev"), "d"), binding("carts", "view-binding", "ClusterRole", "cluster-admin", "User:x"), binding("carts", "view-binding-2", "ClusterRole", "admin", "User:y")},
			GrantAccess{Principal: dev, ClusterRole: "view", Namespaces: []string{"carts"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := build(t, s3(t, append(tc.os, iamRole(t, role("dev")))...), tc.in)
			if p.Refused() || len(p.Confirms()) > 0 {
				t.Errorf("findings %s", codes(p.Findings))
			}
			for _, d := range p.Deltas {
				if d.Principal.ID() != dev.ID() || d.Is > Admin || len(d.Lost) > 0 {
					t.Errorf("delta %+v", d)
				}
				if tc.in.ClusterRole == "view" && d.Is > View {
					t.Errorf("a grant of view gives %s", d.Is)
				}
			}
			if len(p.Deltas) == 0 {
				t.Error("the grant gives nothing")
			}
		})
	}
}

func TestNobodyGrantsToNodes(t *testing.T) {
	node := principal(t, role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"))
	if _, err := Build(s3(t), GrantAccess{Principal: node, Level: Full}); err == nil || !strings.Contains(err.Error(), "node role") {
		t.Errorf("got %v", err)
	}
}

// Whoever mapAccounts lets in is shown, and keeps the name they have there.
func TestMembersOfMappedAccounts(t *testing.T) {
	am := authMap(s3Roles, "[]\n")
	am.Data["mapAccounts"] = "- '" + account + "'\n"
	dev := principal(t, role("dev"))
	s := s3(t, am, iamRole(t, role("dev")), binding("", "b", "ClusterRole", "view", "User:"+dev.Canonical()))
	ix := NewIndex(s)
	r, ok := ix.Row(dev)
	if !ok || ix.Cell(r, "carts").Level != View {
		t.Fatalf("a member of a mapped account: %v %+v", ok, r)
	}
	for _, via := range []Via{ViaEntry, ViaAuthMap} {
		p := build(t, s, GrantAccess{Principal: dev, ClusterRole: "edit", Namespaces: []string{"carts"}, Via: via})
		if p.Refused() || len(p.Deltas) == 0 {
			t.Errorf("via %s: %s", via, codes(p.Findings))
		}
		for _, d := range p.Deltas {
			if len(d.Lost) > 0 {
				t.Errorf("via %s: %+v", via, d)
			}
		}
	}
}

// An item with another path than the user's never matched: it is not given life.
func TestAWrongUserPathIsNotMigrated(t *testing.T) {
	bob := "arn:aws:iam::" + account + ":user/bob"
	s := s3(t, AuthMap{In: kubeR, Data: map[string]string{"mapRoles": s3Roles, "mapUsers": "- userarn: arn:aws:iam::" + account + ":user/old/bob\n  username: b\n  groups: [system:masters]\n"}},
		IAMPrincipal{In: iamR, ARN: bob, ID: principal(t, bob).ID(), Created: began})
	for _, st := range build(t, s, Migrate{}).Steps {
		if e, ok := st.After.(AccessEntry); ok && strings.Contains(e.Principal, "bob") {
			t.Errorf("made %+v", e)
		}
	}
}

func TestLetterCaseOfARNs(t *testing.T) {
	s := s3(t, mapped("- rolearn: ARN:AWS:iam::"+account+":Role/ops\n  username: o\n  groups: [system:masters]\n", iamRole(t, role("ops")))...)
	r, _ := NewIndex(s).Row(principal(t, role("ops")))
	if m, ok := r.Active(); !ok || !m.Identity.Super() {
		t.Errorf("the authenticator compares without case: %+v", r)
	}
}

// A bridge that anybody can name is no reason to make somebody an administrator.
func TestAStrangeBridgeIsNotGoneOnWith(t *testing.T) {
	s := s3(t, mapped("- rolearn: "+role("dev")+"\n  username: d\n  groups: [viewers]\n", iamRole(t, role("dev")), entry(role("dev"), "d", "eks-access-bridge-deadbeef"))...)
	p := build(t, s, Migrate{Principals: []Principal{principal(t, role("dev"))}})
	if strings.Contains(signs(p), ClusterAdminPolicy) || !strings.Contains(codes(p.Findings), "on-bridge") {
		t.Errorf("%s\n%s", signs(p), codes(p.Findings))
	}
}

// One plan that migrates and grants keeps its chain of steps.
func TestMigrateAndGrantTogether(t *testing.T) {
	admins := principal(t, role("eks-workshop-admins"))
	for name, in := range map[string][]Intent{
		"grant with a group": {GrantAccess{Principal: admins, ClusterRole: "view", Namespaces: []string{"carts"}, Via: ViaEntry, Groups: []string{"g"}}},
		"migrate, grant":     {Migrate{Principals: []Principal{admins}}, GrantAccess{Principal: admins, ClusterRole: "view", Namespaces: []string{"carts"}, Groups: []string{"g"}}},
		"migrate twice":      {Migrate{Principals: []Principal{admins}}, Migrate{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := s3(t)
			p := build(t, s, in...)
			e, _ := Get[AccessEntry](Project(s, p.Steps...).Objects, entry(admins.ARN, "").Key())
			if p.Refused() || slices.ContainsFunc(e.Groups, isBridge) || name != "migrate twice" && !slices.Contains(e.Groups, "g") {
				t.Errorf("%s\n%s\n%v", signs(p), codes(p.Findings), e.Groups)
			}
		})
	}
}

// Before aws-auth stops counting, everyone whom it lets in is asked for, on every road.
func TestModeAPIAsksForEveryoneLeft(t *testing.T) {
	x := "arn:aws:iam::" + account + ":user/"
	s := s3(t, AuthMap{In: kubeR, Data: map[string]string{"mapRoles": "[]\n", "mapUsers": "- userarn: " + x + "U\n  groups: [system:masters]\n- userarn: " + x + "u\n  groups: [system:masters]\n"}})
	to := Step{Before: AuthMode{eksR, BothMode}, After: AuthMode{eksR, APIMode}}
	fromFile, err := BuildSteps(s, []Step{to})
	if err != nil {
		t.Fatal(err)
	}
	for road, p := range map[string]Plan{"migrate": build(t, s, Migrate{To: APIMode}), "switch": build(t, s, SwitchMode{APIMode}), "file": fromFile} {
		if !slices.Contains(p.Confirms(), LeftInMap) {
			t.Errorf("%s: %s", road, codes(p.Findings))
		}
	}
}
