package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

const labelWidth = 12

func (g grant) view(s size, t *theme) []string {
	out := []string{" " + t.strong.of("Grant access")}
	if s.h >= 16 {
		out = append(out, "")
	}
	fields := g.fields()
	for _, f := range fields {
		if f == previewField && s.h >= 18 {
			out = append(out, "")
		}
		out = append(out, g.field(f, s.w, t))
	}
	// A low screen shows the part of the form around the cursor.
	effect := scroll{lines: g.consequence()}
	room := clamp(s.h-len(out), 2, len(effect.wrapped(s.w-4))+1)
	if len(out) > s.h-room {
		out = tail(out, slices.Index(fields, g.at)+1, max(s.h-room, 1))
	}
	out = append(out, t.dim.of(strings.Repeat("─", s.w)))
	left := s.h - len(out)
	if left == 1 { // the most of the first line, not its first half
		l := effect.lines[0]
		return append(out, t.line(l.Kind).of(report.Cut("   "+l.Text, s.w)))
	}
	for _, l := range effect.view(size{s.w - 4, left}, t) {
		out = append(out, "   "+l)
	}
	return out
}

func (g grant) field(f formField, width int, t *theme) string {
	room := max(width-labelWidth-5, 4)
	label, value, hint := g.words(f, room)
	in, bar := t.inks, " "
	if f == g.at {
		in, bar = t.row, "▌"
	}
	if f == previewField || f == addField {
		return in.accent.of(bar+"  ") + in.strong.of(padRow("→ "+value, width-3, f == g.at))
	}
	text := report.Cut(value, room)
	ink := in.text
	if value == "" {
		text, hint, ink = report.Cut(hint, room), "", in.dim
	}
	if left := room - report.Width(text); left < min(report.Width(hint)+3, 15) {
		hint = "" // a piece of it says nothing
	} else if hint != "" {
		hint = report.Cut("   "+hint, left)
	}
	return in.accent.of(bar+"  ") + in.dim.of(pad(label, labelWidth)) + ink.of(text) + in.dim.of(padRow(hint, max(room-report.Width(text)+2, 0), f == g.at))
}

// words are a field's label, its value, and what is said beside or instead of it.
func (g grant) words(f formField, room int) (label, value, hint string) {
	here := f == g.at
	turn := func(s string) string {
		if here {
			return "‹ " + s + " ›"
		}
		return s
	}
	switch f {
	case whoField:
		return "who", g.whoText(), pick(len(g.who) == 0, "↵ choose, or type the ARN of a new principal", "↵ choose")
	case kindField:
		return "permission", turn(kindNames[g.kind]), ""
	case nameField:
		if g.kind == byLevel {
			hint := map[access.Level]string{access.View: "read, no secrets", access.Edit: "read and write, secrets too", access.Admin: "edit, and give roles in the namespace", access.Full: "everything"}[g.level]
			return "level", turn(g.level.String()), hint
		}
		return kindNames[g.kind], report.Safe(g.name), "↵ choose"
	case rulesField:
		empty := "path of a role file; empty: the rules of edit"
		if slices.Contains(g.roles(false), g.name) {
			empty = "as they are; a path compares them with a role file"
		}
		return "rules", typedText(g.rules, here, room), unlessTyped(g.rules, empty)
	case whereField:
		if g.whole {
			return "where", turn("the whole cluster"), ""
		}
		whole := pick(g.kind == byRole, "", "→ the whole cluster") // a Role counts in namespaces only
		if len(g.spaces) == 0 {
			return "where", "", strings.TrimSuffix("↵ choose namespaces,  "+whole, ",  ")
		}
		return "where", report.Safe(strings.Join(g.spaces, ", ")), whole
	case viaField:
		hint := map[access.Via]string{access.ViaAuto: "where it is mapped already, else what the mode prefers"}[g.via]
		return "via", turn(string(g.via)), hint
	case userField:
		return "username", typedText(g.user, here, room), unlessTyped(g.user, "as it is, or EKS's default")
	case groupField:
		return "groups", typedText(g.group, here, room), unlessTyped(g.group, "as they are")
	case previewField:
		return "", "preview this grant", ""
	}
	return "", "add to the basket", ""
}

func typedText(f field, here bool, room int) string {
	if !here {
		return report.Safe(f.String())
	}
	return f.view(room)
}

func unlessTyped(f field, hint string) string { return pick(f.String() == "", hint, "") }

// consequence is what the grant would do, as far as it is known.
func (g grant) consequence() []report.Line {
	if _, err := g.wishes(); err != nil {
		return []report.Line{{Kind: report.Note, Text: report.Safe(err.Error())}}
	}
	var out []report.Line
	switch {
	case g.weighing && len(g.effect.plan.Steps) == 0 && g.effect.err == nil:
		return []report.Line{{Kind: report.Note, Text: "…"}}
	case g.effect.err != nil:
		out = report.Error(g.effect.err)
	default:
		out = append(out, report.Line{Kind: report.Title, Text: report.Headline(g.effect.plan)})
		for _, f := range g.effect.plan.Findings {
			if f.Severity >= access.Warn {
				sign, kind := severity(f.Severity)
				text, _ := sentence(f)
				out = append(out, report.Line{Kind: kind, Text: sign + " " + text})
			}
		}
		for i, st := range g.effect.plan.Steps {
			out = append(out, report.Line{Kind: signKind(st.Sign()), Text: stepTitle(i, len(g.effect.plan.Steps), st)})
		}
	}
	if g.weighing {
		for i := range out {
			out[i].Kind = report.Note // not yet the answer for what stands above
		}
	}
	return out
}
