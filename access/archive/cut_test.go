package archive_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
)

func TestNoCredentialIsWritten(t *testing.T) {
	found := 0
	forRandom(t, 100, func(t *testing.T, s access.Snapshot) {
		text := string(encode(t, s))
		for _, secret := range planted {
			if strings.Contains(text, secret) {
				t.Errorf("%q was written:\n%s", secret, text[max(0, strings.Index(text, secret)-200):][:300])
			}
		}
		found += strings.Count(text, "(removed)")
	})
	if found == 0 {
		t.Error("nothing was removed: nothing was planted in a free text")
	}
}

func TestCutKeepsWhatDecides(t *testing.T) {
	selector := metav1.LabelSelector{MatchLabels: map[string]string{"to-all": "true"},
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: metav1.LabelSelectorOpIn, Values: []string{"a"}}}}
	labels := map[string]string{"to-all": "true", "tier": "a", "team": "x", "kubernetes.io/bootstrapping": "rbac-defaults"}
	s := archive.Cut(access.Snapshot{Objects: access.Objects{}.With(
		access.Role{In: kubeR, Name: "all", Aggregate: []metav1.LabelSelector{selector}},
		access.Role{In: kubeR, Name: "part", Meta: access.Meta{Labels: labels, Annotations: labels}},
		access.AccessEntry{In: eksR, Principal: arn("dev"), Tags: map[string]string{"aws:cloudformation:stack-name": "stack-1",
			"services.k8s.aws/controller-version": "eks-1", "ManagedBy": "Terraform Cloud", "terraform": "yes", "owner": "me"}},
		access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": "[] # mail me\n", "MapUsers": "x", "more": "y"}},
	)})
	part, _ := access.Get[access.Role](s.Objects, access.Role{In: kubeR, Name: "part"}.Key())
	want := access.Meta{Labels: map[string]string{"to-all": "true", "tier": "a", "kubernetes.io/bootstrapping": "rbac-defaults"}}
	if d := cmp.Diff(want, part.Meta); d != "" {
		t.Error(d)
	}
	e, _ := access.Get[access.AccessEntry](s.Objects, access.AccessEntry{In: eksR, Principal: arn("dev")}.Key())
	if d := cmp.Diff(map[string]string{"aws:cloudformation:stack-name": "stack-1", "services.k8s.aws/controller-version": "", "ManagedBy": "terraform", "terraform": ""}, e.Tags); d != "" {
		t.Error(d)
	}
	m, _ := s.AuthMap()
	if d := cmp.Diff(map[string]string{"mapRoles": "[] # mail me\n", "MapUsers": "x"}, m.Data); d != "" {
		t.Error(d)
	}
	if len(labels) != 4 {
		t.Error("the snapshot that was given was changed")
	}
}

// An owner is told from a snapshot as from the cluster: grants to somebody else's entry
// ask for a yes.
func TestCutKeepsOwners(t *testing.T) {
	for _, tags := range []map[string]string{
		{"aws:cloudformation:stack-name": "stack-1"}, {"services.k8s.aws/namespace": "ack"}, {"by": "Terraform"}, {"terraform.io/run": "7"},
		{"by": "Terraform", "services.k8s.aws/namespace": "ack"}, {"by": "me"}, nil,
	} {
		e := access.AccessEntry{In: eksR, Principal: arn("dev"), Type: access.StandardType, Tags: tags}
		s := access.Snapshot{Realms: []access.Realm{eksR, kubeR}, Objects: access.Objects{}.With(e, access.AuthMode{In: eksR, Mode: access.APIMode},
			access.Cluster{In: eksR, Name: "demo", ARN: "arn:aws:eks:us-west-2:" + account + ":cluster/demo", Status: "ACTIVE"})}
		p, _ := access.ParsePrincipal(e.Principal)
		owned := func(s access.Snapshot) []access.Finding {
			plan, err := access.Build(s, access.GrantAccess{Principal: p, Policy: access.ViewPolicy, Via: access.ViaAuto})
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(plan.Findings, func(f access.Finding) bool { return f.Code != access.OwnedElsewhere })
		}
		was, is := owned(s), owned(archive.Cut(s))
		if d := cmp.Diff(was, is); d != "" || len(was) == 0 != (tags == nil || maps.Equal(tags, map[string]string{"by": "me"})) {
			t.Errorf("%v: %v\n%s", tags, was, d)
		}
	}
}

