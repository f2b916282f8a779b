package tui

import (
	"errors"
	"io/fs"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// saveAs asks for the name of a file. A file that is there is never written over.
type saveAs struct {
	typed  field
	text   string
	warn   string // what is to know of what is written
	saving bool
	err    error // why it was not written
}

const doSave action = "save"

func newSaveAs(name, text string) saveAs {
	return saveAs{typed: field{}.insert(name), text: text}
}

func (s saveAs) heading() string { return "Write to a new file" }

func (s saveAs) name() string { return strings.TrimSpace(s.typed.String()) }

func (s saveAs) keys() keymap {
	return keymap{
		bind(doSave, "enter", "↵", "write", "write the file").unless(s.name() != "", "type a name").unless(!s.saving, "it is being written"),
		bind(doBack, "esc", "esc", "back", "back, nothing is written"),
	}
}

func (s saveAs) update(msg tea.Msg) (screen, effect) {
	if msg, ok := msg.(saved); ok {
		if msg.err == nil {
			return s, back{}
		}
		s.saving, s.err = false, msg.err
		return s, nil
	}
	do, off := s.keys().press(msg)
	switch do {
	case doBack:
		return s, back{}
	case doSave:
		s.saving, s.err = true, nil
		return s, save{s.name(), s.text}
	}
	if f, ok := s.typed.update(msg); ok && off == nil {
		s.typed, s.err = f, nil
	}
	return s, off
}

func (s saveAs) view(sz size, t *theme) []string {
	w := clamp(sz.w, 10, 64)
	var out []string
	if s.warn != "" {
		for _, l := range wrap("▲ "+s.warn, w) {
			out = append(out, t.warn.of(l))
		}
	}
	out = append(out, t.accent.of("> ")+pad(s.typed.view(w-2), w-2))
	switch {
	case errors.Is(s.err, fs.ErrExist):
		for _, l := range wrap("there is a file of this name, and it is not written over: type another", w) {
			out = append(out, t.warn.of(l))
		}
	case s.err != nil:
		for _, l := range report.Error(s.err) {
			for _, part := range wrap(l.Text, w) {
				out = append(out, t.line(l.Kind).of(part))
			}
		}
	default:
		out = append(out, t.dim.of(report.Cut("in the folder you started this in, unless the name has one", w)))
	}
	return append(out, "", s.keys().line(w, t))
}
