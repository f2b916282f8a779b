package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// fill puts other wishes into the basket. What was in it before can be brought back; a
// plan that is looked at meanwhile is not the plan of all of it any more.
func (a *app) fill(ws []wish) tea.Cmd {
	if !slices.EqualFunc(a.basket, ws, func(v, w wish) bool { return v.key() == w.key() && v.words() == w.words() }) {
		a.shed, a.left, a.whole = append(slices.Clone(a.shed), a.basket), nil, false
	}
	a.basket = ws
	return a.shelve()
}

func (a *app) shelve() tea.Cmd {
	return a.tell(basketed{a.basket, len(a.shed) > 0, len(a.left) > 0})
}

// regain brings the basket back that was there before, or the one after it.
func (a *app) regain(forth bool) tea.Cmd {
	from, to := &a.shed, &a.left
	if forth {
		from, to = to, from
	}
	n := len(*from) - 1
	if n < 0 {
		return nil
	}
	was := a.basket
	a.basket = (*from)[n]
	*from, *to = slices.Clone((*from)[:n]), append(slices.Clone(*to), was)
	a.notice = report.Count(len(a.basket), "change", "changes") + " in the basket, as " + pick(forth, "after", "before")
	return a.shelve()
}

// fulfilled empties the basket when the plan that is done was the basket's.
func (a *app) fulfilled() tea.Cmd {
	if !a.whole {
		return nil
	}
	a.basket, a.shed, a.left = nil, nil, nil
	return a.shelve()
}

// stage tries what the basket would be with one wish more: what the guard refuses is not
// put into it.
func (a *app) stage(w wish) tea.Cmd {
	if a.trial != nil {
		a.trial.cancel()
	}
	a.tasks++
	a.trial = newJob[access.Plan](a.ctx, a.tasks)
	a.notice = tryingFirst
	j, b, read, s, ws := a.trial, a.backend, a.o.ReadRole, a.snap, with(a.basket, w)
	return func() tea.Msg {
		defer j.begin()()
		_, p, err := build(j.ctx, b, read, s, ws)
		return tried{j.task, w, p, err}
	}
}

func (a *app) tried(msg tried) tea.Cmd {
	a.trial, a.notice = nil, ""
	lines := refusal(msg.plan)
	if msg.err != nil {
		lines = report.Error(msg.err)
	}
	if len(lines) == 0 {
		a.notice = "in the basket: " + msg.wish.words() + "  p previews"
		return a.fill(with(a.basket, msg.wish))
	}
	return tea.Batch(a.push(ask{title: "Not staged: " + msg.wish.words(), lines: lines, no: "back"}), a.hush())
}

// refusal is why the guard refuses a plan, and what to do about it; none when it does not.
func refusal(p access.Plan) []report.Line {
	var out []report.Line
	for _, f := range p.Findings {
		if f.Severity != access.Refuse {
			continue
		}
		text, fix := report.Finding(f)
		out = append(out, report.Line{Kind: report.Bad, Text: "✗ " + text})
		if fix != "" {
			out = append(out, report.Line{Kind: report.Note, Text: "  " + fix})
		}
	}
	return out
}

// settle ends the journal of a change that was planned anew and has nothing left to do:
// it would be called stopped for ever.
func (a *app) settle(msg planned) tea.Cmd {
	if msg.anew == nil || msg.err != nil || len(msg.plan.Steps) > 0 || msg.plan.Refused() {
		return nil
	}
	end, journal := a.o.History.End, msg.anew.journal
	if journal == "" {
		return a.fulfilled()
	}
	return tea.Batch(a.fulfilled(), func() tea.Msg {
		said, err := end(journal)
		if err != nil {
			return settled{report.Error(err)}
		}
		return settled{[]report.Line{said}}
	})
}
