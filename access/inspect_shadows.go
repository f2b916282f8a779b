package access

import (
	"slices"
	"strings"

	"k8s.io/component-helpers/auth/rbac/validation"
)

// narrower reports whether an aws-auth item gave something that the entry over it does
// not: what the function of that name says, for thousands of items. Most have the same
// roles on both sides, and rules are compared once for each pair of sets of roles.
func (i *inspector) narrower(entry, item Mapping) bool {
	has := entry.Identity.subjects()
	if !slices.ContainsFunc(item.Identity.subjects(), func(s subject) bool { return !slices.Contains(has, s) }) {
		return false
	}
	for _, ns := range append([]string{""}, i.ix.Scopes(item)...) {
		gave, gives := i.ix.Grants(item, ns), i.ix.Grants(entry, ns)
		was, is := sources(gave), sources(gives)
		if within(was, is) {
			continue
		}
		at := strings.Join(was, " ") + "\n" + strings.Join(is, " ")
		covers, ok := i.covers[at]
		if !ok {
			covers, _ = validation.Covers(rulesOf(gives), rulesOf(gave))
			i.covers[at] = covers
		}
		if !covers {
			return true
		}
	}
	return false
}

// sources name the roles and policies of grants. A policy gives less in a namespace.
func sources(gs []Grant) []string {
	out := make([]string, len(gs))
	for n, g := range gs {
		switch {
		case g.Policy != "":
			out[n] = "policy/" + g.Policy + pick(g.Pattern == "", "", "/namespace")
		case len(g.Via) > 1:
			out[n] = string(g.Via[1].Kind) + "/" + g.Via[1].Namespace + "/" + g.Via[1].Name
		default:
			out[n] = g.Subject // system:masters
		}
	}
	return set(out)
}
