package archive_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
)

// whole is a folder that holds everything of a tiny cluster, as kubectl and version 1
// and 2 of the AWS CLI print it.
const whole = `
-- a/cluster.json --
{"cluster": {"name": "demo", "arn": "arn:aws:eks:us-west-2:123456789012:cluster/demo", "createdAt": "2025-01-08T08:52:33.100000+00:00",
 "version": "1.33", "endpoint": "https://x", "status": "ACTIVE", "platformVersion": "eks.15", "identity": {"oidc": {"issuer": "https://oidc"}},
 "certificateAuthority": {"data": "QUJD"}, "accessConfig": {"bootstrapClusterCreatorAdminPermissions": false, "authenticationMode": "API_AND_CONFIG_MAP"}}}
-- a/entries.json --
{"accessEntries": ["arn:aws:iam::123456789012:role/dev"]}
-- a/entry --
{
    "accessEntry": {
        "clusterName": "demo", "principalArn": "arn:aws:iam::123456789012:role/dev", "kubernetesGroups": ["devs"],
        "createdAt": 1746000000.5, "modifiedAt": 1746000000.5, "tags": {}, "username": "dev", "type": "STANDARD"
    }
}
-- a/policies.yaml --
associatedAccessPolicies:
- accessScope:
    namespaces:
    - carts
    type: namespace
  associatedAt: '2025-01-08T08:52:33.100000+00:00'
  policyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
clusterName: demo
principalArn: arn:aws:iam::123456789012:role/dev
-- a/all-policies.json --
{"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}]}
-- k/auth.yaml --
apiVersion: v1
data:
  mapRoles: |
    - rolearn: arn:aws:iam::123456789012:role/ops # on call
      username: ops
      groups: [ops]
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system, annotations: {note: x}}
-- k/cluster-wide.json --
{"apiVersion": "v1", "kind": "List", "items": [
 {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "cluster-admin"}, "rules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]},
 {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "view", "managedFields": [{"manager": "x"}]}, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}, "rules": null},
 {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:basic-user"}},
 {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "cluster-admin"}, "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}},
 {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "system:basic-user"}, "roleRef": {"kind": "ClusterRole", "name": "system:basic-user"}},
 {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "carts"}}]}
-- k/roles.yml --
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- metadata: {name: "system:controller:bootstrap-signer", namespace: kube-public}
- metadata: {name: extension-apiserver-authentication-reader, namespace: kube-system}
metadata: {resourceVersion: ""}
---
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: "system:controller:bootstrap-signer", namespace: kube-public}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "system:controller:bootstrap-signer"}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: "system::extension-apiserver-authentication-reader", namespace: kube-system}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ops, namespace: carts}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
  subjects: [{kind: Group, name: ops}]
`

// read reads a folder: files of the archive are added to or replace those of whole; one
// that is empty takes the file away.
func read(t *testing.T, changes string) (access.Snapshot, []archive.Remark, error) {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range append(txtar.Parse([]byte(whole)).Files, txtar.Parse([]byte(changes)).Files...) {
		if files[f.Name] = f.Data; len(f.Data) == 0 {
			delete(files, f.Name)
		}
	}
	var in []archive.File
	for name, text := range files {
		in = append(in, archive.File{Name: name, Text: text})
	}
	return archive.Folder(in, archive.Options{Cluster: "folder", At: began})
}

func gaps(s access.Snapshot) string {
	var out []string
	for _, g := range s.Gaps {
		out = append(out, strings.TrimSpace(g.Realm.API()+" "+string(g.Kind)+" "+g.Name)+" "+string(g.Why))
	}
	return strings.Join(out, "\n")
}

func said(rs []archive.Remark) string {
	var out []string
	for _, r := range rs {
		out = append(out, fmt.Sprintf("%s:%d %s %s", r.File, r.Line, r.Code, strings.Join(r.Args, " ")))
	}
	return strings.Join(out, "\n")
}

