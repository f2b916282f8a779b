package cmd

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Written item by item it is the whole list's YAML; where names are hostile, the same data.
func TestYAMLListIsTheListMarshalled(t *testing.T) {
	eks := access.EKSRealm("arn:aws:eks:eu-west-1:123456789012:cluster/c")
	entry := func(role string) access.Object {
		return access.AccessEntry{In: eks, Principal: "arn:aws:iam::123456789012:role/" + role, Type: access.StandardType, Username: "items: []\nitems: []\n"}
	}
	for name, objects := range map[string][]access.Object{"empty": nil, "plain": {entry("a"), entry("b")}, "hostile": {entry("a"), entry("b\x1b[2J\n\"items\": []\n")}} {
		ix := access.NewIndex(access.Snapshot{Objects: access.Objects{}.With(objects...)})
		found := access.Inspect(ix)
		list := report.List(ix, found, report.ListOptions{})
		if len(list.Items) != len(objects) {
			t.Fatalf("%s: %d items", name, len(list.Items))
		}
		want, err := k8syaml.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := writeYAMLList(&got, ix, found, report.ListOptions{}); err != nil {
			t.Fatal(err)
		}
		if name != "hostile" && got.String() != string(want) {
			t.Errorf("%s: %s", name, cmp.Diff(string(want), got.String()))
		}
		if bytes.ContainsRune(got.Bytes(), '\x1b') {
			t.Errorf("%s: an escape sequence is printed", name)
		}
		back, err := k8syaml.YAMLToJSON(got.Bytes())
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, got.String())
		}
		var is, was any
		text, _ := json.Marshal(list)
		if err := json.Unmarshal(back, &is); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &was); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
