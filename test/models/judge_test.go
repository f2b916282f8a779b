package models

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var services = map[string]string{"eks": "eks/2017-11-01", "iam": "iam/2010-05-08", "sts": "sts/2011-06-15"}

// common may come from every operation, whatever its model lists.
var common = []string{"AccessDeniedException", "InvalidParameterException", "SerializationException", "UnknownOperationException",
	"ValidationError", "AccessDenied"}

// TestAnswersFitTheModels sends an input that works to every operation.
func TestAnswersFitTheModels(t *testing.T) {
	each(t, func(t *testing.T, m *model, service, name string) {
		got := ask(t, m, service, name, valid[name])
		if got.status != http.StatusOK {
			t.Fatalf("status %d %s %v", got.status, got.code, got.tree)
		}
		out := m.Operations[name].Output
		if out == nil || got.tree == nil {
			return
		}
		tree := got.tree
		if service != "eks" {
			tree = tree.(map[string]any)[out.Wrapper]
			typed(m, out, tree)
		}
		for _, s := range m.wrong(name, out, tree) {
			t.Error(s)
		}
	})
}

// typed turns the texts of XML into what the model says they are.
func typed(m *model, ref *shape, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		return
	}
	for name, member := range m.of(ref).Members {
		text, isText := object[name].(string)
		switch kind := m.of(member).Type; {
		case isText && kind == "boolean":
			object[name] = text == "true"
		case isText && kind == "integer":
			if n, err := strconv.Atoi(text); err == nil {
				object[name] = float64(n)
			}
		case isText && kind == "timestamp":
			if at, err := time.Parse(time.RFC3339, text); err == nil {
				object[name] = float64(at.Unix())
			}
		case kind == "structure":
			typed(m, member, object[name])
		case kind == "list":
			list, _ := object[name].([]any)
			for _, v := range list {
				typed(m, m.of(member).Member, v)
			}
		}
	}
}

// TestViolationsAreRefused breaks every constraint of every input in turn.
func TestViolationsAreRefused(t *testing.T) {
	tried := 0
	each(t, func(t *testing.T, m *model, service, name string) {
		if m.Operations[name].Input == nil {
			return
		}
		for why, in := range violations(m, m.of(m.Operations[name].Input), valid[name]) {
			tried++
			got := ask(t, m, service, name, in)
			if got.status < 400 || got.status >= 500 {
				t.Errorf("%s: status %d", why, got.status)
				continue
			}
			modelled := slices.ContainsFunc(m.Operations[name].Errors, func(e *shape) bool {
				s := m.of(e)
				return (e.Name == got.code || s.Error.Code == got.code) && s.Error.Status == got.status
			})
			if !modelled && !slices.Contains(common, got.code) {
				t.Errorf("%s: %d %s is not modelled", why, got.status, got.code)
			}
		}
	})
	if tried < 50 {
		t.Errorf("%d violations tried", tried)
	}
}

// violations are the valid input with one thing wrong, by what it is.
func violations(m *model, s *shape, in map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	change := func(why, name string, v any) {
		c := maps.Clone(in)
		c[name] = v
		out[why] = c
	}
	for member, ref := range s.Members {
		name, def := wire(member, ref), m.of(ref)
		v, given := in[name]
		if slices.Contains(s.Required, member) && ref.Location != "uri" {
			c := maps.Clone(in)
			delete(c, name)
			out["without "+name] = c
		}
		if !given {
			continue
		}
		switch def.Type {
		case "integer":
			if def.Min != nil {
				change(name+" too small", name, int(*def.Min)-1)
			}
			if def.Max != nil {
				change(name+" too large", name, int(*def.Max)+1)
			}
			change(name+" no number", name, "many")
		case "string":
			if len(def.Enum) > 0 {
				change(name+" none of the enum", name, "bogus")
			}
			if def.Max != nil {
				change(name+" too long", name, strings.Repeat("a", int(*def.Max)+1))
			}
			if def.Min != nil && *def.Min > 0 {
				change(name+" too short", name, strings.Repeat("a", int(*def.Min)-1))
			}
			if p := def.pattern(); p != nil && !p.MatchString("no match: \x01\u20ac") {
				change(name+" out of its pattern", name, "no match: \x01\u20ac")
			}
			if ref.Location == "" {
				change(name+" of another kind", name, map[string]any{"a": 1})
			}
		case "map":
			change(name+" too many", name, many(int(*def.Max)+1))
			if k := m.of(def.Key); k.Max != nil {
				change(name+" with a long key", name, map[string]any{strings.Repeat("k", int(*k.Max)+1): "v"})
			}
			if e := m.of(def.Value); e.Max != nil {
				change(name+" with a long value", name, map[string]any{"k": strings.Repeat("v", int(*e.Max)+1)})
			}
		case "list":
			change(name+" no list", name, "text")
		case "structure":
			inner, _ := v.(map[string]any)
			for why, c := range violations(m, def, inner) {
				change(name+": "+why, name, c)
			}
		}
	}
	return out
}

func many(n int) map[string]any {
	out := map[string]any{}
	for i := range n {
		out[strconv.Itoa(i)] = "v"
	}
	return out
}

// each runs a test for every operation that the bench and the models have.
func each(t *testing.T, do func(t *testing.T, m *model, service, name string)) {
	ran := 0
	for service, path := range services {
		m := load(t, path)
		for name := range valid {
			if _, ok := m.Operations[name]; ok {
				ran++
				t.Run(name, func(t *testing.T) { do(t, m, service, name) })
			}
		}
	}
	if ran != len(valid) {
		t.Errorf("%d operations of %d are modelled", ran, len(valid))
	}
}
