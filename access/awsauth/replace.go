package awsauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

// Replace changes one item of a copy of data into another of the same section.
// Only the fields that differ are written; comments, unknown keys and fields
// that stay are not touched. A field that comes through a merge key gets a
// text of its own in this item; a field that others use by alias is refused.
func Replace(data map[string]string, old, new Item) (map[string]string, error) {
	if old.Section != new.Section {
		return nil, fmt.Errorf("replace %s: an item of %s cannot become one of %s: add the new one and remove the old one", old.brief(), old.Section, new.Section)
	}
	return bySection(data, []Item{old}, func(data map[string]string, s Section, _ []Item) (map[string]string, error) {
		return edit(data, s, func(l list) (string, []Item, []int, error) { return l.replace(old, new) })
	})
}

func (l list) replace(old, new Item) (text string, want []Item, from []int, err error) {
	i, err := l.find(old)
	if err != nil {
		return "", nil, nil, err
	}
	if new, err = writable(new); err != nil {
		return "", nil, nil, err
	}
	if old.SSO {
		return "", nil, nil, fmt.Errorf("replace %s: an sso matcher is not changed: add a new item and remove this one", l.where(i))
	}
	for j, item := range l.items {
		want, from = append(want, item), append(from, j)
	}
	want[i], from[i] = new, -1
	text, err = l.rewritten(i, new)
	if err != nil {
		return "", nil, nil, fmt.Errorf("replace %s: %w", l.where(i), err)
	}
	return text, want, from, nil
}

// rewritten gives element i the fields of an item, one after the other: each
// step reads the text again, as places have moved.
func (l list) rewritten(i int, item Item) (string, error) {
	e := l.place.elements[i]
	if l.section == MapAccounts || e.Kind != yamlv3.MappingNode || len(e.Content) == 0 {
		return l.whole(i, item)
	}
	for _, alias := range l.place.aliases[e] {
		return "", fmt.Errorf("line %d uses the whole item by its anchor %q, so it would change too: give that line its own text first", alias.Line, alias.Value)
	}
	arn, username, groups := l.section.fields()
	for _, name := range []string{arn, username, groups} {
		was, wasList, _ := l.items[i].field(name)
		is, isList, _ := item.field(name)
		if was == is && (slices.Equal(wasList, isList) || len(wasList)+len(isList) == 0) {
			continue
		}
		text, err := l.setField(i, name, is, isList)
		if err != nil {
			return "", err
		}
		next := read(l.section, text)
		if err := next.editable(); err != nil || len(next.items) != len(l.items) {
			return "", errors.Join(fmt.Errorf("its %s cannot be written in place: edit it by hand", name), err)
		}
		l = next
	}
	return l.text, nil
}

// whole writes an element anew: one that is a scalar, null or an alias.
func (l list) whole(i int, item Item) (string, error) {
	e := l.place.elements[i]
	if uses := l.place.usesOf(e); len(uses) > 0 {
		return "", fmt.Errorf("line %d uses its anchor %q: give that line its own text first", uses[0].Line, uses[0].Value)
	}
	start, err := l.place.offset(e)
	if err != nil {
		return "", err
	}
	column := 0
	if l.blockList() {
		dash, err := l.place.dash(e)
		if err != nil {
			return "", err
		}
		column = l.place.column(dash)
	}
	end, err := l.place.end(e, column)
	if err != nil {
		return "", err
	}
	st := l.styleOf()
	if l.blockList() && l.section != MapAccounts {
		dash, err := l.place.dash(e)
		if err == nil && strings.TrimSpace(l.text[dash+1:start]) == "" {
			return apply(l.text, patch{span{l.place.lineStart(dash), end}, st.block(item)}), nil
		}
	}
	text := st.flow(item)
	if start > 0 && l.text[start-1] == '-' {
		text = " " + text
	}
	return apply(l.text, patch{span{start, end}, text}), nil
}

