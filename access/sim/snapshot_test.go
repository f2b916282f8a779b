package sim_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// operations are what the bench answers of EKS.
var operations = []string{
	"AssociateAccessPolicy", "CreateAccessEntry", "DeleteAccessEntry", "DescribeAccessEntry", "DescribeCluster",
	"DescribeClusterVersions", "DescribePodIdentityAssociation", "DescribeUpdate", "DisassociateAccessPolicy",
	"ListAccessEntries", "ListAccessPolicies", "ListAssociatedAccessPolicies", "ListClusters",
	"ListPodIdentityAssociations", "ListUpdates", "UpdateAccessEntry", "UpdateClusterConfig",
}

// snapshots is the folder of the SDK's own wire fixtures: one file an
// operation, with every member of every shape filled in.
func snapshots(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/eks").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// snapshot is a first line, headers and a JSON body, nil if empty.
type snapshot struct {
	line   string
	header http.Header
	text   []byte
	body   any
}

func readSnapshot(t *testing.T, path string) snapshot {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot{header: http.Header{}}
	r := bufio.NewReader(bytes.NewReader(text))
	s.line, _ = r.ReadString('\n')
	s.line = strings.TrimSpace(s.line)
	if strings.Contains(s.line, " ") {
		_, _ = r.ReadString('\n') // requests have a blank line before the headers
	}
	for {
		line, err := r.ReadString('\n')
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			s.header.Set(name, value)
		}
		if err != nil || strings.TrimSpace(line) == "" {
			break
		}
	}
	rest := new(bytes.Buffer)
	if _, err := rest.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	s.text = rest.Bytes()
	if len(bytes.TrimSpace(s.text)) > 0 {
		if err := json.Unmarshal(s.text, &s.body); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return s
}

// TestEverySnapshotRequestIsRouted sends the SDK's own 70 requests: each goes to
// its operation, or is an unknown one.
func TestEverySnapshotRequestIsRouted(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(snapshots(t), "request_snapshot", "*.request.snap"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d snapshots, %v", len(files), err)
	}
	b := bench(t, small, sim.Options{})
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".request.snap")
		s := readSnapshot(t, f)
		method, target, _ := strings.Cut(s.line, " ")
		r, err := http.NewRequest(method, "https://aws.test"+target, bytes.NewReader(s.text))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = s.header
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+defaultKey(b)+"/20260101/us-west-2/eks/aws4_request, SignedHeaders=host, Signature=0")
		if _, err := sim.Wire(b).RoundTrip(r); err != nil {
			t.Fatal(err)
		}
		calls := b.Calls()
		want := name
		if !slices.Contains(operations, name) {
			want = ""
		}
		if got := calls[len(calls)-1].Operation; got != want {
			t.Errorf("%s %s went to %q", method, target, got)
		}
	}
}

// TestCallsFitTheSnapshots exercises everything with the real client and holds
// every request and every answer against the SDK's fixtures.
func TestCallsFitTheSnapshots(t *testing.T) {
	b := exercise(t)
	dir := snapshots(t)
	done := map[string]bool{}
	for _, c := range b.Calls() {
		where := fmt.Sprintf("%s %s", c.Operation, c.Body)
		ask := readSnapshot(t, filepath.Join(dir, "request_snapshot", c.Operation+".request.snap"))
		if len(c.Body) > 0 {
			misfits(t, where, parseJSON(t, c.Body), ask.body)
		}
		for name := range c.Query {
			if !strings.Contains(ask.line, name+"=") {
				t.Errorf("%s: no query parameter %s in %s", where, name, ask.line)
			}
		}
		file := filepath.Join(dir, "response_snapshot", c.Operation+".response.snap")
		if c.Status != http.StatusOK {
			file = filepath.Join(dir, "response_snapshot", c.Code+".error.snap")
		} else {
			done[c.Operation] = true
		}
		reply := readSnapshot(t, file)
		if reply.line != strconv.Itoa(c.Status) {
			t.Errorf("%s: status %d, modelled %s", where, c.Status, reply.line)
		}
		if reply.body == nil {
			if len(c.Answer) != 0 {
				t.Errorf("%s: answered %s, modelled empty", where, c.Answer)
			}
			continue
		}
		misfits(t, where, parseJSON(t, c.Answer), reply.body)
	}
	for _, op := range operations {
		if !done[op] {
			t.Errorf("%s was not exercised", op)
		}
	}
}

