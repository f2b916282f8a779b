package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// action is what a key asks for; each screen knows its own.
type action string

// binding is a key of a screen. Off says why it can't be used now; pressed, it says so.
type binding struct {
	key.Binding
	do   action
	long string // for the help; the short text is for the foot
	off  string
	foot bool
}

type keymap []binding

// bind makes a binding that is shown at the foot and in the help. The keys are
// separated by blanks, the first is shown unless show says otherwise.
func bind(do action, keys, show, short, long string) binding {
	return binding{Binding: key.NewBinding(key.WithKeys(strings.Fields(keys)...), key.WithHelp(show, short)), do: do, long: long, foot: true}
}

// more makes a binding that only the help shows.
func more(do action, keys, show, long string) binding {
	b := bind(do, keys, show, "", long)
	b.foot = false
	return b
}

// unless disables the binding for a reason when the condition does not hold. The
// first reason counts.
func (b binding) unless(ok bool, why string) binding {
	if !ok && b.off == "" {
		b.off = why
	}
	return b
}

// press finds the action of a key. A disabled key answers with the reason.
func (m keymap) press(msg tea.Msg) (action, effect) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return "", nil
	}
	for _, b := range m {
		if !key.Matches(k, b.Binding) {
			continue
		}
		if b.off != "" {
			return "", say{b.Help().Key + ": " + b.off}
		}
		return b.do, nil
	}
	return "", nil
}

// line is the keys at the foot: as many whole ones as fit, the help and the way
// out always.
func (m keymap) line(width int, t *theme) string {
	var head, tail []binding
	for _, b := range m {
		switch {
		case !b.foot:
		case b.do == doHelp || b.do == doQuit || b.do == doBack:
			tail = append(tail, b)
		default:
			head = append(head, b)
		}
	}
	rest := width - 2
	for _, b := range tail {
		rest -= footWidth(b) + 2
	}
	var out []string
	for _, b := range head {
		w := footWidth(b) + 2
		if w > rest {
			break
		}
		rest -= w
		out = append(out, footText(b, t))
	}
	for _, b := range tail {
		out = append(out, footText(b, t))
	}
	return " " + strings.Join(out, "  ")
}

func footWidth(b binding) int {
	return report.Width(b.Help().Key) + 1 + report.Width(b.Help().Desc)
}

func footText(b binding, t *theme) string {
	if b.off != "" {
		return t.dim.of(b.Help().Key + " " + b.Help().Desc)
	}
	return t.accent.of(b.Help().Key) + " " + t.dim.of(b.Help().Desc)
}

// Actions that many screens share.
const (
	doUp     action = "up"
	doDown   action = "down"
	doLeft   action = "left"
	doRight  action = "right"
	doPageUp action = "page up"
	doPage   action = "page down"
	doTop    action = "top"
	doBottom action = "bottom"
	doHelp   action = "help"
	doQuit   action = "quit"
	doBack   action = "back"
)

// moves are the keys that move in a list or a text.
func moves() keymap {
	return keymap{
		more(doUp, "up k", "↑ k", "up"),
		more(doDown, "down j", "↓ j", "down"),
		more(doPageUp, "pgup ctrl+b", "pgup", "a page up"),
		more(doPage, "pgdown ctrl+f", "pgdn", "a page down"),
		more(doTop, "home g", "home", "to the top"),
		more(doBottom, "end G", "end", "to the end"),
	}
}

func helpKey() binding { return bind(doHelp, "?", "?", "help", "the keys that work here") }
func backKey() binding { return bind(doBack, "esc q", "esc", "back", "back to the screen below") }

// also gives a binding further keys.
func (b binding) also(keys ...string) binding {
	b.SetKeys(append(b.Keys(), keys...)...)
	return b
}
