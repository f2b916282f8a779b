package sim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func policyARN(name string) string { return "arn:aws:eks::aws:cluster-access-policy/" + name }

func TestAssociateRefuses(t *testing.T) {
	cluster := &types.AccessScope{Type: types.AccessScopeTypeCluster}
	admin := "arn:aws:iam::111122223333:role/admin"
	for name, tc := range map[string]struct {
		principal, policy string
		scope             *types.AccessScope
		want              string
	}{
		"an unknown policy":     {admin, policyARN("AmazonEKSViewerPolicy"), cluster, "ResourceNotFoundException"},
		"another partition":     {admin, "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", cluster, "ResourceNotFoundException"},
		"an IAM policy":         {admin, "arn:aws:iam::aws:policy/AmazonEKSViewPolicy", cluster, "ResourceNotFoundException"},
		"a bogus scope":         {admin, viewer, &types.AccessScope{Type: "bogus"}, "InvalidParameterException"},
		"a scope without type":  {admin, viewer, &types.AccessScope{Namespaces: []string{"a"}}, "InvalidParameterException"},
		"no namespaces":         {admin, viewer, &types.AccessScope{Type: "namespace"}, "InvalidParameterException"},
		"an absent entry":       {dev, viewer, cluster, "ResourceNotFoundException"},
		"a node":                {"arn:aws:iam::111122223333:role/node", viewer, cluster, "InvalidParameterException: " + noStandar},
		"a service's own":       {admin, policyARN("AmazonEKSComputePolicy"), cluster, "InvalidParameterException"},
		"a service-linked role": {"arn:aws:iam::111122223333:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch", viewer, cluster, "InvalidParameterException: The caller"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eksClient(bench(t, small, sim.Options{})).AssociateAccessPolicy(context.Background(), &eks.AssociateAccessPolicyInput{
				ClusterName: aws.String(demoName), PrincipalArn: aws.String(tc.principal), PolicyArn: aws.String(tc.policy), AccessScope: tc.scope})
			if got := code(err); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestAssociatingAgainReplacesTheScope(t *testing.T) {
	ctx, api := context.Background(), eksClient(bench(t, small, sim.Options{}))
	admin := aws.String("arn:aws:iam::111122223333:role/admin")
	for _, scope := range []*types.AccessScope{
		{Type: "namespace", Namespaces: []string{"a", "dev-*"}}, {Type: "namespace", Namespaces: []string{"b"}},
	} {
		if _, err := api.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{ClusterName: aws.String(demoName), PrincipalArn: admin, PolicyArn: aws.String(viewer), AccessScope: scope}); err != nil {
			t.Fatal(err)
		}
	}
	scopes := func() map[string][]string {
		out, err := api.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: aws.String(demoName), PrincipalArn: admin})
		if err != nil {
			t.Fatal(err)
		}
		m := map[string][]string{}
		for _, a := range out.AssociatedAccessPolicies {
			m[*a.PolicyArn] = append([]string{string(a.AccessScope.Type)}, a.AccessScope.Namespaces...)
		}
		return m
	}
	want := map[string][]string{policyARN("AmazonEKSClusterAdminPolicy"): {"cluster"}, viewer: {"namespace", "b"}}
	if diff := cmp.Diff(want, scopes()); diff != "" {
		t.Error(diff)
	}
	who, err := api.ListAccessEntries(ctx, &eks.ListAccessEntriesInput{ClusterName: aws.String(demoName), AssociatedPolicyArn: aws.String(viewer)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{*admin}, who.AccessEntries); diff != "" {
		t.Errorf("who has the policy: %s", diff)
	}
	remove := &eks.DisassociateAccessPolicyInput{ClusterName: aws.String(demoName), PrincipalArn: admin, PolicyArn: aws.String(viewer)}
	if _, err := api.DisassociateAccessPolicy(ctx, remove); err != nil {
		t.Fatal(err)
	}
	if _, err := api.DisassociateAccessPolicy(ctx, remove); !strings.HasPrefix(code(err), "ResourceNotFoundException") {
		t.Errorf("again: %v", err)
	}
	// Deleting the entry takes its associations with it, also for its successor.
	if _, err := api.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: aws.String(demoName), PrincipalArn: admin}); err != nil {
		t.Fatal(err)
	}
	if _, err := create(api, func(in *eks.CreateAccessEntryInput) { in.PrincipalArn = admin }); err != nil {
		t.Fatal(err)
	}
	if left := scopes(); len(left) != 0 {
		t.Errorf("the new entry has %v", left)
	}
}

func TestPoliciesOfAnotherPartition(t *testing.T) {
	b := bench(t, strings.ReplaceAll(small, "us-west-2", "cn-north-1"), sim.Options{})
	out, err := eks.NewFromConfig(config(b, defaultKey(b), "cn-north-1")).ListAccessPolicies(context.Background(), &eks.ListAccessPoliciesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.AccessPolicies {
		if want := "arn:aws-cn:eks::aws:cluster-access-policy/" + *p.Name; *p.Arn != want {
			t.Errorf("%s, want %s", *p.Arn, want)
		}
	}
	if len(out.AccessPolicies) < 30 {
		t.Errorf("%d policies", len(out.AccessPolicies))
	}
}

// remove deletes an entry.
func remove(t *testing.T, b *sim.Bench, cluster, principal string) {
	t.Helper()
	if _, err := eksClient(b).DeleteAccessEntry(t.Context(), &eks.DeleteAccessEntryInput{ClusterName: aws.String(cluster), PrincipalArn: aws.String(principal)}); err != nil {
		t.Fatal(err)
	}
}

func TestPrincipalsOfAnotherPartition(t *testing.T) {
	world := strings.NewReplacer("us-west-2", "cn-north-1", "arn:aws:", "arn:aws-cn:").Replace(small)
	b := bench(t, world, sim.Options{})
	api := eks.NewFromConfig(config(b, defaultKey(b), "cn-north-1"))
	for principal, want := range map[string]string{
		strings.Replace(dev, "arn:aws:", "arn:aws-cn:", 1): "<nil>",
		dev: "InvalidParameterException: The specified principalArn is invalid: invalid principal.",
	} {
		_, err := create(api, func(in *eks.CreateAccessEntryInput) { in.PrincipalArn = aws.String(principal) })
		if got := code(err); got != want {
			t.Errorf("%s: %s, want %s", principal, got, want)
		}
	}
	role, err := iam.NewFromConfig(config(b, defaultKey(b), "cn-north-1")).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("dev")})
	if err != nil || *role.Role.Arn != "arn:aws-cn:iam::111122223333:role/team/dev" {
		t.Errorf("role %v, %v", role, err)
	}
}
