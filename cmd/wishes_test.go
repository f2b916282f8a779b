package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
)

const wishesHead = "apiVersion: eks-access/v1alpha1\nkind: Changes\n"

func TestWishes(t *testing.T) {
	got, err := parseWishes("f", []byte(wishesHead+`cluster: {name: demo, arn: "arn:aws:eks:x"}
changes:
- grant: {principals: [role/a, "012345678901"], level: edit, namespaces: carts, via: aws-auth, username: u, groups: [g], createNamespaces: true}
- grant: &dev
    principals: 012345678901 # as it is written
    role: r
    roleFile: r.yaml
    namespaces: [a, b]
- revoke: {principals: role/x, subjects: true}
- change: {principals: [user/y], username: y, addGroups: [a], dropGroups: b}
- migrate:
- migrate: {principals: role/z, to: API}
- mode: {to: API_AND_CONFIG_MAP}
- grant: *dev
- change: {principals: role/p, policy: P, namespaces: [a, b]}
- change: {principals: role/p, policy: P, everywhere: true}
- change: {principals: role/n, type: EC2_WINDOWS}
- change: {principals: role/d, remake: true}
- migrate: {principals: role/n, nodeType: EC2_LINUX, subjects: true}
- role: {file: r.yaml, namespaces: [a], createNamespaces: true}
- bind: {groups: [g], users: u, role: r, roleFile: r.yaml, namespaces: a, createNamespaces: true}
- namespace: {names: [a, b]}
`))
	if err != nil {
		t.Fatal(err)
	}
	dev := &grantWish{Principals: many{"012345678901"}, Role: "r", RoleFile: "r.yaml", Namespaces: many{"a", "b"}}
	want := []wish{
		{line: 5, Grant: &grantWish{Principals: many{"role/a", "012345678901"}, Level: "edit", Namespaces: many{"carts"}, Via: access.ViaAuthMap, Username: "u", Groups: many{"g"}, CreateNamespaces: true}},
		{line: 6, Grant: dev},
		{line: 11, Revoke: &revokeWish{Principals: many{"role/x"}, Subjects: true}},
		{line: 12, Change: &changeWish{Principals: many{"user/y"}, Username: "y", AddGroups: many{"a"}, DropGroups: many{"b"}}},
		{line: 13, Migrate: &migrateWish{}},
		{line: 14, Migrate: &migrateWish{Principals: many{"role/z"}, To: access.APIMode}},
		{line: 15, Mode: &modeWish{To: access.BothMode}},
		{line: 16, Grant: dev},
		{line: 17, Change: &changeWish{Principals: many{"role/p"}, Policy: "P", Namespaces: many{"a", "b"}}},
		{line: 18, Change: &changeWish{Principals: many{"role/p"}, Policy: "P", Everywhere: true}},
		{line: 19, Change: &changeWish{Principals: many{"role/n"}, Type: "EC2_WINDOWS"}},
		{line: 20, Change: &changeWish{Principals: many{"role/d"}, Remake: true}},
		{line: 21, Migrate: &migrateWish{Principals: many{"role/n"}, NodeType: "EC2_LINUX", Subjects: true}},
		{line: 22, Role: &roleWish{File: "r.yaml", Namespaces: many{"a"}, CreateNamespaces: true}},
		{line: 23, Bind: &bindWish{Groups: many{"g"}, Users: many{"u"}, Role: "r", RoleFile: "r.yaml", Namespaces: many{"a"}, CreateNamespaces: true}},
		{line: 24, Namespace: &namespaceWish{Names: many{"a", "b"}}},
	}
	if d := cmp.Diff(want, got.list, cmp.AllowUnexported(wish{}), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if got.cluster.Name != "demo" || got.cluster.ARN != "arn:aws:eks:x" {
		t.Errorf("cluster %+v", got.cluster)
	}
}

// What would be understood otherwise than it was meant is refused, with its line.
func TestWishesThatMakeNoSense(t *testing.T) {
	one := func(item string) string { return wishesHead + "changes:\n- " + item }
	for text, says := range map[string]string{
		"":                                  "is empty",
		"# nothing\n":                       "is empty",
		"just words":                        "needs fields",
		wishesHead:                          "line 1: changes is a list",
		wishesHead + "changes: []":          "line 3: changes is a list",
		wishesHead + "changes: {grant: {}}": "line 3: changes is a list",
		"apiVersion: v1\nkind: Changes\nchanges: [{migrate: }]":   "want apiVersion eks-access/v1alpha1 and kind Changes, have \"v1\"",
		wishesHead + "change: []":                                 `line 3: the document has no field "change"; did you mean "changes"?`,
		wishesHead + "cluster: {nmae: x}\nchanges: [{migrate: }]": `line 3: cluster has no field "nmae"; did you mean "name"?`,
		wishesHead + "changes: [{migrate: }]\n---\nkind: Changes": "another one at line 4",
		one("grant"):                                                       "line 4: want one of grant, revoke",
		one("{grant: {}, revoke: {}}"):                                     "line 4: want one of grant, revoke",
		one("grant: {principals: a}"):                                      "line 4: grant: 0 of level, policy",
		one("grant: {principals: a, level: edit, policy: p}"):              "line 4: grant: 2 of level, policy",
		one("grant: {level: edit}"):                                        "line 4: grant: principals is missing",
		one("grant: {principals: a, level: root}"):                         `level "root"`,
		one("grant: {principals: a, level: [edit]}"):                       "line 4: cannot unmarshal",
		one("grant: {principals: a, level: edit, namespaces: }"):           "line 4: namespaces of grant is empty",
		one("grant: {principals: a, level: edit, namespaces: ['']}"):       "line 4: want a name or a list of names",
		one("grant: {principals: a, level: edit, namespaces: [[a]]}"):      "line 4: want a name or a list of names",
		one("grant: {principals: a, level: edit, roleFile: f}"):            "give one of them too",
		one("grant: {principals: a, level: edit, createNamespaces: true}"): "createNamespaces needs namespaces",
		one("grant: {principals: a, level: edit, createNamespaces: 3}"):    "line 4: cannot unmarshal",
		one("revoke: {principals: a, policy: p, role: r}"):                 "line 4: revoke: 2 of policy",
		one("revoke: {principals: a, namespaces: x}"):                      "a namespace alone",
		one("revoke: {principals: a, policy: p, subjects: true}"):          "subjects goes with",
		one("revoke: {principals: a, policy: }"):                           "line 4: policy of revoke is empty",
		one("revoke: {principals: a, policy: ''}"):                         "line 4: policy of revoke is empty",
		one("revoke: {principals: a, policy: null}"):                       "line 4: policy of revoke is empty",
		wishesHead + "cluster:\nchanges: [{migrate: }]":                    "line 3: cluster of the document is empty",
		one("revoke: {principals: []}"):                                    "line 4: the list is empty",
		one("change: {principals: a}"):                                     "say what to change",
		one("migrate: {principals: []}"):                                   "line 4: the list is empty",
		one("migrate: {to: CONFIG_MAP}"):                                   `to "CONFIG_MAP": want API_AND_CONFIG_MAP or API`,
		one("change: {principals: a, policy: P}"):                          "say where policy counts from now on",
		one("change: {principals: a, namespaces: x}"):                      "give policy too",
		one("change: {principals: a, type: STANDARD}"):                     "type STANDARD: want one of EC2_LINUX",
		one("change: {principals: a, remake: true, username: u}"):          "one change at a time",
		one("change: {type: EC2_LINUX}"):                                   "principals is missing",
		one("migrate: {nodeType: EC2_LINUX}"):                              "name them with principals",
		one("migrate: {principals: a, nodeType: X}"):                       "nodeType X: want one of",
		one("role: {namespaces: a}"):                                       "file is missing",
		one("role: {}"):                                                    "file is missing",
		one("bind: {groups: g, namespaces: a}"):                            "line 4: bind: 0 of clusterRole and role",
		one("bind: {groups: g, role: r, clusterRole: c}"):                  "line 4: bind: 2 of clusterRole and role",
		one("bind: {clusterRole: c}"):                                      "groups and users are missing",
		one("bind: {groups: g, role: r}"):                                  "a role is inside a namespace",
		one("bind: {groups: g, clusterRole: c, createNamespaces: true}"):   "createNamespaces needs namespaces",
		one("bind: {group: g, clusterRole: c}"):                            `bind has no field "group"; did you mean "groups"?`,
		one("namespace: {}"):                                               "names is missing",
		one("namespaces: {names: a}"):                                      `changes has no field "namespaces"; did you mean "namespace"?`,
		one("mode: {}"):                                                    `to "": want`,
		one("mode: {<<: {to: API}}"):                                       `mode has no field "<<"`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := parseWishes("f", []byte(text))
			if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "f") {
				t.Errorf("says %v, want %q", err, says)
			}
		})
	}
}

