package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

var update = flag.Bool("update", false, "rewrite the goldens")

const (
	account = "123456789012"
	eksR    = access.Realm("eks:eks-workshop")
	kubeR   = access.Realm("kube:eks-workshop")
	admins  = "arn:aws:iam::" + account + ":role/eks-workshop-admins"
	nodes   = "arn:aws:iam::" + account + ":role/NodeInstanceRole-acgt4WAVfXAA"
	carts   = "arn:aws:iam::" + account + ":role/teams/carts-developers"
	sso     = "arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"
)

const mapRoles = `# who may come in
- rolearn: ` + nodes + `
  username: system:node:{{EC2PrivateDNSName}}
  groups:
    - system:bootstrappers
    - system:nodes
# break glass
- rolearn: ` + admins + `
  username: cluster-admin
  groups:
    - system:masters
- rolearn: arn:aws:iam::` + account + `:role/teams/lost
  username: lost
`

func parse(t testing.TB, arn string) access.Principal {
	t.Helper()
	p, err := access.ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rule(verbs, groups, resources string) access.Rule {
	split := func(s string) []string { return strings.Split(s, " ") }
	if groups == "" {
		return access.Rule{Verbs: split(verbs), APIGroups: []string{""}, Resources: split(resources)}
	}
	return access.Rule{Verbs: split(verbs), APIGroups: split(groups), Resources: split(resources)}
}

func bind(ns, name, kind, role, group string) access.Binding {
	return access.Binding{In: kubeR, Namespace: ns, Name: name,
		Role:     rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: group}}}
}

// workshop is a cluster with an administrator, nodes, teams and what goes wrong.
func workshop(more ...access.Object) access.Snapshot {
	objects := []access.Object{
		access.Cluster{In: eksR, Name: "eks-workshop", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/eks-workshop",
			Region: "us-west-2", Account: account, Version: "1.33", PlatformVersion: "eks.15", Status: "ACTIVE"},
		access.AuthMode{In: eksR, Mode: access.BothMode},
		access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles, "mapUsers": "[]\n"}},
		access.AccessEntry{In: eksR, Principal: carts, Type: "STANDARD"},
		access.PolicyAssociation{In: eksR, Principal: carts, Policy: access.PolicyARN("aws", access.EditPolicy), Scope: access.PolicyScope{Namespaces: []string{"carts"}}},
		access.PolicyAssociation{In: eksR, Principal: carts, Policy: access.PolicyARN("aws", access.ViewPolicy), Scope: access.PolicyScope{Namespaces: []string{"ui", "catalog"}}},
		access.AccessEntry{In: eksR, Principal: sso, Type: "STANDARD", Groups: []string{"developers"}},
		access.Role{In: kubeR, Name: "view", Rules: []access.Rule{rule("get list watch", "", "pods pods/log"), rule("get list watch", "apps", "deployments")}},
		access.Role{In: kubeR, Namespace: "ui", Name: "restart", Rules: []access.Rule{rule("get patch", "apps", "deployments")}},
		bind("ui", "restart", "Role", "restart", "developers"),
		bind("catalog", "gone", "Role", "gone", "developers"),
	}
	for _, ns := range []string{"carts", "catalog", "checkout", "kube-system", "ui"} {
		objects = append(objects, access.Namespace{In: kubeR, Name: ns})
	}
	return access.Snapshot{Realms: []access.Realm{eksR, kubeR}, Objects: access.Objects{}.With(append(objects, more...)...),
		At: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
}

func rbac(kind, name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func row(t testing.TB, ix *access.Index, arn string) access.Row {
	t.Helper()
	r, ok := ix.Row(parse(t, arn))
	if !ok {
		t.Fatalf("no row for %s", arn)
	}
	return r
}

// kinds show a line's kind beside it in a golden.
var kinds = map[report.Kind]string{report.Plain: "plain", report.Title: "title", report.Add: "add", report.Del: "del", report.Change: "change",
	report.Prove: "prove", report.Note: "note", report.Warn: "warn", report.Bad: "bad", report.Good: "good"}

func text(ls []report.Line) string {
	var b strings.Builder
	for _, l := range ls {
		if l == (report.Line{}) {
			b.WriteString("\n")
			continue
		}
		b.WriteString(kinds[l.Kind] + strings.Repeat(" ", 7-len(kinds[l.Kind])) + "| " + l.Text + "\n")
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (rewrite with -update):\n%s", file, d)
	}
}
