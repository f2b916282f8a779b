package report_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// troubled is a cluster with a finding of most kinds: a team that may read secrets in
// kube-system, a policy on namespaces to come, a group and a binding too many.
func troubled(t testing.TB) (*access.Index, []access.Finding) {
	t.Helper()
	role := access.Role{In: kubeR, Namespace: "kube-system", Name: "secret-reader", Rules: []access.Rule{
		{Verbs: []string{"get", "list", "describe"}, APIGroups: []string{""}, Resources: []string{"secrets", "pod"}}}}
	bind := func(ns, name, kind, to, group string) access.Binding {
		return access.Binding{In: kubeR, Namespace: ns, Name: name, Role: rbacv1.RoleRef{Kind: kind, Name: to}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: group}}}
	}
	s := workshop(role, bind("kube-system", "readers", "Role", "secret-reader", "ops; rm -rf /"), bind("carts", "left", "ClusterRole", "view", "gone"),
		access.AccessEntry{In: eksR, Principal: "arn:aws:iam::" + account + ":role/ops", Type: "STANDARD", Groups: []string{"ops; rm -rf /", "typo"}},
		access.PolicyAssociation{In: eksR, Principal: "arn:aws:iam::" + account + ":role/ops", Policy: access.PolicyARN("aws", access.AdminPolicy), Scope: access.PolicyScope{Namespaces: []string{"ops-*"}}},
		access.AccessPolicy{In: eksR, Name: "AmazonEKSTomorrowPolicy", ARN: access.PolicyARN("aws", "AmazonEKSTomorrowPolicy")})
	s.Gaps = []access.Gap{{Realm: "iam:" + account, Kind: access.IAMPrincipalKind, Why: access.Denied, Detail: "not authorized to perform iam:GetRole"}}
	ix := access.NewIndex(s)
	return ix, access.Inspect(ix)
}

func TestFindingTable(t *testing.T) {
	_, fs := troubled(t)
	rows := report.Findings(fs, report.FindingFilter{})
	table := report.FindingTable(rows, false)
	golden(t, "findings", text(table))
	golden(t, "findings-80", text(wrapped(table, 80)))
	golden(t, "findings-wide", text(report.FindingTable(rows, true)))
}

func TestFindingFilter(t *testing.T) {
	_, fs := troubled(t)
	ops := parse(t, "arn:aws:sts::"+account+":assumed-role/ops/alice")
	for name, tc := range map[string]struct {
		o     report.FindingFilter
		want  func(access.Finding) bool
		least int
	}{
		"all":       {report.FindingFilter{}, func(access.Finding) bool { return true }, 8},
		"severity":  {report.FindingFilter{AtLeast: access.Warn}, func(f access.Finding) bool { return f.Severity >= access.Warn }, 3},
		"codes":     {report.FindingFilter{Codes: []access.Code{access.GroupUnbound, access.BecomesAdmin}}, func(f access.Finding) bool { return f.Code == "group-unbound" || f.Code == "becomes-admin" }, 2},
		"principal": {report.FindingFilter{Principals: []access.Principal{ops}}, func(f access.Finding) bool { return f.Concerns(ops) }, 4},
		"both":      {report.FindingFilter{Principals: []access.Principal{ops}, AtLeast: access.Warn}, func(f access.Finding) bool { return f.Concerns(ops) && f.Severity >= access.Warn }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var want []access.Code
			for _, f := range fs {
				if tc.want(f) {
					want = append(want, f.Code)
				}
			}
			var got []access.Code
			for _, r := range report.Findings(fs, tc.o) {
				got = append(got, r.Code)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if len(got) < tc.least {
				t.Errorf("%d findings: the world has lost what this test looks at", len(got))
			}
		})
	}
}

func TestFindingsAreAContract(t *testing.T) {
	ix, fs := troubled(t)
	got, err := json.MarshalIndent(report.ListFindings(ix, fs, report.FindingFilter{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.json", string(got)+"\n")
	empty, err := json.Marshal(report.ListFindings(access.NewIndex(access.Snapshot{}), nil, report.FindingFilter{}))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got)+string(empty), "null") {
		t.Error("a list is null")
	}
}

// sarifLog is what SARIF 2.1.0 requires of a log like ours (OASIS, sarif-schema-2.1.0:
// required members, enumerations), written down by hand.
type sarifLog struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct {
					ID               string
					ShortDescription struct{ Text string }
					Help             struct{ Text string }
				}
			}
		}
		Invocations []struct {
			ExecutionSuccessful        *bool
			ToolExecutionNotifications []struct {
				Level   string
				Message struct{ Text string }
			}
		}
		Results []struct {
			RuleID    string
			RuleIndex int
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
				LogicalLocations []struct{ Name, FullyQualifiedName, Kind string }
			}
			PartialFingerprints map[string]string
		}
	}
}

