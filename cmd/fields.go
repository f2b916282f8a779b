package cmd

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// strict decodes a mapping into a struct, and refuses fields that it has not.
func strict(n *yaml.Node, what string, into any) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s needs fields, such as %s", n.Line, what, strings.Join(fields(into)[:1], ""))
	}
	if err := known(n, what, into); err != nil {
		return err
	}
	if err := filled(n, what); err != nil {
		return err
	}
	return n.Decode(into)
}

// filled refuses fields without a value. What is left out often means everywhere or
// everything, and an empty one (a template's variable that is not set?) is seldom meant so.
func filled(n *yaml.Node, what string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := n.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		if v.Kind == yaml.ScalarNode && (v.Tag == "!!null" || v.Value == "") {
			return fmt.Errorf("line %d: %s of %s is empty: give it a value, or leave it out", n.Content[i].Line, n.Content[i].Value, what)
		}
	}
	return nil
}

func known(n *yaml.Node, what string, of any) error {
	all := fields(of)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if slices.Contains(all, key.Value) {
			continue
		}
		fix := "it has " + strings.Join(all, ", ") + "; a"
		if near := nearest(key.Value, all); near != "" {
			fix = fmt.Sprintf("did you mean %q? A", near)
		}
		return fmt.Errorf("line %d: %s has no field %q; %s newer release may know it: kubectl krew upgrade eks-access", key.Line, what, key.Value, fix)
	}
	return nil
}

// fields are the names of a struct's fields in a file, in its order.
func fields(of any) []string {
	t := reflect.TypeOf(of).Elem()
	var out []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// plainYAML says a decoder's error without the name of its library.
func plainYAML(err error) string {
	var many *yaml.TypeError
	if errors.As(err, &many) && len(many.Errors) > 0 {
		return many.Errors[0]
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}
