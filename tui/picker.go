package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// choice says how many items a picker gives back.
type choice bool

const (
	one     choice = false
	several choice = true
)

// picker chooses from names by typing parts of them. It answers with chosen.
type picker struct {
	title  string
	items  []string
	picked []string // in the order they were picked
	choice choice
	fresh  string // what a typed name that is not in the list would be: "" allows none
	typed  field
	hits   []string
	cursor int
	moved  bool // something was typed since the last pick, or nothing is picked
	size   size
}

const (
	doToggle action = "toggle"
	doTake   action = "take"
)

func newPicker(title string, items, picked []string, c choice, fresh string) picker {
	return picker{title: title, items: items, picked: slices.Clone(picked), choice: c, fresh: fresh, moved: len(picked) == 0}.sift()
}

func (p picker) heading() string { return p.title }

func (p picker) sift() picker {
	p.hits = search(p.items, p.typed.String())
	if p.offersFresh() {
		p.hits = append(slices.Clone(p.hits), p.typed.String())
	}
	p.cursor = clamp(p.cursor, 0, max(len(p.hits)-1, 0))
	return p
}

// offersFresh reports whether what is typed stands below the names that there are.
func (p picker) offersFresh() bool {
	text := p.typed.String()
	return p.fresh != "" && text != "" && !slices.Contains(p.items, text)
}

func (p picker) keys() keymap {
	some := len(p.hits) > 0
	k := keymap{}
	if p.choice == several {
		k = append(k, bind(doToggle, "tab space", "tab", "pick", "pick or leave the name under the cursor").unless(some, "no name matches"))
		k = append(k, bind(doTake, "enter", "↵", "done", "take the picked names, or the one under the cursor").unless(some || len(p.picked) > 0, "no name matches"))
	} else {
		k = append(k, bind(doTake, "enter", "↵", "take", "take the name under the cursor").unless(some, "no name matches"))
	}
	return append(k, more(doUp, "up ctrl+p", "↑", "up"), more(doDown, "down ctrl+n", "↓", "down"),
		more(doPageUp, "pgup", "pgup", "a page up"), more(doPage, "pgdown", "pgdn", "a page down"),
		bind(doBack, "esc", "esc", "back", "close, nothing chosen"))
}

func (p picker) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		p.size = r.size
		return p, nil
	}
	do, off := p.keys().press(msg)
	switch do {
	case "":
		if f, ok := p.typed.update(msg); ok && off == nil {
			p.typed, p.cursor, p.moved = f, 0, f.String() != "" || len(p.picked) == 0
			return p.sift(), nil
		}
		return p, off
	case doBack:
		return p, back{}
	case doToggle:
		p.picked = flip(p.picked, p.hits[p.cursor])
		p.moved = false
		if p.typed.String() != "" {
			p.typed = field{}
			p = p.sift()
		}
		return p, nil
	case doTake:
		if p.choice == one {
			return p, answer{chosen{[]string{p.hits[p.cursor]}}}
		}
		// What was just typed or moved to is meant, even if it was not picked with a key.
		if p.moved && len(p.hits) > 0 && !slices.Contains(p.picked, p.hits[p.cursor]) {
			p.picked = append(slices.Clone(p.picked), p.hits[p.cursor])
		}
		return p, answer{chosen{p.picked}}
	}
	p.cursor = clamp(step(p.cursor, do, p.rows(p.size)-1, len(p.hits)), 0, max(len(p.hits)-1, 0))
	return p, nil
}

func flip(in []string, name string) []string {
	if i := slices.Index(in, name); i >= 0 {
		return slices.Delete(slices.Clone(in), i, i+1)
	}
	return append(slices.Clone(in), name)
}

func (p picker) rows(s size) int { return clamp(s.h-3, 1, 14) }

func (p picker) view(s size, t *theme) []string {
	w := clamp(s.w, 10, 60)
	count := fmt.Sprintf("%d of %d", len(p.hits)-pick(p.offersFresh(), 1, 0), len(p.items))
	if n := len(p.picked); n > 0 {
		count += fmt.Sprintf(" · %d picked", n)
	}
	out := []string{t.accent.of("/ ") + pad(p.typed.view(max(w-report.Width(count)-4, 4)), max(w-report.Width(count)-3, 4)) + t.dim.of(count), ""}
	rows := p.rows(s)
	top := window(0, p.cursor, rows, len(p.hits))
	for i := top; i < min(top+rows, len(p.hits)); i++ {
		in, bar := t.inks, " "
		if i == p.cursor {
			in, bar = t.row, "▌"
		}
		mark := "  "
		if p.choice == several {
			mark = pick(slices.Contains(p.picked, p.hits[i]), "● ", "○ ")
		}
		text := report.Safe(p.hits[i])
		if p.fresh != "" && !slices.Contains(p.items, p.hits[i]) {
			text += "  (" + p.fresh + ")"
		}
		out = append(out, in.accent.of(bar+mark)+in.text.of(padRow(text, w-3, i == p.cursor)))
	}
	for len(out) < min(rows, max(len(p.items), 1))+2 {
		out = append(out, "")
	}
	return out
}
