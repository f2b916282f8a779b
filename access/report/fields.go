package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// field is one value of an object under the name that its API gives it.
type field struct{ name, value string }

// StepFields is the difference that a step makes, field by field, in the words of
// the object's API. What identifies the object is shown as it is.
func StepFields(s access.Step) []Line {
	if s.Before == nil && s.After == nil {
		return nil
	}
	if s.Key().Kind == access.AuthMapKind {
		return mapFields(s)
	}
	was, is := fieldsOf(s.Before), fieldsOf(s.After)
	names := fieldNames(was, is)
	width := 0
	for _, n := range names {
		width = max(width, Width(n))
	}
	var out []Line
	for _, n := range names {
		out = append(out, changed(pad(n, width)+"  ", values(was, n), values(is, n), s.Sign() == '~')...)
	}
	return out
}

// changed shows one field. Several values of one name (rules, subjects) are a set.
func changed(name string, was, is []string, update bool) []Line {
	if len(was) == 1 && len(is) == 1 && was[0] != is[0] {
		return []Line{say(Change, "~ ", name, was[0], " → ", is[0])}
	}
	gone, come := without(was, is), without(is, was)
	if update && len(gone)+len(come) == 0 {
		if len(was) == 1 {
			return []Line{say(Plain, "  ", name, was[0])}
		}
		return nil // an unchanged set says nothing
	}
	var out []Line
	for _, v := range gone {
		out = append(out, say(Del, "- ", name, v))
	}
	for _, v := range come {
		out = append(out, say(Add, "+ ", name, v))
	}
	return out
}

func fieldNames(a, b []field) []string {
	var out []string
	for _, f := range slices.Concat(a, b) {
		if !slices.Contains(out, f.name) {
			out = append(out, f.name)
		}
	}
	return out
}

func values(fs []field, name string) []string {
	var out []string
	for _, f := range fs {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// without are the values of a that b has not, in order; a value twice counts once.
func without(a, b []string) []string {
	var out []string
	for _, v := range a {
		if !slices.Contains(b, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func fieldsOf(o access.Object) []field {
	switch o := o.(type) {
	case nil:
		return nil
	case access.AccessEntry:
		// What is left out is shown as what EKS makes of it, so that it is no difference
		// to what reads back.
		kind, user := cmp.Or(o.Type, access.StandardType), o.Username
		if p, err := access.ParsePrincipal(o.Principal); err == nil && kind == access.StandardType {
			user = cmp.Or(user, access.DefaultUsername(p))
		}
		out := []field{{"principalArn", word(o.Principal)}, {"type", word(kind)}, {"username", word(user)}, {"kubernetesGroups", list(sortedSet(o.Groups))}}
		return append(out, pairs("tag", o.Tags)...)
	case access.PolicyAssociation:
		return []field{{"principalArn", word(o.Principal)}, {"policyArn", word(o.Policy)}, {"accessScope", scopeField(o.Scope)}}
	case access.AuthMode:
		return []field{{"authenticationMode", word(string(o.Mode))}}
	case access.Namespace:
		return append([]field{{"name", word(o.Name)}}, metaFields(o.Meta)...)
	case access.Role:
		out := append(named(o.Namespace, o.Name), metaFields(o.Meta)...)
		for _, r := range o.Rules {
			out = append(out, field{"rule", Rule(r)})
		}
		return out
	case access.Binding:
		out := append(named(o.Namespace, o.Name), metaFields(o.Meta)...)
		out = append(out, field{"roleRef", o.Role.Kind + " " + word(o.Role.Name)})
		for _, s := range o.Subjects {
			name := word(s.Name)
			if s.Namespace != "" {
				name = word(s.Namespace) + "/" + name
			}
			out = append(out, field{"subject", s.Kind + " " + name})
		}
		return out
	}
	return named(o.Key().Namespace, o.Key().Name)
}

func named(namespace, name string) []field {
	if namespace == "" {
		return []field{{"name", word(name)}}
	}
	return []field{{"name", word(name)}, {"namespace", word(namespace)}}
}

func metaFields(m access.Meta) []field {
	return append(pairs("label", m.Labels), pairs("annotation", m.Annotations)...)
}

func pairs(name string, m map[string]string) []field {
	var out []field
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, field{name, word(k) + "=" + word(m[k])})
	}
	return out
}

func scopeField(s access.PolicyScope) string {
	if s.Cluster {
		return "cluster"
	}
	return "namespaces " + list(sortedSet(s.Namespaces))
}

func sortedSet(in []string) []string { return slices.Compact(slices.Sorted(slices.Values(in))) }

// mapFields shows the items of aws-auth that come and go; the text is in StepDiff.
func mapFields(s access.Step) []Line {
	gone, come := itemChanges(s)
	var out []Line
	for _, m := range gone {
		out = append(out, itemLines(Del, "- ", m)...)
	}
	for _, m := range come {
		out = append(out, itemLines(Add, "+ ", m)...)
	}
	if len(out) == 0 {
		out = append(out, say(Note, "  the items stay as they are; only the text changes"))
	}
	return out
}

func itemLines(k Kind, sign string, m access.Mapping) []Line {
	at := strings.TrimPrefix(place(m), "aws-auth ")
	return []Line{
		say(k, sign, at),
		say(k, sign, "  arn       ", word(m.Item.ARN)),
		say(k, sign, "  username  ", word(m.Item.Username)),
		say(k, sign, "  groups    ", list(m.Item.Groups)),
	}
}

// itemChanges are the items that a step takes out of aws-auth and those it puts in.
// Items of one content are counted, so that one of two duplicates can go.
func itemChanges(s access.Step) (gone, come []access.Mapping) {
	was, is := items(s.Before), items(s.After)
	return minus(was, is), minus(is, was)
}

// items reads aws-auth alone, as if the mode read it.
func items(o access.Object) []access.Mapping {
	am, ok := o.(access.AuthMap)
	if !ok {
		return nil
	}
	ms := access.Resolve(access.Snapshot{Objects: access.Objects{}.With(am)})
	slices.SortStableFunc(ms, func(a, b access.Mapping) int {
		if a.Item.Section != b.Item.Section {
			return slices.Index(sectionOrder, string(a.Item.Section)) - slices.Index(sectionOrder, string(b.Item.Section))
		}
		return a.Item.Index - b.Item.Index
	})
	return ms
}

var sectionOrder = []string{"mapRoles", "mapUsers", "mapAccounts"}

func minus(a, b []access.Mapping) []access.Mapping {
	left := map[string]int{}
	content := func(m access.Mapping) string {
		return strings.Join(append([]string{string(m.Item.Section), m.Item.ARN, m.Item.Username}, m.Item.Groups...), "\x00")
	}
	for _, m := range b {
		left[content(m)]++
	}
	var out []access.Mapping
	for _, m := range a {
		if k := content(m); left[k] > 0 {
			left[k]--
			continue
		}
		out = append(out, m)
	}
	return out
}
