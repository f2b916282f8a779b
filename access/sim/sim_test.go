package sim_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// policies is the published table. It is data, not code: the bench still shares
// nothing with the core.
func policies(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../policies.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func demo(t testing.TB, name string, o sim.Options) *sim.Bench {
	t.Helper()
	w, err := sim.Demo(name)
	if err != nil {
		t.Fatal(err)
	}
	if o.Policies == nil {
		o.Policies = policies(t)
	}
	return sim.New(w, o)
}

// config speaks to the bench as whoever holds the key, quickly when retrying.
func config(b *sim.Bench, key, region string) aws.Config {
	return aws.Config{
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(key, "the-bench-has-no-secrets", ""),
		BaseEndpoint: aws.String("https://aws.test"),
		HTTPClient:   &http.Client{Transport: sim.Wire(b)},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			})
		},
	}
}

func defaultKey(b *sim.Bench) string { key, _ := b.Caller(); return key }

func eksClient(b *sim.Bench) *eks.Client {
	return eks.NewFromConfig(config(b, defaultKey(b), "us-west-2"))
}

func TestDemoAnswersEveryRead(t *testing.T) {
	b := demo(t, "s3", sim.Options{})
	ctx := context.Background()
	api := eksClient(b)
	cluster, err := api.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String("eks-workshop")})
	if err != nil {
		t.Fatal(err)
	}
	if got := cluster.Cluster.AccessConfig.AuthenticationMode; got != "API_AND_CONFIG_MAP" {
		t.Errorf("mode %s", got)
	}
	list, err := api.ListAccessEntries(ctx, &eks.ListAccessEntriesInput{ClusterName: aws.String("eks-workshop")})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.AccessEntries {
		if _, err := api.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: aws.String("eks-workshop"), PrincipalArn: aws.String(p)}); err != nil {
			t.Error(err)
		}
		if _, err := api.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: aws.String("eks-workshop"), PrincipalArn: aws.String(p)}); err != nil {
			t.Error(err)
		}
	}
	role, err := iam.NewFromConfig(config(b, defaultKey(b), "us-west-2")).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("carts-developers")})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(role.Role.Arn); got != "arn:aws:iam::123456789012:role/teams/carts-developers" {
		t.Errorf("role %s", got)
	}
	who, err := sts.NewFromConfig(config(b, defaultKey(b), "us-west-2")).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, arn := b.Caller(); aws.ToString(who.Arn) != arn {
		t.Errorf("caller %s, want %s", aws.ToString(who.Arn), arn)
	}
}
