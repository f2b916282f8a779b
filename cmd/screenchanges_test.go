package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/tui"
)

const roleManifest = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: deployer}\nrules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n"

// staged is a cluster, and every kind of change to it.
func staged(t *testing.T) (*access.Index, []tui.Change) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile(filepath.Join(dir, "role's, #1.yaml"), []byte(roleManifest), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := openDemo(target{Demo: "s3"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ix := access.NewIndex(s)
	p, _ := access.ParsePrincipal("arn:aws:iam::123456789012:role/eks-workshop-admins")
	fresh, _ := access.ParsePrincipal("arn:aws:iam::999988887777:role/team/新人-dev")
	role, _, err := parseRole("", []byte(roleManifest), "")
	if err != nil {
		t.Fatal(err)
	}
	file := "role's, #1.yaml"
	all := []access.Intent{
		access.Migrate{To: access.BothMode},
		access.Migrate{Principals: []access.Principal{p}, To: access.APIMode, NodeType: "EC2_LINUX", Subjects: true},
		access.GrantAccess{Principal: fresh, Level: access.View, Namespaces: []string{"carts", "team-*"}, Via: access.ViaEntry, Username: "dev:{{SessionName}}", Groups: []string{"a b", "true", "012345678901", "~", "x: y", "- z"}},
		access.GrantAccess{Principal: p, Policy: access.EditPolicy, Via: access.ViaAuto, CreateNamespaces: true, Namespaces: []string{"new"}},
		access.GrantAccess{Principal: p, ClusterRole: "view", Via: access.ViaAuto},
		access.RevokeAccess{Principal: p, Policy: access.ViewPolicy, Namespaces: []string{"carts"}},
		access.RevokeAccess{Principal: p, Subjects: true},
		access.RevokeAccess{Principal: p, ClusterRole: "system:x"}, access.RevokeAccess{Principal: p, Role: "r"},
		access.ChangeIdentity{Principal: p, Username: "\x1b[31mred\u202e\"\\ \U000e0041", Add: []string{"\x00\x7f\u0085"}, Drop: []string{"é\u2028"}},
		access.ChangeScope{Principal: p, Policy: access.ViewPolicy, Namespaces: []string{"carts"}},
		access.ChangeScope{Principal: p, Policy: access.ViewPolicy},
		access.ChangeType{Principal: p, Type: "EC2_LINUX"}, access.Remake{Principal: p},
		access.SwitchMode{To: access.APIMode}, access.MakeNamespaces{Names: []string{"test", "2026-11-22"}},
		access.BindRole{Groups: []string{"g"}, Users: []string{"u"}, ClusterRole: "view"},
	}
	var cs []tui.Change
	for _, in := range all {
		cs = append(cs, tui.Change{Intent: in})
	}
	return ix, append(cs,
		tui.Change{Intent: access.GrantAccess{Principal: p, Role: "deployer", RoleObject: role, Namespaces: []string{"carts"}, Via: access.ViaAuthMap}, Rules: file},
		tui.Change{Intent: access.MakeRole{Role: *role, Namespaces: []string{"carts", "ui"}, CreateNamespaces: true}, Rules: file},
		tui.Change{Intent: access.BindRole{Users: []string{"u"}, Role: "deployer", RoleObject: role, Namespaces: []string{"carts"}, CreateNamespaces: true}, Rules: file})
}

// What is staged is the same after it was a file, whatever the names are; and nothing in
// the file acts on a terminal.
func TestStagedChangesSurviveTheirFile(t *testing.T) {
	ix, cs := staged(t)
	c, _ := ix.Snapshot().Cluster()
	text := changesText(c, cs)
	got, ignored, err := changesOf(ix, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(cs, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	// The example's lines are no wishes; what an editor wrote behind a # may have been one.
	more := strings.Replace(text, "# - mode: {to: API}\n", "# - mode: {to: API}\n# - namespace:\n#     names: x\n  # - migrate:\n", 1)
	if _, n, _ := changesOf(ix, more); n != 2 || ignored != 0 {
		t.Errorf("%d lines behind #, want 2; %d in the file as it is", n, ignored)
	}
	for _, r := range text {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e || r == 0x2028 || r == 0xe0041 {
			t.Errorf("%U stands in the file", r)
		}
	}
	// The line of a mistake is the file's.
	bad := strings.Replace(text, "principals: arn:aws:iam::123456789012:role/eks-workshop-admins\n    policy: AmazonEKSEditPolicy", "principals: nobody\n    policy: AmazonEKSEditPolicy", 1)
	at := strings.Count(bad[:strings.Index(bad, "    principals: nobody")], "\n")
	want := fmt.Sprintf("changes.yaml: line %d: no principal \"nobody\"", at)
	if _, _, err := changesOf(ix, bad); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestFileOfNothingStagedIsAnExample(t *testing.T) {
	ix, _ := staged(t)
	c, _ := ix.Snapshot().Cluster()
	text := changesText(c, nil)
	for _, none := range []string{"", "# nothing\n", "\n\n"} {
		if got, _, err := changesOf(ix, none); err != nil || got != nil {
			t.Errorf("%v, %v of %s", got, err, none)
		}
	}
	// Every line of it is right but for the names.
	for l := range strings.Lines(text) {
		if item, ok := strings.CutPrefix(l, "# - "); ok {
			if _, err := parseWishes(changesFile, []byte("apiVersion: "+access.APIVersion+"\nkind: Changes\nchanges:\n- "+item)); err != nil {
				t.Errorf("%s: %v", item, err)
			}
		}
	}
	for want, wrong := range map[string]string{
		"line 8: grant has no field": strings.Replace(text, "changes:\n", "changes:\n- grant: {whom: x}\n", 1),
		"line 7: there are no changes, and a line that begins with # does not count": text,
		"changes.yaml: line 2: there are no changes":                                 "kind: Changes\nchanges: []\n",
		"is for cluster other":         "apiVersion: " + access.APIVersion + "\nkind: Changes\ncluster: {name: other}\nchanges:\n- migrate:\n",
		"have \"\" and \"\"":           "changes:\n- migrate:\n",
		"has no field \"change\"":      "apiVersion: " + access.APIVersion + "\nkind: Changes\nchange: []\n",
		"changes is a list of":         "apiVersion: " + access.APIVersion + "\nkind: Changes\nchanges: 5\n",
		"read role file: open no.yaml": "apiVersion: " + access.APIVersion + "\nkind: Changes\nchanges:\n- role: {file: no.yaml}\n",
	} {
		if _, _, err := changesOf(ix, wrong); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
