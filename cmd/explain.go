package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type explainRequest struct {
	Codes []string // none: the list of them
	All   bool
}

func newExplain(e *env, run func(context.Context, *env, explainRequest) error) *cobra.Command {
	var r explainRequest
	c := &cobra.Command{
		Use:   "explain [CODE... | --all]",
		Short: "Explain the codes of findings",
		Long: text(`
			Explain the codes of findings: what each says, why it matters, what to do, and how to go
			on where a plan needs a yes of its own. Without a CODE it lists them; --all explains all,
			as the page docs/codes.md does. No cluster is asked.`),
		Example: example(`
			kubectl eks-access explain
			kubectl eks-access explain no-bridge
			kubectl eks-access explain one-way-mode revokes-all`),
		RunE: func(c *cobra.Command, args []string) error {
			if r.Codes = args; r.All && len(args) > 0 {
				return usage("--all explains every code: leave it out, or %s", strings.Join(args, ", "))
			}
			return run(c.Context(), e, r)
		},
	}
	c.Flags().BoolVar(&r.All, "all", false, "explain every code")
	return c
}

func runExplain(_ context.Context, e *env, r explainRequest) error {
	words := r.Codes
	switch {
	case r.All:
		words = texts(report.Codes())
	case len(words) == 0:
		err := e.answer(report.CodesTable(room(e.width))...)
		e.say(report.Hint("what one means and how to mend it: kubectl eks-access explain CODE; all of them: --all"))
		return err
	}
	var out []report.Line
	var unknown error
	for _, w := range words {
		lines, ok := report.Explain(access.Code(w))
		if !ok {
			fix := "all of them: kubectl eks-access explain"
			if near := nearest(w, texts(report.Codes())); near != "" {
				fix = "did you mean " + near + "?"
			}
			unknown = errors.Join(unknown, usage("no finding has the code %q\n%s", w, fix))
			continue
		}
		if len(out) > 0 {
			out = append(out, report.Line{})
		}
		out = append(out, lines...)
	}
	return errors.Join(e.answer(out...), unknown)
}
