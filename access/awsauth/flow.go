package awsauth

import (
	"errors"
	"fmt"
	"strings"
)

// span is a range of bytes.
type span struct{ start, end int }

// flow is a bracketed list or mapping: where its elements stand, without the
// blanks and comments around them, its commas, and its two brackets.
type flow struct {
	elements    []span
	commas      []int
	open, close int
}

// scanFlow reads the bracket that starts at a byte. It knows only what it must
// to find commas and brackets that are not inside quotes, comments or plain
// texts (YAML 1.1, 7 to 9); the callers compare the count with the nodes.
func scanFlow(text string, open int) (flow, error) {
	f := flow{open: open}
	if open >= len(text) || text[open] != '[' && text[open] != '{' {
		return f, errors.New("it has no brackets of its own")
	}
	depth := 0
	current := span{-1, -1}
	touch := func(from, to int) {
		if current.start < 0 {
			current.start = from
		}
		current.end = to
	}
	flush := func() {
		if current.start >= 0 {
			f.elements = append(f.elements, current)
		}
		current = span{-1, -1}
	}
	for at := open; at < len(text); {
		from := at
		switch c := text[at]; {
		case c == '[' || c == '{':
			depth++
			at++
			if depth > 1 {
				touch(from, at)
			}
		case c == ']' || c == '}':
			depth--
			at++
			if depth == 0 {
				flush()
				f.close = from
				return f, nil
			}
			touch(from, at)
		case c == ',' && depth == 1:
			flush()
			f.commas = append(f.commas, from)
			at++
		case c == ' ' || c == '\t' || c == ',' || c == ':':
			at++
			if c == ':' {
				touch(from, at)
			}
		case c == '#': // where a token could start it needs no blank before it
			for at < len(text) && lineBreak(text[at:]) == 0 {
				at++
			}
		case c == '"' || c == '\'':
			end := quoteEnd(text, at)
			if end < 0 {
				return f, errors.New("a quote is not closed")
			}
			at = end
			touch(from, at)
		case lineBreak(text[at:]) > 0:
			at += lineBreak(text[at:])
		case strings.IndexByte("!&*?", c) >= 0: // a tag, an anchor, an alias: then a token starts afresh
			for at < len(text) && !isBlank(text, at) && strings.IndexByte(",[]{}", text[at]) < 0 {
				at++
			}
			touch(from, at)
		default:
			at = plainEnd(text, at)
			touch(from, at)
		}
	}
	return f, fmt.Errorf("the bracket in byte %d is not closed", open)
}

// plainEnd reads an unquoted text inside brackets to its last sign.
func plainEnd(text string, at int) int {
	end := at
	for at < len(text) {
		c := text[at]
		if strings.IndexByte(",[]{}", c) >= 0 || lineBreak(text[at:]) > 0 ||
			c == ':' && (at+1 == len(text) || isBlank(text, at+1) || strings.IndexByte(",[]{}", text[at+1]) >= 0) ||
			c == '#' && isBlank(text, at-1) {
			break
		}
		at++
		if c != ' ' && c != '\t' {
			end = at
		}
	}
	return max(end, at-len(text[:at])+len(strings.TrimRight(text[:at], " \t")))
}

// quoteEnd returns the byte behind the closing quote of a quoted text, or -1.
func quoteEnd(text string, at int) int {
	quote := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == quote && quote == '\'' && strings.HasPrefix(text[i+1:], "'"):
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}

// isBlank says whether a blank, a line break or an end of the text is at a byte.
func isBlank(text string, at int) bool {
	return at < 0 || at >= len(text) || text[at] == ' ' || text[at] == '\t' || lineBreak(text[at:]) > 0
}