// The file that README shows has every kind of change, and makes a plan.
func TestREADMEsChanges(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(readme), "```yaml\napiVersion: eks-access/v1alpha1\nkind: Changes\n")
	body, _, _ = strings.Cut(body, "```")
	if !found {
		t.Fatal("README shows no file of changes")
	}
	dir := t.TempDir()
	role := "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: deployer}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, patch]}]}"
	for name, text := range map[string]string{"changes.yaml": wishesHead + body, "role.yaml": role} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range fields(&wish{}) {
		if !strings.Contains(body, "\n- "+kind+": ") {
			t.Errorf("it has no %s", kind)
		}
	}
	e, out, said := person("")
	if code := run(t.Context(), e, []string{"plan", "-f", filepath.Join(dir, "changes.yaml"), "--demo"}); code != 0 || strings.Contains(out.String(), "refused") {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
}

// The example has every kind of change once, with every kind of intent, and makes a plan.
func TestTheExampleMakesAPlan(t *testing.T) {
	const file = "../examples/changes.yaml"
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := parseWishes(file, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range fields(&wish{}) {
		if !strings.Contains(string(body), "\n- "+kind+": ") {
			t.Errorf("it has no %s", kind)
		}
	}
	e, out, said := person("")
	if code := run(t.Context(), e, []string{"plan", "-f", file, "--demo", "-o", "json"}); code != 0 {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	var p access.Plan
	if err := json.Unmarshal(out.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, in := range p.From {
		kinds[fmt.Sprintf("%T", in)] = true
	}
	if len(kinds) != 11 || len(p.From) < len(w.list) || p.Refused() || len(p.Steps) < 20 {
		t.Errorf("%d kinds of intent (%v), %d intents, %d steps, refused %v", len(kinds), kinds, len(p.From), len(p.Steps), p.Refusals())
	}
	// Every kind has a step but the mode, which is as asked for.
	for _, why := range []access.Code{access.WhyRetire, access.WhyPolicy, access.WhyBind, access.WhyRole, access.WhyNamespace, access.WhyRevoke, access.WhyGroups, access.WhyScope, access.WhyDead, access.WhyRetype} {
		if !slices.ContainsFunc(p.Steps, func(s access.Step) bool { return s.Why == why }) {
			t.Errorf("no step is there for %s", why)
		}
	}
}

// Whatever a file holds, it is a list of whole wishes or an error.
func FuzzWishes(f *testing.F) {
	f.Add([]byte(wishesHead + "changes:\n- grant: {principals: role/a, level: edit}\n- migrate:\n- mode: {to: API}\n"))
	f.Add([]byte(wishesHead + "changes:\n- role: {file: r.yaml}\n- bind: {groups: g, clusterRole: view}\n- namespace: {names: [a]}\n- change: {principals: p, policy: P, everywhere: true}\n"))
	f.Add([]byte(wishesHead + "changes: &a [*a]"))
	f.Add([]byte(wishesHead + "changes: &a\n- *a"))
	f.Add([]byte(wishesHead + "changes:\n- revoke: &r {principals: &p [*p]}\n- revoke: *r"))
	f.Fuzz(func(t *testing.T, body []byte) {
		isWishes(body)
		w, err := parseWishes("f", body)
		if err != nil {
			return
		}
		if len(w.list) == 0 {
			t.Error("an empty list is no error")
		}
		for _, one := range w.list {
			n := 0
			for _, there := range []bool{one.Grant != nil, one.Revoke != nil, one.Change != nil, one.Migrate != nil, one.Mode != nil, one.Role != nil, one.Bind != nil, one.Namespace != nil} {
				if there {
					n++
				}
			}
			if n != 1 || one.line < 1 {
				t.Errorf("%d wishes in one item at line %d", n, one.line)
			}
		}
	})
}
