package access

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"k8s.io/component-helpers/auth/rbac/validation"
)

// A rule is broken down to atoms: one verb on one resource of one group, perhaps of one
// name, or on one URL. Rules cover an atom when one of them does alone (kubernetes
// component-helpers/auth/rbac/validation Covers; this is what it says, without its
// copies, since comparisons ask it a great deal).

// uncovered are the parts of want that have does not cover, as few rules as possible.
func uncovered(want, have []Rule) []Rule {
	var rest []Rule
	for _, r := range want {
		for _, atom := range validation.BreakdownRule(r) {
			if !covers(have, atom) {
				rest = append(rest, atom)
			}
		}
	}
	return compact(rest)
}

// covered are the parts of these rules that have covers.
func covered(rules, have []Rule) []Rule {
	var out []Rule
	for _, r := range rules {
		for _, atom := range validation.BreakdownRule(r) {
			if covers(have, atom) {
				out = append(out, atom)
			}
		}
	}
	return compact(out)
}

func covers(have []Rule, atom Rule) bool {
	return slices.ContainsFunc(have, func(r Rule) bool { return coversAtom(&r, &atom) })
}

func coversAtom(r, atom *Rule) bool {
	if len(atom.Resources) == 0 {
		return coversURL(*r, *atom)
	}
	return has(r.Verbs, atom.Verbs[0]) && has(r.APIGroups, atom.APIGroups[0]) && coversResource(r.Resources, atom.Resources[0]) &&
		(len(r.ResourceNames) == 0 || len(atom.ResourceNames) > 0 && slices.Contains(r.ResourceNames, atom.ResourceNames[0]))
}

func coversResource(owned []string, resource string) bool {
	_, sub, isSub := strings.Cut(resource, "/")
	for _, o := range owned {
		if o == "*" || o == resource || isSub && o == "*/"+sub {
			return true
		}
	}
	return false
}

func coversURL(r Rule, atom Rule) bool {
	return len(r.ResourceNames) == 0 && has(r.Verbs, atom.Verbs[0]) &&
		slices.ContainsFunc(r.NonResourceURLs, func(u string) bool { return urlMatches(u, atom.NonResourceURLs[0]) })
}

// compact joins rules that differ in one list only: first verbs, then resources.
// The result covers exactly what the input covers.
func compact(rules []Rule) []Rule {
	rules = join(rules, func(r Rule) any { r.Verbs = nil; return r }, func(into *Rule, r Rule) { into.Verbs = set(append(into.Verbs, r.Verbs...)) })
	rules = join(rules, func(r Rule) any { r.Resources = nil; return r }, func(into *Rule, r Rule) { into.Resources = set(append(into.Resources, r.Resources...)) })
	return join(rules, func(r Rule) any { r.APIGroups = nil; return r }, func(into *Rule, r Rule) { into.APIGroups = set(append(into.APIGroups, r.APIGroups...)) })
}

func join(rules []Rule, by func(Rule) any, add func(*Rule, Rule)) []Rule {
	at := map[string]int{}
	var out []Rule
	for _, r := range rules {
		text, err := json.Marshal(by(r))
		if err != nil {
			panic(err) // rules are strings
		}
		k := string(text)
		// A rule about URLs never joins one about resources.
		k += pick(len(r.Resources) == 0, "|url", "|resource")
		i, ok := at[k]
		if !ok {
			at[k] = len(out)
			out = append(out, *r.DeepCopy())
			continue
		}
		add(&out[i], r)
	}
	slices.SortFunc(out, func(a, b Rule) int {
		return cmp.Or(slices.Compare(a.APIGroups, b.APIGroups), slices.Compare(a.Resources, b.Resources), slices.Compare(a.Verbs, b.Verbs), slices.Compare(a.NonResourceURLs, b.NonResourceURLs), slices.Compare(a.ResourceNames, b.ResourceNames))
	})
	return out
}
