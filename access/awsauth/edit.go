package awsauth

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"
)

// patch replaces a range of bytes.
type patch struct {
	span
	text string
}

// apply performs patches that do not overlap.
func apply(text string, patches ...patch) string {
	patches = slices.Clone(patches)
	slices.SortStableFunc(patches, func(a, b patch) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, p := range patches {
		b.WriteString(text[at:p.start])
		b.WriteString(p.text)
		at = p.end
	}
	b.WriteString(text[at:])
	return b.String()
}

// edit changes one section of a copy of data and proves the result: it is read
// again, and its items must be exactly the wanted ones. From says for each of
// them which element it was, -1 for a new one; an old one must have kept every
// field, also those that the authenticator ignores.
func edit(data map[string]string, s Section, change func(list) (text string, want []Item, from []int, err error)) (map[string]string, error) {
	before := read(s, data[string(s)])
	if err := before.editable(); err != nil {
		return nil, err
	}
	text, want, from, err := change(before)
	if err != nil {
		return nil, err
	}
	after := read(s, text)
	if err := proven(before, after, want, from); err != nil {
		return nil, fmt.Errorf("edit %s: the new text would not say what was asked for (%w): edit it by hand with kubectl -n kube-system edit configmap aws-auth", s, err)
	}
	out := maps.Clone(data)
	if out == nil {
		out = map[string]string{}
	}
	out[string(s)] = text
	return out, nil
}

// editable refuses texts in which a place could not be trusted.
func (l list) editable() error {
	const byHand = "with kubectl -n kube-system edit configmap aws-auth"
	switch {
	case l.lost:
		p := l.problems[0]
		return fmt.Errorf("edit %s: line %d: %s: nothing in this key counts until that is mended; mend it by hand %s", l.section, p.Line, p.Detail, byHand)
	case !utf8.ValidString(l.text):
		return fmt.Errorf("edit %s: the text is not UTF-8: mend it by hand %s", l.section, byHand)
	case !skippable(l.text) && (!l.placed() || l.place.lines == nil):
		return fmt.Errorf("edit %s: the places of its items cannot be found (YAML 1.1 and 1.2 read this text differently): edit it by hand %s", l.section, byHand)
	}
	return nil
}

func proven(before, after list, want []Item, from []int) error {
	if after.lost {
		return fmt.Errorf("line %d: %s", after.problems[0].Line, after.problems[0].Detail)
	}
	if len(after.items) != len(want) {
		return fmt.Errorf("%d items instead of %d", len(after.items), len(want))
	}
	for i := range want {
		if !same(after.items[i], want[i]) {
			return fmt.Errorf("item %d, %s, would not have the fields it should", i+1, want[i].brief())
		}
	}
	if before.section == MapAccounts {
		return nil
	}
	old, errOld := elements(before.text)
	now, errNow := elements(after.text)
	if skippable(before.text) {
		old, errOld = nil, nil
	}
	if skippable(after.text) {
		now, errNow = nil, nil
	}
	if errOld != nil || errNow != nil {
		return errors.Join(errOld, errNow)
	}
	for i, f := range from {
		if f >= 0 && !bytes.Equal(old[f], now[i]) {
			return fmt.Errorf("item %d (%s) would change", f+1, want[i].brief())
		}
	}
	return nil
}

// brief names an item in an error.
func (item Item) brief() string {
	switch {
	case item.ARN != "":
		return fmt.Sprintf("%q", item.ARN)
	case item.SSO:
		return "an sso item"
	}
	return "an item without an ARN"
}

func (l list) where(i int) string {
	return fmt.Sprintf("%s item %d (line %d, %s)", l.section, i+1, l.items[i].Line, l.items[i].brief())
}

// find returns the element that an item stands for: the one at its Index, or
// the only one with the same content if others have moved since.
func (l list) find(item Item) (int, error) {
	if i := item.Index; i >= 0 && i < len(l.items) && same(l.items[i], item) {
		return i, nil
	}
	found := -1
	for i := range l.items {
		if !same(l.items[i], item) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("edit %s: %s stands in line %d and in line %d, and item %d is neither: read the ConfigMap again", l.section, item.brief(), l.items[found].Line, l.items[i].Line, item.Index+1)
		}
		found = i
	}
	if found < 0 {
		return 0, fmt.Errorf("edit %s: %s is not there as it was read: read the ConfigMap again", l.section, item.brief())
	}
	return found, nil
}

// blockList says whether the elements stand behind dashes.
func (l list) blockList() bool {
	return l.place.root != nil && isBlockList(l.place.root)
}

func isBlockList(n *yamlv3.Node) bool {
	return n.Kind == yamlv3.SequenceNode && n.Style&yamlv3.FlowStyle == 0
}

// bySection runs an edit once for each section among the items.
func bySection(data map[string]string, items []Item, change func(map[string]string, Section, []Item) (map[string]string, error)) (map[string]string, error) {
	out := maps.Clone(data)
	if out == nil {
		out = map[string]string{}
	}
	for _, item := range items {
		if !slices.Contains(Sections, item.Section) {
			return nil, fmt.Errorf("edit aws-auth: %q is no key that the authenticator reads: use mapRoles, mapUsers or mapAccounts", item.Section)
		}
	}
	for _, s := range Sections {
		var mine []Item
		for _, item := range items {
			if item.Section == s {
				mine = append(mine, item)
			}
		}
		if len(mine) == 0 {
			continue
		}
		var err error
		if out, err = change(out, s, mine); err != nil {
			return nil, err
		}
	}
	return out, nil
}
