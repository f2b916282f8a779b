package tui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// field is one line of text being typed. Its cursor is drawn as a mark in the
// text, so that it is there without colour too.
type field struct {
	text []rune
	at   int
}

func (f field) String() string { return string(f.text) }

// update takes a key or a paste; false when it means nothing to a text. Line
// breaks and control characters are dropped: a pasted ARN often brings one along.
func (f field) update(msg tea.Msg) (field, bool) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return f.insert(msg.Content), true
	case tea.KeyPressMsg:
		switch msg.String() {
		case "left":
			f.at = max(f.at-1, 0)
		case "right":
			f.at = min(f.at+1, len(f.text))
		case "home", "ctrl+a":
			f.at = 0
		case "end", "ctrl+e":
			f.at = len(f.text)
		case "backspace":
			f = f.cut(f.at-1, f.at)
		case "delete":
			f = f.cut(f.at, f.at+1)
		case "ctrl+u":
			f = f.cut(0, f.at)
		case "ctrl+w":
			i := f.at
			for i > 0 && unicode.IsSpace(f.text[i-1]) {
				i--
			}
			for i > 0 && !unicode.IsSpace(f.text[i-1]) {
				i--
			}
			f = f.cut(i, f.at)
		default:
			if msg.Text == "" || msg.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
				return f, false
			}
			return f.insert(msg.Text), true
		}
		return f, true
	}
	return f, false
}

func (f field) insert(s string) field {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	in := []rune(s)
	text := append(append(append([]rune{}, f.text[:f.at]...), in...), f.text[f.at:]...)
	return field{text, f.at + len(in)}
}

func (f field) cut(from, to int) field {
	from, to = max(from, 0), min(to, len(f.text))
	if from >= to {
		return f
	}
	text := append(append([]rune{}, f.text[:from]...), f.text[to:]...)
	return field{text, from}
}

// view draws the text with its cursor in a width; the part around the cursor stays.
func (f field) view(width int) string {
	before, after := report.Safe(string(f.text[:f.at])), report.Safe(string(f.text[f.at:]))
	for report.Width(before) > max(width-2, 1) {
		_, rest, _ := strings.Cut(before, string([]rune(before)[0]))
		before = rest
	}
	return report.Cut(before+"▏"+after, width)
}
