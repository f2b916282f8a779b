// Package krew tests what users install: the manifests, and with the real krew
// the archives.
package krew

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// top is the source tree, seen from this folder.
const top = "../.."

// release fills in the release template with no sums.
func release(t *testing.T, tag string) map[string]any {
	t.Helper()
	values := map[string]string{"TagName": tag}
	render := func(text string) string {
		var out strings.Builder
		parsed, err := template.New("").Funcs(template.FuncMap{"addURIAndSha": func(uri, tag string) string {
			return fmt.Sprintf("uri: %s\n    sha256: none", strings.ReplaceAll(uri, "{{ .TagName }}", tag))
		}}).Parse(text)
		if err == nil {
			err = parsed.Execute(&out, values)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	text, err := os.ReadFile(filepath.Join(top, ".krew.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, []byte(render(string(text))))
}

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := yaml.UnmarshalStrict(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func platforms(m map[string]any) []any { return m["spec"].(map[string]any)["platforms"].([]any) }

func TestPluginManifestFollowsTheTemplate(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(top, "plugin.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	manifest := parse(t, text)
	tag := manifest["spec"].(map[string]any)["version"].(string)
	template := release(t, tag)
	// Sums are the release's own; all else, addresses for this version included,
	// is the template's.
	for _, m := range []map[string]any{manifest, template} {
		for _, p := range platforms(m) {
			delete(p.(map[string]any), "sha256")
		}
	}
	if diff := cmp.Diff(template, manifest); diff != "" {
		t.Errorf("plugin.yaml is not .krew.yaml for %s (-template +manifest); see make plugin.yaml:\n%s", tag, diff)
	}
}

func TestEveryPlatformHasItsArchive(t *testing.T) {
	want := []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
	var got []string
	for _, p := range platforms(release(t, "v1.2.3")) {
		p := p.(map[string]any)
		labels := p["selector"].(map[string]any)["matchLabels"].(map[string]any)
		name := fmt.Sprintf("eks-access_v1.2.3_%s_%s", labels["os"], labels["arch"])
		if base := path.Base(p["uri"].(string)); base != name+".tar.gz" && base != name+".zip" {
			t.Errorf("%s/%s is fetched from %s", labels["os"], labels["arch"], base)
		}
		got = append(got, fmt.Sprintf("%s/%s", labels["os"], labels["arch"]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Krew's own validator reads the manifest as the plugin index does.
func TestKrewAcceptsThePluginManifest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(top, "plugin.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	bin, err := rig.Bin()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "eks-access.yaml") // must be called like the plugin
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(bin, "validate-krew-manifest"), "-manifest", file, "-skip-install").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