func parseJSON(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// misfits reports members that the model does not have, and kinds it has
// otherwise. AWS answers null for some members that it has no value for.
func misfits(t *testing.T, where string, got, want any) {
	t.Helper()
	if got == nil {
		return
	}
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %T where the model has an object", where, got)
		}
		for name, v := range m {
			model, known := want[name]
			if anyKey, isMap := want["key0"]; isMap && !known {
				model, known = anyKey, true
			}
			if !known {
				t.Errorf("%s: the model has no member %s", where, name)
				continue
			}
			misfits(t, where+"."+name, v, model)
		}
	case []any:
		list, ok := got.([]any)
		if !ok {
			t.Errorf("%s: %T where the model has a list", where, got)
		}
		for _, v := range list {
			misfits(t, where+"[]", v, want[0])
		}
	default:
		if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
			t.Errorf("%s: %T where the model has %T", where, got, want)
		}
	}
}

// exercise calls every operation, in ways that work and in ways that do not.
func exercise(t *testing.T) *sim.Bench {
	t.Helper()
	world := small + "  podIdentities: [{namespace: n, serviceAccount: s, role: \"arn:aws:iam::111122223333:role/team/dev\"}]\n"
	b := bench(t, world, sim.Options{PageSize: 2})
	ctx, api := context.Background(), eksClient(b)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	fails := func(want string) func(any, error) {
		return func(_ any, err error) {
			t.Helper()
			if got := code(err); !strings.HasPrefix(got, want+":") {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	demo, devARN, viewARN := aws.String(demoName), aws.String(dev), aws.String(viewer)
	scope := &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: []string{"a", "dev-*"}}

	must(api.ListClusters(ctx, &eks.ListClustersInput{}))
	must(api.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: demo}))
	must(api.DescribeClusterVersions(ctx, &eks.DescribeClusterVersionsInput{}))
	must(api.ListAccessPolicies(ctx, &eks.ListAccessPoliciesInput{}))
	must(api.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{ClusterName: demo, PrincipalArn: devARN, KubernetesGroups: []string{"g"},
		Username: aws.String("dev:{{SessionName}}"), Type: aws.String("STANDARD"), Tags: map[string]string{"a": "b"}}))
	must(api.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{ClusterName: demo, PrincipalArn: devARN, PolicyArn: viewARN, AccessScope: scope}))
	must(api.UpdateAccessEntry(ctx, &eks.UpdateAccessEntryInput{ClusterName: demo, PrincipalArn: devARN, KubernetesGroups: []string{}}))
	must(api.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: demo, PrincipalArn: devARN}))
	first, err := api.ListAccessEntries(ctx, &eks.ListAccessEntriesInput{ClusterName: demo, MaxResults: aws.Int32(1), AssociatedPolicyArn: viewARN})
	must(first, err)
	must(api.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: demo, PrincipalArn: devARN}))
	must(api.DisassociateAccessPolicy(ctx, &eks.DisassociateAccessPolicyInput{ClusterName: demo, PrincipalArn: devARN, PolicyArn: viewARN}))
	must(api.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: demo, PrincipalArn: devARN}))
	update, err := switchTo(api, oldName, "API_AND_CONFIG_MAP")
	must(update, err)
	if err == nil {
		must(api.DescribeUpdate(ctx, &eks.DescribeUpdateInput{Name: aws.String(oldName), UpdateId: update.Update.Id}))
	}
	must(api.ListUpdates(ctx, &eks.ListUpdatesInput{Name: aws.String(oldName)}))
	pods, err := api.ListPodIdentityAssociations(ctx, &eks.ListPodIdentityAssociationsInput{ClusterName: aws.String(oldName), Namespace: aws.String("n")})
	must(pods, err)
	if err == nil && len(pods.Associations) == 1 {
		must(api.DescribePodIdentityAssociation(ctx, &eks.DescribePodIdentityAssociationInput{ClusterName: aws.String(oldName), AssociationId: pods.Associations[0].AssociationId}))
	}

	fails("ResourceNotFoundException")(api.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: demo, PrincipalArn: devARN}))
	fails("ResourceNotFoundException")(api.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String("nope")}))
	fails("ResourceInUseException")(api.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{ClusterName: demo, PrincipalArn: aws.String("arn:aws:iam::111122223333:role/admin")}))
	fails("InvalidParameterException")(api.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{ClusterName: demo, PrincipalArn: aws.String("x")}))
	fails("InvalidRequestException")(api.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: demo,
		PrincipalArn: aws.String("arn:aws:iam::111122223333:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")}))
	denied := eks.NewFromConfig(config(b, "AKIADENIED0000000001", "us-west-2"))
	fails("AccessDeniedException")(denied.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: demo}))
	return b
}
