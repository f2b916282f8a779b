package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// known are the groups that it is in, and those that bindings name but the cluster's
// own: an entry can't carry one that begins with system: (EKS API, CreateAccessEntry).
func (f alter) known() []string {
	out := slices.Clone(f.mapping.Identity.Groups)
	for _, b := range access.Of[access.Binding](f.w.ix.Snapshot().Objects) {
		for _, s := range b.Subjects {
			if s.Kind == "Group" && !strings.HasPrefix(s.Name, "system:") && !strings.HasPrefix(s.Name, "eks:") {
				out = append(out, s.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// places are the namespaces there are, and what the scope names beside them: wildcards,
// namespaces that are gone.
func (f alter) places() []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(f.w.ix.Namespaces(), f.now().policy.Scope.Namespaces))))
}

func (f alter) view(s size, t *theme) []string {
	out := form{title: "Change " + f.who.name}
	for i, at := range f.fields() {
		out.fields = append(out.fields, f.words(at, s.w))
		if at == f.at {
			out.at = i
		}
	}
	_, missing := f.wish()
	out.effect = foreseen(missing, f.effect, f.weighing)
	return out.view(s, t)
}

// words are a field's label, its value, and what is said beside or instead of it.
func (f alter) words(at alterField, width int) formRow {
	here, had := at == f.at, f.mapping.Identity
	switch at {
	case alterWhat:
		return formRow{label: "change", value: turned(f.now().words(), here)}
	case alterUser:
		return formRow{label: "username", value: typedText(f.user, here, fieldRoom(width)), hint: unlessTyped(f.user, "as it is: "+pick(had.User == "", "empty", report.Safe(had.User)))}
	case alterGroups:
		groups := report.Safe(strings.Join(f.groups, ", "))
		return formRow{label: "groups", value: groups, hint: pick(groups == "", "none", ""), keys: []formKey{{"↵", "choose"}}}
	case alterWhere:
		was := "as it is"
		if _, err := f.scope(f.who.row.Principal); err == nil {
			was = "was " + scopeWords(f.now().policy.Scope)
		}
		if f.whole {
			return formRow{label: "where", value: turned("the whole cluster", here), hint: was, keys: []formKey{{"↵", "choose namespaces"}}}
		}
		return formRow{label: "where", value: turned(report.Safe(strings.Join(f.spaces, ", ")), here && len(f.spaces) > 0), hint: pick(len(f.spaces) == 0, "", was),
			keys: []formKey{{"↵", "choose namespaces"}, {"← →", "the whole cluster"}}}
	case alterPreview:
		return formRow{value: "preview this change"}
	}
	return formRow{value: "add to the basket"}
}

func (a alteration) words() string {
	switch a.sort {
	case alterScope:
		return "where " + report.Safe(access.PolicyName(a.policy.Policy)) + " counts"
	case alterDead:
		return "make its dead entry again, as it is"
	}
	return "user name and groups"
}

func scopeWords(s access.PolicyScope) string {
	if s.Cluster {
		return "the whole cluster"
	}
	return report.Safe(strings.Join(s.Namespaces, ", "))
}
