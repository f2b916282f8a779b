package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/eks-access/kubectl-eks-access/access"
)

// wishes is a file of kind Changes: what a team wants, kept and reviewed in git. Each
// wish is one of grant, revoke, change, migrate and mode, with the fields that the
// command of that name has as flags, or a role, a binding or namespaces.
type wishes struct {
	file    string
	cluster struct {
		Name string `yaml:"name"`
		ARN  string `yaml:"arn"`
	}
	list []wish
}

// many is a list of names, or one name. A list that is there holds something: what is
// left out means everywhere or everybody, and an empty one is seldom meant so.
type many []string

func (m *many) UnmarshalYAML(n *yaml.Node) error {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	for _, item := range list {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		if item.Kind != yaml.ScalarNode || item.Value == "" || item.Tag == "!!null" {
			return fmt.Errorf("line %d: want a name or a list of names, have an empty or nested one", item.Line)
		}
		*m = append(*m, item.Value) // as it is written: 012345678901 is no number here
	}
	if len(*m) == 0 {
		return fmt.Errorf("line %d: the list is empty: name something, or leave the field out", n.Line)
	}
	return nil
}

const changesKind = "Changes"

// isWishes reports whether a file calls itself one of changes. A plan is JSON of some
// megabytes at times: it is not read as YAML.
func isWishes(body []byte) bool {
	var head struct{ Kind string }
	if json.Unmarshal(body, &head) == nil {
		return head.Kind == changesKind
	}
	return yaml.Unmarshal(body, &head) == nil && head.Kind == changesKind || changesLine.Match(body)
}

// changesLine finds the kind in a text that is no YAML: its mistakes are then told as
// those of a file of changes.
var changesLine = regexp.MustCompile(`(?m)^kind:\s*["']?Changes["']?\s*(#.*)?$`)

// parseWishes reads a file of changes strictly: a field that nobody knows is an error
// with its line, since a wish that is silently left out is worse than none.
func parseWishes(file string, body []byte) (wishes, error) {
	w := wishes{file: file}
	d := yaml.NewDecoder(bytes.NewReader(body))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return w, usage("%s is empty: want a document of kind %s\n%s", file, changesKind, wishesHint)
		}
		return w, usage("%s: %s", file, plainYAML(err))
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return w, usage("%s: want one document, and there is another one at line %d", file, more.Line)
	}
	var head struct {
		APIVersion string    `yaml:"apiVersion"`
		Kind       string    `yaml:"kind"`
		Cluster    yaml.Node `yaml:"cluster"`
		Changes    yaml.Node `yaml:"changes"`
	}
	if err := strict(doc.Content[0], "the document", &head); err != nil {
		return w, usage("%s: %s", file, plainYAML(err))
	}
	if head.Kind != changesKind || head.APIVersion != access.APIVersion {
		return w, usage("%s: want apiVersion %s and kind %s, have %q and %q\n%s", file, access.APIVersion, changesKind, head.APIVersion, head.Kind, wishesHint)
	}
	if !head.Cluster.IsZero() {
		if err := strict(&head.Cluster, "cluster", &w.cluster); err != nil {
			return w, usage("%s: %s", file, plainYAML(err))
		}
	}
	if head.Changes.Kind != yaml.SequenceNode || len(head.Changes.Content) == 0 {
		return w, usage("%s: line %d: changes is a list of %s, and here it is empty or none\n%s", file, cmp.Or(head.Changes.Line, doc.Content[0].Line), wishKinds, wishesHint)
	}
	for _, n := range head.Changes.Content {
		one := wish{line: n.Line}
		if err := one.read(n); err != nil {
			return w, usage("%s: %s", file, plainYAML(err))
		}
		w.list = append(w.list, one)
	}
	return w, nil
}

const wishKinds = "grant, revoke, change, migrate, mode, role, bind and namespace"

const wishesHint = "for an example: kubectl eks-access plan --help"

// read takes one item of the list.
func (w *wish) read(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return fmt.Errorf("line %d: want one of %s for each item", n.Line, wishKinds)
	}
	if err := known(n, "changes", w); err != nil {
		return err
	}
	var into any
	name := n.Content[0].Value
	switch name {
	case "grant":
		w.Grant = &grantWish{}
		into = w.Grant
	case "revoke":
		w.Revoke = &revokeWish{}
		into = w.Revoke
	case "change":
		w.Change = &changeWish{}
		into = w.Change
	case "migrate":
		w.Migrate = &migrateWish{}
		into = w.Migrate
		if n.Content[1].Tag == "!!null" {
			return nil // every mapping in force
		}
	case "role":
		w.Role = &roleWish{}
		into = w.Role
	case "bind":
		w.Bind = &bindWish{}
		into = w.Bind
	case "namespace":
		w.Namespace = &namespaceWish{}
		into = w.Namespace
	default:
		w.Mode = &modeWish{}
		into = w.Mode
	}
	if err := strict(n.Content[1], name, into); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return fmt.Errorf("line %d: %s: %w", n.Line, name, err)
	}
	return nil
}

// beside is a path as a file names it: from the file's own folder.
func beside(file, path string) string {
	if filepath.IsAbs(path) || file == "-" {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
