package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"
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
	a.whole = false
	p := newPreview(nil, a.world.cluster.Name)
	p.head = pick(e.undo, "Undo", "Resume")
	var read tea.Cmd
	if !a.busy {
		read = a.reload()
	}
	return tea.Batch(a.push(p), read, a.plan(planFor{again: e}))
}

// proposed makes that plan, in a task.
func (h *History) proposed(p planFor, msg planned) planned {
	if h == nil {
		msg.err = errors.New("there is no history here")
		return msg
	}
	make := h.Resume
	if p.again.undo {
		make = h.Undo
	}
	var got Proposal
	got, msg.err = make(msg.snap, p.again.id)
	msg.plan, msg.do, msg.said = got.Plan, got.Do, got.Said
	return msg
}
