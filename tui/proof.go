package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// proof is how an apply ended: what was asked, as whom, what the server said, what
// could not be proven, where the journal is.
type proof struct {
	scroll
	task apply
	end  ended
}

const doResume action = "resume"

func newProof(task apply, end ended) proof {
	p := proof{task: task, end: end}
	p.lines = report.Outcome(task.plan, end.outcome)
	if end.err != nil && end.outcome.Stopped == nil {
		p.lines = append(append([]report.Line{}, report.Error(end.err)...), append([]report.Line{{}}, p.lines...)...)
	}
	return p
}

func (p proof) whole() bool { return p.end.err == nil && p.end.outcome.Stopped == nil }

// stuck reports whether somebody else's change stands in the way: the same plan would
// stop there again.
func (p proof) stuck() bool {
	return p.end.outcome.Stopped != nil && conflicts(p.end.outcome.Stopped.Err)
}

func (p proof) keys() keymap {
	k := keymap{bind(doBack, "enter esc q", "↵", "back to the matrix", "back to the matrix")}
	if p.stuck() {
		k = append(k, anewKey())
	} else if !p.whole() {
		k = append(k, bind(doResume, "r", "r", "resume", "go on where it stopped: what is done is skipped"))
	}
	return append(append(append(k,
		bind(doUndo, "u", "u", "undo", "take the done steps back: preview first").unless(len(p.end.begun) > 0, "no step was begun"),
	), moves()...), helpKey())
}

func (p proof) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		p.size = r.size
		p.scroll = p.settle()
		return p, nil
	}
	do, off := p.keys().press(msg)
	switch do {
	case "":
		return p, off
	case doBack:
		return p, home{}
	case doHelp:
		return p, help{}
	case doResume:
		return p, p.task
	case doAnew:
		return p, anew{p.task.plan, p.end.outcome.Journal}
	case doUndo:
		return p, undo{}
	}
	p.scroll = p.scroll.do(do)
	return p, nil
}

func (p proof) view(s size, t *theme) []string {
	var out []string
	for _, l := range p.scroll.view(size{s.w - 2, s.h}, t) {
		out = append(out, " "+l)
	}
	return out
}
