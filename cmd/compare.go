package cmd

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type compareRequest struct {
	Targets [2]target // equal when both principals are of one cluster
	A, B    string
	Output  string
}

func newCompare(e *env, g *globals, run func(context.Context, *env, compareRequest) error) *cobra.Command {
	var r compareRequest
	var contexts []string
	c := &cobra.Command{
		Use:   "compare PRINCIPAL [PRINCIPAL]",
		Short: "Say what one principal may and another may not",
		Long: text(`
			Compare two principals of one cluster, or one principal (or two) in two clusters,
			each named by a --context: who they are, and scope by scope, rule by rule, what
			only the first may (-) and what only the second may (+).

			Exit codes, as kubectl diff has them: 0 they may do the same; 1 they differ; 2 an
			error; 5 no difference in what is known, but not everything could be read.`),
		Example: example(`
			kubectl eks-access compare carts-developers EKSDeveloper
			kubectl eks-access compare role/dev --context staging --context prod
			kubectl eks-access compare carts-developers platform-admin -o json`),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if r.Targets, err = targets(g.target(), args, contexts); err != nil {
				return failed(err)
			}
			if !slices.Contains([]string{"", "json", "yaml"}, r.Output) {
				return failed(usage("-o %s: a comparison is text, json or yaml", r.Output))
			}
			r.A, r.B = args[0], args[len(args)-1]
			return failed(run(c.Context(), e, r))
		},
	}
	answersOnly(c)
	f := c.Flags()
	f.StringArrayVar(&contexts, "context", nil, "kubeconfig context to use; given twice, the principal is compared in two clusters")
	f.StringVarP(&r.Output, "output", "o", "", "json or yaml, with both sides in full")
	return c
}

// targets says where each of the two is looked for.
func targets(t target, args, contexts []string) ([2]target, error) {
	out := [2]target{t, t}
	switch {
	case len(args) == 0 || len(args) > 2 || slices.Contains(args, ""):
		return out, usage("want two PRINCIPALs, or one and --context twice, for example:\n  kubectl eks-access compare carts-developers EKSDeveloper")
	case len(contexts) > 2:
		return out, usage("%d contexts: two are compared", len(contexts))
	case len(args) == 1 && len(contexts) < 2:
		return out, usage("%q compared with what? Name another principal, or two clusters with --context A --context B", args[0])
	case len(contexts) == 2 && (t.Demo != "" || t.Snapshot != "" || t.Cluster != ""):
		return out, usage("two contexts name two clusters: leave --demo, --snapshot and --cluster-name out")
	}
	for i := range out {
		if len(contexts) > 0 {
			out[i].Context = contexts[min(i, len(contexts)-1)]
		}
	}
	return out, nil
}

func runCompare(ctx context.Context, e *env, r compareRequest) error {
	a, b, err := e.both(ctx, r.Targets)
	if err != nil {
		return err
	}
	p, q, err := pair(a, b, r)
	if err != nil {
		return err
	}
	c := access.Contrasted(a, p, b, q)
	switch r.Output {
	case "json":
		err = e.answerJSON(report.ContrastJSON(c, a, b))
	case "yaml":
		err = e.answerYAML(report.ContrastJSON(c, a, b))
	default:
		err = e.answer(report.Contrast(c, side(r.Targets[0], a), side(r.Targets[1], b), e.width())...)
	}
	switch {
	case err != nil:
		return err
	case !c.Equal():
		return &exit{code: exitDiffer}
	case !c.Known():
		return &exit{code: exitUnknown}
	}
	return nil
}

// side is what the cluster of one side is called.
func side(t target, ix *access.Index) string {
	if t.Context != "" {
		return t.Context
	}
	return nameOf(ix.Snapshot())
}

// both reads one cluster, or two at once.
func (e *env) both(ctx context.Context, t [2]target) (a, b *access.Index, err error) {
	if t[0] == t[1] {
		a, err = e.index(ctx, t[0])
		return a, a, err
	}
	var two sync.WaitGroup
	var other error
	two.Go(func() { a, err = e.index(ctx, t[0]) })
	two.Go(func() { b, other = e.index(ctx, t[1]) })
	two.Wait()
	return a, b, errors.Join(err, other)
}

func (e *env) index(ctx context.Context, t target) (*access.Index, error) {
	w, err := e.open(ctx, t)
	if err != nil {
		return nil, err
	}
	s, err := w.read(ctx)
	if err != nil {
		return nil, err
	}
	return access.NewIndex(s), absent(s)
}

// pair finds both principals. One that is compared with itself in another cluster may
// be missing there: that is a difference, and no mistake.
func pair(a, b *access.Index, r compareRequest) (p, q access.Row, err error) {
	p, err = whoIs(a, r.A)
	var other error
	q, other = whoIs(b, r.B)
	if r.A == r.B && a != b {
		switch {
		case err == nil && other != nil:
			return p, b.Who(p.Principal), nil
		case other == nil && err != nil:
			return a.Who(q.Principal), q, nil
		}
	}
	if err != nil {
		return p, q, err
	}
	return p, q, other
}
