package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// helpBox is the keys of the screen below, made from its bindings.
type helpBox struct {
	scroll
	of     keymap
	legend string // of what the screen draws
}

// legended is a screen whose signs the help explains.
type legended interface{ legend() string }

func newHelp(of screen) helpBox {
	h := helpBox{of: of.keys()}
	if l, ok := of.(legended); ok {
		h.legend = l.legend()
	}
	return h
}

func (h helpBox) heading() string { return "Keys" }

func (h helpBox) keys() keymap {
	return append(moves(), bind(doBack, "esc q ? enter", "esc", "close", "close"))
}

func (h helpBox) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		h.size = r.size
	}
	do, _ := h.keys().press(msg)
	if do == doBack {
		return h, back{}
	}
	room := size{max(h.size.w-frameW, 1), max(h.size.h-frameH, 1)}
	total := len(h.text(room.w, &theme{}))
	h.top = clamp(step(h.top, do, room.h/2, total), 0, max(total-room.h, 0))
	return h, nil
}

// Two columns of keys stand side by side where each has room for a sentence.
const (
	helpColumn  = 48
	helpBetween = 3
)

// text is all of it, line by line.
func (h helpBox) text(width int, t *theme) []string {
	var out []string
	if w := (min(width, 150) - helpBetween) / 2; w >= helpColumn {
		width = 2*w + helpBetween
		out = beside(h.bindings(w, t), w)
	} else {
		width = clamp(width, 10, 76)
		for _, b := range h.bindings(width, t) {
			out = append(out, b...)
		}
	}
	if h.legend != "" {
		out = append(out, "")
		for _, part := range wrap(h.legend, min(width, 76)) {
			out = append(out, t.dim.of(part))
		}
	}
	return out
}

// bindings are the keys, each with as many lines as it needs.
func (h helpBox) bindings(width int, t *theme) [][]string {
	keyW := 0
	for _, b := range h.of {
		keyW = max(keyW, report.Width(b.Help().Key))
	}
	var out [][]string
	for _, b := range h.of {
		k, text, ink := b.Help().Key, b.long, t.text
		if b.off != "" {
			text, ink = text+"  ("+b.off+")", t.dim
		}
		var lines []string
		for i, part := range wrap(text, width-keyW-2) {
			if i > 0 {
				k = ""
			}
			lines = append(lines, t.accent.of(pad(k, keyW))+"  "+ink.of(part))
		}
		out = append(out, lines)
	}
	return out
}

// beside puts the second half of blocks to the right of the first; no block is torn.
func beside(blocks [][]string, width int) []string {
	total := 0
	for _, b := range blocks {
		total += len(b)
	}
	var left, right []string
	for _, b := range blocks {
		if len(right) == 0 && len(left) < (total+1)/2 {
			left = append(left, b...)
		} else {
			right = append(right, b...)
		}
	}
	var out []string
	for i := range max(len(left), len(right)) {
		out = append(out, fill(at(left, i), width)+strings.Repeat(" ", helpBetween)+at(right, i))
	}
	return out
}

func (h helpBox) view(s size, t *theme) []string {
	out := h.text(s.w, t)
	top := clamp(h.top, 0, max(len(out)-s.h, 0))
	shown := out[top:min(top+s.h, len(out))]
	if rest := len(out) - top - len(shown); rest > 0 && len(shown) > 1 {
		shown[len(shown)-1] = t.dim.of("… " + report.Count(rest+1, "more line", "more lines") + ", ↓")
	}
	return shown
}
