package sim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestDemosParse(t *testing.T) {
	if got, want := sim.Demos(), []string{"s1", "s3", "s4", "s5"}; !slices.Equal(got, want) {
		t.Fatalf("demos %v, want %v", got, want)
	}
	for _, name := range sim.Demos() {
		w, err := sim.Demo(name)
		if err != nil {
			t.Error(err)
			continue
		}
		key, arn := sim.New(w, sim.Options{}).Caller()
		if key == "" || arn == "" {
			t.Errorf("%s: caller %q %q", name, key, arn)
		}
	}
	if _, err := sim.Demo("s9"); err == nil || !strings.Contains(err.Error(), "s1, s3, s4, s5") {
		t.Errorf("unknown demo: %v", err)
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	const good = "callers:\n- {key: AKIA0000000000000001, arn: 'arn:aws:iam::111122223333:user/a'}\n"
	for name, tc := range map[string]struct{ text, want string }{
		"unknown field":   {good + "clusters:\n- name: c\n  regoin: x\n", "line 5: field regoin"},
		"two documents":   {good + "---\nabout: again\n", "more than one YAML document"},
		"no caller":       {"about: x\n", "at least one"},
		"short key":       {"callers:\n- {key: A, arn: 'arn:aws:iam::111122223333:user/a'}\n", `key "A"`},
		"mode":            {good + "clusters:\n- {name: c, region: r, account: '111122223333', mode: BOTH}\n", `mode "BOTH"`},
		"entry no ARN":    {good + "clusters:\n- {name: c, region: r, account: '111122223333', entries: [{principal: x}]}\n", `"x" is not an ARN`},
		"unknown kind":    {good + "clusters:\n- {name: c, region: r, account: '111122223333', objects: [{kind: Widget, apiVersion: v1, metadata: {name: n}}]}\n", `"Widget"`},
		"account unquote": {good + "accounts: {12: {}}\n", "12 digits"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sim.Parse([]byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want something with %q", err, tc.want)
			}
		})
	}
}

func TestSeedLeavesOutWhatServersMake(t *testing.T) {
	b := demo(t, "s3", sim.Options{})
	var kinds []string
	for _, text := range b.Seed("eks-workshop") {
		var m struct {
			Kind     string
			Metadata struct{ Name, UID, ResourceVersion string }
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		if m.Metadata.UID+m.Metadata.ResourceVersion != "" {
			t.Errorf("%s %s is stamped", m.Kind, m.Metadata.Name)
		}
		if m.Metadata.Name == "cluster-admin" || m.Metadata.Name == "kube-system" {
			t.Errorf("%s %s is not ours", m.Kind, m.Metadata.Name)
		}
		kinds = append(kinds, m.Kind)
	}
	if len(kinds) < 20 || kinds[0] != "Namespace" || !slices.Contains(kinds, "ConfigMap") {
		t.Errorf("seed %v", kinds)
	}
	if again := b.Seed("nowhere"); again != nil {
		t.Errorf("seed of an unknown cluster: %d objects", len(again))
	}
}