func TestWholeFolder(t *testing.T) {
	s, remarks, err := read(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := gaps(s); got != "iam IAMPrincipal not-given" {
		t.Errorf("gaps: %s", got)
	}
	if got := said(remarks); got != "" {
		t.Errorf("remarks: %s", got)
	}
	if want := []access.Realm{eksR, iamR, kubeR}; !slices.Equal(s.Realms, want) || !s.At.Equal(began) {
		t.Errorf("realms %v at %v", s.Realms, s.At)
	}
	if s.Objects.Len() != 19 {
		t.Errorf("%d objects", s.Objects.Len())
	}
	e, _ := access.Get[access.AccessEntry](s.Objects, access.AccessEntry{In: eksR, Principal: arn("dev")}.Key())
	if want := (access.AccessEntry{In: eksR, Principal: arn("dev"), Type: "STANDARD", Username: "dev", Groups: []string{"devs"}, Created: e.Created}); cmp.Diff(want, e) != "" || e.Created.UnixMilli() != 1746000000500 {
		t.Errorf("%v %v", cmp.Diff(want, e), e.Created)
	}
	c, _ := s.Cluster()
	if want := (access.Cluster{In: eksR, Name: "demo", ARN: "arn:aws:eks:us-west-2:123456789012:cluster/demo", Region: "us-west-2", Account: account,
		Version: "1.33", PlatformVersion: "eks.15", Endpoint: "https://x", Issuer: "https://oidc", Status: "ACTIVE"}); c != want {
		t.Error(cmp.Diff(want, c))
	}
	if s.Mode() != access.BothMode {
		t.Errorf("mode %s", s.Mode())
	}
	m, _ := s.AuthMap()
	if !strings.Contains(m.Data["mapRoles"], "role/ops # on call\n") {
		t.Errorf("aws-auth is %q", m.Data)
	}
	view, _ := access.Get[access.Role](s.Objects, access.Role{In: kubeR, Name: "view"}.Key())
	if len(view.Aggregate) != 1 {
		t.Errorf("view aggregates %v", view.Aggregate)
	}
}

// What is not given is a gap of exactly that.
func TestMissingFiles(t *testing.T) {
	const iam = "iam IAMPrincipal not-given\n"
	for name, tc := range map[string]struct{ changes, gaps, remarks string }{
		"no cluster":             {"-- a/cluster.json --\n", "eks AuthMode not-given\neks Cluster not-given", ""},
		"no list of entries":     {"-- a/entries.json --\n", "eks AccessEntry not-given\n" + iam, ""},
		"an entry not described": {"-- a/entry --\n", "eks AccessEntry arn:aws:iam::123456789012:role/dev not-given\n" + iam, ""},
		"one more entry, of which nothing else is told": {
			"-- a/entries.json --\n{\"accessEntries\": [\"arn:aws:iam::123456789012:role/dev\", \"arn:aws:iam::123456789012:role/ops\"]}",
			"eks AccessEntry arn:aws:iam::123456789012:role/ops not-given\neks PolicyAssociation arn:aws:iam::123456789012:role/ops not-given\n" + iam, ""},
		"more pages": {"-- a/entries.json --\n{\"accessEntries\": [\"arn:aws:iam::123456789012:role/dev\"], \"NextToken\": \"eyJ\"}",
			"eks AccessEntry not-given\n" + iam, "a/entries.json:1 part AccessEntry"},
		"no policies of anybody":    {"-- a/policies.yaml --\n", "eks PolicyAssociation not-given\n" + iam, ""},
		"no access policies":        {"-- a/all-policies.json --\n", "eks AccessPolicy not-given\n" + iam, ""},
		"no aws-auth":               {"-- k/auth.yaml --\n", iam + "kube AuthMap not-given", ""},
		"nothing of the namespaces": {"-- k/roles.yml --\n", iam + "kube Role not-given\nkube RoleBinding not-given", ""},
		"nothing of the cluster":    {"-- k/cluster-wide.json --\n", iam + "kube ClusterRole not-given\nkube ClusterRoleBinding not-given\nkube Namespace not-given", ""},
		"role bindings of one namespace": {`
-- k/roles.yml --
{"kind": "List", "apiVersion": "v1", "items": [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "ops", "namespace": "carts"}, "roleRef": {"kind": "ClusterRole", "name": "view"}}]}`,
			iam + "kube Role not-given\nkube RoleBinding not-given", "k/roles.yml:1 part RoleBinding"},
		"one role alone": {`
-- k/roles.yml --
{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r", "namespace": "kube-system"}}`,
			iam + "kube Role not-given\nkube RoleBinding not-given", ""},
		"an empty list": {"-- k/roles.yml --\n{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": []}", iam + "kube Role not-given\nkube RoleBinding not-given", ""},
		"a page of the API": {`
-- k/cluster-wide.json --
{"apiVersion": "v1", "kind": "NamespaceList", "metadata": {"continue": "x"}, "items": [{"metadata": {"name": "default"}}, {"metadata": {"name": "kube-system"}}]}`,
			iam + "kube ClusterRole not-given\nkube ClusterRoleBinding not-given\nkube Namespace not-given", "k/cluster-wide.json:1 part Namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			s, remarks, err := read(t, tc.changes)
			if err != nil {
				t.Fatal(err)
			}
			if got := gaps(s); got != strings.TrimSpace(tc.gaps) {
				t.Errorf("gaps\n%s\nwant\n%s", got, tc.gaps)
			}
			if got := said(remarks); got != tc.remarks {
				t.Errorf("remarks %s\nwant %s", got, tc.remarks)
			}
		})
	}
}

