package sim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// small is a world for what the demos do not show.
const small = `
accounts:
  "111122223333":
    roles:
    - {name: admin}
    - {name: team/dev}
    - {name: node}
    - {name: fargate}
    - {name: again, created: 2025-06-01T00:00:00Z}
    - {name: aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch}
    users: [{name: ops/alice}]
callers:
- {key: AKIAADMIN00000000001, arn: "arn:aws:sts::111122223333:assumed-role/admin/me"}
- {key: AKIADENIED0000000001, arn: "arn:aws:sts::111122223333:assumed-role/dev/me", deny: [eks:ListAccessEntries, "eks:Describe*", "iam:*"]}
- {key: AKIAEXPIRED000000001, arn: "arn:aws:sts::111122223333:assumed-role/dev/old", expired: true}
- {key: AKIAELSEWHERE0000001, arn: "arn:aws:sts::444455556666:assumed-role/dev/me"}
clusters:
- name: demo
  account: "111122223333"
  region: us-west-2
  mode: API
  entries:
  - {principal: "arn:aws:iam::111122223333:role/admin", policies: [{policy: AmazonEKSClusterAdminPolicy}]}
  - {principal: "arn:aws:iam::111122223333:role/again", id: AROAFORMER, groups: [g], created: 2025-01-01T00:00:00Z}
  - {principal: "arn:aws:iam::111122223333:role/node", type: EC2_LINUX}
  - {principal: "arn:aws:iam::111122223333:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"}
- name: old
  account: "111122223333"
  region: us-west-2
  mode: CONFIG_MAP
  creator: arn:aws:iam::111122223333:role/team/dev
`

func bench(t testing.TB, text string, o sim.Options) *sim.Bench {
	t.Helper()
	w, err := sim.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if o.Policies == nil {
		o.Policies = policies(t)
	}
	return sim.New(w, o)
}

const (
	dev       = "arn:aws:iam::111122223333:role/team/dev"
	viewer    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
	demoName  = "demo"
	oldName   = "old"
	noStandar = `This operation can only be performed on Access Entries with a type of "STANDARD".`
)

func create(api *eks.Client, change func(*eks.CreateAccessEntryInput)) (*types.AccessEntry, error) {
	in := &eks.CreateAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev)}
	change(in)
	out, err := api.CreateAccessEntry(context.Background(), in)
	if err != nil {
		return nil, err
	}
	return out.AccessEntry, nil
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return fmt.Sprint(err)
}

