package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// recall opens the history and reads it.
func (a *app) recall() tea.Cmd {
	h := a.o.History
	switch {
	case h == nil && a.demo():
		return a.push(ask{title: "No history in a demo", no: "close", lines: []report.Line{
			{Text: "A demo keeps no journals: what is applied in it ends with it. Of a real cluster every change is listed here, to be shown, resumed and undone."},
			{}, {Kind: report.Note, Text: "u takes back what was applied since the demo began"}}})
	case h == nil:
		return a.push(ask{title: "No history here", no: "close", lines: []report.Line{
			{Text: "A snapshot is only looked at: nothing is changed from it, so there is nothing to list."}}})
	}
	return tea.Batch(a.push(newHistory(a.world.cluster.Name)), func() tea.Msg {
		past, err := h.List()
		return recalled{past, err}
	})
}

// remind looks, once the cluster is known, whether a change to it was left halfway.
func (a *app) remind() tea.Cmd {
	h := a.o.History
	if h == nil || a.reminded {
		return nil
	}
	a.reminded = true
	return func() tea.Msg {
		past, err := h.List()
		if err != nil {
			return nil // H tells
		}
		var here []report.PastChange
		for _, p := range past {
			if p.Here {
				here = append(here, p.PastChange)
			}
		}
		l, left := report.Halfway(here)
		if !left {
			return nil
		}
		return reminder(l.Text)
	}
}

// again plans to go on with a change, or to take it back, from the cluster as it is
// now: it is read first.
func (a *app) again(e again) tea.Cmd {
	p := newPreview(nil, a.world.cluster.Name)
	p.head, p.anew = pick(e.undo, "Undo", "Resume"), e.anew
	a.whole = false
	return a.fresh(p, planFor{again: e})
}

// anew plans the wishes of a stopped plan again: the basket, if it was its plan.
func (a *app) anew(e anew) tea.Cmd {
	a.cut(1)
	p := newPreview(nil, a.world.cluster.Name)
	p.head = "Planned anew"
	return a.fresh(p, planFor{anew: &e})
}

// fresh opens the preview of a plan that is made when the cluster was read again.
func (a *app) fresh(p previewed, of planFor) tea.Cmd {
	var read tea.Cmd
	if !a.busy {
		read = a.reload()
	}
	return tea.Batch(a.push(p), read, a.plan(of))
}

// proposed makes that plan, in a task.
func (h *History) proposed(ctx context.Context, p planFor, msg planned) planned {
	if h == nil {
		msg.err = errors.New("there is no history here: make the change again")
		return msg
	}
	var got Proposal
	switch {
	case p.anew != nil:
		got, msg.err = h.Anew(ctx, msg.snap, p.anew.plan, p.anew.journal)
		msg.anew = p.anew
	case p.again.undo:
		got, msg.err = h.Undo(msg.snap, p.again.id)
	default:
		got, msg.err = h.Resume(msg.snap, p.again.id)
	}
	msg.plan, msg.do, msg.said = got.Plan, got.Do, got.Said
	return msg
}

const doAnew action = "anew"

func anewKey() binding {
	return bind(doAnew, "p", "p", "plan anew", "plan the same wish again, from what is there now: preview first")
}

// conflicts reports whether somebody else's change is in the way.
func conflicts(err error) bool {
	var c *access.Conflict
	return errors.As(err, &c)
}
