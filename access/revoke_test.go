package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// team is S3 with a principal that has an entry over an aws-auth item, and a group that two share.
func team(t testing.TB, more ...Object) Snapshot {
	dev, other := role("dev"), role("other")
	items := s3Roles + "- rolearn: " + dev + "\n  username: old-dev\n  groups: [system:masters]\n- rolearn: " + role("mapped") + "\n  username: mapped\n  groups: [devs]\n"
	return s3(t, append([]Object{authMap(items, "[]\n"), iamRole(t, dev), iamRole(t, other), iamRole(t, role("mapped")),
		entry(dev, "dev", "devs"), policy(dev, ViewPolicy, "carts", "catalog"), policy(dev, EditPolicy, "ui"),
		entry(other, "other", "devs"), binding("carts", "devs", "ClusterRole", "edit", "Group:devs"),
		binding("carts", "dev", "ClusterRole", "view", "User:dev", "User:someone")}, more...)...)
}

func TestRevokeTakesTheItemBeforeTheEntry(t *testing.T) {
	p := build(t, team(t), RevokeAccess{Principal: principal(t, role("dev")), Subjects: true})
	want := strings.Join([]string{"~ AuthMap kube-system/aws-auth",
		"- PolicyAssociation " + role("dev") + "/" + PolicyARN("aws", EditPolicy),
		"- PolicyAssociation " + role("dev") + "/" + PolicyARN("aws", ViewPolicy),
		"- AccessEntry /" + role("dev"), "~ RoleBinding carts/dev"}, "\n")
	if diff := cmp.Diff(want, signs(p)); diff != "" {
		t.Error(diff)
	}
	if p.Refused() || !slices.Equal(p.Confirms(), []Code{RevokesAll}) {
		t.Errorf("%+v", p.Findings)
	}
	ix := NewIndex(Project(team(t), p.Steps...))
	if r, ok := ix.Row(principal(t, role("dev"))); ok {
		t.Errorf("%+v is left", r)
	}
	for _, d := range p.Deltas {
		if d.Principal.Name != "dev" {
			t.Errorf("%+v", d)
		}
	}
}

func TestRevokeSaysWhichNamesStayBound(t *testing.T) {
	p := build(t, team(t), RevokeAccess{Principal: principal(t, role("dev"))})
	if !strings.Contains(codes(p.Findings), string(NameLeftBound)) || strings.Contains(signs(p), "RoleBinding") {
		t.Errorf("%s\n%s", codes(p.Findings), signs(p))
	}
}

// Two go, and the group was theirs alone: neither arrives under it for the other.
func TestRevokingAllWhoShareAName(t *testing.T) {
	s := s3(t, authMap(s3Roles, "[]\n"), iamRole(t, role("dev")), iamRole(t, role("other")), entry(role("dev"), "dev", "pair"),
		entry(role("other"), "other", "pair"), binding("carts", "pair", "ClusterRole", "edit", "Group:pair"))
	both := []Intent{RevokeAccess{Principal: principal(t, role("dev")), Subjects: true}, RevokeAccess{Principal: principal(t, role("other")), Subjects: true}}
	if p := build(t, s, both...); !strings.Contains(signs(p), "- RoleBinding carts/pair") || p.Refused() {
		t.Errorf("%s\n%s", signs(p), codes(p.Findings))
	}
	if p := build(t, s, both[0]); strings.Contains(signs(p), "RoleBinding") {
		t.Errorf("the other one is still in the group\n%s", signs(p))
	}
}

