package eks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/eks-access/kubectl-eks-access/access"
)

// putMode switches the authentication mode and waits until the cluster says so.
// It goes one way only, which is the plan's business; here it is conditional on
// the mode being the one the plan starts from.
func (s *Side) putMode(ctx context.Context, before, after *access.AuthMode) error {
	if before == nil || after == nil {
		return errors.New("a cluster always has an authentication mode: it can be switched, not made or removed")
	}
	cluster, have, err := s.describeCluster(ctx)
	switch {
	case err != nil:
		return err
	case have.Mode == after.Mode:
		return nil
	case have.Mode != before.Mode:
		return conflict(have.Key(), *before, &have)
	case cluster.Status != string(types.ClusterStatusActive):
		return fmt.Errorf("switch %s to %s: the cluster is %s and takes no change now: wait until it is ACTIVE and try again", s.cluster, after.Mode, cluster.Status)
	}
	out, err := s.eks.UpdateClusterConfig(ctx, &eks.UpdateClusterConfigInput{Name: &s.cluster,
		AccessConfig: &types.UpdateAccessConfigRequest{AuthenticationMode: types.AuthenticationMode(after.Mode)}})
	if err = s.refused(ctx, "UpdateClusterConfig", err); err != nil {
		var r *refusal
		if errors.As(err, &r) && r.code == inUse {
			r.text = fmt.Sprintf("switch %s to %s: another update of the cluster is under way (%s): wait for it and try again", s.cluster, after.Mode, r.message)
		}
		return err
	}
	if err := s.awaitUpdate(ctx, aws.ToString(out.Update.Id)); err != nil {
		return fmt.Errorf("switch %s to %s: %w", s.cluster, after.Mode, err)
	}
	return s.poll.again(ctx, func() (bool, error) {
		_, have, err := s.describeCluster(ctx)
		if err == nil && have.Mode != after.Mode {
			return true, fmt.Errorf("switch %s to %s: the update is done, but the cluster still says %s", s.cluster, after.Mode, have.Mode)
		}
		return false, err
	})
}

// awaitUpdate polls the update, not the cluster: that may still be ACTIVE when
// the update has not begun.
func (s *Side) awaitUpdate(ctx context.Context, id string) error {
	return s.poll.again(ctx, func() (bool, error) {
		out, err := s.eks.DescribeUpdate(ctx, &eks.DescribeUpdateInput{Name: &s.cluster, UpdateId: &id})
		if err = s.refused(ctx, "DescribeUpdate", err); err != nil {
			return false, err
		}
		switch out.Update.Status {
		case types.UpdateStatusSuccessful:
			return false, nil
		case types.UpdateStatusInProgress:
			return true, fmt.Errorf("update %s is still in progress: run the same plan again later to go on", id)
		}
		return false, fmt.Errorf("update %s: %s%s", id, out.Update.Status, complaints(out.Update.Errors))
	})
}

func complaints(errs []types.ErrorDetail) string {
	var b strings.Builder
	for _, e := range errs {
		fmt.Fprintf(&b, "; %s: %s", e.ErrorCode, aws.ToString(e.ErrorMessage))
		if len(e.ResourceIds) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(e.ResourceIds, ", "))
		}
	}
	return b.String()
}
