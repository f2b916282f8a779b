package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type explainRequest struct{ Codes []string } // none: all

func newExplain(e *env, run func(context.Context, *env, explainRequest) error) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE...]",
		Short: "Explain the codes of findings",
		Long: text(`
			Explain the codes of findings: what each says, why it matters, what to do, and how to go
			on where a plan needs a yes of its own. Without a CODE it explains all. docs/codes.md is
			the same as a page. No cluster is asked.`),
		Example: example(`
			kubectl eks-access explain no-bridge
			kubectl eks-access explain one-way-mode revokes-all`),
		RunE: func(c *cobra.Command, args []string) error { return run(c.Context(), e, explainRequest{args}) },
	}
}

func runExplain(_ context.Context, e *env, r explainRequest) error {
	words := r.Codes
	if len(words) == 0 {
		words = texts(report.Codes())
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
