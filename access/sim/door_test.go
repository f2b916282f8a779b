package sim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestWhoMayNotAsk(t *testing.T) {
	ctx := context.Background()
	const forbidden = "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/dev/me is not authorized to perform: "
	for name, tc := range map[string]struct {
		key, region string
		ask         func(*eks.Client) error
		want        string
	}{
		"an unknown key": {"AKIAUNKNOWN000000001", "us-west-2", list, "UnrecognizedClientException: "},
		"an expired key": {"AKIAEXPIRED000000001", "us-west-2", list, "ExpiredTokenException: "},
		"a denied list":  {"AKIADENIED0000000001", "us-west-2", list, forbidden + "eks:ListAccessEntries on resource: arn:aws:eks:us-west-2:111122223333:cluster/demo "},
		"a denied describe": {"AKIADENIED0000000001", "us-west-2", func(api *eks.Client) error {
			_, err := api.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: aws.String(dev)})
			return err
		}, forbidden + "eks:DescribeAccessEntry on resource: arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/dev/* "},
		"a denied cluster that is absent": {"AKIADENIED0000000001", "us-west-2", func(api *eks.Client) error {
			_, err := api.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String("nope")})
			return err
		}, forbidden + "eks:DescribeCluster on resource: arn:aws:eks:us-west-2:111122223333:cluster/nope "},
		"another account": {"AKIAELSEWHERE0000001", "us-west-2", list, "ResourceNotFoundException: No cluster found for name: demo."},
		"another region":  {"AKIAADMIN00000000001", "eu-west-1", list, "ResourceNotFoundException: No cluster found for name: demo."},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(t, small, sim.Options{})
			if got := code(tc.ask(eks.NewFromConfig(config(b, tc.key, tc.region)))); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func list(api *eks.Client) error {
	_, err := api.ListAccessEntries(context.Background(), &eks.ListAccessEntriesInput{ClusterName: aws.String(demoName)})
	return err
}

func TestQueryServicesRefuseInXML(t *testing.T) {
	ctx, b := context.Background(), bench(t, small, sim.Options{})
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"an unknown key": {second(sts.NewFromConfig(config(b, "AKIAUNKNOWN000000001", "us-west-2")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})), "InvalidClientTokenId: "},
		"an expired key": {second(sts.NewFromConfig(config(b, "AKIAEXPIRED000000001", "us-west-2")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})), "ExpiredToken: "},
		"a denied role":  {second(iam.NewFromConfig(config(b, "AKIADENIED0000000001", "us-west-2")).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("dev")})), "AccessDenied: User: "},
		"no such role":   {second(iam.NewFromConfig(config(b, defaultKey(b), "us-west-2")).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("nope")})), "NoSuchEntity: The role with name nope cannot be found."},
		"no such user":   {second(iam.NewFromConfig(config(b, defaultKey(b), "us-west-2")).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nope")})), "NoSuchEntity: The user with name nope"},
		"an unknown action": {second(iam.NewFromConfig(config(b, defaultKey(b), "us-west-2")).ListGroups(ctx, &iam.ListGroupsInput{})),
			"InvalidAction: Could not find operation ListGroups for version 2010-05-08"},
		"a role that does not exist": {second(sts.NewFromConfig(config(b, defaultKey(b), "us-west-2")).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/dev"), RoleSessionName: aws.String("me")})),
			"AccessDenied: User: arn:aws:sts::111122223333:assumed-role/admin/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/dev"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := code(tc.err); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestAssumedRolesCall(t *testing.T) {
	ctx, b := context.Background(), bench(t, small, sim.Options{})
	out, err := sts.NewFromConfig(config(b, defaultKey(b), "us-west-2")).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(dev), RoleSessionName: aws.String("someone")})
	if err != nil {
		t.Fatal(err)
	}
	who, err := sts.NewFromConfig(config(b, *out.Credentials.AccessKeyId, "us-west-2")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::111122223333:assumed-role/dev/someone"; *who.Arn != want || *out.AssumedRoleUser.Arn != want {
		t.Errorf("became %s, %s", *who.Arn, *out.AssumedRoleUser.Arn)
	}
	if !strings.HasPrefix(*who.UserId, "AROA") || !strings.HasSuffix(*who.UserId, ":someone") {
		t.Errorf("user id %s", *who.UserId)
	}
}

func TestRolesByPathInPages(t *testing.T) {
	b := demo(t, "s5", sim.Options{PageSize: 1})
	pages := iam.NewListRolesPaginator(iam.NewFromConfig(config(b, defaultKey(b), "us-east-1")), &iam.ListRolesInput{PathPrefix: aws.String("/aws-reserved/sso.amazonaws.com/")})
	var arns []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Roles {
			arns = append(arns, *r.Arn)
			if r.CreateDate.IsZero() || !strings.HasPrefix(*r.RoleId, "AROA") || len(*r.RoleId) != 21 {
				t.Errorf("role %s: id %s, created %s", *r.Arn, *r.RoleId, r.CreateDate)
			}
		}
	}
	if len(arns) != 4 || !strings.Contains(strings.Join(arns, " "), "role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_EKSAuditor_") {
		t.Errorf("roles %v", arns)
	}
}

func TestUsersByPages(t *testing.T) {
	w := sim.World{Accounts: map[string]sim.Account{"111122223333": {Users: []sim.User{{Name: "ops/alice"}, {Name: "Bob"}, {Name: "carol"}}}},
		Callers: []sim.Caller{{Key: "AKIAADMIN000000001", ARN: "arn:aws:sts::111122223333:assumed-role/admin/me"}}}
	b := sim.New(w, sim.Options{PageSize: 2})
	pages := iam.NewListUsersPaginator(iam.NewFromConfig(config(b, defaultKey(b), "us-east-1")), &iam.ListUsersInput{})
	var arns []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			arns = append(arns, *u.Arn)
		}
	}
	if got := strings.Join(arns, " "); got != "arn:aws:iam::111122223333:user/Bob arn:aws:iam::111122223333:user/ops/alice arn:aws:iam::111122223333:user/carol" {
		t.Error(got)
	}
}