func TestCreateRefuses(t *testing.T) {
	const invalid = "InvalidParameterException: "
	for name, tc := range map[string]struct {
		change func(*eks.CreateAccessEntryInput)
		want   string
	}{
		"a role without its path": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:iam::111122223333:role/dev")
		},
			invalid + "The specified principalArn is invalid: invalid principal."},
		"a session": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:sts::111122223333:assumed-role/dev/me")
		}, invalid + "The specified principalArn is invalid"},
		"another partition": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws-cn:iam::111122223333:role/team/dev")
		}, invalid + "The specified principalArn is invalid"},
		"an IAM group": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:iam::111122223333:group/g")
		},
			invalid + "The specified principalArn is invalid"},
		"a service-linked role": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X")
		}, invalid + "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"},
		"a system group": {func(in *eks.CreateAccessEntryInput) { in.KubernetesGroups = []string{"a", "system:masters"} },
			invalid + "The kubernetes group name system:masters is invalid, it cannot start with system:"},
		"a reserved name":           {func(in *eks.CreateAccessEntryInput) { in.Username = aws.String("iam:x") }, invalid + "The username iam:x"},
		"a session without a colon": {func(in *eks.CreateAccessEntryInput) { in.Username = aws.String("x{{SessionName}}:") }, invalid + "The username"},
		"a raw session likewise":    {func(in *eks.CreateAccessEntryInput) { in.Username = aws.String("{{SessionNameRaw}}") }, invalid + "The username"},
		"an unknown type":           {func(in *eks.CreateAccessEntryInput) { in.Type = aws.String("NODE") }, invalid + "The specified type"},
		"groups on a node": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn, in.Type, in.KubernetesGroups = aws.String("arn:aws:iam::111122223333:role/fargate"), aws.String("FARGATE_LINUX"), []string{"g"}
		}, invalid + noStandar},
		"a user as a node": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn, in.Type = aws.String("arn:aws:iam::111122223333:user/ops/alice"), aws.String("EC2_LINUX")
		}, invalid + "The specified principalArn is invalid"},
		"a foreign node": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn, in.Type = aws.String("arn:aws:iam::444455556666:role/node"), aws.String("EC2_LINUX")
		}, invalid + "The specified principalArn is invalid"},
		"a long tag": {func(in *eks.CreateAccessEntryInput) { in.Tags = map[string]string{"k": strings.Repeat("v", 257)} }, invalid + "The tag"},
		"twice": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:iam::111122223333:role/admin")
		},
			"ResourceInUseException: The specified access entry resource is already in use on this cluster."},
		"a dead one again": {func(in *eks.CreateAccessEntryInput) {
			in.PrincipalArn = aws.String("arn:aws:iam::111122223333:role/again")
		},
			"ResourceInUseException: "},
		"no cluster": {func(in *eks.CreateAccessEntryInput) { in.ClusterName = aws.String("nope") },
			"ResourceNotFoundException: No cluster found for name: nope."},
		"aws-auth only": {func(in *eks.CreateAccessEntryInput) { in.ClusterName = aws.String(oldName) },
			"InvalidRequestException: The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := create(eksClient(bench(t, small, sim.Options{})), tc.change)
			if got := code(err); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestCreateFillsIn(t *testing.T) {
	for name, tc := range map[string]struct {
		principal, kind, username string
		groups                    []string
	}{
		"role":    {dev, "STANDARD", "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}", []string{}},
		"user":    {"arn:aws:iam::111122223333:user/ops/alice", "STANDARD", "arn:aws:iam::111122223333:user/ops/alice", []string{}},
		"fargate": {"arn:aws:iam::111122223333:role/fargate", "FARGATE_LINUX", "system:node:{{SessionName}}", []string{"system:nodes"}},
		"windows": {"arn:aws:iam::111122223333:role/fargate", "EC2_WINDOWS", "system:node:{{EC2PrivateDNSName}}", []string{"system:nodes"}},
		"foreign": {"arn:aws:iam::999988887777:role/x", "STANDARD", "arn:aws:sts::999988887777:assumed-role/x/{{SessionName}}", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := create(eksClient(bench(t, small, sim.Options{})), func(in *eks.CreateAccessEntryInput) {
				in.PrincipalArn = aws.String(tc.principal)
				if tc.kind != "STANDARD" {
					in.Type = aws.String(tc.kind)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			got := []any{*e.PrincipalArn, *e.Type, *e.Username, e.KubernetesGroups, e.Tags}
			want := []any{tc.principal, tc.kind, tc.username, tc.groups, map[string]string{}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if prefix := "arn:aws:eks:us-west-2:111122223333:access-entry/demo/"; !strings.HasPrefix(*e.AccessEntryArn, prefix) {
				t.Errorf("%s does not begin with %s", *e.AccessEntryArn, prefix)
			}
		})
	}
}

func TestUpdateKeepsAbsentAndClearsEmpty(t *testing.T) {
	ctx, api := context.Background(), eksClient(bench(t, small, sim.Options{}))
	if _, err := create(api, func(in *eks.CreateAccessEntryInput) { in.KubernetesGroups = []string{"a", "b"} }); err != nil {
		t.Fatal(err)
	}
	update := func(groups []string, username *string) *types.AccessEntry {
		t.Helper()
		out, err := api.UpdateAccessEntry(ctx, &eks.UpdateAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev), KubernetesGroups: groups, Username: username})
		if err != nil {
			t.Fatal(err)
		}
		return out.AccessEntry
	}
	e := update(nil, aws.String("dev:{{SessionName}}"))
	if diff := cmp.Diff([]string{"a", "b"}, e.KubernetesGroups); diff != "" || *e.Username != "dev:{{SessionName}}" {
		t.Errorf("nil groups: %s %s", *e.Username, diff)
	}
	e = update([]string{}, nil)
	if len(e.KubernetesGroups) != 0 || *e.Username != "dev:{{SessionName}}" {
		t.Errorf("empty groups: %v %s", e.KubernetesGroups, *e.Username)
	}
	_, err := api.UpdateAccessEntry(ctx, &eks.UpdateAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String("arn:aws:iam::111122223333:role/node"), KubernetesGroups: []string{"g"}})
	if got := code(err); got != "InvalidParameterException: "+noStandar {
		t.Errorf("groups of a node: %s", got)
	}
}

func TestARequestTokenIsAnsweredOnce(t *testing.T) {
	api := eksClient(bench(t, small, sim.Options{}))
	withToken := func(token, group string) error {
		_, err := create(api, func(in *eks.CreateAccessEntryInput) {
			in.ClientRequestToken, in.KubernetesGroups = aws.String(token), []string{group}
		})
		return err
	}
	if err := withToken("one", "a"); err != nil {
		t.Fatal(err)
	}
	if err := withToken("one", "a"); err != nil {
		t.Errorf("the same request again: %v", err)
	}
	if got := code(withToken("one", "b")); !strings.HasPrefix(got, "InvalidRequestException") {
		t.Errorf("the same token on another request: %s", got)
	}
	if got := code(withToken("two", "a")); !strings.HasPrefix(got, "ResourceInUseException") {
		t.Errorf("another token: %s", got)
	}
}

func TestADroppedAnswerIsRetriedWithItsToken(t *testing.T) {
	b := bench(t, small, sim.Options{})
	lost := false
	b.Break(func(c sim.Call) *sim.Fault {
		if c.Operation == "CreateAccessEntry" && !lost {
			lost = true
			return &sim.Fault{Lose: true}
		}
		return nil
	})
	if _, err := create(eksClient(b), func(*eks.CreateAccessEntryInput) {}); err != nil {
		t.Errorf("retry after a lost answer: %v", err)
	}
	if n := len(b.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestPagesOf250(t *testing.T) {
	text := small + "- name: many\n  account: \"111122223333\"\n  region: us-west-2\n  mode: API\n  entries:\n"
	for i := range 250 {
		text += fmt.Sprintf("  - {principal: \"arn:aws:iam::111122223333:role/r%03d\"}\n", i)
	}
	b := bench(t, text, sim.Options{})
	api := eksClient(b)
	pages := eks.NewListAccessEntriesPaginator(api, &eks.ListAccessEntriesInput{ClusterName: aws.String("many")})
	seen := map[string]bool{}
	var sizes []int
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.AccessEntries))
		for _, p := range page.AccessEntries {
			seen[p] = true
		}
	}
	if diff := cmp.Diff([]int{100, 100, 50}, sizes); diff != "" || len(seen) != 250 {
		t.Errorf("%d different entries in pages of %v", len(seen), sizes)
	}
	for name, in := range map[string]*eks.ListAccessEntriesInput{
		"101 at once":     {ClusterName: aws.String("many"), MaxResults: aws.Int32(101)},
		"none at once":    {ClusterName: aws.String("many"), MaxResults: aws.Int32(0)},
		"a foreign token": {ClusterName: aws.String(demoName), NextToken: aws.String("bWFueQ==")},
	} {
		if _, err := api.ListAccessEntries(context.Background(), in); !strings.HasPrefix(code(err), "InvalidParameterException") {
			t.Errorf("%s: %s", name, code(err))
		}
	}
}