func readSARIF(t *testing.T, ix *access.Index, fs []access.Finding) sarifLog {
	t.Helper()
	text, err := json.Marshal(report.SARIF(report.ListFindings(ix, fs, report.FindingFilter{}), "v1.2.3"))
	if err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestSARIFHasWhatTheFormatRequires(t *testing.T) {
	ix, fs := troubled(t)
	log := readSARIF(t, ix, fs)
	if log.Version != "2.1.0" || log.Schema != report.SarifSchema || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name == "" || len(run.Results) != len(fs) {
		t.Errorf("tool %q, %d results of %d findings", run.Tool.Driver.Name, len(run.Results), len(fs))
	}
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if ids[r.ID] || r.ID == "" || r.ShortDescription.Text == "" || r.Help.Text == "" || strings.ContainsAny(r.Help.Text, "{}") {
			t.Errorf("rule %+v", r)
		}
		ids[r.ID] = true
	}
	if n := run.Invocations[0]; n.ExecutionSuccessful == nil || len(n.ToolExecutionNotifications) != 1 || n.ToolExecutionNotifications[0].Level != "warning" || n.ToolExecutionNotifications[0].Message.Text == "" {
		t.Errorf("the gap is not told: %+v", n)
	}
	uri := regexp.MustCompile(`^([A-Za-z0-9._~-]|%[0-9A-F]{2})+(/([A-Za-z0-9._~-]|%[0-9A-F]{2})+)*$`)
	prints := map[string]bool{}
	for i, r := range run.Results {
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d: rule %q is not number %d", i, r.RuleID, r.RuleIndex)
		}
		if !slices.Contains([]string{"none", "note", "warning", "error"}, r.Level) || r.Message.Text == "" || len(r.Locations) == 0 {
			t.Errorf("result %d: %+v", i, r)
		}
		for _, l := range r.Locations {
			if !uri.MatchString(l.PhysicalLocation.ArtifactLocation.URI) || l.PhysicalLocation.Region.StartLine < 1 || len(l.LogicalLocations) == 0 || l.LogicalLocations[0].Kind == "" || l.LogicalLocations[0].FullyQualifiedName == "" {
				t.Errorf("result %d: location %+v", i, l)
			}
		}
		p := r.PartialFingerprints["eksAccessFinding/v1"]
		if p == "" || prints[p] {
			t.Errorf("result %d: fingerprint %q is missing or taken", i, p)
		}
		prints[p] = true
	}
}

// A collector tells by the fingerprint that a finding is the same as last time: it must
// not move with the lines of aws-auth.
func TestFingerprintsStay(t *testing.T) {
	fs := func(line string) []access.Finding {
		return []access.Finding{{Code: access.MappingShadowed, About: []access.Key{{Realm: kubeR, Kind: access.AuthMapKind, Namespace: "kube-system", Name: "aws-auth"}}, Args: []string{admins, "entry-wins", line}}}
	}
	ix, _ := troubled(t)
	at7, at9 := readSARIF(t, ix, fs("7")).Runs[0].Results[0], readSARIF(t, ix, fs("9")).Runs[0].Results[0]
	if d := cmp.Diff(at7.PartialFingerprints, at9.PartialFingerprints); d != "" {
		t.Error(d)
	}
	if at9.Locations[0].PhysicalLocation.Region.StartLine != 9 {
		t.Errorf("line %d, want 9", at9.Locations[0].PhysicalLocation.Region.StartLine)
	}
	other := fs("7")
	other[0].Args[0] = carts
	if got := readSARIF(t, ix, other).Runs[0].Results[0]; cmp.Equal(at7.PartialFingerprints, got.PartialFingerprints) {
		t.Error("another principal has the same fingerprint")
	}
	if twice := readSARIF(t, ix, append(fs("7"), fs("8")...)).Runs[0].Results; cmp.Equal(twice[0].PartialFingerprints, twice[1].PartialFingerprints) {
		t.Error("two items of one principal are one")
	}
}

// Names are anybody's text, and a message of SARIF has placeholders and links in it.
func TestSARIFMessagesAreLiteral(t *testing.T) {
	const group, written = `[click](https://evil.test) {0} {{x}} \d`, `\[click\](https://evil.test) {{0}} {{{{x}}}} \\d`
	s := workshop(access.AccessEntry{In: eksR, Principal: "arn:aws:iam::" + account + ":role/ops", Type: "STANDARD", Groups: []string{group}})
	s.Gaps = []access.Gap{{Realm: "iam:" + account, Kind: access.IAMPrincipalKind, Why: access.Broken, Detail: group}}
	ix := access.NewIndex(s)
	run := readSARIF(t, ix, access.Inspect(ix)).Runs[0]
	said := run.Invocations[0].ToolExecutionNotifications[0].Message.Text
	for _, r := range run.Results {
		said += "\n" + r.Message.Text
	}
	for _, r := range run.Tool.Driver.Rules {
		said += "\n" + r.ShortDescription.Text + "\n" + r.Help.Text
	}
	if n := strings.Count(said, written); n < 2 {
		t.Errorf("the group stands %d times in\n%s", n, said)
	}
	left := strings.NewReplacer(`\\`, "", `\[`, "", `\]`, "", "{{", "", "}}", "").Replace(said)
	if at := strings.IndexAny(left, `[]{}\`); at >= 0 {
		t.Errorf("markup is left: %s", left[at:])
	}
}
