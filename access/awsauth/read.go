package awsauth

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"
)

// list is one key's text with what the authenticator decodes from it and,
// where they could be found, the places of the elements.
type list struct {
	section  Section
	text     string
	items    []Item
	problems []Problem
	lost     bool
	place    place
}

func read(s Section, text string) list {
	l := list{section: s, text: text}
	items, err := decode(s, text)
	_, isPartly := err.(partly)
	l.items, l.lost = items, err != nil && !isPartly
	if !skippable(text) {
		l.place = locate(text)
	}
	if l.lost || isPartly && l.place.elements == nil {
		l.problems = append(l.problems, problem(s, err, l.place, l.lost))
		return l
	}
	if s == MapAccounts {
		l.items = withDroppedAccounts(l.items, l.place)
	}
	if !l.placed() {
		return l
	}
	for i := range l.items {
		n := l.place.elements[i]
		l.items[i].Line = n.Line
		l.items[i].Notes = notes(l.items[i], n)
	}
	l.place.markShared(l.items)
	for i := range l.items {
		slices.SortStableFunc(l.items[i].Notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	}
	if l.place.more > 0 {
		l.problems = append(l.problems, Problem{Section: s, Line: l.place.more,
			Detail: "a second YAML document starts here; the authenticator reads the first one only"})
	}
	return l
}

// placed says whether every element's place is known. YAML 1.1, which decides,
// and YAML 1.2, which gives the places, disagree on a few odd texts.
func (l list) placed() bool { return len(l.place.elements) == len(l.items) }

// withDroppedAccounts adds the elements that vanish while mapAccounts is
// decoded, so that an Index counts the elements of the text.
func withDroppedAccounts(kept []Item, p place) []Item {
	var all []Item
	for i, n := range p.elements {
		item := Item{Section: MapAccounts, Index: i, Dropped: DropNotText}
		if resolved(n).Kind == yamlv3.ScalarNode {
			if len(kept) == 0 {
				break
			}
			item.ARN, item.Dropped, kept = kept[0].ARN, "", kept[1:]
		}
		all = append(all, item)
	}
	for _, item := range kept {
		item.Index = len(all)
		all = append(all, item)
	}
	return all
}

var lineOf = regexp.MustCompile(`\bline (\d+): `)

// problem says what is wrong with a key's text, and where.
func problem(s Section, err error, p place, lost bool) Problem {
	detail := err.Error()
	line := 1
	var notJSON *json.UnmarshalTypeError
	var notYAML *yamlv2.TypeError
	if errors.As(err, &notJSON) || lost && errors.As(err, &notYAML) {
		if p.root != nil {
			line = p.root.Line
		}
		return Problem{Section: s, Line: line, Lost: lost, Detail: "the text is not a list: start each item with a dash"}
	}
	if m := lineOf.FindStringSubmatch(detail); m != nil {
		line, _ = strconv.Atoi(m[1])
		detail = strings.Replace(detail, m[0], "", 1)
	} else if n := p.strangeKey(); n != nil {
		line = n.Line
		detail = "a mapping or a list stands where a key should: put quotes around a value that starts with a brace, such as {{SessionName}}"
	}
	return Problem{Section: s, Line: line, Lost: lost, Detail: strings.TrimPrefix(detail, "yaml: ")}
}

// misspelt finds keys that only differ in letter case from those that count:
// the authenticator ignores them without a word.
func misspelt(data map[string]string) []Problem {
	var problems []Problem
	for _, k := range slices.Sorted(maps.Keys(data)) {
		for _, s := range Sections {
			if k != string(s) && strings.EqualFold(k, string(s)) {
				problems = append(problems, Problem{Section: Section(k), Line: 1,
					Detail: "the authenticator ignores this key: it must be spelt " + string(s)})
			}
		}
	}
	return problems
}
