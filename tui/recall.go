package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// recall opens the history and reads it.
func (a *app) recall() tea.Cmd {
	h := a.o.History
	switch {
	case h == nil && a.demo():
		a.notice = "H: a demo keeps no journals; u takes back what was applied in it"
		return nil
	case h == nil:
		a.notice = "H: there is no history here"
		return nil
	}
	return tea.Batch(a.push(newHistory(a.world.cluster.Name)), func() tea.Msg {
		past, err := h.List()
		return recalled{past, err}
	})
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