func TestModeConfigMapHasNoEntries(t *testing.T) {
	s, _, err := read(t, "-- a/entries.json --\n-- a/entry --\n-- a/policies.yaml --\n-- a/cluster.json --\n"+
		`{"cluster": {"name": "demo", "arn": "arn:aws:eks:us-west-2:123456789012:cluster/demo", "status": "ACTIVE"}}`)
	if err != nil || s.Mode() != access.ConfigMapMode || gaps(s) != "iam IAMPrincipal not-given" {
		t.Errorf("%v, mode %s, gaps %s", err, s.Mode(), gaps(s))
	}
}

// Rows of which the identity is not known are there, and unknown.
func TestAnEntryThatIsOnlyListed(t *testing.T) {
	s, _, err := read(t, "-- a/entry --\n")
	if err != nil {
		t.Fatal(err)
	}
	ix := access.NewIndex(s)
	p, _ := access.ParsePrincipal(arn("dev"))
	row, ok := ix.Row(p)
	if c := ix.Cell(row, "carts"); !ok || len(c.Unknown) == 0 {
		t.Errorf("row %v, cell %+v", ok, c)
	}
}

func TestNamespacesOfBindings(t *testing.T) {
	s, _, err := read(t, "-- k/cluster-wide.json --\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := access.NewIndex(s).Namespaces(); !slices.Equal(got, []string{"carts", "kube-public", "kube-system"}) {
		t.Errorf("namespaces %v", got)
	}
}

