package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// listed is a world in which every column has something to show.
func listed(t testing.TB) access.Snapshot {
	s := workshop(
		access.AccessEntry{In: eksR, Principal: "arn:aws:iam::" + account + ":user/auditors/dana", Type: "STANDARD"},
		access.PolicyAssociation{In: eksR, Principal: "arn:aws:iam::" + account + ":user/auditors/dana", Policy: access.PolicyARN("aws", access.ViewPolicy), Scope: access.PolicyScope{Cluster: true}},
		access.PolicyAssociation{In: eksR, Principal: "arn:aws:iam::" + account + ":user/auditors/dana", Policy: access.PolicyARN("aws", access.EditPolicy), Scope: access.PolicyScope{Namespaces: []string{"c*"}}},
		access.AccessEntry{In: eksR, Principal: admins, Type: "STANDARD", Username: "cluster-admin"},
		access.PolicyAssociation{In: eksR, Principal: admins, Policy: access.PolicyARN("aws", access.ClusterAdminPolicy), Scope: access.PolicyScope{Cluster: true}},
	)
	s.Caller = access.Caller{AWS: parse(t, "arn:aws:sts::"+account+":assumed-role/eks-workshop-admins/bob"), Identity: access.Identity{User: "cluster-admin"}}
	return s
}

var listFindings = []access.Finding{{Code: access.MapAbsent, Args: []string{"API"}}, {Code: access.PolicyUnknown, Severity: access.Warn,
	About: []access.Key{{Realm: eksR, Kind: access.EntryKind, Name: admins}}, Args: []string{"AmazonEKSNewPolicy", admins}}}

