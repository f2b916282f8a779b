package awsauth

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"
)

// content returns where a node's own text starts, behind anchors and tags.
func (p place) content(n *yamlv3.Node) (int, error) {
	at, err := p.offset(n)
	if err != nil {
		return 0, err
	}
	if n.Anchor == "" && n.Tag == "" {
		return at, nil
	}
	end := at
	for at < len(p.text) && (p.text[at] == '&' || p.text[at] == '!') {
		for at < len(p.text) && !isBlank(p.text, at) {
			at++
		}
		end = at
		at = p.skipBlank(at)
	}
	if n.Kind == yamlv3.ScalarNode && n.Value == "" && n.Style&(yamlv3.SingleQuotedStyle|yamlv3.DoubleQuotedStyle|yamlv3.LiteralStyle|yamlv3.FoldedStyle) == 0 {
		return end, nil // a tag or an anchor with nothing behind it
	}
	return at, nil
}

// skipBlank goes past blanks, line breaks and comments.
func (p place) skipBlank(at int) int {
	for at < len(p.text) {
		switch {
		case p.text[at] == ' ' || p.text[at] == '\t':
			at++
		case lineBreak(p.text[at:]) > 0:
			at += lineBreak(p.text[at:])
		case p.text[at] == '#' && isBlank(p.text, at-1):
			at = p.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

// end returns the byte behind the last sign of a node's text. The indent is
// that of the list or mapping around it, counted from 0: a block text ends
// where a line is not deeper.
func (p place) end(n *yamlv3.Node, indent int) (int, error) {
	at, err := p.content(n)
	if err != nil || at > len(p.text) {
		return 0, errors.Join(err, errors.New("the text ends before the item"))
	}
	switch {
	case n.Kind == yamlv3.AliasNode:
		for at < len(p.text) && !isBlank(p.text, at) {
			at++
		}
		return at, nil
	case n.Kind == yamlv3.ScalarNode && n.Style&(yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0:
		return p.blockEnd(at, indent), nil
	case n.Kind == yamlv3.ScalarNode && n.Style&(yamlv3.SingleQuotedStyle|yamlv3.DoubleQuotedStyle) != 0:
		if end := quoteEnd(p.text, at); end >= 0 {
			return end, nil
		}
		return 0, errors.New("a quote is not closed")
	case n.Kind == yamlv3.ScalarNode:
		return p.plainEnd(at, n.Value)
	case at < len(p.text) && (p.text[at] == '[' || p.text[at] == '{') && n.Style&yamlv3.FlowStyle != 0:
		f, err := scanFlow(p.text, at)
		return f.close + 1, err
	case len(n.Content) == 0:
		return at, nil
	case n.Kind == yamlv3.SequenceNode:
		dash, err := p.dash(n.Content[len(n.Content)-1])
		if err != nil {
			return 0, err
		}
		return p.end(n.Content[len(n.Content)-1], p.column(dash))
	}
	first, err := p.offset(n.Content[0])
	if err != nil {
		return 0, err
	}
	return p.end(n.Content[len(n.Content)-1], p.column(first))
}

// plainEnd finds the end of an unquoted text, which may go over several lines:
// only blanks and breaks differ between the text and its value.
func (p place) plainEnd(at int, value string) (int, error) {
	end := at
	for _, r := range value {
		if unicode.IsSpace(r) {
			continue
		}
		for at < len(p.text) && isBlank(p.text, at) {
			_, size := utf8.DecodeRuneInString(p.text[at:])
			at += size
		}
		got, size := utf8.DecodeRuneInString(p.text[at:])
		if got != r {
			return 0, fmt.Errorf("%q is not where it should be", value)
		}
		at += size
		end = at
	}
	return end, nil
}

// blockEnd finds the end of a text after | or >.
func (p place) blockEnd(at, indent int) int {
	header := p.text[at:p.lineEnd(at)]
	header, _, _ = strings.Cut(header, " ")
	keep := strings.Contains(header, "+")
	deep := -1
	if strings.ContainsAny(header, "123456789") {
		deep = indent + 1
	}
	end := p.lineEnd(at)
	for at = p.nextLine(at); at < len(p.text); at = p.nextLine(at) {
		line := p.text[at:p.lineEnd(at)]
		depth := len(line) - len(strings.TrimLeft(line, " "))
		blank := strings.TrimSpace(line) == ""
		if !blank && deep < 0 {
			deep = max(depth, indent+1)
		}
		if !blank && (depth < deep || marker(line) != "") {
			break
		}
		if !blank || keep {
			end = p.lineEnd(at)
		}
	}
	return end
}

// dash returns the byte of the "-" before an element of a block list: only
// blanks and comments can stand between the two.
func (p place) dash(element *yamlv3.Node) (int, error) {
	at, err := p.offset(element)
	if err != nil {
		return 0, err
	}
	start := p.lineStart(at)
	before := p.text[start:at]
	for {
		if s := strings.TrimRight(before, " \t"); strings.HasSuffix(s, "-") && strings.TrimLeft(s[:len(s)-1], " ") == "" {
			return start + len(s) - 1, nil
		} else if strings.TrimSpace(s) != "" || start == 0 {
			return 0, errors.New("its dash does not stand first in a line")
		}
		end := start - 1
		start = p.lineStart(end)
		before = p.text[start:p.lineEnd(start)]
		before, _, _ = strings.Cut(before, "#")
	}
}

// column counts the characters before a byte in its line.
func (p place) column(at int) int { return utf8.RuneCountInString(p.text[p.lineStart(at):at]) }

// extent returns the lines of element i of a block list: from the line of its
// dash to behind its last line, with the comments inside of it and with those
// below it that are deeper than the dash. A comment line above an element, or
// below it at the depth of the dash, is not a part of it.
func (p place) extent(list *yamlv3.Node, i int) (span, error) {
	dash, err := p.dash(list.Content[i])
	if err != nil {
		return span{}, err
	}
	end, err := p.end(list.Content[i], p.column(dash))
	if err != nil {
		return span{}, err
	}
	if rest := strings.TrimSpace(p.text[end:p.lineEnd(end)]); rest != "" && rest[0] != '#' {
		return span{}, fmt.Errorf("%q stands behind its end", rest)
	}
	at := p.nextLine(end)
	for next := at; next < len(p.text); {
		line := p.text[next:p.lineEnd(next)]
		trimmed := strings.TrimLeft(line, " \t")
		next = p.nextLine(next)
		if strings.TrimSpace(trimmed) == "" {
			continue
		}
		if trimmed[0] != '#' || len(line)-len(trimmed) <= p.column(dash) {
			break
		}
		at = next
	}
	return span{p.lineStart(dash), at}, nil
}
