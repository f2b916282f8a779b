package archive_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

const account = "123456789012"

var (
	eksR  = access.EKSRealm("demo")
	kubeR = access.KubeRealm("demo")
	iamR  = access.IAMRealm(account)
	began = time.Date(2026, 11, 22, 2, 0, 0, 123456789, time.UTC)
)

func arn(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// planted are credentials in the places where people leave them.
var planted = []string{
	"hunter2-annotation", "hunter2-label", "hunter2-tag", "hunter2-lastapplied", "hunter2-otherkey",
	"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AKIAIOSFODNN7EXAMPLE",
	"k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtd2VzdC0yLmFtYXpvbmF3cw", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
	"proxy-pass-4711", "hunter2-unread-field", "hunter2-next-document", "hunter2-query",
}

// secrets are the planted ones in annotations, labels and tags that decide nothing.
func secrets() access.Meta {
	return access.Meta{
		Labels:      map[string]string{"note": planted[1], "rbac.example.com/aggregate-to-x": "true", "kubernetes.io/bootstrapping": "rbac-defaults"},
		Annotations: map[string]string{"note": planted[0], "kubectl.kubernetes.io/last-applied-configuration": `{"password":"` + planted[3] + `"}`},
	}
}

// random draws a snapshot of everything, with few names, so that facts meet.
func random(r *rand.Rand) access.Snapshot {
	one := func(in ...string) string { return in[r.IntN(len(in))] }
	text := func() string {
		return one("", "plain", "with \x1b[31mescape", "line\nbreak", "\u202eturned", "ünïcödé \U0001f512", `quote"back\slash`, "<script>&", "\u2028")
	}
	name := func() string { return fmt.Sprintf("n%d", r.IntN(6)) }
	when := func() time.Time { return began.Add(time.Duration(r.IntN(1000)-500) * time.Hour) }
	s := access.Snapshot{Realms: []access.Realm{eksR, iamR, kubeR}, At: began, Server: "https://user:" + planted[9] + "@api.example.com/?token=" + planted[12]}
	s.Caller.AWS, _ = access.ParsePrincipal(arn("n1"))
	s.Caller.Identity = access.Identity{User: text(), Groups: []string{"system:authenticated"}}
	os := []access.Object{
		access.Cluster{In: eksR, Name: "demo", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/demo", Region: "us-west-2", Account: account, Status: "ACTIVE"},
		access.AuthMode{In: eksR, Mode: access.Mode(one("CONFIG_MAP", "API_AND_CONFIG_MAP", "API"))},
	}
	var items strings.Builder
	for range r.IntN(6) {
		fmt.Fprintf(&items, "# %s aws_secret_access_key = %s\n- rolearn: %s # %s\n  username: %q\n  groups: [%s]\n  password: %s\n", planted[6], planted[5], arn(name()), planted[7], "u:"+name(), one("system:masters", "devs", "ops"), planted[10])
	}
	items.WriteString("---\ntoken: " + planted[11] + "\n")
	os = append(os, access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": items.String(), "maproles": "x", "note": planted[4]}})
	for range r.IntN(8) {
		e := access.AccessEntry{In: eksR, Principal: arn(name()), Type: one("STANDARD", "EC2_LINUX"), Username: text(), Created: when(),
			Tags: map[string]string{"note": planted[2], one("terraform-by", "by"): one("Terraform "+planted[2], "me"), "services.k8s.aws/x": planted[2]}}
		if r.IntN(2) == 0 {
			e.Groups = []string{one("devs", "ops"), "viewers"}
		}
		p := access.PolicyAssociation{In: eksR, Principal: e.Principal, Policy: access.PolicyARN("aws", one(access.ViewPolicy, access.EditPolicy, "AmazonEKSNewPolicy"))}
		if p.Scope.Cluster = r.IntN(2) == 0; !p.Scope.Cluster {
			p.Scope.Namespaces = []string{one("a", "b-*")}
		}
		os = append(os, e, p, access.IAMPrincipal{In: iamR, ARN: arn(name()), ID: "role/" + account + "/" + name(), Created: when(), Gone: r.IntN(4) == 0})
	}
	for range 10 {
		role := access.Role{In: kubeR, Name: one("view", "edit", "admin", "cluster-admin", name()), Meta: secrets(),
			Rules: []access.Rule{{Verbs: []string{one("get", "*", "list")}, APIGroups: []string{one("", "apps", "*")}, Resources: []string{one("pods", "*", "secrets")}, ResourceNames: nil}}}
		switch r.IntN(3) {
		case 0:
			role.Namespace = one("a", "b-1")
		case 1:
			role.Aggregate = []metav1.LabelSelector{{MatchLabels: map[string]string{"rbac.example.com/aggregate-to-x": "true"}},
				{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: metav1.LabelSelectorOpDoesNotExist}}}}[:1+r.IntN(2)]
		}
		b := access.Binding{In: kubeR, Namespace: one("", "a", "b-1"), Name: name(), Meta: secrets(),
			Role:     rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: one("Role", "ClusterRole"), Name: one("view", "edit", "admin", name())},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: one("devs", "ops", "viewers")}, {Kind: "ServiceAccount", Namespace: "a", Name: name()}}}
		os = append(os, role, b, access.Namespace{In: kubeR, Name: one("a", "b-1", "c"), Meta: secrets()})
	}
	for range r.IntN(3) {
		s.Gaps = append(s.Gaps, access.Gap{Realm: kubeR, Kind: access.Kind(one("RoleBinding", "Role", "Namespace")), Why: access.Denied,
			Detail: text() + " Authorization: Bearer " + planted[8] + " of https://me:" + planted[9] + "@proxy:3128"})
	}
	s.Objects = s.Objects.With(os...)
	return access.Snapshot{}.Merge(s) // gaps in order, as after a read
}

// forRandom runs a law on seeded random snapshots.
func forRandom(t *testing.T, n int, law func(t *testing.T, s access.Snapshot)) {
	t.Helper()
	for seed := range n {
		s := random(rand.New(rand.NewPCG(uint64(seed), 22)))
		t.Run(fmt.Sprint(seed), func(t *testing.T) { law(t, s) })
	}
}

// answers is all that list says of a snapshot.
func answers(t *testing.T, s access.Snapshot) string {
	t.Helper()
	ix := access.NewIndex(s)
	text, err := report.List(ix, access.Inspect(ix), report.ListOptions{}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
