package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// proposal is a plan to be looked at and agreed to.
type proposal struct {
	plan access.Plan
	// whole is the plan that this one is the rest of: a stopped plan is resumed under
	// its own digest, so that its journal goes on and one undo takes back all of it.
	whole *access.Plan
	ends  bool // apply the whole even when nothing is left of it: its journal is ended by that
	said  []report.Line
	// doubts are said at once, for who reads no further, and again before the question:
	// a preview may be long.
	doubts []report.Line
	// stopped is what is planned anew when somebody else's change stands in the way, or was.
	stopped stopped
}

// applied is the plan that Apply gets: it skips what is done.
func (p proposal) applied() access.Plan {
	if p.whole == nil || len(p.plan.Steps) == 0 && !p.ends {
		return p.plan
	}
	do := p.plan
	do.Caller, do.Steps = p.whole.Caller, p.whole.Steps
	return do
}

// planner turns what was read into a plan.
type planner func(w *world, s access.Snapshot) (proposal, error)

// change is what every change shares: read, plan, preview, consent, apply, proof.
func change(ctx context.Context, e *env, t target, m mode, plan planner) error {
	w, err := e.open(ctx, t)
	if err != nil {
		return err
	}
	s, err := e.current(ctx, w)
	if err != nil {
		return err
	}
	if !m.previews() {
		// Whoever would wait for the other at the end is told before being asked.
		c, _ := s.Cluster()
		if by, busy := live.Running(w.Journals, c); busy {
			return &live.Busy{Cluster: c.Name, By: by}
		}
	}
	p, err := plan(w, s)
	e.say(append(p.said, p.doubts...)...)
	if err != nil && conflict(err) && p.stopped.can() {
		if !m.Replan && e.terminal && !m.Yes && !m.JSON && !m.previews() {
			e.say(report.Error(err)...)
			if m.Replan = e.wantsAnew(ctx, m); !m.Replan {
				return declined()
			}
		}
		s, p, err = e.anew(ctx, w, m, p.stopped, err)
	}
	var midway error // how the plan before this one ended
	for err == nil {
		if m.previews() {
			return e.previewed(ctx, w, s, p, m)
		}
		var agreed []access.Code
		agreed, err = consent(ctx, e, p.plan, m, p.doubts...)
		switch {
		case err != nil && midway != nil:
			e.say(report.NotAnew())
			return midway
		case err != nil:
			return err
		}
		if len(p.plan.Steps) == 0 && p.plan.GoesOn != nil {
			if err := e.closed(w, p.stopped); err != nil {
				return err
			}
		}
		do := p.applied()
		o, err := perform(ctx, e, w, do, agreed, m)
		st := p.stopped.next(do, o)
		if o.Stopped == nil || !conflict(o.Stopped.Err) || !st.can() || !e.wantsAnew(ctx, m) {
			return err
		}
		m.Replan, midway = true, err
		if s, p, err = e.anew(ctx, w, m, st, err); err != nil {
			return err
		}
	}
	return err
}

// previewed is the end of what changes nothing.
func (e *env) previewed(ctx context.Context, w *world, s access.Snapshot, p proposal, m mode) error {
	if m.Export != "" {
		return e.exportPlan(w, s, p.plan, m)
	}
	if m.Server {
		trials, err := w.DryRun(ctx, p.plan)
		if err != nil {
			return err
		}
		p.plan = access.Tried(p.plan, trials)
	}
	return preview(e, p.plan, m)
}

// previews reports whether nothing shall be changed.
func (m mode) previews() bool { return m.DryRun || m.Export != "" }

// preview is the answer of a dry run.
func preview(e *env, p access.Plan, m mode) error {
	if err := e.answerPlan(p, m); err != nil {
		return err
	}
	switch {
	case p.Refused():
		return &exit{code: exitRefused}
	case m.ExitCode && len(p.Steps) > 0:
		return &exit{code: exitPending}
	}
	return nil
}

// answerPlan writes a plan to stdout, as text or as the file that apply takes.
func (e *env) answerPlan(p access.Plan, m mode) error {
	if m.JSON {
		return e.answerJSON(p)
	}
	return e.answer(report.Preview(p, m.Diff)...)
}

