package export

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
)

var update = flag.Bool("update", false, "write the expected output anew")

// world is a snapshot of a demo's cluster, without what Kubernetes ships.
func world(t *testing.T, name string) access.Snapshot {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := archive.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func build(t *testing.T, s access.Snapshot, in ...access.Intent) access.Plan {
	t.Helper()
	p, err := access.Build(s, in...)
	if err != nil {
		t.Fatal(err)
	}
	if p.Refused() {
		t.Fatalf("refused: %v", p.Refusals())
	}
	return p
}

func exported(t *testing.T, f Format, s access.Snapshot, p access.Plan) string {
	t.Helper()
	text, err := Plan(f, s, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func principal(t *testing.T, arn string) access.Principal {
	t.Helper()
	p, err := access.ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// golden compares with a file, so that a reviewer sees what users get.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s\nread the difference, then go test -update", path, d)
	}
}

// extension is what the format's own files end in.
var extension = map[Format]string{Terraform: ".tf", CloudFormation: ".yaml", Eksctl: ".yaml", AWSCLI: ".sh", Kubectl: ".yaml", ACK: ".yaml"}

// s1 is story S1 as a plan: a Role of its own, a namespace, a mapping.
func s1(t *testing.T, via access.Via) (access.Snapshot, access.Plan) {
	s := world(t, "s1")
	rules := []access.Rule{{APIGroups: []string{"", "apps"}, Resources: []string{"deployments", "pods", "pods/log"}, Verbs: []string{"get", "list", "watch"}}}
	return s, build(t, s, access.GrantAccess{Principal: principal(t, "arn:aws:iam::111122223333:role/team-a-developer"), Username: "k8s-test-user",
		Role: "k8s-test-role", RoleObject: &access.Role{Rules: rules}, Namespaces: []string{"test"}, CreateNamespaces: true, Via: via})
}

// s3 is story S3: from aws-auth to access entries.
func s3(t *testing.T) (access.Snapshot, access.Plan) {
	s := world(t, "s3")
	return s, build(t, s, access.Migrate{})
}

func TestGoldens(t *testing.T) {
	s1Snap, s1Plan := s1(t, access.ViaAuto)
	s3Snap, s3Plan := s3(t)
	for _, f := range Formats() {
		golden(t, "s1-grant-"+string(f)+extension[f], exported(t, f, s1Snap, s1Plan))
		golden(t, "s3-migrate-"+string(f)+extension[f], exported(t, f, s3Snap, s3Plan))
		golden(t, "s3-now-"+string(f)+extension[f], Now(f, access.NewIndex(s3Snap), Options{}))
	}
}
