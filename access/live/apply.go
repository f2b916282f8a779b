package live

import (
	"context"

	"github.com/eks-access/kubectl-eks-access/access"
)

func (w *World) Apply(ctx context.Context, p access.Plan, a access.Accepted, observe func(access.Event) error) (access.Outcome, error) {
	return access.Outcome{}, nil
}

func (w *World) Verify(ctx context.Context, p access.Plan) (access.Outcome, error) {
	return access.Outcome{}, nil
}
