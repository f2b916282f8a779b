package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// ask is a question whose default is the harmless answer. With a word to type, yes
// is nothing but that word.
type ask struct {
	title string
	lines []report.Line
	yes   string // what yes does, in a word
	no    string
	then  effect
	word  string
	typed field
}

const doYes action = "yes"

func (a ask) heading() string { return a.title }

func (a ask) keys() keymap {
	back := bind(doBack, "n esc enter", "n", a.no, a.no)
	yes := bind(doYes, "y", "y", a.yes, a.yes)
	if a.word != "" {
		back = bind(doBack, "esc", "esc", a.no, a.no)
		yes = bind(doYes, "enter", "↵", a.yes, a.yes).unless(a.typed.String() == a.word, "type "+report.Safe(a.word)+" first")
	}
	return keymap{yes, back}
}

func (a ask) update(msg tea.Msg) (screen, effect) {
	do, off := a.keys().press(msg)
	switch do {
	case doBack:
		return a, back{}
	case doYes:
		return a, many{back{}, a.then}
	}
	if a.word != "" && off == nil {
		a.typed, _ = a.typed.update(msg)
	}
	return a, off
}

func (a ask) view(s size, t *theme) []string {
	w := clamp(s.w, 10, 64)
	var out []string
	for _, l := range a.lines {
		for _, text := range wrap(l.Text, w) {
			out = append(out, t.line(l.Kind).of(text))
		}
	}
	if a.word != "" {
		out = append(out, "", t.dim.of("type ")+t.strong.of(report.Cut(report.Safe(a.word), max(w-6, 4))), t.accent.of("> ")+a.typed.view(w-2))
	}
	return append(out, "", a.keys().line(w, t))
}
