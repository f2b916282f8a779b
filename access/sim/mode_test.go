package sim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func switchTo(api *eks.Client, cluster, mode string) (*eks.UpdateClusterConfigOutput, error) {
	return api.UpdateClusterConfig(context.Background(), &eks.UpdateClusterConfigInput{
		Name: aws.String(cluster), AccessConfig: &types.UpdateAccessConfigRequest{AuthenticationMode: types.AuthenticationMode(mode)}})
}

func TestModesGoOneWayOneStep(t *testing.T) {
	const refused = "InvalidParameterException: Unsupported authentication mode update from "
	for name, tc := range map[string]struct{ cluster, to, want string }{
		"a step skipped": {oldName, "API", refused + "CONFIG_MAP to API"},
		"the same again": {demoName, "API", refused + "API to API"},
		"back":           {demoName, "API_AND_CONFIG_MAP", refused + "API to API_AND_CONFIG_MAP"},
		"bogus":          {oldName, "BOTH", refused + "CONFIG_MAP to BOTH"},
		"none":           {oldName, "", "InvalidParameterException"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := switchTo(eksClient(bench(t, small, sim.Options{})), tc.cluster, tc.to)
			if got := code(err); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestASwitchTakesItsTime(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := bench(t, small, sim.Options{ClusterUpdate: time.Minute, Now: func() time.Time { return now }})
	ctx, api := context.Background(), eksClient(b)
	out, err := switchTo(api, oldName, "API_AND_CONFIG_MAP")
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		u, err := api.DescribeUpdate(ctx, &eks.DescribeUpdateInput{Name: aws.String(oldName), UpdateId: out.Update.Id})
		if err != nil {
			t.Fatal(err)
		}
		c, err := api.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String(oldName)})
		if err != nil {
			t.Fatal(err)
		}
		return string(u.Update.Type) + " " + string(u.Update.Status) + " " + string(c.Cluster.Status) + " " + string(c.Cluster.AccessConfig.AuthenticationMode)
	}
	if got, want := state(), "AccessConfigUpdate InProgress UPDATING CONFIG_MAP"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := switchTo(api, oldName, "API_AND_CONFIG_MAP"); !strings.HasPrefix(code(err), "ResourceInUseException") {
		t.Errorf("a second update: %v", err)
	}
	list := &eks.ListAccessEntriesInput{ClusterName: aws.String(oldName)}
	if _, err := api.ListAccessEntries(ctx, list); !strings.HasPrefix(code(err), "InvalidRequestException") {
		t.Errorf("entries during the update: %v", err)
	}
	now = now.Add(time.Minute)
	if got, want := state(), "AccessConfigUpdate Successful ACTIVE API_AND_CONFIG_MAP"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	entries, err := api.ListAccessEntries(ctx, list)
	if err != nil || len(entries.AccessEntries) != 1 || entries.AccessEntries[0] != dev {
		t.Fatalf("entries %v, %v; want the creator's", entries, err)
	}
	had, err := api.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: aws.String(oldName), PrincipalArn: aws.String(dev)})
	if err != nil || len(had.AssociatedAccessPolicies) != 1 || *had.AssociatedAccessPolicies[0].PolicyArn != policyARN("AmazonEKSClusterAdminPolicy") {
		t.Errorf("the creator's policies: %v, %v", had, err)
	}
	ids, err := api.ListUpdates(ctx, &eks.ListUpdatesInput{Name: aws.String(oldName)})
	if err != nil || len(ids.UpdateIds) != 1 {
		t.Errorf("updates %v, %v", ids, err)
	}
}
