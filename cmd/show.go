package cmd

import (
	"context"
	"errors"
)

func screens(ctx context.Context, e *env, w *world) error { return errors.New("not yet") }
