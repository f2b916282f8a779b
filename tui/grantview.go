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
		f.fields = append(f.fields, g.words(at, fieldRoom(s.w)))
		if at == g.at {
			f.at = i
		}
	}
	_, missing := g.wishes()
	f.effect = foreseen(missing, g.effect, g.weighing)
	return f.view(s, t)
}

// words are a field's label, its value, and what is said beside or instead of it.
func (g grant) words(f formField, room int) formRow {
	here := f == g.at
	turn := func(s string) string { return turned(s, here) }
	switch f {
	case whoField:
		return formRow{label: "who", value: g.whoText(), keys: []formKey{{"↵", pick(len(g.who) == 0, "choose, or type the ARN of a new principal", "choose")}}}
	case kindField:
		return formRow{label: "permission", value: turn(kindNames[g.kind])}
	case nameField:
		if g.kind == byLevel {
			hint := map[access.Level]string{access.View: "read, no secrets", access.Edit: "read and write, secrets too", access.Admin: "edit, and give roles in the namespace", access.Full: "everything"}[g.level]
			return formRow{label: "level", value: turn(g.level.String()), hint: hint}
		}
		return formRow{label: kindNames[g.kind], value: report.Safe(g.name), keys: []formKey{{"↵", "choose"}}}
	case rulesField:
		empty := "path of a role file; empty: the rules of edit"
		if slices.Contains(g.roles(false), g.name) {
			empty = "as they are; a path compares them with a role file"
		}
		return formRow{label: "rules", value: typedText(g.rules, here, room), hint: unlessTyped(g.rules, empty)}
	case whereField:
		if g.whole {
			return formRow{label: "where", value: turn("the whole cluster"), keys: []formKey{{"↵", "choose namespaces"}}}
		}
		keys := []formKey{{"↵", pick(len(g.spaces) == 0, "choose namespaces", "choose")}}
		if g.kind != byRole { // which counts in namespaces only
			keys = append(keys, formKey{"← →", "the whole cluster"})
		}
		return formRow{label: "where", value: report.Safe(strings.Join(g.spaces, ", ")), keys: keys}
	case viaField:
		hint := map[access.Via]string{access.ViaAuto: "where it is mapped already, else what the mode prefers"}[g.via]
		return formRow{label: "via", value: turn(string(g.via)), hint: hint}
	case userField:
		return formRow{label: "username", value: typedText(g.user, here, room), hint: unlessTyped(g.user, "as it is, or EKS's default")}
	case groupField:
		return formRow{label: "groups", value: typedText(g.group, here, room), hint: unlessTyped(g.group, "as they are")}
	case previewField:
		return formRow{value: "preview this grant"}
	}
	return formRow{value: "add to the basket"}
}

func (g grant) keys() keymap {
	_, err := g.wishes()
	k := formKeys(err, g.enters())
	switch g.at {
	case kindField, nameField, whereField, viaField:
		k = append(k, changeKeys()...)
	}
	if !g.typing() {
		k = append(k, more(doHelp, "?", "?", "the keys that work here"))
	}
	return append(k, formBack())
}

// enters is what Enter does on the field under the cursor.
func (g grant) enters() string {
	switch {
	case g.at == whoField, g.at == whereField, g.at == nameField && g.kind != byLevel:
		return enterChoose
	case g.at == previewField:
		return enterPreview
	case g.at == addField:
		return enterAdd
	}
	return enterNext
}
