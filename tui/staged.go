package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// staged is the basket: what was wished so far, one below the other, and what all of
// it would do as one plan.
type staged struct {
	basketed
	cursor   int
	effect   weighed
	weighing bool
	size     size
}

const (
	doDrop   action = "drop"
	doFile   action = "edit"
	doRegain action = "regain"
	doAgain  action = "regain again"
)

const nothingStaged = "the basket is empty: m migrates, g grants, x revokes"

func newStaged(b basketed) staged { return staged{basketed: b} }

func (b staged) keys() keymap {
	some := len(b.wishes) > 0
	k := keymap{
		bind(doDrop, "x d delete backspace", "x", "drop", "take the one under the cursor out of the basket").unless(some, nothingStaged),
		bind(doPreview, "p", "p", "preview", "preview all of them as one plan").unless(some, nothingStaged),
		bind(doFile, "e", "e", "edit", "edit all of them as a file in your editor ($KUBE_EDITOR, $EDITOR): what has no form here, too"),
		bind(doDiscard, "E", "E", "empty", "empty the basket").unless(some, nothingStaged),
		bind(doRegain, "u", "u", "undo", "the basket as it was before").unless(b.before, "there was no other basket before"),
		more(doAgain, "U", "U", "the basket as it was after that").unless(b.after, "u was not pressed"),
	}
	return append(append(k, moves()...), helpKey(), backKey().also("b"))
}

func (b staged) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		first := b.size == size{}
		b.size = msg.size
		if first {
			return b.weigh()
		}
		return b, nil
	case weighed:
		b.effect, b.weighing = msg, false
		return b, nil
	case basketed:
		b.basketed, b.cursor = msg, clamp(b.cursor, 0, max(len(msg.wishes)-1, 0))
		return b.weigh()
	}
	do, off := b.keys().press(msg)
	switch do {
	case "":
		return b, off
	case doBack:
		return b, back{}
	case doHelp:
		return b, help{}
	case doDrop:
		return b, many{discard{[]wish{b.wishes[b.cursor]}}, say{"dropped; u brings it back"}}
	case doDiscard:
		return b, many{discard{}, say{"the basket is empty; u brings it back"}}
	case doFile:
		return b, edit{}
	case doRegain, doAgain:
		return b, regain{forth: do == doAgain}
	case doPreview:
		return b, preview{}
	}
	b.cursor = clamp(step(b.cursor, do, b.rows(b.size)-1, len(b.wishes)), 0, max(len(b.wishes)-1, 0))
	return b, nil
}

func (b staged) weigh() (screen, effect) {
	b.weighing = len(b.wishes) > 0
	if !b.weighing {
		return b, nil
	}
	return b, weigh{b.wishes}
}

// rows is how many wishes are on the screen: the plan has the rest, if it can say
// something there.
func (b staged) rows(s size) int {
	return clamp(len(b.wishes), 1, max(s.h-1-clamp(s.h/2, 2, 14), 1))
}

func (b staged) view(s size, t *theme) []string {
	head := " " + t.strong.of("Basket")
	if n := len(b.wishes); n > 0 {
		head += t.dim.of("  " + report.Count(n, "change", "changes") + ", one plan")
	}
	out := []string{head}
	if len(b.wishes) == 0 {
		for _, text := range wrap(nothingStaged+"; e writes changes as a file", max(s.w-4, 8)) {
			out = append(out, t.dim.of("   "+text))
		}
		return out
	}
	rows := b.rows(s)
	top := window(0, b.cursor, rows, len(b.wishes))
	width := len(fmt.Sprint(len(b.wishes)))
	for i := top; i < min(top+rows, len(b.wishes)); i++ {
		in, bar := t.inks, " "
		if i == b.cursor {
			in, bar = t.row, "▌"
		}
		number := fmt.Sprintf(" %*d ", width, i+1)
		out = append(out, in.accent.of(bar)+in.dim.of(number)+in.text.of(padRow(b.wishes[i].words(), s.w-1-len(number), i == b.cursor)))
	}
	out = append(out, t.dim.of(strings.Repeat("─", s.w)))
	for _, l := range (scroll{lines: foreseen(nil, b.effect, b.weighing)}).view(size{max(s.w-4, 8), max(s.h-len(out), 1)}, t) {
		out = append(out, "   "+l)
	}
	return out
}
