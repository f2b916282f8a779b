package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// why is one cell's chain of reasons, with all its rules.
type why struct{ scroll }

func newWhy(w *world, l line, namespace string) why {
	title := l.name + "  in the whole cluster"
	if namespace != "" {
		title = l.name + "  in namespace " + report.Safe(namespace)
	}
	lines := []report.Line{{Kind: report.Title, Text: title}, {Kind: report.Note, Text: l.detail}, {}}
	lines = append(lines, report.Because(w.ix, l.row, namespace)...)
	for i := range lines {
		lines[i].Text = " " + lines[i].Text
	}
	return why{scroll{lines: lines}}
}

func (y why) keys() keymap { return append(moves(), helpKey(), backKey().also("enter")) }

func (y why) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		y.size = r.size
		y.scroll = y.settle()
		return y, nil
	}
	do, off := y.keys().press(msg)
	switch do {
	case "":
		return y, off
	case doBack:
		return y, back{}
	case doHelp:
		return y, help{}
	}
	y.scroll = y.scroll.do(do)
	return y, nil
}

func (y why) view(s size, t *theme) []string { return y.scroll.view(s, t) }
