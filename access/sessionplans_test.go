package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// adminBySession is S3 with cluster-admin bound to one session's name; the caller is
// that session of the role me, by a template in aws-auth.
func adminBySession(t testing.TB, more ...Object) Snapshot {
	me := role("me")
	s := s3(t, append([]Object{authMap(s3Roles+"- rolearn: "+me+"\n  username: adm:{{SessionName}}\n", "[]\n"), iamRole(t, me),
		binding("", "alice", "ClusterRole", "cluster-admin", "User:adm:alice"), entry(role("dev"), "dev"), iamRole(t, role("dev"))}, more...)...)
	p := principal(t, "arn:aws:sts::"+account+":assumed-role/me/alice")
	s.Caller = Caller{AWS: p, Kube: p, Identity: Identity{User: "adm:alice"}}
	return s
}

// A template that a binding's name fits is rights for some session: they are shown
// before they are given.
func TestPlansShowWhatSessionsGain(t *testing.T) {
	p := build(t, adminBySession(t), ChangeIdentity{Principal: principal(t, role("dev")), Username: "adm:{{SessionName}}"})
	i := slices.IndexFunc(p.Deltas, func(d Delta) bool { return d.When != nil && d.Principal.Name == "dev" })
	if i < 0 || *p.Deltas[i].When != (Condition{"SessionName", "alice"}) || p.Deltas[i].Is != Full || len(p.Deltas[i].Gained) == 0 {
		t.Errorf("%+v", p.Deltas)
	}
}

// Whoever administers by a session's name is not locked out silently: not by changing
// the template, not by taking somebody else's name out of a binding.
func TestPlansShowWhatSessionsLose(t *testing.T) {
	s := adminBySession(t)
	p := build(t, s, ChangeIdentity{Principal: principal(t, role("me")), Username: "new:{{SessionName}}"})
	if !slices.Contains(p.Confirms(), CallerLoses) {
		t.Errorf("the caller is not asked: %+v, %+v", p.Findings, p.Deltas)
	}
	s = adminBySession(t, entry(role("old"), "adm:alice"), iamRole(t, role("old")))
	p = build(t, s, RevokeAccess{Principal: principal(t, role("old")), ClusterRole: "cluster-admin"})
	if !slices.Contains(p.Confirms(), CallerLoses) || !slices.Contains(p.Confirms(), OthersLose) {
		t.Errorf("the caller is not asked: %+v", p.Findings)
	}
	p = build(t, s, RevokeAccess{Principal: principal(t, role("old")), Subjects: true})
	if strings.Contains(signs(p), "ClusterRoleBinding") {
		t.Errorf("a name that the caller arrives under goes: %s", signs(p))
	}
	// Another session's loss is no business of the caller's, and everybody else's is kept.
	s.Caller.Kube.Session = "bob"
	p = build(t, s, ChangeIdentity{Principal: principal(t, role("me")), Username: "new:{{SessionName}}"})
	if slices.Contains(p.Confirms(), CallerLoses) {
		t.Errorf("bob loses nothing: %+v", p.Findings)
	}
	kept := Guard(s, Plan{Steps: []Step{{Before: binding("", "alice", "ClusterRole", "cluster-admin", "User:adm:alice")}}}, []Principal{principal(t, role("me"))})
	if !strings.Contains(codes(kept), string(LosesAccess)) {
		t.Errorf("session alice of a role that must keep all loses: %s", codes(kept))
	}
}

func TestRevokeLeavesTheClustersOwnAlone(t *testing.T) {
	node := role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA")
	s := team(t, binding("", "eks:node-bootstrapper", "ClusterRole", "eks:node-bootstrapper", "Group:system:nodes", "Group:system:bootstrappers"),
		binding("", "cluster-admin", "ClusterRole", "cluster-admin", "Group:system:masters"),
		AccessEntry{In: eksR, Principal: role("auto"), Type: "EC2", Username: "system:node:{{EC2PrivateDNSName}}"}, policy(role("auto"), "AmazonEKSAutoNodePolicy"))
	for _, in := range []RevokeAccess{
		{Principal: principal(t, node), ClusterRole: "eks:node-bootstrapper"},
		{Principal: principal(t, role("eks-workshop-admins")), ClusterRole: "cluster-admin"},
		{Principal: principal(t, role("auto")), Policy: "AmazonEKSAutoNodePolicy"},
		{Principal: principal(t, role("auto"))},
	} {
		if p, err := Build(s, in); err == nil {
			t.Errorf("%s is planned: %s", in.words(), signs(p))
		}
	}
}

func TestRevokeSaysThatTheAccountStillLetsIn(t *testing.T) {
	s := team(t)
	am, _ := s.AuthMap()
	s.Objects = s.Objects.With(AuthMap{In: kubeR, Data: map[string]string{"mapRoles": am.Data["mapRoles"], "mapUsers": "[]\n", "mapAccounts": "- \"" + account + "\"\n"}})
	p := build(t, s, RevokeAccess{Principal: principal(t, role("mapped"))})
	if !slices.Contains(p.Confirms(), AccountLetsIn) {
		t.Errorf("%+v", p.Findings)
	}
}

// An entry for a principal that IAM does not know is dead from its first moment.
func TestAdvanceKnowsWhatIAMSaysOfTheNew(t *testing.T) {
	gone := principal(t, role("ghost"))
	s := s3(t, IAMPrincipal{In: IAMRealm(gone.Account), ARN: gone.ARN, ID: gone.ID(), Gone: true})
	st := Step{After: entry(gone.ARN, "ghost")}
	at := NewIndex(s).fork()
	at.advance(st)
	got, _ := at.row(gone.ID())
	want, _ := NewIndex(Project(s, st)).row(gone.ID())
	if len(want.Mappings) != 1 || want.Mappings[0].State != Dead || got.Mappings[0].State != Dead {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// shared is a group bound in n namespaces, with n members.
func shared(t testing.TB, n int) Snapshot {
	var os []Object
	for i := range n {
		os = append(os, Namespace{In: kubeR, Name: fmt.Sprintf("n%03d", i)}, binding(fmt.Sprintf("n%03d", i), "team", "ClusterRole", "view", "Group:team"),
			entry(role(fmt.Sprintf("m%03d", i)), "", "team"))
	}
	return s3(t, os...)
}

func BenchmarkRevokeShared(b *testing.B) {
	for _, n := range []int{50, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shared(b, n)
			for b.Loop() {
				if _, err := Build(s, RevokeAccess{Principal: principal(b, role("m000")), ClusterRole: "view"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHostileNames is what a stranger who may bind names can make a reader do.
func BenchmarkHostileNames(b *testing.B) {
	os := []Object{binding("carts", "long", "ClusterRole", "view", "User:system:node:"+strings.Repeat("a", 1<<20))}
	var items strings.Builder
	for i := range 1000 {
		os = append(os, binding("carts", fmt.Sprint("b", i), "ClusterRole", "view", fmt.Sprintf("User:user%04d", i), fmt.Sprintf("User:user%04d", i+1000)))
		fmt.Fprintf(&items, "- rolearn: %s\n  username: '{{SessionName}}'\n", role(fmt.Sprintf("t%04d", i)))
	}
	s := s3(b, append(os, authMap(s3Roles+items.String(), "[]\n"))...)
	for b.Loop() {
		ix := NewIndex(s)
		ix.WhoCanAnywhere(Request{Verb: "get", Resource: "pods"})
	}
}
