package tui

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// form is how a screen with fields is drawn: the fields, and below them what would
// come of what stands in them.
type form struct {
	title  string
	fields []formRow
	at     int // the field under the cursor
	effect []report.Line
}

// formRow is a field in words; without a label it does something.
type formRow struct {
	label, value string
	hint         string    // beside the value, or instead of it
	keys         []formKey // likewise, as they stand at the foot
}

// formKey is a key and what it does to a field.
type formKey struct{ key, does string }

const labelWidth = 14

func (f form) view(s size, t *theme) []string {
	out := []string{" " + t.strong.of(report.Cut(f.title, max(s.w-1, 1)))}
	if s.h >= 16 {
		out = append(out, "")
	}
	for i, r := range f.fields {
		if r.label == "" && f.fields[max(i-1, 0)].label != "" && s.h >= 18 {
			out = append(out, "")
		}
		out = append(out, r.view(i == f.at, s.w, t))
	}
	// A low screen shows the part of the form around the cursor.
	effect := scroll{lines: f.effect}
	room := clamp(s.h-len(out), 2, len(effect.wrapped(s.w-4))+1)
	if len(out) > s.h-room {
		out = tail(out, f.at+1, max(s.h-room, 1))
	}
	out = append(out, t.dim.of(strings.Repeat("─", s.w)))
	left := s.h - len(out)
	if left == 1 && len(effect.lines) > 0 { // the most of the first line, not its first half
		l := effect.lines[0]
		return append(out, t.line(l.Kind).of(report.Cut("   "+l.Text, s.w)))
	}
	for _, l := range effect.view(size{s.w - 4, left}, t) {
		out = append(out, "   "+l)
	}
	return out
}

// fieldRoom is the width of a field's value on a screen.
func fieldRoom(width int) int { return max(width-labelWidth-5, 4) }

func (r formRow) view(here bool, width int, t *theme) string {
	room := fieldRoom(width)
	in, bar := t.inks, " "
	if here {
		in, bar = t.row, "▌"
	}
	if r.label == "" {
		return in.accent.of(bar+"  ↵") + in.strong.of(padRow(" "+r.value, width-4, here))
	}
	text, hint, ink := report.Cut(r.value, room), r.hint, in.text
	if r.value == "" {
		text, hint, ink = report.Cut(hint, room), "", in.dim
	}
	left := room - report.Width(text)
	if left < min(report.Width(hint)+3, 15) {
		hint = "" // a piece of it says nothing
	} else if hint != "" {
		hint = report.Cut("   "+hint, left)
	}
	left -= report.Width(hint)
	out := in.accent.of(bar+"  ") + in.dim.of(pad(r.label, labelWidth)) + ink.of(text) + in.dim.of(hint)
	for i, k := range r.keys {
		before := pick(left == room, "", pick(i == 0, "   ", "  "))
		does := " " + k.does
		if left == room { // there is nothing but it
			does = report.Cut(does, left-report.Width(k.key))
		}
		w := report.Width(before + k.key + does)
		if w > left {
			break
		}
		left -= w
		out += in.dim.of(before) + in.accent.of(k.key) + in.dim.of(does)
	}
	return out + in.dim.of(padRow("", left+2, here))
}

// turned is a value that ← and → change, marked so under the cursor.
func turned(value string, here bool) string {
	if here {
		return "‹ " + value + " ›"
	}
	return value
}

func typedText(f field, here bool, room int) string {
	if !here {
		return report.Safe(f.String())
	}
	return f.view(room)
}

func unlessTyped(f field, hint string) string { return pick(f.String() == "", hint, "") }

// foreseen is what wishes would do, in words, as far as it is known: what is missing
// in them, the answer, or that it is being made.
func foreseen(missing error, e weighed, weighing bool) []report.Line {
	if missing != nil {
		return []report.Line{{Kind: report.Note, Text: report.Safe(missing.Error())}}
	}
	var out []report.Line
	switch {
	case weighing && len(e.plan.Steps) == 0 && e.err == nil:
		return []report.Line{{Kind: report.Note, Text: "…"}}
	case e.err != nil:
		out = append(out, report.Error(e.err)...)
	default:
		out = append(out, report.Line{Kind: report.Title, Text: report.Headline(e.plan)})
		for _, f := range e.plan.Findings {
			if f.Severity >= access.Warn {
				sign, kind := severity(f.Severity)
				text, _ := sentence(f)
				out = append(out, report.Line{Kind: kind, Text: sign + " " + text})
			}
		}
		for i, st := range e.plan.Steps {
			out = append(out, report.Line{Kind: signKind(st.Sign()), Text: stepTitle(i, len(e.plan.Steps), st)})
		}
	}
	if weighing {
		for i := range out {
			out[i].Kind = report.Note // not yet the answer for what stands above
		}
	}
	return out
}

// staging puts wishes into the basket, unless no plan can be made of them: there they
// would only be in the way of the others. The form stays open and says why.
func staging(ws []wish, e weighed) effect {
	if e.err != nil {
		text, _, _ := strings.Cut(e.err.Error(), "\n")
		return say{"not in the basket: " + text}
	}
	return many{collect{ws}, back{}, say{"in the basket: p previews it"}}
}

// stagedLate is what a form does that closes by itself, since what its wishes would do
// was known only then: keys that were typed ahead are meant for it.
func stagedLate(e effect) effect {
	if all, ok := e.(many); ok {
		return append(all, hush{})
	}
	return e
}

// tryingFirst is said while it is not known yet whether a plan can be made.
const tryingFirst = "trying whether that can be done"

// Words for what Enter does on a field.
const (
	enterNext    = "next"
	enterChoose  = "choose"
	enterPreview = "preview"
	enterAdd     = "to basket"
)

// formKeys are the keys of every form: missing says why it stands for nothing yet, enter
// what that key does on the field under the cursor.
func formKeys(missing error, enter string) keymap {
	why := ""
	if missing != nil {
		why = missing.Error()
	}
	return keymap{
		more(doPrev, "up shift+tab", "↑", "the field above"), bind(doNext, "down tab", "↑↓", "field", "the field below"),
		bind(doEnter, "enter", "↵", enter, "choose from a list, go on to the next field, or do what the line says"),
		bind(doPreview, "ctrl+p", "^p", "preview", "preview what this form stands for as a plan").unless(why == "", why),
		bind(doAdd, "ctrl+b", "^b", "to basket", "put it into the basket and go back").unless(why == "", why),
	}
}

// changeKeys turn to another choice of a field that has a few.
func changeKeys() keymap {
	return keymap{bind(doChange, "right space", "← →", "change", "the next choice"), more(doOther, "left", "←", "the choice before")}
}

func formBack() binding { return bind(doBack, "esc", "esc", "back", "back, nothing is changed") }
