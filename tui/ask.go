package tui

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// ask is a question whose default is the harmless answer. With a word to type, yes
// is nothing but that word; without a yes there is only something to be read.
type ask struct {
	title string
	lines []report.Line
	key   string // of yes, "" is y
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
	key := cmp.Or(a.key, "y")
	yes := bind(doYes, key, key, a.yes, a.yes)
	switch {
	case a.yes == "":
		return keymap{back.also("q")}
	case a.word != "":
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
	w := clamp(s.w, 10, 72)
	var out []string
	for _, l := range a.lines {
		for _, text := range pick(strings.HasPrefix(l.Text, " "), hang, wrap)(l.Text, w) {
			out = append(out, t.line(l.Kind).of(text))
		}
	}
	rest := pick(a.word == "", 2, 5) // below: the keys, what is typed
	if room := max(s.h-rest, 1); len(out) > room {
		left := len(out) - room + 1
		out = append(out[:room-1], t.dim.of("… "+report.Count(left, "more line", "more lines")))
	}
	if a.word != "" {
		out = append(out, "", t.dim.of("type ")+t.strong.of(report.Cut(report.Safe(a.word), max(w-6, 4))), t.accent.of("> ")+a.typed.view(w-2))
	}
	return append(out, "", a.keys().line(w, t))
}