// What is none of ours is said by its name, and is not read.
func TestForeignFiles(t *testing.T) {
	s, remarks, err := read(t, `
-- README.md --
# How these were made
kubectl get roles -A: {yes}
-- b.sh --
#!/bin/sh
aws eks list-access-entries "$@"
-- empty.json --

-- package.json --
{"name": "x", "items": {"a": 1}, "cluster": null}
-- number.json --
5
-- pods.json --
{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "y"}}]}
-- cm.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: aws-auth, namespace: default}, data: {password: hunter2}}
-- secret.yaml --
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {name: db, namespace: carts}
  data: {password: aHVudGVyMg==}
- apiVersion: v1
  kind: Secret
  metadata: {name: db2, namespace: carts}
  data: {password: aHVudGVyMg==}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `README.md:1 foreign 
b.sh:1 foreign 
cm.yaml:1 unneeded ConfigMap
empty.json:0 foreign 
number.json:1 foreign 
package.json:1 foreign 
pods.json:1 unneeded Pod
secret.yaml:1 secrets `
	if d := cmp.Diff(want, said(remarks)); d != "" {
		t.Error(d)
	}
	text := string(encode(t, s))
	for _, secret := range []string{"hunter2", "aHVudGVyMg", "db2"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s was taken along", secret)
		}
	}
}

// A file that is broken, or contradicts another, is an error with its place, and
// nothing is shown.
func TestBrokenFiles(t *testing.T) {
	binding := "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
	for name, tc := range map[string]struct{ files, want string }{
		"json cut off":         {"-- x.json --\n{\"accessEntries\": [\n\"a\",\n", "x.json: line 2: it ends in the middle: the file is cut off"},
		"json broken":          {"-- x.json --\n{\n\"accessEntries\" 5}\n", "x.json: line 2: invalid character '5'"},
		"second one broken":    {"-- x --\n{\"accessEntries\": []}\n\n{\"cluster\": }\n", "x: line 3: invalid character '}'"},
		"yaml broken":          {"-- x.yaml --\n---\na: 1\n---\napiVersion: v1\nkind: List\nitems:\n  - a\n b\n", "x.yaml:7: did not find expected key"},
		"a key twice":          {"-- x.yaml --\n" + binding + "kind: Role\n", "x.yaml:3: "},
		"a list cut off":       {"-- x.yaml --\napiVersion: v1\nitems:\n- apiVersion: v1\n", "x.yaml:1: it has an apiVersion and no kind: is it cut off?"},
		"a binding cut off":    {"-- x.yaml --\n" + binding + "metadata: {name: b, namespace: carts}\n", "x.yaml:1: b has no roleRef: is it cut off?"},
		"no namespace":         {"-- x.yaml --\n" + binding + "metadata: {name: b}\nroleRef: {kind: ClusterRole, name: view}\n", "x.yaml:1: b has no metadata.namespace"},
		"no name":              {"-- x.yaml --\n" + binding + "roleRef: {kind: ClusterRole, name: view}\n", "a ClusterRoleBinding without metadata.name"},
		"a wrong type":         {"-- x.yaml --\n" + binding + "metadata: {name: b, namespace: carts}\nsubjects: 5\n", "x.yaml:1: subjects is a number, and should be a []v1.Subject"},
		"in a list":            {"-- x.json --\n{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}, 5]}", "x.json:1: it is a number, and should be a v1.TypeMeta (item 2)"},
		"an old version":       {"-- x.yaml --\napiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\n", "Role of rbac.authorization.k8s.io/v1beta1: want rbac.authorization.k8s.io/v1"},
		"another cluster":      {"-- x.json --\n{\"clusterName\": \"prod\", \"principalArn\": \"a\", \"associatedAccessPolicies\": []}", "x.json:1: it is of cluster prod, and a/cluster.json:1 is of cluster demo: a folder is about one"},
		"two truths":           {"-- x.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\n", "x.yaml:1: AuthMap kube-system/aws-auth is another one than in k/auth.yaml:1: leave one of the files out"},
		"whose policies":       {"-- x.json --\n{\"associatedAccessPolicies\": []}", "x.json:1: associated access policies without a principalArn"},
		"a scope of its own":   {"-- x.json --\n{\"principalArn\": \"a\", \"associatedAccessPolicies\": [{\"policyArn\": \"p\"}]}", `p has the scope "", which is neither cluster nor namespace`},
		"an entry of nobody":   {"-- x.json --\n{\"accessEntry\": {}}", "x.json:1: an access entry without a principalArn"},
		"a list of nobody":     {"-- x.json --\n{\"accessEntries\": [\"\"]}", "x.json:1: an access entry without an ARN"},
		"entries as objects":   {"-- x.json --\n{\"accessEntries\": [{\"principalArn\": \"a\"}]}", "x.json:1: accessEntries is a object, and should be a string"},
		"a policy of no name":  {"-- x.json --\n{\"accessPolicies\": [{}]}", "x.json:1: an access policy without an arn"},
		"a cluster of no name": {"-- x.json --\n{\"cluster\": {}}", `x.json:1: cluster "" has the arn "", which is none`},
		"a broken time":        {"-- x.json --\n{\"accessEntry\": {\"principalArn\": \"a\", \"createdAt\": \"soon\"}}", `x.json:1: "soon" is no time`},
		"binary":               {"-- x.json --\n\x00\xff\xfe", "x.json: it is no text"},
		"a bomb": {"-- x.yaml --\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", "x.yaml:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, err := read(t, tc.files)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v\nwant  %s", err, tc.want)
			}
			if s.Objects.Len() > 0 {
				t.Error("half of it is shown")
			}
		})
	}
}

// The same object in two files is no contradiction.
func TestTheSameTwice(t *testing.T) {
	var copies string
	for _, f := range txtar.Parse([]byte(whole)).Files {
		copies += "-- copy/" + f.Name + " --\n" + string(f.Data)
	}
	once, _, err := read(t, "")
	if err != nil {
		t.Fatal(err)
	}
	twice, _, err := read(t, copies)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := encode(t, once), encode(t, twice); string(a) != string(b) {
		t.Error(cmp.Diff(string(a), string(b)))
	}
}

// A JSON list holds documents too, as jq -s makes it.
func TestListOfDocuments(t *testing.T) {
	s, _, err := read(t, "-- a/entries.json --\n[{\"accessEntries\": [\"arn:aws:iam::123456789012:role/dev\"]},\n {\"accessEntries\": [\"arn:aws:iam::123456789012:role/ops\"]}]")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(access.Of[access.AccessEntry](s.Objects)); n != 2 {
		t.Errorf("%d entries", n)
	}
}
