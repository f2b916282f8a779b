package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// YAML writes a value as YAML, in the names and the order of its JSON form. Strings
// that a terminal could act on are quoted and escaped, so that the data stays as it
// is and printing it is harmless.
//
// The detour over JSON that Kubernetes' own encoder makes fails on such strings:
// its YAML reader takes no delete and no C1 control, escaped or not by JSON's rules.
func YAML(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	root, err := node(in)
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return escapeQuoted(out.String()), nil
}

// node reads one JSON value, keeping the order of an object's members.
func node(in *json.Decoder) (*yaml.Node, error) {
	t, err := in.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: pick(t == '[', yaml.SequenceNode, yaml.MappingNode)}
		for in.More() { // of an object: key and value in turn
			child, err := node(in)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		if len(n.Content) == 0 {
			n.Style = yaml.FlowStyle // [] and {}
		}
		_, err := in.Token() // the closing bracket
		return n, err
	case string:
		return textNode(t), nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(t)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}, nil
}

// notText is what readers of YAML 1.1, kubectl among them, take for a boolean, a
// null or a number.
var notText = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|~|)$|^[-+.0-9]`)

func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if notText.MatchString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && unsafe(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// escapeQuoted escapes what is left of unsafe characters: the encoder takes some of
// them for printable. They stand in double quotes only, where YAML knows \u and \U.
func escapeQuoted(text string) []byte {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || !unsafe(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return []byte(b.String())
}