// What roles gave and do no more is asked for at the end, and so is what an undo gives back.
func TestWhatChangesIsProven(t *testing.T) {
	s := team(t)
	p := build(t, s, RevokeAccess{Principal: principal(t, role("dev")), ClusterRole: "view"})
	proven := func(p Plan, want bool) bool {
		return slices.ContainsFunc(p.Expect, func(e Expect) bool {
			return e.Object == nil && !e.Policies && e.Principal.Name == "dev" && e.Want == want && e.Request.Resource == "pods" && e.Request.Namespace == "carts"
		})
	}
	if len(p.Deltas) > 0 {
		t.Fatalf("edit gives all that view does: %+v", p.Deltas)
	}
	p = build(t, s, RevokeAccess{Principal: principal(t, role("dev")), ClusterRole: "edit"})
	if !proven(p, false) {
		t.Errorf("%+v", p.Expect)
	}
	back, err := Inverse(p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	undo, err := BuildSteps(Project(s, p.Steps...), back)
	if err != nil || !proven(undo, true) {
		t.Errorf("%v %+v", err, undo.Expect)
	}
}

func TestRevokeOneScopeOfAPolicy(t *testing.T) {
	p := build(t, team(t), RevokeAccess{Principal: principal(t, role("dev")), Policy: ViewPolicy, Namespaces: []string{"catalog"}})
	left := p.Steps[0].After.(PolicyAssociation)
	if len(p.Steps) != 1 || !cmp.Equal(left.Scope.Namespaces, []string{"carts"}) {
		t.Errorf("%s, %+v", signs(p), left)
	}
	whole := build(t, team(t), RevokeAccess{Principal: principal(t, role("dev")), Policy: ViewPolicy})
	if signs(whole) != "- PolicyAssociation "+role("dev")+"/"+PolicyARN("aws", ViewPolicy) {
		t.Error(signs(whole))
	}
}

func TestRevokeARoleThatOthersShareAsks(t *testing.T) {
	p := build(t, team(t), RevokeAccess{Principal: principal(t, role("dev")), ClusterRole: "edit", Namespaces: []string{"carts"}})
	if signs(p) != "- RoleBinding carts/devs" {
		t.Error(signs(p))
	}
	if got := p.Confirms(); !cmp.Equal(got, []Code{OthersLose}) {
		t.Errorf("%v %+v", got, p.Findings)
	}
	n := 0
	for _, f := range p.Findings {
		if f.Code == OthersLose {
			n++
		}
	}
	if n != 2 || p.Refused() {
		t.Errorf("%d others lose: %+v", n, p.Findings)
	}
}

func TestRevokeRefusesWhatItMayNotTouch(t *testing.T) {
	for name, tc := range map[string]struct {
		in   RevokeAccess
		want string
	}{
		"a node":                {RevokeAccess{Principal: principal(t, role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"))}, "node role"},
		"nobody":                {RevokeAccess{Principal: principal(t, role("nobody"))}, "no mapping"},
		"a namespace alone":     {RevokeAccess{Principal: principal(t, role("dev")), Namespaces: []string{"carts"}}, "namespace alone"},
		"a policy it has not":   {RevokeAccess{Principal: principal(t, role("dev")), Policy: AdminPolicy}, "no access policy"},
		"another namespace":     {RevokeAccess{Principal: principal(t, role("dev")), Policy: ViewPolicy, Namespaces: []string{"ui"}}, "not in \"ui\""},
		"a role that none gave": {RevokeAccess{Principal: principal(t, role("dev")), ClusterRole: "admin"}, "no binding"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Build(team(t), tc.in); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestRevokeTheLastAdministratorIsRefused(t *testing.T) {
	s := s3(t)
	var all []Intent
	for _, r := range NewIndex(s).Rows() {
		if administers(NewIndex(s), r.Principal.ID()) {
			all = append(all, RevokeAccess{Principal: r.Principal})
		}
	}
	if p := build(t, s, all[1:]...); p.Refused() || len(all) < 2 {
		t.Errorf("%d administrators, one stays: %s", len(all), codes(p.Findings))
	}
	p, err := Build(s, all...)
	if err != nil || !slices.Contains(p.Refusals(), NoAdminLeft) || !slices.Contains(p.Confirms(), CallerLoses) {
		t.Errorf("%v: %s", err, codes(p.Findings))
	}
}

func TestChangeIdentityInPlace(t *testing.T) {
	for name, tc := range map[string]struct {
		in   ChangeIdentity
		want string
	}{
		"an entry's groups": {ChangeIdentity{Principal: principal(t, role("dev")), Add: []string{"ops"}, Drop: []string{"devs"}}, "~ AccessEntry /" + role("dev")},
		"an entry's name":   {ChangeIdentity{Principal: principal(t, role("dev")), Username: "newdev"}, "~ AccessEntry /" + role("dev")},
		"an item's groups":  {ChangeIdentity{Principal: principal(t, role("mapped")), Drop: []string{"devs"}}, "~ AuthMap kube-system/aws-auth"},
		"nothing new":       {ChangeIdentity{Principal: principal(t, role("dev")), Add: []string{"devs"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := build(t, team(t), tc.in)
			if signs(p) != tc.want || p.Refused() {
				t.Errorf("%s\n%+v", signs(p), p.Findings)
			}
			for _, d := range p.Deltas {
				if d.Principal.ID() != tc.in.Principal.ID() {
					t.Errorf("%+v", d)
				}
			}
		})
	}
	for _, in := range []ChangeIdentity{
		{Principal: principal(t, role("dev"))},
		{Principal: principal(t, role("dev")), Drop: []string{"nope"}},
		{Principal: principal(t, role("dev")), Username: "system:dev"},
		{Principal: principal(t, role("dev")), Add: []string{"system:masters"}},
		{Principal: principal(t, role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA")), Add: []string{"x"}},
	} {
		if _, err := Build(team(t), in); err == nil {
			t.Errorf("%+v is planned", in)
		}
	}
}

// All of somebody's access goes only with a yes to that; what gives nothing may be tidied.
func TestRevokingAllIsAskedFor(t *testing.T) {
	for name, tc := range map[string]struct {
		in    RevokeAccess
		asked bool
	}{
		"all":      {RevokeAccess{Principal: principal(t, role("dev"))}, true},
		"a policy": {RevokeAccess{Principal: principal(t, role("dev")), Policy: ViewPolicy}, false},
		"a role":   {RevokeAccess{Principal: principal(t, role("dev")), ClusterRole: "edit"}, false},
	} {
		if p := build(t, team(t), tc.in); slices.Contains(p.Confirms(), RevokesAll) != tc.asked {
			t.Errorf("%s: %s", name, codes(p.Findings))
		}
	}
	gone := iamRole(t, role("gone"))
	gone.Gone = true
	s := s3(t, mapped("- rolearn: "+role("gone")+"\n  username: gone\n", gone)...)
	if p := build(t, s, RevokeAccess{Principal: principal(t, role("gone"))}); len(p.Confirms()) > 0 {
		t.Errorf("a mapping that lets nobody in: %s", codes(p.Findings))
	}
}

// A plan says how many lose, gain and keep what they have; and whether somebody gets more
// than the caller has can't be told when nobody knows who the caller is.
func TestImpactIsCounted(t *testing.T) {
	s := team(t)
	all := len(NewIndex(s).Rows())
	both := build(t, s, RevokeAccess{Principal: principal(t, role("dev"))}, GrantAccess{Principal: principal(t, role("fresh")), Level: View})
	if want := (Impact{Lose: 1, Gain: 1, Keep: all - 1}); both.Impact != want {
		t.Errorf("impact %+v, want %+v", both.Impact, want)
	}
	if p := build(t, s3(t), Migrate{}); p.Impact.Lose+p.Impact.Gain != 0 || p.Impact.Keep != 3 {
		t.Errorf("a migration: %+v", p.Impact)
	}
	s.Caller = Caller{}
	if p := build(t, s, GrantAccess{Principal: principal(t, role("fresh")), Level: View}); !strings.Contains(codes(p.Findings), "info:yours-unknown") {
		t.Error(codes(p.Findings))
	}
	back, err := Inverse(both.Steps)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := BuildSteps(Project(team(t), both.Steps...), back); err != nil || p.Impact.Lose != 1 || p.Impact.Gain != 1 {
		t.Errorf("an undo: %+v, %v", p.Impact, err)
	}
}