func TestListIsTheContract(t *testing.T) {
	s := listed(t)
	s.Gaps = []access.Gap{{Realm: "iam:" + account, Kind: access.IAMPrincipalKind, Why: access.Denied, Detail: "not authorized to perform iam:GetRole"}}
	got, err := json.MarshalIndent(report.List(access.NewIndex(s), listFindings, report.ListOptions{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "list.json", string(got)+"\n")
	if strings.Contains(string(got), "null") {
		t.Error("a list is null")
	}
	empty, err := json.Marshal(report.List(access.NewIndex(access.Snapshot{}), nil, report.ListOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"apiVersion":"eks-access/v1alpha1","kind":"AccessList","cluster":{"name":"","arn":"","region":"","version":"","platformVersion":"","authenticationMode":""},"caller":{"arn":"","username":""},"policyTable":"` + access.PolicyTableDate + `","items":[],"findings":[],"gaps":[]}`
	if d := cmp.Diff(want, string(empty)); d != "" {
		t.Error(d)
	}
}

func TestListNamesTheNamespacesThatDiffer(t *testing.T) {
	unread := workshop()
	unread.Gaps = []access.Gap{{Realm: kubeR, Kind: access.RoleBindingKind, Why: access.Denied}}
	unreadEntries := workshop()
	unreadEntries.Gaps = []access.Gap{{Realm: eksR, Kind: access.EntryKind, Why: access.Denied}}
	all := "=none carts=edit catalog=view ui=view"
	for name, tc := range map[string]struct {
		s    access.Snapshot
		arn  string
		o    report.ListOptions
		want string
	}{
		"own scopes":           {workshop(), carts, report.ListOptions{}, all},
		"everything":           {workshop(), admins, report.ListOptions{}, "=full"},
		"not in force":         {workshop(), "arn:aws:iam::" + account + ":role/teams/lost", report.ListOptions{}, "=none"},
		"not known if it is":   {unreadEntries, admins, report.ListOptions{}, "=unknown"},
		"named ones, also new": {workshop(), carts, report.ListOptions{Namespaces: []string{"ui", "checkout", "ui", "later"}}, "=none checkout=none later=none ui=view"},
		"principal by session": {workshop(), carts, report.ListOptions{Principals: []access.Principal{parse(t, "arn:aws:sts::"+account+":assumed-role/carts-developers/erin")}}, all},
		"bindings not read":    {unread, carts, report.ListOptions{}, "=none carts=edit+ catalog=view+ checkout=unknown kube-system=unknown ui=view+"},
		"wider in a namespace": {listed(t), "arn:aws:iam::" + account + ":user/auditors/dana", report.ListOptions{}, "=view carts=edit catalog=edit checkout=edit"},
	} {
		t.Run(name, func(t *testing.T) {
			l := report.List(access.NewIndex(tc.s), nil, tc.o)
			if len(tc.o.Principals) > 0 && len(l.Items) != 1 {
				t.Errorf("%d items, want the one that was named", len(l.Items))
			}
			want := parse(t, tc.arn).ID()
			for _, it := range l.Items {
				if parse(t, it.Principal.ARN).ID() != want {
					continue
				}
				var got []string
				for _, a := range it.Access {
					text := a.Namespace + "=" + a.Level
					if a.AtLeast {
						text += "+"
					}
					got = append(got, text)
				}
				if d := cmp.Diff(tc.want, strings.Join(got, " ")); d != "" {
					t.Error(d)
				}
				return
			}
			t.Error("the principal is not listed")
		})
	}
}

// The list must agree with the index cell by cell: a namespace that is not listed
// has the cluster's answer.
func TestListSaysWhatTheIndexSays(t *testing.T) {
	for name, s := range map[string]access.Snapshot{"workshop": workshop(), "listed": listed(t)} {
		ix := access.NewIndex(s)
		l := report.List(ix, nil, report.ListOptions{})
		for i, r := range ix.Rows() {
			levels := map[string]string{}
			for _, a := range l.Items[i].Access {
				levels[a.Namespace] = a.Level
			}
			for _, ns := range ix.Namespaces() {
				got, ok := levels[ns]
				if !ok {
					got = levels[""]
				}
				if want := ix.Cell(r, ns).Level.String(); got != want {
					t.Errorf("%s: %s in %s: listed %s, index %s", name, r.Principal, ns, got, want)
				}
			}
		}
	}
}

func TestTable(t *testing.T) {
	s := listed(t)
	l := report.List(access.NewIndex(s), listFindings, report.ListOptions{})
	golden(t, "table", text(report.Table(slices.Values(l.Items), false, 0)))
	golden(t, "table-wide", text(report.Table(slices.Values(l.Items), true, 0)))
	golden(t, "table-80", text(report.Table(slices.Values(l.Items), false, 80)))
	s.Gaps = []access.Gap{{Realm: kubeR, Kind: access.RoleBindingKind, Why: access.Unreachable}}
	golden(t, "table-gap", text(report.Table(report.ListItems(access.NewIndex(s), report.ListOptions{}), false, 0)))
	for _, wide := range []bool{false, true} {
		for width := 1; width < 200; width++ {
			for _, line := range report.Table(slices.Values(l.Items), wide, width) {
				if w := report.Width(line.Text); line.Whole && w > width {
					t.Fatalf("a line of %d columns in a table for %d", w, width)
				}
			}
		}
	}
}

// What has no room is told: whole columns, and those that are cut. Who somebody is, through
// what, and what that may do stays; a mapping that gives nothing says so.
func TestTableSaysWhatItLeavesOut(t *testing.T) {
	l := report.List(access.NewIndex(listed(t)), nil, report.ListOptions{})
	for width, want := range map[int]string{
		60:  "IDENTITY is left out; PRINCIPAL, VIA and NAMESPACES are cut; -o wide has all",
		80:  "IDENTITY is left out; VIA and NAMESPACES are cut; -o wide has all",
		120: "IDENTITY and NAMESPACES are cut; -o wide has all",
		200: "", 0: "",
	} {
		lines := report.Table(slices.Values(l.Items), false, width)
		head, last := strings.Fields(lines[0].Text), lines[len(lines)-1]
		for _, column := range []string{"PRINCIPAL", "VIA", "CLUSTER", "NAMESPACES"} {
			if !slices.Contains(head, column) {
				t.Errorf("%d columns have no %s", width, column)
			}
		}
		if lost := lines[slices.IndexFunc(lines, func(l report.Line) bool { return strings.HasPrefix(l.Text, "lost ") })]; !strings.Contains(lost.Text, "never match") {
			t.Errorf("%d columns say %q", width, lost.Text)
		}
		if want == "" && !last.Whole || want != "" && last.Text != want {
			t.Errorf("%d columns end with %q, want %q", width, last.Text, want)
		}
	}
}

// With the mode CONFIG_MAP an entry is dormant, and what counts is the item below it.
func TestTableShowsTheMappingThatCounts(t *testing.T) {
	s := workshop(access.AccessEntry{In: eksR, Principal: admins, Type: "STANDARD", Username: "from-the-entry"}, access.AuthMode{In: eksR, Mode: access.ConfigMapMode})
	l := report.List(access.NewIndex(s), nil, report.ListOptions{Principals: []access.Principal{parse(t, admins)}})
	if got := report.Table(slices.Values(l.Items), false, 0)[1].Text; !strings.Contains(got, "cluster-admin [system:masters]   aws-auth   Full") {
		t.Errorf("the table says %q", got)
	}
	golden(t, "table-dormant", text(report.Table(slices.Values(l.Items), true, 0)))
}

func TestOneLongNameDoesNotPushTheTableOutOfSight(t *testing.T) {
	long := strings.Repeat("x", 3000)
	l := report.AccessList{Items: []report.ListItem{{Principal: report.ListPrincipal{ARN: long}, Mappings: make([]report.ListMapping, 1)},
		{Principal: report.ListPrincipal{ARN: admins}, Mappings: make([]report.ListMapping, 1)}}}
	lines := report.Table(slices.Values(l.Items), true, 0)
	for i, line := range lines {
		if i != 1 && report.Width(line.Text) > 1000 {
			t.Errorf("a line of %d columns", report.Width(line.Text))
		}
	}
	if !strings.Contains(lines[1].Text, long) {
		t.Error("without a terminal a name is cut")
	}
}
