package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// screens runs the full-screen program on the process's terminal.
func (e *env) screens(ctx context.Context, w *world, r bareRequest) error {
	variables := os.Environ()
	if !e.painted.out {
		variables = append(variables, "NO_COLOR=1")
	}
	ed := &editor{getenv: e.getenv}
	ctx, done := ed.heed(ctx)
	defer done()
	back := aside()
	seen := &witness{Backend: w}
	err := tui.Run(ctx, seen, tui.Options{In: e.in, Out: e.out, Env: variables, Title: w.title,
		PlanFile: planFile, ReadRole: readRole, Exports: w.exports(), History: e.past(w, r.Target), Editing: ed.editing(), ASCII: e.ascii(), Plain: r.Plain})
	said := back()
	switch {
	case errors.Is(err, context.Canceled):
		err = nil // leaving by ctrl+c is leaving
	case err != nil:
		e.say(said...) // the trace of a panic
	}
	if err == nil {
		return seen.leave(e)
	}
	return err
}

// witness remembers how the last change on the screens ended: who leaves in the middle of
// one must be told when the screen is gone.
type witness struct {
	tui.Backend
	mu      sync.Mutex
	running bool
	plan    access.Plan
	outcome access.Outcome
	err     error
}

func (w *witness) Apply(ctx context.Context, p access.Plan, a access.Accepted, observe func(access.Event) error) (access.Outcome, error) {
	w.mu.Lock()
	w.running = true
	w.mu.Unlock()
	o, err := w.Backend.Apply(ctx, p, a, observe)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.plan, w.outcome, w.err = false, p, o, err
	return o, err
}

// leave says what was left undone, with the exit code of a change that stopped midway.
func (w *witness) leave(e *env) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.running:
		return &exit{exitMidway, errors.New("left in the middle of a step: kubectl eks-access history shows how far it is, resume goes on, undo takes it back")}
	case verdict(w.outcome, w.err, false) != exitMidway:
		return nil
	}
	e.say(report.Outcome(w.plan, w.outcome)...)
	return &exit{code: exitMidway}
}

// ascii reports whether the locale says that the terminal can't show more.
func (e *env) ascii() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // POSIX: the first that is set decides
		if v := strings.ToLower(e.getenv(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}

// planFile is a plan as the text of a file that apply -f takes, and a name for it that no
// file has.
func planFile(p access.Plan) (name, text string, err error) {
	body, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", "", err
	}
	return untaken("plan-"+p.Digest()[:8], ".json"), string(report.Escape(body)) + "\n", nil
}
