package export

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// alphanumeric is what CloudFormation takes as a logical id (template anatomy, "Resources").
var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)

// schema is what a published schema says of one object: its fields, and what they hold.
// A nil shape is a string, a map of nothing a free map of strings.
type schema map[string]any

// Names and types as published:
//   - AWS::EKS::AccessEntry: CloudFormation template reference, "AWS::EKS::AccessEntry",
//     "AWS::EKS::AccessEntry AccessPolicy" and "AccessScope", "Tag";
//   - eksctl: pkg/apis/eksctl.io/v1alpha5/assets/schema.json, definitions ClusterConfig,
//     ClusterMeta, AccessConfig, AccessEntry, AccessPolicy, AccessScope, IAMIdentityMapping,
//     all of which allow no other field;
//   - ACK: eks-controller, config/crd/bases/eks.services.k8s.aws_accessentries.yaml.
var (
	strs       = []any{nil}
	cfnEntry   = schema{"AccessPolicies": []any{schema{"PolicyArn": nil, "AccessScope": schema{"Type": nil, "Namespaces": strs}}}, "ClusterName": nil, "KubernetesGroups": strs, "PrincipalArn": nil, "Tags": []any{schema{"Key": nil, "Value": nil}}, "Type": nil, "Username": nil}
	camelScope = []any{schema{"policyARN": nil, "accessScope": schema{"type": nil, "namespaces": strs}}}
	eksctlFile = schema{"apiVersion": nil, "kind": nil, "metadata": schema{"name": nil, "region": nil},
		"accessConfig":        schema{"authenticationMode": nil, "accessEntries": []any{schema{"principalARN": nil, "type": nil, "kubernetesGroups": strs, "kubernetesUsername": nil, "accessPolicies": camelScope}}},
		"iamIdentityMappings": []any{schema{"arn": nil, "username": nil, "groups": strs, "account": nil}}}
	ackEntry = schema{"apiVersion": nil, "kind": nil, "metadata": schema{"name": nil, "annotations": schema{}},
		"spec": schema{"clusterName": nil, "principalARN": nil, "type": nil, "username": nil, "kubernetesGroups": strs, "tags": schema{}, "accessPolicies": camelScope}}
)

// fits reports, by path, what a document holds beyond its schema.
func fits(shape, v any, path string) []string {
	switch shape := shape.(type) {
	case nil:
		if _, ok := v.(string); !ok {
			return []string{path + " is no string"}
		}
	case []any:
		items, ok := v.([]any)
		if !ok || len(items) == 0 {
			return []string{path + " is no list, or an empty one"}
		}
		var out []string
		for _, it := range items {
			out = append(out, fits(shape[0], it, path+"[]")...)
		}
		return out
	case schema:
		fields, ok := v.(map[string]any)
		if !ok {
			return []string{path + " is no object"}
		}
		var out []string
		for name, value := range fields {
			field, known := shape[name]
			if !known && len(shape) > 0 {
				out = append(out, path+"."+name+" is not in the schema")
				continue
			}
			out = append(out, fits(field, value, path+"."+name)...)
		}
		return out
	}
	return nil
}

func worldsOf(t *testing.T, f Format) map[string]string {
	t.Helper()
	s1s, s1p := s1(t, access.ViaAuto)
	s3s, s3p := s3(t)
	now, was, p := hostileWorld(t, "x")
	return map[string]string{
		"s1": exported(t, f, s1s, s1p), "s3": exported(t, f, s3s, s3p), "x": exported(t, f, was, p),
		"s1 now": Now(f, access.NewIndex(s1s), Options{}), "s3 now": Now(f, access.NewIndex(s3s), Options{}), "x now": Now(f, access.NewIndex(now), Options{}),
	}
}

func TestOnlyFieldsOfTheSchemas(t *testing.T) {
	looked := 0
	for name, text := range worldsOf(t, CloudFormation) {
		for _, d := range documents(t, text) {
			for id, r := range d["Resources"].(m) {
				looked++
				for _, bad := range fits(cfnEntry, r.(m)["Properties"], id) {
					t.Errorf("%s: %s", name, bad)
				}
			}
		}
	}
	for f, shape := range map[Format]schema{Eksctl: eksctlFile, ACK: ackEntry} {
		for name, text := range worldsOf(t, f) {
			for _, d := range documents(t, text) {
				looked++
				for _, bad := range fits(shape, d, string(f)) {
					t.Errorf("%s: %s", name, bad)
				}
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d objects were looked at", looked)
	}
}

// TestJudgeCloudFormation asks cfn-lint, which has the resource's schema from AWS's
// registry, about every template.
func TestJudgeCloudFormation(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed: pip install cfn-lint==1.51.0, in a virtual environment on the PATH")
	}
	dir := t.TempDir()
	args := []string{"--format", "json", "--regions", "us-west-2", "--"}
	for name, text := range worldsOf(t, CloudFormation) {
		if len(documents(t, text)) == 0 {
			continue
		}
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	bad := filepath.Join(dir, "planted.yaml")
	if err := os.WriteFile(bad, []byte("Resources:\n  E:\n    Type: AWS::EKS::AccessEntry\n    Properties: {ClusterName: c, PrincipalArn: p, Usernam: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(lint, append(args, bad)...).Output() // findings are its exit code
	var found []struct{ Filename, Message string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	planted := false
	for _, f := range found {
		if f.Filename == bad {
			planted = true
			continue
		}
		t.Errorf("%s: %s", filepath.Base(f.Filename), f.Message)
	}
	if !planted {
		t.Errorf("a property that does not exist was not found:\n%s", out)
	}
	t.Logf("%d templates", len(args)-5)
}

// TestDynamicReferences: CloudFormation would fetch what such a name points to.
func TestDynamicReferences(t *testing.T) {
	now, _, _ := hostileWorld(t, "{{resolve:ssm:/secret}}")
	text := Now(CloudFormation, access.NewIndex(now), Options{})
	if len(documents(t, text)) != 0 || !strings.Contains(text, "Left out: the entry of arn:aws:iam::111122223333:role/{{resolve:ssm:/secret}}: a name in it is a dynamic reference") {
		t.Error(text)
	}
}
