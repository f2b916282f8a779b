package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

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
	back := aside()
	err := tui.Run(ctx, w, tui.Options{In: e.in, Out: e.out, Env: variables, Title: w.title,
		WritePlan: writePlan, ReadRole: readRole, Exports: w.exports(), History: e.past(w, r.Target), ASCII: e.ascii(), Plain: r.Plain})
	said := back()
	switch {
	case errors.Is(err, context.Canceled):
		return nil // leaving by ctrl+c is leaving
	case err != nil:
		e.say(said...) // the trace of a panic
	}
	return err
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

// writePlan saves a plan in the working folder, under a name that a second plan
// does not have, and never over a file.
func writePlan(p access.Plan) (string, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", err
	}
	path := "plan-" + p.Digest()[:8] + ".json"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return path, nil // the same steps are there already
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(report.Escape(text), '\n'))
	return path, errors.Join(err, f.Close())
}
