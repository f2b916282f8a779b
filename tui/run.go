// Package tui is the interactive terminal: a matrix of principals, identities and
// namespaces, from which changes are picked, previewed, applied, proven and undone.
//
// Screens are pure; app is the only tea.Model and the only one that acts. Every
// style is in theme, every key in a keymap, every sentence about access in
// access/report.
package tui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Backend reads a cluster and changes it. *live.World is one.
type Backend interface {
	// Empty is the cluster before any answer: its realms and what is being read.
	Empty() access.Snapshot
	Load(ctx context.Context, seen func(access.Snapshot)) (access.Snapshot, error)
	// Lookup adds what IAM says of principals that the snapshot does not speak of.
	Lookup(ctx context.Context, s access.Snapshot, ps ...access.Principal) (access.Snapshot, error)
	Apply(ctx context.Context, p access.Plan, a access.Accepted, observe func(access.Event) error) (access.Outcome, error)
}

// Options say what to talk through and how to look.
type Options struct {
	In       io.Reader
	Out      io.Writer
	Env      []string
	Title    string                                           // shown in the head: "demo s3"
	PlanFile func(access.Plan) (name, text string, err error) // a plan as a file, and how it may be called; nil: there is none
	ReadRole func(path string) (access.Role, error)           // nil: role files can't be read
	History  *History                                         // nil: there is none
	Editing  Editing                                          // without an editor nothing is edited
	Exports  Exports                                          // without formats nothing is exported
	ASCII    bool                                             // no glyph beyond ASCII
	Plain    bool                                             // no styles, nothing that moves
}

// Run shows the cluster until the person leaves. The terminal is as it was when it
// returns, and a plan that was being applied has stopped at the end of a step.
func Run(ctx context.Context, b Backend, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := newApp(ctx, b, o)
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(o.Env)}
	if o.Plain || noColour(o.Env) {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
		a.profile = colorprofile.ASCII
		a.paint()
	}
	_, err := tea.NewProgram(a, options...).Run()
	if !a.leaving {
		a.running.wait(0)
	}
	a.asking.wait(2 * time.Second)
	a.judging.wait(2 * time.Second)
	a.trial.wait(2 * time.Second)
	a.loading.wait(2 * time.Second)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	case errors.Is(err, tea.ErrInterrupted):
		return context.Canceled
	}
	return err
}

// noColour reports whether NO_COLOR is set to anything (no-color.org). The terminal
// libraries read it as a boolean, so "NO_COLOR=yes" would be lost on them.
func noColour(env []string) bool {
	return slices.ContainsFunc(env, func(e string) bool {
		value, ok := strings.CutPrefix(e, "NO_COLOR=")
		return ok && value != ""
	})
}
