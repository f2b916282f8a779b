// Package models holds the bench of access/sim against AWS's own models of EKS,
// IAM and STS: which members a request must have, what values they may take, and
// what an answer holds.
package models

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	//lint:ignore SA1019 frozen: only the API models inside it are read
	_ "github.com/aws/aws-sdk-go/aws/awserr" // keeps the module with the models required
)

// model is an api-2.json.
type model struct {
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]*shape    `json:"shapes"`
}

type operation struct {
	HTTP struct {
		Method     string `json:"method"`
		RequestURI string `json:"requestUri"`
	} `json:"http"`
	Input  *shape `json:"input"` // a reference
	Output *shape `json:"output"`
	Errors []*shape
}

// shape is both a definition and a reference to one, by Name.
type shape struct {
	Name         string            `json:"shape"`
	Type         string            `json:"type"`
	Required     []string          `json:"required"`
	Members      map[string]*shape `json:"members"`
	Member       *shape            `json:"member"`
	Key          *shape            `json:"key"`
	Value        *shape            `json:"value"`
	Enum         []string          `json:"enum"`
	Min          *float64          `json:"min"`
	Max          *float64          `json:"max"`
	Pattern      string            `json:"pattern"`
	Location     string            `json:"location"`
	LocationName string            `json:"locationName"`
	Wrapper      string            `json:"resultWrapper"`
	Error        struct {
		Code   string `json:"code"`
		Status int    `json:"httpStatusCode"`
	} `json:"error"`
}

// load reads a model out of the SDK's module.
func load(t *testing.T, path string) *model {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "models", "apis", filepath.FromSlash(path), "api-2.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := new(model)
	if err := json.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// of follows a reference.
func (m *model) of(ref *shape) *shape { return m.Shapes[ref.Name] }

// wire is a member's name on the wire.
func wire(name string, ref *shape) string {
	if ref.LocationName != "" {
		return ref.LocationName
	}
	return name
}

// newer are members that EKS got after these models were frozen, in mid-2024; the
// snapshots of the second SDK have them.
var newer = []string{"disableSessionTags"}

var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4,5})`)

// pattern compiles a model's pattern as Go writes it, for the whole text. Go has
// no surrogates; patterns that use them are nil.
func (s *shape) pattern() *regexp.Regexp {
	if s.Pattern == "" {
		return nil
	}
	re, err := regexp.Compile("^(?:" + unicodeEscape.ReplaceAllString(s.Pattern, `\x{$1}`) + ")$")
	if err != nil {
		return nil
	}
	return re
}

// wrong lists what an answer has that its shape has not, and the other way round.
func (m *model) wrong(where string, ref *shape, got any) (out []string) {
	s := m.of(ref)
	add := func(format string, args ...any) { out = append(out, where+": "+fmt.Sprintf(format, args...)) }
	if got == nil {
		return nil // AWS writes null for what it has no value for
	}
	switch s.Type {
	case "structure":
		object, ok := got.(map[string]any)
		if !ok {
			add("%T for a structure", got)
			return out
		}
		known := map[string]*shape{}
		for name, member := range s.Members {
			known[wire(name, member)] = member
		}
		for _, name := range s.Required {
			if _, ok := object[wire(name, s.Members[name])]; !ok {
				add("lacks %s", name)
			}
		}
		for name, v := range object {
			if known[name] == nil {
				if !contains(newer, name) {
					add("has a member %s", name)
				}
				continue
			}
			out = append(out, m.wrong(where+"."+name, known[name], v)...)
		}
	case "list":
		list, ok := got.([]any)
		if !ok {
			add("%T for a list", got)
		}
		for _, v := range list {
			out = append(out, m.wrong(where+"[]", s.Member, v)...)
		}
	case "map":
		object, ok := got.(map[string]any)
		if !ok {
			add("%T for a map", got)
		}
		for _, v := range object {
			out = append(out, m.wrong(where+"{}", s.Value, v)...)
		}
	case "string":
		text, ok := got.(string)
		if !ok {
			add("%T for a string", got)
			return out
		}
		if len(s.Enum) > 0 && !contains(s.Enum, text) {
			add("%q is none of %v", text, s.Enum)
		}
		if s.Max != nil && len(text) > int(*s.Max) || s.Min != nil && len(text) < int(*s.Min) {
			add("%q has %d characters", text, len(text))
		}
		if p := s.pattern(); p != nil && !p.MatchString(text) {
			add("%q does not match %s", text, s.Pattern)
		}
	case "timestamp", "integer", "long", "double", "float":
		if _, ok := got.(float64); !ok {
			add("%T for a number", got)
		}
	case "boolean":
		if _, ok := got.(bool); !ok {
			add("%T for a boolean", got)
		}
	default:
		add("a shape of type %q", s.Type)
	}
	return out
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
