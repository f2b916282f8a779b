package main

import (
	"fmt"
	"path"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"
)

// platform is the part of a Krew manifest's platform that packing needs.
type platform struct {
	Selector struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"selector"`
	URI string `json:"uri"`
	Bin string `json:"bin"`
}

func (p platform) os() string   { return p.Selector.MatchLabels["os"] }
func (p platform) arch() string { return p.Selector.MatchLabels["arch"] }

// fill fills in a release template as krew-release-bot does, with the sums of
// archives by their file names instead of a download of each.
func fill(release []byte, tag string, sums map[string]string) ([]byte, error) {
	values := struct{ TagName string }{tag}
	render := func(text string, funcs template.FuncMap) (string, error) {
		t, err := template.New("krew").Funcs(funcs).Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = t.Execute(&out, values)
		return out.String(), err
	}
	text, err := render(string(release), template.FuncMap{
		"addURIAndSha": func(uri, _ string) (string, error) {
			uri, err := render(uri, nil)
			// The bot indents by four, whatever stands around.
			return fmt.Sprintf("uri: %s\n    sha256: %s", uri, sums[path.Base(uri)]), err
		},
	})
	return []byte(text), err
}

// platformsOf lists what a release template asks for; only, if any, picks one.
func platformsOf(release []byte, tag, only string) ([]platform, error) {
	filled, err := fill(release, tag, nil)
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Spec struct {
			Platforms []platform `json:"platforms"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(filled, &manifest); err != nil {
		return nil, err
	}
	var picked []platform
	for _, p := range manifest.Spec.Platforms {
		if only == "" || only == p.os()+"/"+p.arch() {
			picked = append(picked, p)
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf(".krew.yaml names no platform %s", only)
	}
	return picked, nil
}

// keep leaves only these platforms in a manifest: Krew takes no empty sum for
// an archive that was not made.
func keep(manifest []byte, platforms []platform) ([]byte, error) {
	var m map[string]any
	if err := yaml.Unmarshal(manifest, &m); err != nil {
		return nil, err
	}
	spec := m["spec"].(map[string]any)
	var kept []any
	for _, p := range spec["platforms"].([]any) {
		for _, q := range platforms {
			if p.(map[string]any)["uri"] == q.URI {
				kept = append(kept, p)
			}
		}
	}
	spec["platforms"] = kept
	return yaml.Marshal(m)
}
