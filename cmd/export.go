package cmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/export"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type exportRequest struct {
	Target     target
	Format     export.Format
	Principals []string
	Namespaces []string
}

func newExport(e *env, g *globals, run func(context.Context, *env, exportRequest) error) *cobra.Command {
	var r exportRequest
	var namespaces []string
	c := &cobra.Command{
		Use:   "export FORMAT [PRINCIPAL...]",
		Short: "Write what exists as Terraform, CloudFormation and others",
		Long: text(`
			Write the access that exists as the input of another tool: access entries with
			their policies, and the roles and bindings behind them.

			FORMAT is terraform (with import blocks), cloudformation, eksctl, aws-cli (a bash
			script), kubectl (manifests of the Kubernetes half) or ack. What a format can't
			carry is said at its head. Each change has --export FORMAT, which writes its plan
			so instead of making it.`),
		Example: example(`
			kubectl eks-access export terraform > access.tf
			kubectl eks-access export cloudformation role/eks-workshop-admins
			kubectl eks-access export kubectl -n carts,catalog
			kubectl eks-access migrate --export aws-cli > migrate.sh`),
		Args: atLeastOne("FORMAT", "terraform, cloudformation, eksctl, aws-cli, kubectl or ack"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if r.Format, err = export.ParseFormat(args[0]); err != nil {
				return usage("%s", err)
			}
			r.Target, r.Principals, r.Namespaces = g.target(), args[1:], words(namespaces)
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringSliceVarP(&namespaces, "namespace", "n", nil, "only roles and bindings in these namespaces")
	return c
}

func runExport(ctx context.Context, e *env, r exportRequest) error {
	w, err := e.open(ctx, r.Target)
	if err != nil {
		return err
	}
	s, err := w.read(ctx)
	if err != nil {
		return err
	}
	ix := access.NewIndex(s)
	who, err := choose(ix, r.Principals)
	if err != nil {
		return err
	}
	if err := exportable(s); err != nil {
		return err
	}
	_, err = io.WriteString(e.out, export.Now(r.Format, ix, export.Options{Principals: who, Namespaces: r.Namespaces, Cut: w.past}))
	return err
}

// exportable stops where something could not be read: code that leaves somebody out is
// code that takes it away when it is applied.
func exportable(s access.Snapshot) error {
	if err := absent(s); err != nil {
		return err
	}
	for _, g := range s.Gaps {
		switch g.Kind {
		case access.IAMPrincipalKind, access.PolicyKind: // they change nothing of what is written
		default:
			return &exit{exitError, usage("nothing is exported, since it would be less than there is: %s", report.Gap(g))}
		}
	}
	return nil
}

// exportPlan answers a change with its plan in another tool's form. The preview goes
// beside it: what the plan does for whom is not in that form.
func (e *env) exportPlan(w *world, s access.Snapshot, p access.Plan, m mode) error {
	e.say(report.Preview(p, m.Diff)...)
	if p.Refused() {
		return &exit{exitRefused, usage("refused, so not exported: %s", codes(p.Refusals()))}
	}
	text, err := export.Plan(m.Export, s, p, export.Options{Cut: w.past})
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.out, text)
	return err
}

func formatNames() []string {
	var out []string
	for _, f := range export.Formats() {
		out = append(out, string(f))
	}
	return out
}