func TestReadsLagBehindWrites(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := bench(t, small, sim.Options{Visible: 5 * time.Second, Now: func() time.Time { return now }})
	ctx, api := context.Background(), eksClient(b)
	if _, err := create(api, func(*eks.CreateAccessEntryInput) {}); err != nil {
		t.Fatal(err)
	}
	associate := func() error {
		_, err := api.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev),
			PolicyArn: aws.String(viewer), AccessScope: &types.AccessScope{Type: types.AccessScopeTypeCluster}})
		return err
	}
	if got := code(associate()); !strings.HasPrefix(got, "ResourceNotFoundException: The specified principalArn could not be found") {
		t.Errorf("at once: %s", got)
	}
	now = now.Add(5 * time.Second)
	if err := associate(); err != nil {
		t.Errorf("5 s later: %v", err)
	}
	list := func() int {
		out, err := api.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev)})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.AssociatedAccessPolicies)
	}
	if n := list(); n != 0 {
		t.Errorf("%d policies at once", n)
	}
	now = now.Add(5 * time.Second)
	if n := list(); n != 1 {
		t.Errorf("%d policies 5 s later", n)
	}
}

func TestThe3001stEntry(t *testing.T) {
	var text strings.Builder
	text.WriteString(small + "- name: full\n  account: \"111122223333\"\n  region: us-west-2\n  mode: API\n  entries:\n")
	for i := range 3000 {
		fmt.Fprintf(&text, "  - {principal: \"arn:aws:iam::111122223333:role/r%04d\"}\n", i)
	}
	_, err := create(eksClient(bench(t, text.String(), sim.Options{})), func(in *eks.CreateAccessEntryInput) { in.ClusterName = aws.String("full") })
	if got := code(err); !strings.HasPrefix(got, "ResourceLimitExceededException") {
		t.Error(got)
	}
}
