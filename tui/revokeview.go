package tui

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func (r revoke) view(s size, t *theme) []string {
	f := form{title: "Revoke access of " + r.whoText(max(s.w-18, 8))}
	for i, at := range r.fields() {
		f.fields = append(f.fields, r.words(at))
		if at == r.at {
			f.at = i
		}
	}
	_, missing := r.wishes()
	f.effect = foreseen(missing, r.effect, r.weighing)
	return f.view(s, t)
}

func (r revoke) whoText(width int) string {
	if len(r.who) == 1 {
		return r.who[0].name
	}
	var names []string
	for _, l := range r.who {
		names = append(names, l.name)
	}
	return report.Cut(fmt.Sprintf("%d principals: %s", len(names), strings.Join(names, ", ")), width)
}

// words are a field's label, its value, and what is said beside it.
func (r revoke) words(f revokeField) formRow {
	t, here := r.taking(), f == r.at
	switch f {
	case takeField:
		hint := t.place()
		if t.sort == takeAll {
			hint = r.everything()
		}
		return formRow{label: "take", value: turned(t.words(), here), hint: hint, keys: []formKey{{"↵", "choose"}}}
	case fromField:
		if len(r.spaces) > 0 {
			return formRow{label: "where", value: turned(report.Safe(strings.Join(r.spaces, ", ")), here), keys: []formKey{{"↵", "choose"}, {"← →", "wherever it is"}}}
		}
		return formRow{label: "where", value: turned("wherever it is", here), keys: []formKey{{"↵", "choose namespaces"}}}
	case namesField:
		if r.names {
			return formRow{label: "names", value: turned("out of bindings, too", here), hint: "those that nobody else arrives under"}
		}
		return formRow{label: "names", value: turned("stay in bindings", here), hint: "certificates may bring somebody under them"}
	case revokePreview:
		return formRow{value: "preview this revocation"}
	}
	return formRow{value: "add to the basket"}
}

// everything says what all access is made of.
func (r revoke) everything() string {
	entries, items := 0, 0
	for _, l := range r.who {
		for _, m := range l.row.Mappings {
			switch m.Source {
			case access.FromEntry:
				entries++
			case access.FromAuthMap:
				items++
			}
		}
	}
	var parts []string
	if entries > 0 {
		parts = append(parts, report.Count(entries, "access entry", "access entries"))
	}
	if items > 0 {
		parts = append(parts, report.Count(items, "item of aws-auth", "items of aws-auth"))
	}
	return strings.Join(parts, ", ")
}
