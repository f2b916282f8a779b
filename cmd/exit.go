package cmd

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// The exit codes scripts rely on.
const (
	exitDone    = 0
	exitError   = 1
	exitPending = 2
	exitMidway  = 3
	exitRefused = 4

	exitNo      = 1 // can-i, as kubectl auth can-i
	exitDiffer  = 1 // compare, as kubectl diff
	exitFailed  = 2 // of can-i and compare, where 1 is an answer
	exitUnknown = 5 // can-i: not known, or for some sessions only; compare: equal as far as is known
)

// exit ends a command with a code. Without an err everything was said already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// failed is an error of a command whose answer is an exit code: 1 says something else.
func failed(err error) error {
	var x *exit
	if err == nil || errors.As(err, &x) {
		return err
	}
	return &exit{exitFailed, err}
}

// answersOnly makes failures of what goes wrong before such a command runs.
func answersOnly(c *cobra.Command) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return failed(flagError(c, err)) })
	c.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		return failed(c.Root().PersistentPreRunE(c, args))
	}
}

// usage is a mistake in the arguments; its later lines say how to mend it.
func usage(format string, args ...any) error { return fmt.Errorf(format, args...) }

// errStopped is a person's wish to stop, before anything was changed.
var errStopped = errors.New("stopped; nothing was changed")

// end says what went wrong and returns the exit code.
func (e *env) end(ctx context.Context, err error) int {
	code := exitDone
	if err != nil {
		code = exitError
	}
	var x *exit
	if errors.As(err, &x) {
		code, err = x.code, x.err
	}
	switch {
	case err == nil:
	case errors.Is(err, syscall.EPIPE):
		// A reader that has seen enough (head, less) is no error of ours.
		if x == nil {
			code = exitDone
		}
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		e.say(report.Line{Kind: report.Bad, Text: errStopped.Error()})
	default:
		e.say(report.Error(err)...)
	}
	return code
}