func TestFaults(t *testing.T) {
	ctx := context.Background()
	for name, tc := range map[string]struct {
		fault sim.Fault
		times int
		calls int
		want  string
	}{
		"throttled twice":      {sim.Fault{Status: 429, Code: "ThrottlingException", Message: "Rate exceeded"}, 2, 3, ""},
		"throttled for ever":   {sim.Fault{Status: 429, Code: "ThrottlingException", Message: "Rate exceeded"}, 9, 3, "ThrottlingException: Rate exceeded"},
		"a broken server":      {sim.Fault{Status: 500, Code: "ServerException", Message: "sorry"}, 1, 2, ""},
		"a dropped connection": {sim.Fault{Drop: true}, 1, 2, ""},
		"denied is final":      {sim.Fault{Status: 403, Code: "AccessDeniedException", Message: "no"}, 9, 1, "AccessDeniedException: no"},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(t, small, sim.Options{})
			left := tc.times
			b.Break(func(sim.Call) *sim.Fault {
				if left--; left < 0 {
					return nil
				}
				return &tc.fault
			})
			_, err := eksClient(b).ListClusters(ctx, &eks.ListClustersInput{})
			if tc.want == "" && err != nil || tc.want != "" && code(err) != tc.want {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if n := len(b.Calls()); n != tc.calls {
				t.Errorf("%d calls, want %d", n, tc.calls)
			}
		})
	}
}

func TestUnknownOperationsAreJSON(t *testing.T) {
	b := bench(t, small, sim.Options{})
	for _, path := range []string{"/clusters/demo/nodegroups", "/clusters//access-entries", "/clusters/demo/access-entries/", "/"} {
		for _, signed := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			want, status := "UnknownOperationException", http.StatusNotFound
			if signed {
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+defaultKey(b)+"/20260101/us-west-2/eks/aws4_request, SignedHeaders=host, Signature=0")
			} else {
				want, status = "MissingAuthenticationTokenException", http.StatusForbidden
			}
			res, err := sim.Wire(b).RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(res.Body)
			if res.StatusCode != status || res.Header.Get("X-Amzn-ErrorType") != want || !strings.HasPrefix(string(text), "{") {
				t.Errorf("%s signed %v: %d %s %s", path, signed, res.StatusCode, res.Header.Get("X-Amzn-ErrorType"), text)
			}
		}
	}
}

func TestOverASocketADropIsADrop(t *testing.T) {
	b := bench(t, small, sim.Options{})
	b.Break(func(sim.Call) *sim.Fault { return &sim.Fault{Drop: true} })
	s := httptest.NewServer(b)
	defer s.Close()
	if _, err := http.Get(s.URL + "/clusters"); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
}
