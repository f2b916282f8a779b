package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func (g grant) view(s size, t *theme) []string {
	f := form{title: "Grant access"}
	for i, at := range g.fields() {
		label, value, hint := g.words(at, fieldRoom(s.w))
		f.fields = append(f.fields, formRow{label, value, hint})
		if at == g.at {
			f.at = i
		}
	}
	_, missing := g.wishes()
	f.effect = foreseen(missing, g.effect, g.weighing)
	return f.view(s, t)
}

// words are a field's label, its value, and what is said beside or instead of it.
func (g grant) words(f formField, room int) (label, value, hint string) {
	here := f == g.at
	turn := func(s string) string { return turned(s, here) }
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
