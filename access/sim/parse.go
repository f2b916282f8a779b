package sim

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed worlds/*.yaml
var worlds embed.FS

// Demos lists the names that Demo knows.
func Demos() []string {
	files, err := worlds.ReadDir("worlds")
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Demo returns an embedded world.
func Demo(name string) (World, error) {
	if !slices.Contains(Demos(), name) {
		return World{}, fmt.Errorf("no world %q; there are %s", name, strings.Join(Demos(), ", "))
	}
	text, err := worlds.ReadFile(path.Join("worlds", name+".yaml"))
	if err != nil {
		return World{}, fmt.Errorf("read world %s: %w", name, err)
	}
	w, err := Parse(text)
	if err != nil {
		return World{}, fmt.Errorf("world %s: %w", name, err)
	}
	return w, nil
}

// Parse reads the written form of a world. A field that no world has is an
// error that names its line.
func Parse(text []byte) (World, error) {
	var w World
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&w); err != nil {
		return World{}, fmt.Errorf("parse world: %w", err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return World{}, errors.New("parse world: more than one YAML document")
	}
	if err := w.check(); err != nil {
		return World{}, fmt.Errorf("parse world: %w", err)
	}
	return w, nil
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	accessKey = regexp.MustCompile(`^\w{16,128}$`)
)

func (w World) check() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for id, a := range w.Accounts {
		if !accountID.MatchString(id) {
			add("accounts: %q is not an account number of 12 digits", id)
		}
		for _, r := range a.Roles {
			if r.Name == "" {
				add("account %s: a role without a name", id)
			}
		}
		for _, u := range a.Users {
			if u.Name == "" {
				add("account %s: a user without a name", id)
			}
		}
	}
	if len(w.Callers) == 0 {
		add("callers: there must be at least one")
	}
	for _, c := range w.Callers {
		if !accessKey.MatchString(c.Key) {
			add("callers: key %q is not 16 to 128 word characters", c.Key)
		}
		if _, err := parseARN(c.ARN); err != nil {
			add("callers: %w", err)
		}
	}
	for _, c := range w.Clusters {
		for _, err := range c.check() {
			add("cluster %q: %w", c.Name, err)
		}
	}
	return errors.Join(wrong...)
}

func (c Cluster) check() []error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if c.Name == "" || c.Region == "" || !accountID.MatchString(c.Account) {
		add("needs a name, a region and an account of 12 digits")
	}
	if c.Mode != "" && !slices.Contains(modes, c.Mode) {
		add("mode %q is none of %s", c.Mode, strings.Join(modes, ", "))
	}
	seen := map[string]bool{}
	for _, e := range c.Entries {
		if _, err := parseARN(e.Principal); err != nil {
			add("entries: %w", err)
		}
		if seen[e.Principal] {
			add("entries: %s occurs twice", e.Principal)
		}
		seen[e.Principal] = true
		if e.Type != "" && !slices.Contains(entryTypes, e.Type) {
			add("entry %s: type %q is unknown", e.Principal, e.Type)
		}
	}
	for i, o := range c.Objects {
		m := manifest(o)
		if _, known := resourceOfKind(m.apiVersion(), m.kind()); !known || m.name() == "" {
			add("object %d: %q %q named %q: need a known kind and a name", i+1, m.apiVersion(), m.kind(), m.name())
		}
	}
	return wrong
}
