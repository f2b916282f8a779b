package eks

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
)

// FindCluster asks all clusters of the region for the one that answers at an API
// server's address. It is the last resort: a kubeconfig made by AWS's tools
// names its cluster.
func FindCluster(ctx context.Context, cfg aws.Config, endpoint string) (name string, err error) {
	host := hostOf(endpoint)
	if host == "" {
		return "", fmt.Errorf("%q is no address of an API server: name the cluster by --cluster-name", endpoint)
	}
	all := New(cfg, "*", "")
	var names []string
	pages := eks.NewListClustersPaginator(all.eks, &eks.ListClustersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("find the cluster at %s: %w; or name it by --cluster-name", host, all.refused(ctx, "ListClusters", err))
		}
		names = append(names, page.Clusters...)
	}
	matches, errs := make([]bool, len(names)), make([]error, len(names))
	var each sync.WaitGroup
	for i, n := range names {
		each.Go(func() {
			if all.gate.enter(ctx) != nil {
				return
			}
			defer all.gate.leave()
			one := New(cfg, n, "")
			c, _, err := one.describeCluster(ctx)
			matches[i], errs[i] = err == nil && strings.EqualFold(hostOf(c.Endpoint), host), err
		})
	}
	each.Wait()
	var found []string
	for i, n := range names {
		if matches[i] {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	failed := errors.Join(errs...)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%s is the address of several clusters (%s): name one by --cluster-name", host, strings.Join(found, ", "))
	case failed != nil:
		return "", fmt.Errorf("find the cluster at %s: none of those that could be read in %s; name it by --cluster-name: %w", host, cfg.Region, failed)
	}
	return "", fmt.Errorf("no EKS cluster in %s answers at %s: check --region and --profile, or name the cluster by --cluster-name (a proxy hides the real address)", cfg.Region, host)
}

// hostOf is the host of an address in lower case, without its port.
func hostOf(address string) string {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