// Who is let in stays, whatever it looks like; what the authenticator passes over goes.
func TestOnlyWhatIsPassedOver(t *testing.T) {
	const key = "AKIAIOSFODNN7EXAMPLE"
	for name, tc := range map[string]struct{ in, out string }{
		"a comment":             {"# old key " + key + "\n[]\n", "# old key (removed)\n[]\n"},
		"behind an item":        {"- rolearn: a # password: hunter22\n", "- rolearn: a # password: (removed)\n"},
		"a word in a sentence":  {"# ask for a token: the team knows\n[]", "# ask for a token: the team knows\n[]"},
		"a name with a hash":    {"- rolearn: a\n  username: \"x # " + key + "\"\n", "- rolearn: a\n  username: \"x # " + key + "\"\n"},
		"both, the name stays":  {"# " + key + "\n- rolearn: a\n  username: \"x # " + key + "\"\n", "# (removed)\n- rolearn: a\n  username: \"x # " + key + "\"\n"},
		"no comment, no change": {"- rolearn: arn:aws:iam::123456789012:role/" + key + "\n", "- rolearn: arn:aws:iam::123456789012:role/" + key + "\n"},
		"a field nobody reads":  {"- rolearn: a\n  password: hunter2secret99\n", "- rolearn: a\n  password: (removed)\n"},
		"another document":      {"- rolearn: a\n---\ntoken: k8s-aws-v1.aHR0cHM\n", "- rolearn: a\n---\ntoken: (removed)\n"},
		"JSON":                  {`[{"rolearn":"a","password":"hunter2secret99","groups":["g"]}]`, `[{"rolearn":"a","password":"(removed)","groups":["g"]}]`},
		"a field and a comment": {"- rolearn: a\n  username: AKIAIOSFODNN7EXAMPLE # token: hunter22\n  'secret': 'hunter2secret99'\n", "- rolearn: a\n  username: AKIAIOSFODNN7EXAMPLE # token: (removed)\n  'secret': '(removed)'\n"},
		"a name like one":       {"- rolearn: a\n  username: password=hunter22\n  groups: [\"token:hunter22\"]\n", "- rolearn: a\n  username: password=hunter22\n  groups: [\"token:hunter22\"]\n"},
		"not to be parsed":      {"- rolearn: [\n  password: hunter2secret99\n", "- rolearn: [\n  password: (removed)\n"},
		"carriage returns":      {"[] # token=abc\r\n", "[] # token=(removed)\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := archive.Cut(access.Snapshot{Objects: access.Objects{}.With(access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": tc.in}})})
			if m, _ := s.AuthMap(); m.Data["mapRoles"] != tc.out {
				t.Errorf("%q, want %q", m.Data["mapRoles"], tc.out)
			}
		})
	}
}

// What servers say stays as it is, word for word, when no credential is in it.
func TestDetailsStay(t *testing.T) {
	for _, detail := range []string{
		"User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085/heidi@example.com is not authorized to perform: eks:ListAccessEntries on resource: arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop",
		"ExpiredToken: The security token included in the request is expired",
		"operation error EKS: DescribeCluster, https response error StatusCode: 403, RequestID: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9, api error UnrecognizedClientException: The security token included in the request is invalid.",
		`Get "https://ABCDEF0123456789ABCDEF0123456789.gr7.us-west-2.eks.amazonaws.com/apis/rbac.authorization.k8s.io/v1/rolebindings": dial tcp 10.0.0.1:443: i/o timeout`,
		"getting credentials: exec: executable aws failed with exit code 255",
		"no valid token: authenticate first, with basic authentication or Bearer realm=kubernetes",
		"rolebindings.rbac.authorization.k8s.io is forbidden: User \"arn:aws:sts::123456789012:assumed-role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA/i-0a1b2c3d4e5f60718\" cannot list resource",
	} {
		s := archive.Cut(access.Snapshot{Gaps: []access.Gap{{Realm: kubeR, Kind: access.RoleKind, Why: access.Denied, Detail: detail}}})
		if got := s.Gaps[0].Detail; got != detail {
			t.Errorf("%q\nwant %q", got, detail)
		}
	}
}

func TestServerHoldsNoCredential(t *testing.T) {
	const eks = "https://ABCDEF0123456789ABCDEF0123456789.gr7.us-west-2.eks.amazonaws.com"
	for in, want := range map[string]string{
		eks: eks, "https://rancher.test/k8s/clusters/c-m-abc12345": "https://rancher.test/k8s/clusters/c-m-abc12345",
		"https://me:hunter2@api.test":                   "https://api.test",
		"https://me:p@ss:word1@api.test:6443":           "https://api.test:6443",
		"https://api.test/?token=hunter2secret99":       "https://api.test/?token=(removed)",
		"https://api.test?x=1&X-Amz-Signature=0a1b&y=2": "https://api.test?x=1&X-Amz-Signature=(removed)&y=2",
	} {
		if got := archive.Cut(access.Snapshot{Server: in}).Server; got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Names that look like keys are ordinary; a map of thousands is cut all the same.
func TestManyNamesLikeKeysAreCut(t *testing.T) {
	var text, want strings.Builder
	for i := range 2000 {
		item := fmt.Sprintf("- rolearn: %s\n  username: a\n  token: ", arn(fmt.Sprintf("EksClusterStackNodegroupRoleABC123XYZ4567n%d", i)))
		text.WriteString(item + "hunter2secret99\n")
		want.WriteString(item + "(removed)\n")
	}
	s := archive.Cut(access.Snapshot{Objects: access.Objects{}.With(access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": text.String()}})})
	if m, _ := s.AuthMap(); m.Data["mapRoles"] != want.String() {
		t.Error("a credential is left, or a name is gone")
	}
}
