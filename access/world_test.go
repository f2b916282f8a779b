package access

import (
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
)

// A cluster for tests: S3 of the scenarios, and what a test adds.
const account = "123456789012"

var (
	eksR  = EKSRealm("eks-workshop")
	kubeR = KubeRealm("eks-workshop")
	iamR  = IAMRealm(account)
	began = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
)

const s3Roles = `# managed by the platform team
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::123456789012:role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA
  username: system:node:{{EC2PrivateDNSName}}
- rolearn: arn:aws:iam::123456789012:role/eks-workshop-admins # break glass
  username: cluster-admin
  groups:
  - system:masters
`

func role(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

func principal(t testing.TB, arn string) Principal {
	t.Helper()
	p, err := ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func iamRole(t testing.TB, arn string) IAMPrincipal {
	t.Helper()
	return IAMPrincipal{In: iamR, ARN: arn, ID: principal(t, arn).ID(), UniqueID: "AROA" + strings.ToUpper(arn[len(arn)-4:]), Created: began.AddDate(-1, 0, 0)}
}

func clusterRole(name string, rules ...Rule) Role { return Role{In: kubeR, Name: name, Rules: rules} }

func rule(verbs, groups, resources string) Rule {
	split := func(s string) []string { return strings.Split(s, ",") }
	return Rule{Verbs: split(verbs), APIGroups: split(groups), Resources: split(resources)}
}

func binding(ns, name, kind, roleName string, subjects ...string) Binding {
	b := Binding{In: kubeR, Namespace: ns, Name: name, Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: roleName}}
	for _, s := range subjects {
		kind, name, _ := strings.Cut(s, ":")
		b.Subjects = append(b.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: kind, Name: name})
	}
	return b
}

func entry(arn, user string, groups ...string) AccessEntry {
	return AccessEntry{In: eksR, Principal: arn, Type: StandardType, Username: user, Groups: groups, Created: began}
}

func policy(arn, name string, namespaces ...string) PolicyAssociation {
	return PolicyAssociation{In: eksR, Principal: arn, Policy: PolicyARN("aws", name), Scope: PolicyScope{Cluster: len(namespaces) == 0, Namespaces: namespaces}}
}

// s3 is the workshop cluster with an administrator of its own, role platform-admin.
func s3(t testing.TB, more ...Object) Snapshot {
	t.Helper()
	caller := principal(t, role("platform-admin"))
	os := Objects{}.With(
		Cluster{In: eksR, Name: "eks-workshop", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/eks-workshop", Region: "us-west-2", Account: account, Version: "1.33", Status: "ACTIVE"},
		AuthMode{eksR, BothMode},
		AuthMap{In: kubeR, Data: map[string]string{"mapRoles": s3Roles, "mapUsers": "[]\n"}},
		entry(role("platform-admin"), "", nil...), policy(role("platform-admin"), ClusterAdminPolicy),
		clusterRole("cluster-admin", superRules...),
		clusterRole("admin", rule("*", ",apps", "pods,deployments,roles"), rule("get", "", "nodes")),
		clusterRole("edit", rule("get,list,watch,create", ",apps", "pods,deployments")),
		clusterRole("view", rule("get,list,watch", ",apps", "pods,deployments")),
		clusterRole("system:basic-user", rule("create", "authorization.k8s.io", "selfsubjectaccessreviews,selfsubjectrulesreviews")),
		binding("", "system:basic-user", "ClusterRole", "system:basic-user", "Group:system:authenticated"),
		Namespace{In: kubeR, Name: "default"}, Namespace{In: kubeR, Name: "kube-system"}, Namespace{In: kubeR, Name: "carts"}, Namespace{In: kubeR, Name: "catalog"},
		iamRole(t, role("platform-admin")), iamRole(t, role("eks-workshop-admins")),
		iamRole(t, role("eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA")),
	).With(more...)
	return Snapshot{
		Caller: Caller{AWS: caller, Kube: caller, Identity: Identity{User: "arn:aws:sts::" + account + ":assumed-role/platform-admin/me"}},
		Realms: []Realm{eksR, iamR, kubeR}, Objects: os, At: began,
	}
}

func without(s Snapshot, k Key) Snapshot { return Project(s, Step{Before: s.Objects.At(k)}) }

func codes(fs []Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Severity.String()+":"+string(f.Code))
	}
	return strings.Join(out, " ")
}

func signs(p Plan) string {
	var out []string
	for _, s := range p.Steps {
		k := s.Key()
		out = append(out, string(s.Sign())+" "+string(k.Kind)+" "+k.Namespace+"/"+k.Name)
	}
	return strings.Join(out, "\n")
}
