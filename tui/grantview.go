package tui

import (
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
	for f := range fieldCount {
		if f == previewField && s.h >= 18 {
			out = append(out, "")
		}
		out = append(out, g.field(f, s.w, t))
	}
	// A low screen shows the part of the form around the cursor.
	effect := g.consequence(s.w, t)
	room := clamp(s.h-len(out), 2, len(effect)+1)
	if len(out) > s.h-room {
		out = tail(out, int(g.at)+1, max(s.h-room, 1))
	}
	out = append(out, t.dim.of(strings.Repeat("─", s.w)))
	if left := s.h - len(out); len(effect) > left && left > 0 {
		effect = effect[:left]
	}
	return append(out, effect...)
}

func (g grant) field(f formField, width int, t *theme) string {
	label, value, hint := g.words(f)
	in, bar := t.inks, " "
	if f == g.at {
		in, bar = t.row, "▌"
	}
	if f == previewField || f == addField {
		return in.accent.of(bar+"  ") + in.strong.of(padRow("→ "+value, width-3, f == g.at))
	}
	room := max(width-labelWidth-5, 4)
	text := report.Cut(value, room)
	ink := in.text
	if value == "" {
		text, hint, ink = report.Cut(hint, room), "", in.dim
	}
	if hint != "" {
		hint = report.Cut("   "+hint, room-report.Width(text))
	}
	return in.accent.of(bar+"  ") + in.dim.of(pad(label, labelWidth)) + ink.of(text) + in.dim.of(padRow(hint, max(room-report.Width(text)+2, 0), f == g.at))
}

// words are a field's label, its value, and what is said beside or instead of it.
func (g grant) words(f formField) (label, value, hint string) {
	here := f == g.at
	turn := func(s string) string {
		if here {
			return "‹ " + s + " ›"
		}
		return s
	}
	switch f {
	case whoField:
		return "who", g.whoText(), "↵ choose, or type the ARN of a new principal"
	case kindField:
		return "permission", turn(kindNames[g.kind]), ""
	case nameField:
		if g.kind == byLevel {
			hint := map[access.Level]string{access.View: "read, no secrets", access.Edit: "read and write, secrets too", access.Admin: "edit, and give roles in the namespace", access.Full: "everything"}[g.level]
			return "level", turn(g.level.String()), hint
		}
		return kindNames[g.kind], report.Safe(g.name), "↵ choose"
	case whereField:
		if g.whole {
			return "where", turn("the whole cluster"), ""
		}
		if len(g.spaces) == 0 {
			return "where", "", "↵ choose namespaces,  → the whole cluster"
		}
		return "where", report.Safe(strings.Join(g.spaces, ", ")), "→ the whole cluster"
	case viaField:
		hint := map[access.Via]string{access.ViaAuto: "where it is mapped already, else what the mode prefers"}[g.via]
		return "via", turn(string(g.via)), hint
	case userField:
		return "username", g.typedText(g.user, here), unlessTyped(g.user, "as it is, or EKS's default")
	case groupField:
		return "groups", g.typedText(g.group, here), unlessTyped(g.group, "as they are")
	case previewField:
		return "", "preview this grant", ""
	}
	return "", "add to the basket", ""
}

func (g grant) typedText(f field, here bool) string {
	if !here {
		return report.Safe(f.String())
	}
	return f.view(60)
}

func unlessTyped(f field, hint string) string { return pick(f.String() == "", hint, "") }

// consequence is what the grant would do, as far as it is known.
func (g grant) consequence(width int, t *theme) []string {
	if _, err := g.wishes(); err != nil {
		return []string{t.dim.of(report.Cut("   "+report.Safe(err.Error()), width))}
	}
	var lines []report.Line
	switch {
	case g.weighing && len(g.effect.plan.Steps) == 0 && g.effect.err == nil:
		return []string{t.dim.of("   …")}
	case g.effect.err != nil:
		lines = report.Error(g.effect.err)
	default:
		lines = append(lines, report.Line{Kind: report.Title, Text: report.Headline(g.effect.plan)})
		for _, f := range g.effect.plan.Findings {
			if f.Severity >= access.Warn {
				sign, kind := severity(f.Severity)
				text, _ := report.Finding(f)
				lines = append(lines, report.Line{Kind: kind, Text: sign + " " + text})
			}
		}
		for i, st := range g.effect.plan.Steps {
			lines = append(lines, report.Line{Kind: signKind(st.Sign()), Text: stepTitle(i, len(g.effect.plan.Steps), st)})
		}
	}
	var out []string
	for _, l := range lines {
		ink := t.line(l.Kind)
		if g.weighing {
			ink = t.dim // not yet the answer for what stands above
		}
		out = append(out, ink.of(report.Cut("   "+l.Text, width)))
	}
	return out
}
