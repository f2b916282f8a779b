package cmd

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// ended is a cluster on which a change ends as it is told to.
type ended struct {
	tui.Backend
	o   access.Outcome
	err error
}

func (b ended) Apply(context.Context, access.Plan, access.Accepted, func(access.Event) error) (access.Outcome, error) {
	return b.o, b.err
}

// Whoever leaves the screens in the middle of a change is told so, and a script is as well.
func TestLeavingMidwayIsSaid(t *testing.T) {
	p := access.Plan{Steps: []access.Step{{After: access.Namespace{In: "kube:c", Name: "a"}}, {After: access.Namespace{In: "kube:c", Name: "b"}}}}
	midway := access.Outcome{Done: 1, Stopped: &access.Event{Step: 1, State: access.Failed, Err: context.Canceled}, Journal: "20261122-120000-abcdef"}
	for name, tc := range map[string]struct {
		b    ended
		code int
		says string
	}{
		"midway":            {ended{o: midway, err: context.Canceled}, exitMidway, "20261122-120000-abcdef"},
		"nothing was begun": {ended{o: access.Outcome{Stopped: &access.Event{Err: context.Canceled}}, err: context.Canceled}, exitDone, ""},
		"done":              {ended{o: access.Outcome{Done: 2}}, exitDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			e := &env{err: &out, width: func() int { return 0 }}
			w := &witness{Backend: tc.b}
			_, _ = w.Apply(t.Context(), p, access.Accepted{}, nil)
			err := w.leave(e)
			code := exitDone
			var x *exit
			if errors.As(err, &x) {
				code = x.code
			}
			if code != tc.code || !strings.Contains(out.String(), tc.says) || (tc.says == "") != (out.Len() == 0) {
				t.Errorf("exit %d, %q", code, out.String())
			}
		})
	}
	// In the middle of a step nobody knows how it ends.
	w := &witness{running: true}
	var x *exit
	if err := w.leave(&env{}); !errors.As(err, &x) || x.code != exitMidway || !strings.Contains(err.Error(), "resume") {
		t.Errorf("%v", err)
	}
}
