package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type whoCanRequest struct {
	Target    target
	Asked     asked
	Output    string
	NoHeaders bool
}

func newWhoCan(e *env, g *globals, run func(context.Context, *env, whoCanRequest) error) *cobra.Command {
	var r whoCanRequest
	c := &cobra.Command{
		Use:   "who-can VERB TYPE[.GROUP][/SUB] [NAME]",
		Short: "List who may do something, and through what",
		Long: text(`
			List the IAM principals that may do something in a namespace, in the whole cluster,
			or with -A in any namespace, and through which mapping, group, binding, role or policy.

			TYPE is what kubectl takes: deploy, deployments.apps, pods/log, '*'; or a URL such as
			/healthz. A principal of which only some sessions may is listed with its condition.
			Who could not be decided stands below the table, with what could not be read; and so
			does who else bindings let in: service accounts, and names no IAM principal has.`),
		Example: example(`
			kubectl eks-access who-can delete pods -n carts
			kubectl eks-access who-can get secrets -A
			kubectl eks-access who-can create pods/exec -n kube-system -o wide
			kubectl eks-access who-can get /metrics -o json`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 || len(args) > 3 {
				return usage("want VERB TYPE [NAME], for example:\n  kubectl eks-access who-can delete pods -n carts")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r.Target = g.target()
			if err := r.Asked.take(args, c.Flags()); err != nil {
				return err
			}
			if !slices.Contains(formats, r.Output) {
				return usage("-o %s: want %s", r.Output, strings.Join(formats, ", "))
			}
			return run(c.Context(), e, r)
		},
	}
	f := c.Flags()
	r.Asked.add(f, "in any namespace, and say where")
	f.StringVarP(&r.Output, "output", "o", "table", "table, wide, json, yaml or name")
	f.BoolVar(&r.NoHeaders, "no-headers", false, "leave the table's head out")
	return c
}

func runWhoCan(ctx context.Context, e *env, r whoCanRequest) error {
	in, err := e.inquire(ctx, r.Target)
	if err != nil {
		return err
	}
	q, err := in.question(r.Asked)
	if err != nil {
		return err
	}
	if len(q.requests) > 1 {
		return severally(r.Asked, q.requests)
	}
	e.say(q.notes...)
	e.asked(q, "-n NAMESPACE asks in another, -A in all")
	w := report.WhoCanIn
	if q.anywhere {
		w = report.WhoCanAnywhere
	}
	return e.answerWho(w(in.ix, q.requests[0]), r)
}

// severally says what to ask instead of a command that makes several requests: who
// may make one of them need not be who may make another.
func severally(a asked, requests []access.Request) error {
	var lines []string
	for _, q := range requests {
		lines = append(lines, "  "+report.Command(append([]string{"who-can", q.Verb}, a.about()...)...))
	}
	return usage("%s is no verb of requests, it needs several; ask for each:\n%s", a.Verb, strings.Join(lines, "\n"))
}

func (e *env) answerWho(w report.WhoCan, r whoCanRequest) error {
	switch r.Output {
	case "json":
		return e.answerJSON(w)
	case "yaml":
		return e.answerYAML(w)
	case "name":
		var out []report.Line
		for _, it := range w.Items {
			if it.Principal.ARN != "" {
				out = append(out, report.Line{Text: report.Safe(it.Principal.ARN)})
			}
		}
		e.say(report.WhoCanRest(w, false, 0)...)
		return e.answer(out...)
	}
	wide, width := r.Output == "wide", e.width()
	if wide {
		width = 0 // whoever asks for everything gets it
	}
	lines := report.WhoCanTable(w, wide, width)
	if r.NoHeaders {
		lines = slices.DeleteFunc(lines, func(l report.Line) bool { return l.Kind == report.Title })
	}
	if rest := report.WhoCanRest(w, wide, width); len(rest) > 0 {
		lines = append(append(lines, report.Line{}), rest...)
	}
	return e.answer(lines...)
}
