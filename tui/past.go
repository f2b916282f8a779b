package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// past is one change of the history: who made it, its steps, what happened to each.
type past struct {
	scroll
	of Past
}

func newPastScreen(p Past) past { return past{scroll{lines: report.PastLines(p.PastDetail)}, p} }

func (p past) keys() keymap {
	k := p.of.ways(true, "")
	return append(append(k, moves()...), helpKey(), backKey().also("enter"))
}

func (p past) update(msg tea.Msg) (screen, effect) {
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
		return p, back{}
	case doHelp:
		return p, help{}
	case doResume, doUndo:
		return p, p.of.again(do == doUndo)
	}
	p.scroll = p.scroll.do(do)
	return p, nil
}

func (p past) view(s size, t *theme) []string {
	var out []string
	for _, l := range p.scroll.view(size{s.w - 2, s.h}, t) {
		out = append(out, " "+l)
	}
	return out
}
