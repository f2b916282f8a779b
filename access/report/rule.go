package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Rule is one rule on one line: verbs, resources, API groups, names. A star is
// said in words.
func Rule(r access.Rule) string {
	verbs := strings.Join(star(r.Verbs, "any verb"), " ")
	if len(r.Resources) == 0 {
		return Safe(verbs + "  " + strings.Join(star(r.NonResourceURLs, "all URLs"), ", "))
	}
	text := verbs + "  " + strings.Join(star(r.Resources, "all resources"), ", ")
	if groups := star(r.APIGroups, "all groups"); !slices.Equal(r.APIGroups, []string{""}) {
		for i, g := range groups {
			if g == `""` {
				groups[i] = "core"
			}
		}
		text += "  (" + strings.Join(groups, ", ") + ")"
	}
	if len(r.ResourceNames) > 0 {
		text += "  named " + strings.Join(words(r.ResourceNames), ", ")
	}
	return Safe(text)
}

// star replaces a list that holds "*" by a word for it: the rest adds nothing.
func star(in []string, all string) []string {
	if slices.Contains(in, "*") {
		return []string{all}
	}
	return words(in)
}

func ruleLines(k Kind, sign string, rules []access.Rule) []Line {
	var out []Line
	for _, r := range joinURLs(rules) {
		out = append(out, say(k, sign, Rule(r)))
	}
	return out
}

// joinURLs puts the URLs of one set of verbs into one rule: discovery alone has a
// dozen of them. Together they allow what they allow apart.
func joinURLs(rules []access.Rule) []access.Rule {
	var out []access.Rule
	for _, r := range rules {
		i := slices.IndexFunc(out, func(o access.Rule) bool {
			return len(r.Resources) == 0 && len(o.Resources) == 0 && slices.Equal(o.Verbs, r.Verbs)
		})
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].NonResourceURLs = sortedSet(slices.Concat(out[i].NonResourceURLs, r.NonResourceURLs))
	}
	return out
}
