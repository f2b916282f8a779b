package awsauth

import (
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

// style is how the elements of a list are written, so that a new one looks
// like its neighbours.
type style struct {
	dash, key int // columns of the dash and of the keys
	groups    int // how much deeper than its key the dashes of groups are
	inline    bool
	order     []string
	quote     byte // around values: ', " or 0 for "where needed"
	keyQuote  string
	flowList  bool // groups: [a, b]
	eol       string
}

// styleOf takes the style from the last element that shows one.
func (l list) styleOf() style {
	arn, username, groups := l.section.fields()
	st := style{key: 2, groups: 2, order: []string{arn, username, groups}, eol: eolOf(l.text)}
	for i := len(l.place.elements) - 1; i >= 0; i-- {
		e := l.place.elements[i]
		if l.blockList() {
			if dash, err := l.place.dash(e); err == nil {
				st.dash = l.place.column(dash)
				st.key = st.dash + 2
			}
		}
		if e.Kind == yamlv3.ScalarNode && l.section == MapAccounts {
			st.quote = quoteOf(e)
			return st
		}
		if e.Kind != yamlv3.MappingNode || len(e.Content) == 0 {
			continue
		}
		st.like(e, arn)
		if !st.inline && l.blockList() {
			if at, err := l.place.offset(e.Content[0]); err == nil {
				st.key = max(l.place.column(at), st.dash+2)
			}
		}
		return st
	}
	return st
}

// like takes order, quotes and the form of groups from an item.
func (st *style) like(e *yamlv3.Node, arn string) {
	st.inline = e.Style&yamlv3.FlowStyle != 0
	if e.Content[0].Style&yamlv3.DoubleQuotedStyle != 0 {
		st.keyQuote = `"`
	}
	known := st.order
	st.order = nil
	for key, value := range pairs(e) {
		for i, name := range known {
			if !is(key, name) {
				continue
			}
			st.order = append(st.order, name)
			known = append(append([]string(nil), known[:i]...), known[i+1:]...)
			switch {
			case name == arn:
				st.quote = quoteOf(value)
			case value.Kind == yamlv3.SequenceNode && value.Style&yamlv3.FlowStyle != 0:
				st.flowList = true
			case value.Kind == yamlv3.SequenceNode:
				st.groups = value.Column - key.Column
			}
			break
		}
	}
	st.order = append(st.order, known...)
	if st.groups < 0 {
		st.groups = 2
	}
}

func quoteOf(n *yamlv3.Node) byte {
	switch {
	case n.Style&yamlv3.DoubleQuotedStyle != 0:
		return '"'
	case n.Style&yamlv3.SingleQuotedStyle != 0:
		return '\''
	}
	return 0
}

// eolOf returns the line break of the text's first line.
func eolOf(text string) string {
	if i := strings.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// block writes an item as an element of a block list: from its dash to before
// its last line break. Fields that the item does not have are left out.
func (st style) block(item Item) string {
	lead := strings.Repeat(" ", st.dash) + "-" + strings.Repeat(" ", st.key-st.dash-1)
	if item.Section == MapAccounts {
		return lead + accountText(item.ARN, st.quote)
	}
	if st.inline {
		return lead + st.flow(item)
	}
	margin := strings.Repeat(" ", st.key)
	var lines []string
	for _, name := range st.order {
		key := st.keyQuote + name + st.keyQuote + ":"
		value, list, ok := item.field(name)
		switch {
		case !ok:
		case name != "groups":
			lines = append(lines, margin+key+" "+quoted(value, st.quote))
		case st.flowList:
			lines = append(lines, margin+key+" "+flowTexts(list))
		default:
			lines = append(lines, margin+key)
			for _, g := range list {
				lines = append(lines, margin+strings.Repeat(" ", st.groups)+"- "+quoted(g, st.quote))
			}
		}
	}
	lines[0] = lead + lines[0][len(margin):]
	return strings.Join(lines, st.eol)
}

// flow writes an item in braces; values are always quoted, so that it is JSON
// when the keys are quoted as well.
func (st style) flow(item Item) string {
	if item.Section == MapAccounts {
		return accountText(item.ARN, max(st.quote, '"'))
	}
	var fields []string
	for _, name := range st.order {
		key := st.keyQuote + name + st.keyQuote + ": "
		if value, list, ok := item.field(name); !ok {
			continue
		} else if name == "groups" {
			fields = append(fields, key+flowTexts(list))
		} else {
			fields = append(fields, key+quoted(value, '"'))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// accountText keeps an account id a text, as other readers of mapAccounts
// take bare digits for a number.
func accountText(id string, quote byte) string { return quoted(id, max(quote, '"')) }

func flowTexts(list []string) string {
	texts := make([]string, len(list))
	for i, g := range list {
		texts[i] = quoted(g, '"')
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// field returns the text or the list under a key, and whether the item has one.
func (item Item) field(name string) (value string, list []string, ok bool) {
	switch name {
	case "username":
		return item.Username, nil, item.Username != ""
	case "groups":
		return "", item.Groups, len(item.Groups) > 0
	}
	return item.ARN, nil, true
}
