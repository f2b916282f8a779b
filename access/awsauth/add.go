package awsauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"
)

// Add appends items to their lists in a copy of data, written like the items
// that are there: indent, order of keys, quotes, brackets. Section, ARN,
// Username and Groups of an item are used. A key that is absent, empty, null
// or `[]` gets a new list. Values are quoted so that they come back as they
// are, whatever they hold.
func Add(data map[string]string, items ...Item) (map[string]string, error) {
	return bySection(data, items, func(data map[string]string, s Section, items []Item) (map[string]string, error) {
		return edit(data, s, func(l list) (string, []Item, []int, error) { return l.add(items) })
	})
}

func (l list) add(items []Item) (text string, want []Item, from []int, err error) {
	for i, item := range l.items {
		want, from = append(want, item), append(from, i)
	}
	for _, item := range items {
		if item, err = writable(item); err != nil {
			return "", nil, nil, err
		}
		want, from = append(want, item), append(from, -1)
	}
	text, err = l.with(want[len(l.items):])
	if err != nil {
		err = fmt.Errorf("add to %s: %w: edit it by hand", l.section, err)
	}
	return text, want, from, err
}

// writable returns what the item will be read back as, or why it cannot be
// written.
func writable(item Item) (Item, error) {
	texts := append([]string{item.ARN, item.Username}, item.Groups...)
	switch {
	case item.SSO:
		return item, fmt.Errorf("write %s item: an sso matcher is kept but never written: use the role's ARN", item.Section)
	case item.ARN == "":
		return item, fmt.Errorf("write %s item: its ARN is empty, so the authenticator would drop it: give an ARN", item.Section)
	case item.Section == MapAccounts && (item.Username != "" || len(item.Groups) > 0):
		return item, fmt.Errorf("write mapAccounts item %q: an account has no user name and no groups: map its roles instead", item.ARN)
	case slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) }):
		return item, fmt.Errorf("write %s item %q: a value is not UTF-8: a ConfigMap cannot hold it", item.Section, item.ARN)
	}
	clean := Item{Section: item.Section, ARN: item.ARN, Username: item.Username}
	if len(item.Groups) > 0 {
		clean.Groups = slices.Clone(item.Groups)
	}
	return clean, nil
}

// with returns the text with items appended.
func (l list) with(items []Item) (string, error) {
	st := l.styleOf()
	if skippable(l.text) {
		return st.blocks(items) + st.eol, nil
	}
	root := l.place.root
	switch {
	case root == nil || root.Kind == yamlv3.ScalarNode && root.Value == "":
		head, tail := l.text, ""
		if l.place.more > 0 { // an empty first document
			at := l.place.lines[l.place.more-1]
			head, tail = l.text[:at], l.text[at:]
		}
		return openLine(head, st.eol) + st.blocks(items) + closing(head, st.eol) + tail, nil
	case len(l.items) == 0:
		return l.fill(st, items)
	case !l.blockList():
		at, err := l.place.content(root)
		if err != nil {
			return "", err
		}
		var texts []string
		for _, item := range items {
			texts = append(texts, st.flow(item))
		}
		return l.place.appendFlow(at, texts)
	}
	return l.place.appendBlock(root, st.blocks(items), st.eol)
}

func (st style) blocks(items []Item) string {
	var texts []string
	for _, item := range items {
		texts = append(texts, st.block(item))
	}
	return strings.Join(texts, st.eol)
}

// openLine ends the last line if it is open; closing ends the text as it ended
// before.
func openLine(text, eol string) string {
	if endsLine(text) {
		return text
	}
	return text + eol
}

func closing(text, eol string) string {
	if endsLine(text) {
		return eol
	}
	return ""
}

// fill replaces `[]` or null. Where that stands alone on its line, the items
// get lines of their own; else they go into brackets.
func (l list) fill(st style, items []Item) (string, error) {
	at, err := l.place.content(l.place.root)
	if err != nil {
		return "", err
	}
	end, err := l.place.end(l.place.root, -1)
	if err != nil {
		return "", err
	}
	start, stop := l.place.lineStart(at), l.place.lineEnd(end)
	token := l.text[at:end]
	if strings.TrimSpace(l.text[start:at]+l.text[end:stop]) == "" && !strings.Contains(token, "#") {
		st.dash = at - start
		st.key = st.dash + 2
		return apply(l.text, patch{span{start, stop}, st.blocks(items)}), nil
	}
	var texts []string
	for _, item := range items {
		texts = append(texts, st.flow(item))
	}
	inner := strings.Join(texts, ", ")
	if strings.HasPrefix(token, "[") {
		return apply(l.text, patch{span{at + 1, at + 1}, inner}), nil
	}
	return apply(l.text, patch{span{at, end}, "[" + inner + "]"}), nil
}

// appendBlock puts lines behind the last element of a block list, before
// comments that stand at the depth of its dashes.
func (p place) appendBlock(list *yamlv3.Node, lines, eol string) (string, error) {
	e, err := p.extent(list, len(list.Content)-1)
	if err != nil {
		return "", err
	}
	before := p.text[:e.end]
	return openLine(before, eol) + lines + closing(before, eol) + p.text[e.end:], nil
}

// appendFlow puts elements behind the last one of the bracketed list that
// opens at a byte, with the gap that the others have.
func (p place) appendFlow(open int, texts []string) (string, error) {
	f, err := scanFlow(p.text, open)
	if err != nil {
		return "", err
	}
	n := len(f.elements)
	if n == 0 {
		return "", errors.New("its brackets are empty where an item should be")
	}
	gap := ", "
	if n > 1 {
		if s := p.text[f.elements[n-2].end:f.elements[n-1].start]; !strings.Contains(s, "#") {
			gap = s
		}
	} else if s := p.text[f.open+1 : f.elements[0].start]; lineBreak(strings.TrimLeft(s, " \t")) > 0 && !strings.Contains(s, "#") {
		gap = "," + s
	}
	at := f.elements[n-1].end
	return apply(p.text, patch{span{at, at}, gap + strings.Join(texts, gap)}), nil
}