// setField writes one field of element i.
func (l list) setField(i int, name, value string, groups []string) (string, error) {
	e := l.place.elements[i]
	var key, node *yamlv3.Node
	for k, v := range pairs(e) {
		if !is(k, name) {
			continue
		}
		if key != nil {
			return "", fmt.Errorf("%s stands in line %d and in line %d: remove one of them by hand", name, key.Line, k.Line)
		}
		key, node = k, v
	}
	if merge := mergeBehind(e, key); merge != nil && node != nil {
		return "", fmt.Errorf("the merge key in line %d takes precedence over the %s before it: move the merge key up by hand", merge.Line, name)
	}
	inBraces := e.Style&yamlv3.FlowStyle != 0
	text := flowTexts(groups)
	if name != "groups" {
		quote := byte('"')
		if !inBraces && node != nil {
			quote = quoteOf(node)
		}
		text = quoted(value, quote)
	}
	if node == nil {
		return l.insertField(e, name, text, inBraces)
	}
	if uses := l.place.usesOf(node); len(uses) > 0 {
		return "", fmt.Errorf("line %d uses the %s of this item by its anchor %q: give that line its own text first", uses[0].Line, name, uses[0].Value)
	}
	if name == "groups" && node.Kind == yamlv3.SequenceNode && len(node.Content) > 0 && len(groups) > 0 {
		if out, ok := l.setGroups(i, groups); ok {
			return out, nil
		}
	}
	start, err := l.place.offset(node)
	if err != nil {
		return "", err
	}
	column, err := l.place.offset(e.Content[0])
	if err != nil {
		return "", err
	}
	end, err := l.place.end(node, l.place.column(column))
	if err != nil {
		return "", err
	}
	if start > 0 && l.text[start-1] == ':' {
		text = " " + text
	}
	if isBlockList(node) { // a list on lines of its own becomes one on the line of its key
		after, err := l.place.offset(key)
		if err != nil {
			return "", err
		}
		colon := strings.IndexByte(l.text[after:], ':')
		start, text = after+colon+1, " "+text
	}
	return apply(l.text, patch{span{start, end}, text}), nil
}

// mergeBehind returns the merge key that stands behind a key of an item. What
// it brings wins, in go-yaml v2 and so for the authenticator, although YAML
// says otherwise.
func mergeBehind(e, key *yamlv3.Node) (merge *yamlv3.Node) {
	behind := false
	for k := range pairs(e) {
		behind = behind || k == key
		if behind && k.ShortTag() == "!!merge" {
			merge = k
		}
	}
	return merge
}

// insertField gives an item a key that it did not have. It goes last: see
// mergeBehind.
func (l list) insertField(e *yamlv3.Node, name, text string, inBraces bool) (string, error) {
	first, err := l.place.offset(e.Content[0])
	if err != nil {
		return "", err
	}
	key := name
	if e.Content[0].Style&yamlv3.DoubleQuotedStyle != 0 {
		key = `"` + name + `"`
	}
	if inBraces {
		at, err := l.place.content(e)
		if err != nil {
			return "", err
		}
		return l.place.appendFlow(at, []string{key + ": " + text})
	}
	column := l.place.column(first)
	end, err := l.place.end(e.Content[len(e.Content)-1], column)
	if err != nil {
		return "", err
	}
	eol := eolOf(l.text)
	at := l.place.nextLine(end)
	head := l.text[:at]
	return openLine(head, eol) + strings.Repeat(" ", column) + key + ": " + text + closing(head, eol) + l.text[at:], nil
}

// setGroups appends the new groups and then deletes the old ones, so that the
// lines of those that stay are not touched. It gives up when that would not
// give the wanted order.
func (l list) setGroups(i int, groups []string) (string, bool) {
	had := l.items[i].Groups
	var kept, added []string
	for _, g := range had {
		if slices.Contains(groups, g) {
			kept = append(kept, g)
		}
	}
	added = groups[min(len(kept), len(groups)):]
	node := l.groupsOf(i)
	if !slices.Equal(slices.Concat(kept, added), groups) || node == nil || len(node.Content) != len(had) {
		return "", false
	}
	text := l.text
	if len(added) > 0 {
		out, err := l.place.appendTexts(node, added)
		if err != nil {
			return "", false
		}
		text = out
	}
	var gone []int
	for j, g := range had {
		if !slices.Contains(groups, g) {
			gone = append(gone, j)
		}
	}
	if len(gone) == 0 {
		return text, true
	}
	next := read(l.section, text)
	if next.editable() != nil || len(next.items) != len(l.items) || next.groupsOf(i) == nil {
		return "", false
	}
	out, err := next.place.without(next.groupsOf(i), gone)
	return out, err == nil
}

// groupsOf returns the node of an element's groups if it is a list written there.
func (l list) groupsOf(i int) *yamlv3.Node {
	for k, v := range pairs(l.place.elements[i]) {
		if is(k, "groups") && v.Kind == yamlv3.SequenceNode {
			return v
		}
	}
	return nil
}

// appendTexts appends texts to a list of texts, quoted like its last one.
func (p place) appendTexts(list *yamlv3.Node, texts []string) (string, error) {
	quote := quoteOf(list.Content[len(list.Content)-1])
	if !isBlockList(list) {
		at, err := p.content(list)
		if err != nil {
			return "", err
		}
		written := make([]string, len(texts))
		for i, t := range texts {
			written[i] = quoted(t, '"')
		}
		return p.appendFlow(at, written)
	}
	dash, err := p.dash(list.Content[0])
	if err != nil {
		return "", err
	}
	lines := make([]string, len(texts))
	for i, t := range texts {
		lines[i] = strings.Repeat(" ", p.column(dash)) + "- " + quoted(t, quote)
	}
	eol := eolOf(p.text)
	return p.appendBlock(list, strings.Join(lines, eol), eol)
}
