package eks

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/eks-access/kubectl-eks-access/access"
)

// errNoPrincipal: an empty ARN would address the list of entries, and the SDK
// sends it, also in a DELETE.
var errNoPrincipal = errors.New("an access entry needs the ARN of its principal")

func (s *Side) describeCluster(ctx context.Context) (access.Cluster, access.AuthMode, error) {
	out, err := s.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &s.cluster})
	if err != nil {
		return access.Cluster{}, access.AuthMode{}, s.refused(ctx, "DescribeCluster", err)
	}
	c := out.Cluster
	cluster := access.Cluster{In: s.realm, Name: s.cluster, ARN: aws.ToString(c.Arn), Region: s.region,
		Version: aws.ToString(c.Version), PlatformVersion: aws.ToString(c.PlatformVersion),
		Endpoint: aws.ToString(c.Endpoint), Status: string(c.Status)}
	if part := strings.SplitN(cluster.ARN, ":", 6); len(part) == 6 {
		cluster.Region, cluster.Account = part[3], part[4]
	}
	if c.Identity != nil && c.Identity.Oidc != nil {
		cluster.Issuer = aws.ToString(c.Identity.Oidc.Issuer)
	}
	// Clusters from before access entries have no accessConfig.
	mode := access.AuthMode{In: s.realm, Mode: access.ConfigMapMode}
	if c.AccessConfig != nil && c.AccessConfig.AuthenticationMode != "" {
		mode.Mode = access.Mode(c.AccessConfig.AuthenticationMode)
	}
	s.knowMode(mode.Mode)
	return cluster, mode, nil
}

// describeEntry returns nil for a principal that has no entry.
func (s *Side) describeEntry(ctx context.Context, arn string) (*access.AccessEntry, error) {
	if arn == "" {
		return nil, errNoPrincipal
	}
	if err := s.gate.enter(ctx); err != nil {
		return nil, s.refused(ctx, "DescribeAccessEntry", err)
	}
	defer s.gate.leave()
	out, err := s.eks.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: &s.cluster, PrincipalArn: &arn})
	if err != nil {
		err = s.refused(ctx, "DescribeAccessEntry", err)
		if code(err) == notFound && !says(err, "No cluster found") {
			return nil, nil
		}
		return nil, err
	}
	return s.entryOf(out.AccessEntry), nil
}

func (s *Side) entryOf(e *types.AccessEntry) *access.AccessEntry {
	return &access.AccessEntry{In: s.realm, Principal: aws.ToString(e.PrincipalArn), Type: aws.ToString(e.Type),
		Username: aws.ToString(e.Username), Groups: e.KubernetesGroups, Tags: e.Tags, Created: aws.ToTime(e.CreatedAt)}
}

// associations reads all pages of an entry's policies.
func (s *Side) associations(ctx context.Context, arn string) ([]access.PolicyAssociation, error) {
	if arn == "" {
		return nil, errNoPrincipal
	}
	if err := s.gate.enter(ctx); err != nil {
		return nil, s.refused(ctx, "ListAssociatedAccessPolicies", err)
	}
	defer s.gate.leave()
	var found []access.PolicyAssociation
	pages := eks.NewListAssociatedAccessPoliciesPaginator(s.eks,
		&eks.ListAssociatedAccessPoliciesInput{ClusterName: &s.cluster, PrincipalArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, s.refused(ctx, "ListAssociatedAccessPolicies", err)
		}
		for _, a := range page.AssociatedAccessPolicies {
			one := access.PolicyAssociation{In: s.realm, Principal: arn, Policy: aws.ToString(a.PolicyArn)}
			if scope := a.AccessScope; scope != nil {
				one.Scope.Cluster = scope.Type == types.AccessScopeTypeCluster
				if len(scope.Namespaces) > 0 { // a cluster scope is answered with an empty list
					one.Scope.Namespaces = scope.Namespaces
				}
			}
			found = append(found, one)
		}
	}
	return found, nil
}

// association returns one of them, nil when the policy is not associated or the
// principal has no entry.
func (s *Side) association(ctx context.Context, k access.Key) (*access.PolicyAssociation, error) {
	all, err := s.associations(ctx, k.Namespace)
	if code(err) == notFound && !says(err, "No cluster found") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Policy == k.Name {
			return &a, nil
		}
	}
	return nil, nil
}
