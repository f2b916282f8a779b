package export

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// sh is a script under way: the plan, step by step. Each step is done already, or
// finds the object as the plan saw it and changes it, or stops the script; and each
// is waited for. So the script resumes where it stopped, as apply does.
type sh struct {
	b       strings.Builder
	cluster access.Cluster
}

// script writes the plan's steps in their order. For what exists now the steps are
// those that would make it anew.
func script(s sheet) string {
	var steps []access.Step
	if s.plan != nil {
		steps = s.plan.Steps
	} else {
		steps = s.anew()
	}
	w := &sh{cluster: s.cluster}
	w.b.WriteString("#!/usr/bin/env bash\n" + comment("#", s.head(AWSCLI)))
	w.line("# It speaks to AWS with the credentials of its environment, and to Kubernetes by kubectl's current context.")
	w.line("set -euo pipefail")
	w.line("")
	w.line("cluster=%s", quote(s.cluster.Name))
	w.line("arn=%s", quote(s.cluster.ARN))
	w.line("export AWS_PAGER='' AWS_DEFAULT_REGION=%[1]s AWS_REGION=%[1]s", quote(s.cluster.Region))
	w.b.WriteString(tools)
	if touchesKubernetes(steps) {
		w.b.WriteString(kubeTools)
	}
	w.line("")
	w.line("same_cluster")
	if touchesKubernetes(steps) {
		w.line("same_server")
	}
	for i, st := range steps {
		w.line("")
		w.line("say %s", quote(fmt.Sprintf("%d/%d %c %s", i+1, len(steps), st.Sign(), safeName(anyOf(st)))))
		w.step(st, steps[i+1:])
	}
	if s.plan != nil && len(s.plan.Expect) > 0 {
		w.line("")
		w.line("say %s", quote("proof"))
		for _, e := range s.plan.Expect {
			w.expect("", e)
		}
	}
	w.line("")
	w.line("say %s", quote("done"))
	return w.b.String()
}

func (w *sh) line(format string, args ...any) {
	if len(args) == 0 {
		w.b.WriteString(format + "\n")
		return
	}
	fmt.Fprintf(&w.b, format+"\n", args...)
}

// step writes one change: nothing if it was made by an earlier run, which may also
// have gone on to a later state of the same object.
func (w *sh) step(st access.Step, later []access.Step) {
	w.line("what=(%s)", question(anyOf(st)))
	if st.Before != nil {
		w.line("before=%s", is(st.Before))
	}
	reached := `holds gone "${what[@]}" "$before"`
	if st.After != nil {
		w.line("after=%s", is(st.After))
		reached = `holds "${what[@]}" "$after"`
	}
	for _, l := range later {
		if shows(l, st) {
			reached += " || holds " + question(l.After) + " " + is(l.After)
		}
	}
	w.line("if %s; then", reached)
	w.line("  say '  done already'")
	w.line("else")
	if st.Settle {
		w.line("  settle")
	}
	for _, e := range st.First {
		w.expect("  ", e)
	}
	if st.Before == nil {
		w.line(`  must absent "${what[@]}" "$after"`)
	} else {
		w.line(`  must true "${what[@]}" "$before"`)
	}
	if kubernetes(anyOf(st)) {
		w.object(st)
	} else {
		w.call(st)
	}
	if st.After == nil {
		w.line(`  await gone "${what[@]}" "$before"`)
	} else {
		w.line(`  await "${what[@]}" "$after"`)
	}
	w.line("fi")
}

// shows reports whether what a later step leaves is seen only when this one is done: a
// later state of the object, or the new entry of a principal whose policies went with the
// old one.
func shows(later, st access.Step) bool {
	e, entry := later.After.(access.AccessEntry)
	went := entry && later.Before == nil && st.After == nil && st.Key().Kind == access.AssociationKind && st.Key().Namespace == e.Principal
	return went || later.Key() == st.Key() && later.After != nil && !access.Same(later.After, st.Before)
}

// expect writes a proof. One that only the principal itself can give is left out: the
// head says so.
func (w *sh) expect(indent string, e access.Expect) {
	switch {
	case e.Object != nil:
		w.line(indent+"await %s %s", question(e.Object), is(e.Object))
	case !e.Policies:
		w.line(indent+"await %s %s", map[bool]string{true: "allowed", false: "denied"}[e.Want], review(e))
	}
}

// question is the function of the script that reads an object, and its arguments up to
// what the object shall be.
func question(o access.Object) string {
	switch o := o.(type) {
	case access.AuthMode:
		return "mode " + payload(map[string]string{"name": o.In.Name()})
	case access.AccessEntry:
		return "entry " + payload(about(o.In, o.Principal))
	case access.PolicyAssociation:
		return "association " + payload(about(o.In, o.Principal))
	}
	return "object " + target(o)
}

// is says what an object shall be: a query that the AWS CLI answers with true or false,
// or a patch of tests that the API server takes or refuses.
func is(o access.Object) string {
	if kubernetes(o) {
		return payload(tests(o))
	}
	return quote(query(o))
}

func anyOf(st access.Step) access.Object {
	if st.After != nil {
		return st.After
	}
	return st.Before
}

// anew are the steps that make what a sheet has.
func (s sheet) anew() []access.Step {
	var out []access.Step
	for _, c := range s.objects {
		out = append(out, access.Step{After: c.is})
	}
	for _, e := range s.entries {
		out = append(out, access.Step{After: e.is})
		for _, p := range e.policies {
			out = append(out, access.Step{After: p.is})
		}
	}
	return out
}

func touchesKubernetes(steps []access.Step) bool {
	for _, st := range steps {
		if kubernetes(anyOf(st)) {
			return true
		}
	}
	return false
}
