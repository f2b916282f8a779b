package report_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestYAMLKeepsTheOrderOfTheJSON(t *testing.T) {
	got, err := report.YAML(struct {
		Zone  string   `json:"zone"`
		Lines []string `json:"lines"`
		None  []string `json:"none"`
		Nil   any      `json:"nil"`
		Count int      `json:"count"`
		Yes   bool     `json:"yes"`
		Text  string   `json:"text"`
	}{"yes", []string{"a", "007", "1:30", "no"}, []string{}, nil, 3, true, "one\ntwo\n"})
	if err != nil {
		t.Fatal(err)
	}
	want := `zone: "yes"
lines:
- a
- "007"
- "1:30"
- "no"
none: []
nil: null
count: 3
"yes": true
text: |
  one
  two
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
}

// What is written reads back the same, by the reader of this YAML and by kubectl's.
func TestYAMLIsHarmlessAndExact(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		s := strings.ToValidUTF8(hostile(r), "")
		want := map[string]any{"a": s, s: []any{s, "x"}}
		text, err := report.YAML(want)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if what := acts(strings.ReplaceAll(string(text), "\n", "")); what != "" {
			t.Fatalf("%q: %q holds %s", s, text, what)
		}
		var got map[string]any
		if err := yamlv3.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q: %q: %v", s, text, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", text, d)
		}
		js, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatalf("%q: kubectl's reader: %v", text, err)
		}
		got = nil
		if err := json.Unmarshal(js, &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("kubectl's reader: %q: %s", text, d)
		}
	}
}
