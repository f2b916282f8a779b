package awsauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

// Remove takes items out of a copy of data. With an item go the comments at
// the ends of its lines, between its lines, and below it where they are deeper
// than its dash; comments on lines of their own above it stay, as they may
// speak of more than one item. A list that becomes empty is left as `[]`.
//
// An item that defines an anchor which a remaining item uses is refused.
func Remove(data map[string]string, items ...Item) (map[string]string, error) {
	return bySection(data, items, func(data map[string]string, s Section, items []Item) (map[string]string, error) {
		return edit(data, s, func(l list) (string, []Item, []int, error) { return l.remove(items) })
	})
}

func (l list) remove(items []Item) (text string, want []Item, from []int, err error) {
	var gone []int
	var nodes []*yamlv3.Node
	for _, item := range items {
		i, err := l.find(item)
		if err != nil {
			return "", nil, nil, err
		}
		if !slices.Contains(gone, i) {
			gone = append(gone, i)
			nodes = append(nodes, l.place.elements[i])
		}
	}
	slices.Sort(gone)
	for _, i := range gone {
		if uses := l.place.usesOf(l.place.elements[i], nodes...); len(uses) > 0 {
			return "", nil, nil, fmt.Errorf("remove %s: it defines the anchor %q that line %d uses: give that line its own text first", l.where(i), uses[0].Value, uses[0].Line)
		}
	}
	for i, item := range l.items {
		if !slices.Contains(gone, i) {
			want, from = append(want, item), append(from, i)
		}
	}
	text, err = l.place.without(l.place.root, gone)
	if err != nil {
		return "", nil, nil, fmt.Errorf("remove %s: %w: edit it by hand", l.where(gone[0]), err)
	}
	return l.open(text), want, from, nil
}

// without deletes elements (sorted) of a list node from the text.
func (p place) without(list *yamlv3.Node, gone []int) (string, error) {
	if !isBlockList(list) {
		return p.withoutFlow(list, gone)
	}
	var patches []patch
	for _, i := range gone {
		e, err := p.extent(list, i)
		if err != nil {
			return "", err
		}
		patches = append(patches, patch{e, ""})
	}
	if len(gone) == len(list.Content) {
		dash, err := p.dash(list.Content[0])
		if err != nil {
			return "", err
		}
		pad := p.column(dash)
		if list != p.root {
			pad += 2
		}
		first := p.text[:patches[0].end]
		patches[0].text = strings.Repeat(" ", pad) + "[]" + first[len(strings.TrimRight(first, "\r\n")):]
		if eol := eolOf(p.text); strings.HasSuffix(first, "\n") {
			patches[0].text = strings.Repeat(" ", pad) + "[]" + eol
		}
	}
	return apply(p.text, patches...), nil
}

// open takes the last line break from a text if it was made from one without:
// unless that is a part of a block text's value.
func (l list) open(text string) string {
	if endsLine(l.text) || !endsLine(text) {
		return text
	}
	shorter := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if slices.EqualFunc(read(l.section, text).items, read(l.section, shorter).items, same) {
		return shorter
	}
	return text
}

func endsLine(text string) bool { return text == "" || strings.HasSuffix(text, "\n") }

// withoutFlow deletes elements of a bracketed list. Behind it goes the comma,
// and the blanks up to the next element; comments stay.
func (p place) withoutFlow(list *yamlv3.Node, gone []int) (string, error) {
	at, err := p.content(list)
	if err != nil {
		return "", err
	}
	f, err := scanFlow(p.text, at)
	if err != nil {
		return "", err
	}
	if len(f.elements) != len(list.Content) {
		return "", errors.New("its brackets and commas cannot be told apart")
	}
	left := len(f.elements) - len(gone)
	if left == 0 && !strings.Contains(p.text[f.open:f.elements[0].start], "#") &&
		!strings.Contains(p.text[f.elements[len(f.elements)-1].end:f.close], "#") && !p.commentBetween(f) {
		return apply(p.text, patch{span{f.open + 1, f.close}, ""}), nil
	}
	var patches []patch
	last := -1 // the last element that stays
	for i := range f.elements {
		if !slices.Contains(gone, i) {
			last = i
		}
	}
	for _, i := range gone {
		e := f.elements[i]
		switch {
		case i < last: // its own comma, and the gap behind
			next := f.elements[i+1].start
			patches = append(patches, p.dropGap(e.start, e.end, f.commas[i], next)...)
		case i > 0: // the comma before, and the gap between
			if last < 0 {
				patches = append(patches, patch{e, ""}, patch{span{f.commas[i-1], f.commas[i-1] + 1}, ""})
				break
			}
			before := f.elements[i-1].end
			if gap := p.text[before:e.start]; strings.Contains(gap, "#") {
				patches = append(patches, patch{e, ""}, patch{span{f.commas[i-1], f.commas[i-1] + 1}, ""})
			} else {
				patches = append(patches, patch{span{before, e.end}, ""})
			}
		default:
			patches = append(patches, patch{e, ""})
		}
	}
	if last < 0 && len(f.commas) == len(f.elements) { // a comma behind the last element
		c := f.commas[len(f.commas)-1]
		patches = append(patches, patch{span{c, c + 1}, ""})
	}
	return apply(p.text, patches...), nil
}

// dropGap deletes an element, its comma and the blanks before the next one; of
// a gap with comments only the comma goes.
func (p place) dropGap(start, end, comma, next int) []patch {
	if !strings.Contains(p.text[end:next], "#") {
		return []patch{{span{start, next}, ""}}
	}
	return []patch{{span{start, end}, ""}, {span{comma, comma + 1}, ""}}
}

func (p place) commentBetween(f flow) bool {
	for i := 1; i < len(f.elements); i++ {
		if strings.Contains(p.text[f.elements[i-1].end:f.elements[i].start], "#") {
			return true
		}
	}
	return false
}
