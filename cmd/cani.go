package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type canIRequest struct {
	Target    target
	Principal string
	Asked     asked
	Why       bool
	Quiet     bool
	Output    string
}

func newCanI(e *env, g *globals, run func(context.Context, *env, canIRequest) error) *cobra.Command {
	var r canIRequest
	c := &cobra.Command{
		Use:   "can-i PRINCIPAL VERB TYPE[.GROUP][/SUB] [NAME]",
		Short: "Say whether a principal may do something, and why",
		Long: text(`
			Say whether an IAM principal may do something in the cluster: yes, no or unknown.

			A PRINCIPAL is an ARN, role/NAME, user/NAME, a name, or "me". TYPE is what kubectl
			takes: deploy, deployments.apps, Deployment, pods/log, '*'; or a URL such as /healthz.
			Without -n it is asked in the context's namespace, with -A for the whole cluster.
			Unlike kubectl auth can-i, what follows a slash is a subresource and never a name.

			Who assumes a role chooses the session's name, so an answer can be "yes, when the
			session name is alice". What could not be read is never answered with no.

			Exit codes: 0 yes; 1 no; 2 an error; 5 unknown, or yes on a condition.`),
		Example: example(`
			kubectl eks-access can-i carts-developers delete pods -n carts
			kubectl eks-access can-i role/carts-developers get pods/log -n carts --why
			kubectl eks-access can-i me create clusterrolebindings
			kubectl eks-access can-i carts-developers get /metrics -o json`),
		RunE: func(c *cobra.Command, args []string) error {
			r.Target = g.target()
			if err := r.take(args, c.Flags()); err != nil {
				return failed(err)
			}
			return failed(run(c.Context(), e, r))
		},
	}
	answersOnly(c)
	f := c.Flags()
	r.Asked.add(f, "for all namespaces: it must be allowed in the whole cluster")
	f.BoolVar(&r.Why, "why", false, "name the mapping, the group, the binding and the role or policy; or what is missing")
	f.BoolVarP(&r.Quiet, "quiet", "q", false, "say nothing, the exit code is the answer")
	f.StringVarP(&r.Output, "output", "o", "", "json or yaml, with all reasons")
	return c
}

// take reads the arguments.
func (r *canIRequest) take(args []string, f *pflag.FlagSet) error {
	if len(args) < 3 || len(args) > 4 {
		return usage("want PRINCIPAL VERB TYPE [NAME], for example:\n  kubectl eks-access can-i carts-developers delete pods -n carts")
	}
	r.Principal = args[0]
	if err := r.Asked.take(args[1:], f); err != nil {
		return err
	}
	switch {
	case r.Principal == "":
		return usage("the PRINCIPAL is empty (an unset variable?)")
	case !slices.Contains([]string{"", "json", "yaml"}, r.Output):
		return usage("-o %s: an answer is text, json or yaml", r.Output)
	case r.Quiet && (r.Why || r.Output != ""):
		return usage("--quiet says nothing: leave it out, or --why and -o")
	}
	return nil
}

func runCanI(ctx context.Context, e *env, r canIRequest) error {
	in, err := e.inquire(ctx, r.Target)
	if err != nil {
		return err
	}
	row, err := whoAsked(in.ix, r.Principal)
	if err != nil {
		return err
	}
	q, err := in.question(r.Asked)
	if err != nil {
		return err
	}
	if _, seen := in.ix.Caller(); r.Principal == "me" && !seen {
		q.note(report.Doubt("the API server did not say who asks; this is the answer for %s", row.Principal))
	}
	reply := report.Reply{Principal: row.Principal, Meant: q.meant}
	for _, one := range q.requests {
		c := report.Check{Request: one, Answer: in.ix.Ask(row, one)}
		if c.Answer.Verdict != access.Yes {
			c.Misses = in.ix.Misses(c.Answer, one)
		}
		reply.Checks = append(reply.Checks, c)
	}
	v, _ := reply.Verdict()
	if _, mapped := row.Active(); v == access.No && mapped && slices.ContainsFunc(in.ix.Mappings(), func(m access.Mapping) bool { return m.Source == access.FromCreator }) {
		// EKS user guide, "Change authentication mode": the creator's right shows nowhere in CONFIG_MAP.
		q.note(report.Doubt("if it is the principal that created the cluster, it may do everything: mode CONFIG_MAP hides who that is"))
	}
	if !r.Quiet {
		e.asked(q, "-n NAMESPACE asks in another"+why(r))
		if err := e.answerReply(in.ix, reply, q.notes, r); err != nil {
			return err
		}
	}
	switch v {
	case access.Yes:
		return nil
	case access.No:
		return &exit{code: exitNo}
	}
	return &exit{code: exitUnknown}
}

// why names the flag that a bare answer is short of.
func why(r canIRequest) string {
	if r.Why || r.Output != "" {
		return ""
	}
	return ", --why gives the reasons"
}

func (e *env) answerReply(ix *access.Index, reply report.Reply, notes []report.Line, r canIRequest) error {
	e.say(notes...)
	switch r.Output {
	case "json":
		return e.answerJSON(report.AnswerData(ix, reply))
	case "yaml":
		return e.answerYAML(report.AnswerData(ix, reply))
	}
	lines := []report.Line{report.AnswerLine(reply)}
	if r.Why {
		lines = append(lines, report.AnswerWhy(reply)...)
	} else {
		e.say(report.Undecided(reply)...)
	}
	return e.answer(lines...)
}

// whoAsked is the row that a question is about. "me" is who asks, in this very session.
func whoAsked(ix *access.Index, word string) (access.Row, error) {
	if row, seen := ix.Caller(); seen && word == "me" {
		return row, nil
	}
	return whoIs(ix, word)
}

// whoIs is the row of one principal: listed, or written out, since who is not listed
// may be let in all the same. "me" is the principal that reads the cluster.
func whoIs(ix *access.Index, word string) (access.Row, error) {
	p, found, err := find(ix, word)
	switch {
	case err != nil:
		return access.Row{}, err
	case found || written(word):
		if p.Kind == access.AccountPrincipal && !found {
			return access.Row{}, usage("%s is an account: ask about a role or a user of it", word)
		}
		return ix.Who(p), nil
	case word == "me":
		c := ix.Snapshot().Caller
		switch {
		case c.Kube.ARN != "":
			return ix.Who(c.Kube), nil
		case c.Identity.User != "":
			return access.Row{}, usage("the API server sees you as %s, which is no IAM principal: name the one you mean", c.Identity.User)
		case c.AWS.ARN != "":
			return ix.Who(c.AWS), nil
		}
		return access.Row{}, usage("who reads this cluster is not known: the API server and AWS did not say\nname the principal")
	}
	return access.Row{}, unlisted(ix, word)
}
