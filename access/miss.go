package access

import (
	"slices"
	"strings"
)

// Miss is what a principal has that differs from what was asked in one thing only:
// it may get, not delete; in another API group; in another namespace.
type Miss struct {
	Differs Part
	Has     []string // what the rules say there instead, sorted
	Grant   Grant    // the first of those that say it
	Rule    Rule
}

// Part is the one thing about a request in which a Miss differs.
type Part string

const (
	OtherVerb      Part = "verb"
	OtherGroup     Part = "group"
	OtherResource  Part = "resource" // the subresource, or the resource without it
	OtherName      Part = "name"
	OtherNamespace Part = "namespace" // Has may end in the wildcards of access policies
	OtherURL       Part = "url"
)

// Misses are the nearest misses of an answer that is no or unknown, in this order: namespace,
// verb, resource, group, name.
func (ix *Index) Misses(a Answer, q Request) []Miss {
	if a.Mapping.State == "" || a.Verdict == Yes || a.Verdict == Maybe {
		return nil
	}
	var out []Miss
	if reach := ix.Anywhere(a.Row, q); q.URL == "" && (reach.Places.Len() > 0 || len(reach.Patterns) > 0) {
		m := Miss{Differs: OtherNamespace, Has: append(reach.Places.Names(), reach.Patterns...), Grant: reach.Grant}
		if i := slices.IndexFunc(m.Grant.Rules, func(r Rule) bool { return Allows(r, q) }); i >= 0 {
			m.Rule = m.Grant.Rules[i]
		}
		out = append(out, m)
	}
	found := map[Part]*Miss{}
	for _, g := range ix.Grants(a.Mapping, q.Namespace) {
		for _, r := range g.Rules {
			part, has := missed(r, q)
			if part == "" || len(has) == 0 {
				continue
			}
			if found[part] == nil {
				found[part] = &Miss{Differs: part, Grant: g, Rule: r}
			}
			found[part].Has = append(found[part].Has, has...)
		}
	}
	for _, part := range []Part{OtherVerb, OtherURL, OtherResource, OtherGroup, OtherName} {
		if m := found[part]; m != nil {
			m.Has = set(m.Has)
			out = append(out, *m)
		}
	}
	return out
}

// missed says in which one thing a rule differs from a request.
func missed(r Rule, q Request) (Part, []string) {
	verb := has(r.Verbs, q.Verb)
	if q.URL != "" {
		url := slices.ContainsFunc(r.NonResourceURLs, func(u string) bool { return urlMatches(u, q.URL) })
		switch {
		case url && !verb:
			return OtherVerb, r.Verbs
		case verb && !url:
			return OtherURL, r.NonResourceURLs
		}
		return "", nil
	}
	type check struct {
		part Part
		ok   bool
		has  []string
	}
	var miss check
	for _, c := range []check{
		{OtherVerb, verb, r.Verbs},
		{OtherGroup, has(r.APIGroups, q.Group), r.APIGroups},
		{OtherResource, resourceMatches(r.Resources, q.Resource, q.Subresource), kin(r.Resources, q)},
		{OtherName, len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, q.Name), r.ResourceNames},
	} {
		if c.ok {
			continue
		}
		if miss.part != "" {
			return "", nil // two things differ
		}
		miss = c
	}
	return miss.part, miss.has
}

// kin are the resources of a rule that differ from the request's in the subresource alone.
func kin(resources []string, q Request) []string {
	var out []string
	for _, r := range resources {
		if base, _, _ := strings.Cut(r, "/"); base == q.Resource {
			out = append(out, r)
		}
	}
	return out
}
