package tui

import (
	"fmt"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// findings is what is worth knowing about the cluster, worst first, and what could
// not be read.
type findings struct {
	w      *world
	size   size
	items  []item
	cursor int
}

// item is a finding or a gap, in words.
type item struct {
	sign, text, fix string
	kind            report.Kind
	keys            []access.Key
	line            int
}

const doShow action = "show"

func newFindings(w *world) findings { return findings{w: w}.gather() }

func (f findings) gather() findings {
	f.items = nil
	for _, g := range f.w.holes {
		f.items = append(f.items, item{sign: "?", text: report.Gap(g), kind: report.Warn})
	}
	for _, fd := range f.w.findings {
		text, fix := report.Finding(fd)
		sign, kind := severity(fd.Severity)
		it := item{sign: sign, text: text, fix: fix, kind: kind, keys: fd.About}
		for _, a := range fd.Args {
			if n, err := strconv.Atoi(a); err == nil {
				it.line = n
			}
		}
		f.items = append(f.items, it)
	}
	f.cursor = clamp(f.cursor, 0, max(len(f.items)-1, 0))
	return f
}

// severity is a finding's sign and style, as the commands have it.
func severity(s access.Severity) (string, report.Kind) {
	switch s {
	case access.Warn:
		return "▲", report.Warn
	case access.Confirm:
		return "!", report.Warn
	case access.Refuse:
		return "✗", report.Bad
	}
	return "i", report.Note
}

func (f findings) keys() keymap {
	some := f.cursor < len(f.items) && len(f.items[f.cursor].keys) > 0
	k := keymap{bind(doShow, "enter", "↵", "show", "show the principal in the matrix").unless(some, "this is about the cluster, not about one principal")}
	return append(append(k, moves()...), helpKey(), backKey().also("f"))
}

func (f findings) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		f.size = msg.size
		return f, nil
	case loaded:
		if msg.world != nil {
			f.w = msg.world
			f = f.gather()
		}
		return f, nil
	}
	do, off := f.keys().press(msg)
	switch do {
	case "":
		return f, off
	case doBack:
		return f, back{}
	case doHelp:
		return f, help{}
	case doShow:
		it := f.items[f.cursor]
		return f, answer{jump{it.keys, it.line}}
	}
	f.cursor = clamp(step(f.cursor, do, f.size.h/3, len(f.items)), 0, max(len(f.items)-1, 0))
	return f, nil
}

// step moves a cursor in a list.
func step(cursor int, do action, page, total int) int {
	switch do {
	case doUp:
		return cursor - 1
	case doDown:
		return cursor + 1
	case doPageUp:
		return cursor - max(page, 1)
	case doPage:
		return cursor + max(page, 1)
	case doTop:
		return 0
	case doBottom:
		return total - 1
	}
	return cursor
}

// count says how many there are of each weight; those to look at are the ones that
// the head of the screen counts.
func (f findings) count() string {
	look := 0
	for _, fd := range f.w.findings {
		if serious(fd) {
			look++
		}
	}
	text := fmt.Sprintf("%d to look at, %d to know", look, len(f.w.findings)-look)
	if n := len(f.w.holes); n > 0 {
		text += fmt.Sprintf(", %d not read", n)
	}
	return text
}

func (f findings) view(s size, t *theme) []string {
	out := []string{t.strong.of(report.Cut(" Findings  "+f.count(), s.w)), ""}
	if len(f.items) == 0 {
		return append(out, t.dim.of(report.Cut("   nothing that needs attention was found", s.w)))
	}
	var body []string
	from, to := 0, 0
	for i, it := range f.items {
		if i == f.cursor {
			from = len(body)
		}
		body = append(body, it.view(s.w, i == f.cursor, t)...)
		if i == f.cursor {
			to = len(body)
		}
	}
	rows := max(s.h-len(out), 1)
	top := clamp(to-rows, 0, max(from, 0))
	return append(out, body[top:min(top+rows, len(body))]...)
}

func (it item) view(width int, on bool, t *theme) []string {
	in, bar := t.inks, " "
	if on {
		in, bar = t.row, "▌"
	}
	var out []string
	for i, text := range wrap(it.text, width-6) {
		sign := " "
		if i == 0 {
			sign = it.sign
		}
		out = append(out, in.accent.of(bar)+in.line(it.kind).of(" "+sign+" ")+in.text.of(padRow(text, width-4, on)))
	}
	if it.fix != "" {
		for _, text := range wrap(it.fix, width-8) {
			out = append(out, in.accent.of(bar)+in.dim.of(padRow("     "+text, width-1, on)))
		}
	}
	return out
}
