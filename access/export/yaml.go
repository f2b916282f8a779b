package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// A document is written from nodes: the order of keys is ours, as people write them,
// and every text is a scalar of the encoder.

func text(s string) *yaml.Node {
	s = strings.ToValidUTF8(s, "\ufffd")
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, hidden) || !plainText(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// plainText reports whether every reader of YAML takes the text, written without
// quotes, for a text: those of YAML 1.1 (eksctl's, CloudFormation's) read yes as true,
// 12:30 as a number in base 60 and 0123 as octal.
func plainText(s string) bool {
	if reserved[strings.ToLower(s)] {
		return false
	}
	if ordinary.MatchString(s) {
		return true
	}
	var v any
	if err := yaml.Unmarshal([]byte(s), &v); err != nil {
		return false
	}
	if got, ok := v.(string); !ok || got != s {
		return false
	}
	return !strings.ContainsAny(s[:1], "0123456789+-.=<") // 1.1's octal, sexagesimal, = and << as well
}

var (
	ordinary = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_/.-]*$`) // most names: no need to ask a parser
	reserved = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true}
)

func list(items ...*yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
	if len(items) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

func texts(items []string) *yaml.Node {
	out := list()
	for _, s := range items {
		out.Style = 0
		out.Content = append(out.Content, text(s))
	}
	return out
}

// dict takes keys and values in turn: a *yaml.Node, a string, a list of strings or a
// map of strings. What is empty is left out, and a nil node is.
func dict(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i < len(pairs); i += 2 {
		var v *yaml.Node
		switch value := pairs[i+1].(type) {
		case *yaml.Node:
			v = value
		case string:
			if value != "" {
				v = text(value)
			}
		case []string:
			if len(value) > 0 {
				v = texts(value)
			}
		case map[string]string:
			if len(value) > 0 {
				v = dict()
				for _, k := range sorted(value) {
					v.Content = append(v.Content, text(k), text(value[k]))
				}
			}
		default:
			panic(fmt.Sprintf("yaml of %T", value))
		}
		if v != nil {
			n.Content = append(n.Content, text(pairs[i].(string)), v)
		}
	}
	return n
}

// encodeYAML writes one document.
func encodeYAML(n *yaml.Node) string {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		panic(err) // nodes of ours encode
	}
	return visible(b.String(), `\U%08x`)
}

// hidden reports whether a character must not be seen as it is: controls, and what
// turns or hides text (a reviewer must see what a tool reads).
func hidden(r rune) bool { return !strconv.IsPrint(r) }

// visible escapes hidden characters. They stand in double-quoted text only, both in
// YAML (text sees to it) and in JSON; wide is the form of those beyond \u.
func visible(s, wide string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || !hidden(r):
			b.WriteRune(r)
		case r > 0xffff && wide == "":
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		case r > 0xffff:
			fmt.Fprintf(&b, wide, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// encodeJSON writes a value on one line, of printable characters alone.
func encodeJSON(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, lists and maps encode
	}
	return visible(string(out), "") // JSON has surrogate pairs
}

// block is a text of several lines, written line by line where it can be: comments in
// aws-auth stay readable.
func block(s string) *yaml.Node {
	n := text(s)
	if strings.Contains(s, "\n") && !strings.ContainsFunc(strings.ReplaceAll(s, "\n", ""), hidden) {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// tree is a value in the names of its JSON form.
func tree(v any) *yaml.Node {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, lists and maps encode
	}
	var n yaml.Node
	if err := yaml.Unmarshal(raw, &n); err != nil {
		panic(err) // JSON is YAML
	}
	return unquoted(n.Content[0])
}

// unquoted gives a tree of JSON the styles of the other nodes.
func unquoted(n *yaml.Node) *yaml.Node {
	n.Style = 0
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return text(n.Value)
	}
	for i, c := range n.Content {
		n.Content[i] = unquoted(c)
	}
	return n
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
