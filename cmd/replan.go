package cmd

import (
	"context"
	"errors"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// stopped are plans that somebody else's change has stopped: what can be planned anew.
type stopped struct {
	plans   []access.Plan  // the latest first, each of which went on with the next
	journal []live.Journal // of those of them that have changed something
	hint    string         // how to plan anew where nobody can be asked
}

// stoppedAt is a journal's plan, with those that it goes on with.
func stoppedAt(j live.Journal) (stopped, error) {
	chain, err := live.Chain(j)
	st := stopped{journal: chain, hint: "to plan the rest anew: " + report.Command("resume", j.ID(), "--replan")}
	for _, j := range chain {
		st.plans = append(st.plans, j.Plan)
	}
	return st, err
}

// next adds the plan that an outcome tells of, if it has changed something.
func (st stopped) next(p access.Plan, o access.Outcome) stopped {
	if o.Journal == "" && len(st.plans) > 0 {
		return st
	}
	out := stopped{plans: append([]access.Plan{p}, st.plans...), journal: st.journal}
	if j, err := live.ReadJournal(o.Journal); err == nil {
		if on, err := stoppedAt(j); err == nil && len(on.journal) > 1 {
			on.plans[0] = p // with all that it goes on with, also when it was itself resumed
			return on
		}
		out.journal = append([]live.Journal{j}, st.journal...)
	}
	return out
}

// can reports whether the plans say what they were made from.
func (st stopped) can() bool { return len(st.plans) > 0 && len(st.plans[0].From) > 0 }

// conflict finds somebody else's change in an error.
func conflict(err error) bool {
	var c *access.Conflict
	return errors.As(err, &c)
}

// anew plans again what somebody else's change has stopped, when the flags or a person
// say so. Its preview and its yes are those of any plan. Otherwise the error is why.
func (e *env) anew(ctx context.Context, w *world, m mode, st stopped, why error) (access.Snapshot, proposal, error) {
	if !m.Replan {
		return access.Snapshot{}, proposal{}, errors.Join(why, usage("%s", st.hint))
	}
	s, err := e.current(ctx, w)
	if err == nil {
		s, err = w.Lookup(ctx, s, access.Grantees(st.plans[0].From)...)
	}
	if err != nil {
		return s, proposal{}, err
	}
	p, err := st.again(s)
	return s, proposal{plan: p, stopped: st}, err
}

// again is the plan made anew, which names the journals it goes on with.
func (st stopped) again(s access.Snapshot) (access.Plan, error) {
	p, err := access.Replan(s, st.plans...)
	for _, j := range st.journal {
		p.GoesOn = append(p.GoesOn, j.Path)
	}
	return p, err
}

// wantsAnew asks a person whether to plan again; nobody is asked in a script.
func (e *env) wantsAnew(ctx context.Context, m mode) bool {
	if m.Yes || m.JSON || m.previews() || !e.terminal {
		return false
	}
	got, err := prompt(ctx, e, e.answers(), "Plan it anew from what is there now, and show it? [y/N]")
	return err == nil && (strings.EqualFold(got, "y") || strings.EqualFold(got, "yes"))
}

// closed ends the journal of plans of which nothing is left to do.
func (e *env) closed(w *world, st stopped) error {
	if len(st.journal) == 0 {
		return nil
	}
	if err := w.End(st.journal[0]); err != nil {
		return err
	}
	e.say(report.NothingLeftOf(st.journal[0].ID()))
	return nil
}
