package report_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Every code of a remark has words of its own.
func TestEveryRemarkHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../archive/folder.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			code, _ := strconv.Unquote(lit.Value)
			text := report.Remark(archive.Remark{File: "f", Code: access.Code(code), Args: []string{"RoleBinding"}}).Text
			if len(text) < 10 || strings.Contains(text, "{") || said[text] != "" {
				t.Errorf("%s: %q", code, text)
			}
			said[text] = code
		}
		return true
	})
	if len(said) < 4 {
		t.Errorf("only %d codes were found", len(said))
	}
}

func TestRemarks(t *testing.T) {
	for want, r := range map[string]archive.Remark{
		"▲ a␛.yaml is left out: it is not what kubectl get -o json|yaml or aws eks prints":                {File: "a\x1b.yaml", Code: archive.Foreign},
		"i pods.json holds objects of kind Pod, which say nothing about who can do what: left out":        {File: "pods.json", Code: archive.Unneeded, Args: []string{"Pod"}},
		"▲ rb.json may not be all of the cluster's role bindings: the rest counts as unknown":             {File: "rb.json", Code: archive.Part, Args: []string{"RoleBinding"}},
		"▲ s.yaml holds Secrets, which are left out: nothing here reads them, and they should not travel": {File: "s.yaml", Code: archive.Secrets},
	} {
		if got := report.Remark(r).Text; got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// What a folder lacks is said with the command that prints it, ready for a shell.
func TestNotGivenNamesTheCommand(t *testing.T) {
	eks, kube := access.EKSRealm("a b"), access.KubeRealm("a b")
	for want, g := range map[string]access.Gap{
		"role bindings: not in the folder, or only in part; add what this prints: kubectl get rolebindings -A -o json":                                                                                          {Realm: kube, Kind: access.RoleBindingKind, Why: access.NotGiven},
		"access entries: not in the folder, or only in part; add what this prints: aws eks list-access-entries --cluster-name 'a b'":                                                                            {Realm: eks, Kind: access.EntryKind, Why: access.NotGiven},
		"the access policies of dev: not in the folder, or only in part; add what this prints: aws eks list-associated-access-policies --cluster-name 'a b' --principal-arn arn:aws:iam::123456789012:role/dev": {Realm: eks, Kind: access.AssociationKind, Name: "arn:aws:iam::123456789012:role/dev", Why: access.NotGiven},
		"IAM roles and users: not in the folder, or only in part; add what this prints: aws iam list-roles, and aws iam list-users":                                                                             {Realm: access.IAMRealm("123456789012"), Kind: access.IAMPrincipalKind, Why: access.NotGiven},
	} {
		if got := report.Gap(g); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	for _, r := range []access.Realm{eks, kube} {
		for _, k := range r.Kinds() {
			if text := report.Gap(access.Gap{Realm: r, Kind: k, Why: access.NotGiven}); !strings.Contains(text, "add what this prints: ") {
				t.Errorf("%s: %q", k, text)
			}
		}
	}
}

func TestSnapshotSaysOfWhen(t *testing.T) {
	at := time.Date(2026, 11, 22, 3, 4, 5, 0, time.FixedZone("", 3600))
	s := access.Snapshot{Realms: []access.Realm{access.EKSRealm("prod\x1b")}, At: at, Objects: access.Objects{}.With(access.Namespace{In: "kube:prod", Name: "a"}),
		Gaps: []access.Gap{{Realm: "kube:prod", Kind: access.RoleKind, Why: access.Unreachable}}}
	if got := report.SnapshotTitle(s); got != "snapshot 2026-11-22 02:04Z" {
		t.Error(got)
	}
	s.Caller.AWS, _ = access.ParsePrincipal("arn:aws:iam::123456789012:role/dev")
	if got := report.FromSnapshot(s, "x.json").Text; got != "i snapshot of prod␛ at 2026-11-22 02:04Z as read by dev, from x.json: nothing is asked now" {
		t.Error(got)
	}
	lines := report.Snapshotted(s, "x.json")
	if len(lines) != 2 || lines[0].Text != "✓ snapshot of prod␛ at 2026-11-22 02:04Z written to x.json: 0 access entries, 0 roles, 0 cluster roles, 0 role bindings, 0 cluster role bindings, 1 namespace" ||
		lines[1].Text != "? roles could not be read: no answer" {
		t.Errorf("%v", lines)
	}
}
