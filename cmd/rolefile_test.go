package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadRole(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for name, text := range map[string]string{
		"role.yaml": "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}",
		"no.yaml":   "{apiVersion: v1, kind: Pod}",
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"~/role.yaml":                         "",
		filepath.Join(home, "role.yaml"):      "",
		"~/other.yaml":                        "there is no role file " + home + "/other.yaml",
		"~role.yaml":                          "there is no role file ~role.yaml",
		"~":                                   home + " is no file",
		os.DevNull:                            os.DevNull + " is no file",
		filepath.Join(home, "no.yaml"):        "want kind Role",
		filepath.Join(home, "role.yaml", "x"): "read role file",
	} {
		r, err := readRole(path)
		switch {
		case want == "" && (err != nil || r.Name != "r" || len(r.Rules) != 1):
			t.Errorf("%s: %+v, %v", path, r, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
