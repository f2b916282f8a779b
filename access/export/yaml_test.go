package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	k8syaml "sigs.k8s.io/yaml"
)

// documents reads all documents of a file, each by two parsers: of YAML 1.2 as far as
// go-yaml's v3 goes, and of YAML 1.1 as kubectl and eksctl read it. They must agree.
func documents(t *testing.T, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var doc map[string]any
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if doc != nil {
			out = append(out, doc)
		}
	}
	var again []map[string]any
	for part := range strings.SplitSeq("\n"+text, "\n---\n") {
		var doc map[string]any
		if err := k8syaml.Unmarshal([]byte(part), &doc); err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		if doc != nil {
			again = append(again, doc)
		}
	}
	if d := cmp.Diff(asJSON(out), asJSON(again)); d != "" {
		t.Fatalf("two parsers read two things: %s\n%s", d, text)
	}
	return out
}

func asJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}

// same compares by the JSON form: lists of strings and lists of anything are one there.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(asJSON(want), asJSON(got)); d != "" {
		t.Errorf("%q: %s", what, d)
	}
}

type m = map[string]any

func policies(text, arn, scope, namespaces, kind string) []m {
	return []m{{arn: "arn:aws:eks::aws:cluster-access-policy/P" + text, scope: m{kind: "namespace", namespaces: set([]string{"ns" + text, "other"})}}}
}

func TestACKSurvivesNames(t *testing.T) {
	every(t, ACK, func(t *testing.T, text, file string, planned bool) {
		docs := documents(t, file)
		if len(docs) != 1 {
			t.Fatalf("%q: %d documents\n%s", text, len(docs), file)
		}
		arn := "arn:aws:iam::111122223333:role/" + text
		same(t, text, m{"clusterName": "prod", "principalARN": arn, "type": "STANDARD", "username": "u:" + text, "kubernetesGroups": set([]string{"g:" + text, "plain"}),
			"tags": m{"k" + text: "v" + text}, "accessPolicies": policies(text, "policyARN", "accessScope", "namespaces", "type")}, docs[0]["spec"])
		same(t, text, []any{"eks.services.k8s.aws/v1alpha1", "AccessEntry"}, []any{docs[0]["apiVersion"], docs[0]["kind"]})
		notes := docs[0]["metadata"].(m)["annotations"].(m)
		if planned {
			same(t, text, m{"services.k8s.aws/region": "eu-west-1"}, notes)
			return
		}
		var fields m
		if err := json.Unmarshal([]byte(notes["services.k8s.aws/adoption-fields"].(string)), &fields); err != nil {
			t.Fatal(err)
		}
		same(t, text, m{"clusterName": "prod", "principalARN": arn}, fields)
	})
}

func TestCloudFormationSurvivesNames(t *testing.T) {
	every(t, CloudFormation, func(t *testing.T, text, file string, planned bool) {
		docs := documents(t, file)
		found := docs[0]["Resources"].(m)
		if len(docs) != 1 || len(found) != 1 {
			t.Fatalf("%q:\n%s", text, file)
		}
		for id, r := range found {
			r := r.(m)
			if !alphanumeric.MatchString(id) || r["Type"] != "AWS::EKS::AccessEntry" || planned == (r["DeletionPolicy"] == "Retain") {
				t.Errorf("%q: %s %v", text, id, r)
			}
			same(t, text, m{"ClusterName": "prod", "PrincipalArn": "arn:aws:iam::111122223333:role/" + text, "Type": "STANDARD", "Username": "u:" + text,
				"KubernetesGroups": set([]string{"g:" + text, "plain"}), "Tags": []m{{"Key": "k" + text, "Value": "v" + text}},
				"AccessPolicies": policies(text, "PolicyArn", "AccessScope", "Namespaces", "Type")}, r["Properties"])
		}
	})
}

func TestEksctlSurvivesNames(t *testing.T) {
	every(t, Eksctl, func(t *testing.T, text, file string, _ bool) {
		docs := documents(t, file)
		if len(docs) != 1 {
			t.Fatalf("%q:\n%s", text, file)
		}
		same(t, text, m{"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig", "metadata": m{"name": "prod", "region": "eu-west-1"}},
			m{"apiVersion": docs[0]["apiVersion"], "kind": docs[0]["kind"], "metadata": docs[0]["metadata"]})
		same(t, text, []m{{"principalARN": "arn:aws:iam::111122223333:role/" + text, "type": "STANDARD", "kubernetesUsername": "u:" + text,
			"kubernetesGroups": set([]string{"g:" + text, "plain"}), "accessPolicies": policies(text, "policyARN", "accessScope", "namespaces", "type")}},
			docs[0]["accessConfig"].(m)["accessEntries"])
	})
}

func TestManifestsSurviveNames(t *testing.T) {
	every(t, Kubectl, func(t *testing.T, text, file string, _ bool) {
		docs := documents(t, file)
		if len(docs) != 3 {
			t.Fatalf("%q: %d documents\n%s", text, len(docs), file)
		}
		same(t, text, hostileManifests(text), docs)
	})
}

// hostileManifests are the objects as kubectl must read them.
func hostileManifests(text string) []m {
	api := "rbac.authorization.k8s.io"
	labels, notes := m{"l" + text: text}, m{"a" + text: text}
	return []m{
		{"apiVersion": api + "/v1", "kind": "Role", "metadata": m{"name": "role" + text, "namespace": "ns" + text, "labels": labels, "annotations": notes},
			"rules": []m{{"verbs": []string{"get"}, "apiGroups": []string{"", text}, "resources": []string{"pods" + text}, "resourceNames": []string{"n" + text}}}},
		{"apiVersion": api + "/v1", "kind": "RoleBinding", "metadata": m{"name": "binding" + text, "namespace": "ns" + text},
			"roleRef":  m{"apiGroup": api, "kind": "Role", "name": "role" + text},
			"subjects": []m{{"apiGroup": api, "kind": "User", "name": "u:" + text}, {"kind": "ServiceAccount", "name": "sa" + text, "namespace": "ns" + text}}},
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "aws-auth", "namespace": "kube-system"}, "data": m{"mapRoles": "# " + text + "\n", "k" + text: text}},
	}
}

// TestCommentedMap: aws-auth that must wait is in the file, line by line, as a comment.
func TestCommentedMap(t *testing.T) {
	s, p := s3(t)
	file := exported(t, Kubectl, s, p)
	if docs := documents(t, file); len(docs) != 0 {
		t.Errorf("kubectl apply would change %v", docs)
	}
	_, file, _ = strings.Cut(file, "# ---\n")
	var lines []string
	for l := range strings.Lines(file) {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(l, "#"), " "))
	}
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "aws-auth as it") || strings.HasPrefix(l, "kubectl eks")
	})
	docs := documents(t, strings.Join(lines, ""))
	want := p.Steps[len(p.Steps)-1].After
	if len(docs) != 1 {
		t.Fatalf("%d documents in\n%s", len(docs), strings.Join(lines, ""))
	}
	same(t, "aws-auth", asMap(want), docs[0]["data"])
}