// consent shows the plan and gets the codes that were accepted. Its error ends the
// command: refused, not accepted, declined, or nobody there to ask.
func consent(ctx context.Context, e *env, p access.Plan, m mode, doubts ...report.Line) ([]access.Code, error) {
	switch {
	case len(p.Steps) == 0:
		return nil, nil
	case p.Refused():
		if err := e.showPlan(p, m); err != nil {
			return nil, err
		}
		return nil, &exit{exitRefused, fmt.Errorf("refused, and nothing was changed: %s", codes(p.Refusals()))}
	case !m.Yes && !e.terminal:
		if err := e.answerPlan(p, m); err != nil {
			return nil, err
		}
		e.say(report.Line{}, report.Line{Kind: report.Warn, Text: "Nothing was changed: there is no terminal to ask on. " + again(p, m)})
		return nil, &exit{code: exitPending}
	}
	e.say(report.Preview(p, m.Diff)...)
	e.say(report.Line{})
	missing := p.Unaccepted(m.Accept)
	if m.Yes {
		if len(missing) > 0 {
			return nil, &exit{exitRefused, fmt.Errorf("not accepted yet, and nothing was changed: %s\n%s", codes(missing), again(p, m))}
		}
		return m.Accept, nil
	}
	e.say(doubts...)
	if err := ask(ctx, e, p, missing); err != nil {
		return nil, err
	}
	return append(slices.Clone(m.Accept), missing...), nil
}

// showPlan tells of a plan that will not run: scripts still get it as their answer.
func (e *env) showPlan(p access.Plan, m mode) error {
	if m.JSON {
		return e.answerJSON(p)
	}
	e.say(report.Preview(p, m.Diff)...)
	return nil
}

// again says which flags make the change.
func again(p access.Plan, m mode) string {
	text := "To apply it, add"
	if !m.Yes {
		text += " --yes"
	}
	for _, c := range p.Unaccepted(m.Accept) {
		text += " --accept " + string(c)
	}
	return text + "."
}

func codes(cs []access.Code) string {
	var out []string
	for _, c := range cs {
		out = append(out, string(c))
	}
	return strings.Join(out, ", ")
}

// perform applies an agreed plan and ends with its proof.
func perform(ctx context.Context, e *env, w *world, p access.Plan, agreed []access.Code, m mode) (access.Outcome, error) {
	var o access.Outcome
	var err error
	begun := false
	if len(p.Steps) > 0 {
		o, err = w.Apply(ctx, p, access.Accepted{Digest: p.Digest(), Codes: agreed}, func(ev access.Event) error {
			begun = begun || ev.State == access.Started
			// A terminal that went away must not stop a change midway.
			e.say(report.Event(p, ev))
			return nil
		})
	}
	if err != nil && o.Stopped == nil {
		var no *live.Refused
		if errors.As(err, &no) {
			return o, &exit{exitRefused, err}
		}
		if !begun {
			return o, err
		}
	}
	said := e.answerOutcome(p, o, err, m)
	if w.demo && o.Done > 0 {
		e.say(report.Line{Kind: report.Note, Text: "This was a demo: its cluster ended with this command, so there is nothing to undo."})
	}
	if code := verdict(o, err, begun); code != exitDone {
		return o, &exit{code, errors.Join(unsaid(o, err), said)}
	}
	return o, said
}

func (e *env) answerOutcome(p access.Plan, o access.Outcome, err error, m mode) error {
	switch {
	case m.JSON:
		return e.answerJSON(newOutcome(p, o, err))
	case len(p.Steps) == 0:
		return e.answer(report.Preview(p, false)...)
	}
	return e.answer(report.Outcome(p, o)...)
}

// unsaid is an error that the outcome does not tell of: one of the proof.
func unsaid(o access.Outcome, err error) error {
	if o.Stopped != nil {
		return nil
	}
	return err
}

// verdict is the exit code of an outcome. Stopped with something written, now or
// by an earlier run, is midway; a server that refused the first write has changed
// nothing, and one that refused a dry run of it is a guard like ours.
func verdict(o access.Outcome, err error, begun bool) int {
	var forbidden *access.Forbidden
	var objection *live.Objection
	refused := errors.As(err, &forbidden) || conflict(err)
	switch {
	case o.Stopped != nil && (o.Done+o.Skipped > 0 || begun && !refused):
		return exitMidway
	case errors.As(err, &objection):
		return exitRefused
	case err != nil || o.Stopped != nil:
		return exitError
	case len(o.Drift) > 0 || slices.ContainsFunc(o.Proofs, func(p access.Proof) bool { return p.State == access.Disproven }):
		return exitError // everything was written, and it is not what was promised
	}
	return exitDone
}
