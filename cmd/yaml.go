package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// answerYAML writes what answerJSON would, as YAML.
func (e *env) answerYAML(v any) error {
	text, err := asYAML(v)
	if err != nil {
		return err
	}
	_, err = e.out.Write(text)
	return err
}

// noItems is where the items of a list go. A key at the start of a line is the list's own:
// what strings hold is indented or quoted.
var noItems = regexp.MustCompile(`(?m)^("items"|items): \[\]\n`)

// writeYAMLList writes a list item by item. As one document the YAML of a large cluster
// takes gigabytes to make.
func writeYAMLList(w io.Writer, ix *access.Index, found []access.Finding, o report.ListOptions) error {
	head, err := asYAML(report.ListHead(ix, found))
	if err != nil {
		return err
	}
	at := noItems.FindIndex(head)
	if _, err := w.Write(head[:at[0]]); err != nil {
		return err
	}
	begin := "items:\n"
	for it := range report.ListItems(ix, o) {
		text, err := asYAML([]report.ListItem{it})
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(begin), text...)); err != nil {
			return err
		}
		begin = ""
	}
	if begin != "" {
		_, err = w.Write(head[at[0]:])
	} else {
		_, err = w.Write(head[at[1]:])
	}
	return err
}

// asYAML is YAML that is harmless to print: if a terminal could act on something in it,
// all of its strings are quoted, where escapes count.
func asYAML(v any) ([]byte, error) {
	text, err := k8syaml.Marshal(v)
	if err != nil || bytes.Equal(report.Escape(text), text) {
		return text, err
	}
	return quotedYAML(v)
}

// quotedYAML puts every string in double quotes.
func quotedYAML(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	block(&doc)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	return report.Escape(out.Bytes()), enc.Close()
}

// block takes JSON's braces away; its strings keep their quotes.
func block(n *yaml.Node) {
	if len(n.Content) > 0 {
		n.Style &^= yaml.FlowStyle
	}
	for _, c := range n.Content {
		block(c)
	}
}
