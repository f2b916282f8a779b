package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
	"github.com/eks-access/kubectl-eks-access/tui"
)

// changesFile is the basket of the screens as a file of changes. Files of roles that it
// names are looked for in the folder that the program was started in.
const changesFile = "changes.yaml"

const changesHead = `# What is staged in the screens of kubectl eks-access: all of it is one plan.
# Saved, this is the basket. It changes nothing in the cluster: p shows what it
# would do. Left as it is, or empty, it changes nothing in the basket, either.
`

const changesExample = `
# What can stand in the list; all fields: kubectl eks-access plan --help
# - grant: {principals: [role/dev], level: edit, namespaces: [carts, catalog]}
# - grant: {principals: role/ops, role: spy, roleFile: r.yaml, namespaces: ui}
# - revoke: {principals: role/old, policy: AmazonEKSAdminPolicy}
# - change: {principals: role/qa, addGroups: [testers], dropGroups: [eks-view]}
# - change: {principals: role/dev, policy: AmazonEKSViewPolicy, namespaces: ui}
# - change: {principals: role/nodes, type: EC2_LINUX}
# - change: {principals: role/qa, remake: true}
# - migrate: {principals: [role/admins], to: API_AND_CONFIG_MAP}
# - role: {file: role.yaml, namespaces: [test, ui]}
# - bind: {groups: testers, clusterRole: view, namespaces: test}
# - namespace: {names: test}
# - mode: {to: API}
`

// changesText is what a person edits.
func changesText(c access.Cluster, cs []tui.Change) string {
	out := changesHead + "apiVersion: " + access.APIVersion + "\nkind: " + changesKind + "\n"
	if c.Name != "" {
		out += "cluster: {name: " + quoted(c.Name) + "}\n"
	}
	out += "changes:\n"
	for _, one := range cs {
		name, fields := item(one)
		out += "- " + name + ":"
		if len(fields) == 0 {
			out += "\n" // every mapping in force
			continue
		}
		out += "\n"
		for _, f := range fields {
			out += "    " + f + "\n"
		}
	}
	return out + changesExample
}

// item is a change as an item of the list.
func item(c tui.Change) (name string, f fieldLines) {
	switch in := c.Intent.(type) {
	case access.Migrate:
		f = f.of("principals", in.Principals).word("to", string(in.To)).word("nodeType", in.NodeType).yes("subjects", in.Subjects)
		return "migrate", f
	case access.GrantAccess:
		f = f.of("principals", []access.Principal{in.Principal})
		if in.Level != access.None {
			f = f.word("level", in.Level.String())
		}
		f = f.word("policy", in.Policy).word("clusterRole", in.ClusterRole).word("role", in.Role).
			word("roleFile", rulesPath(c.Rules)).many("namespaces", in.Namespaces)
		if in.Via != access.ViaAuto {
			f = f.word("via", string(in.Via))
		}
		return "grant", f.word("username", in.Username).many("groups", in.Groups).yes("createNamespaces", in.CreateNamespaces)
	case access.RevokeAccess:
		f = f.of("principals", []access.Principal{in.Principal}).word("policy", in.Policy).word("clusterRole", in.ClusterRole).word("role", in.Role)
		return "revoke", f.many("namespaces", in.Namespaces).yes("subjects", in.Subjects)
	case access.ChangeIdentity:
		f = f.of("principals", []access.Principal{in.Principal}).word("username", in.Username)
		return "change", f.many("addGroups", in.Add).many("dropGroups", in.Drop)
	case access.ChangeScope:
		f = f.of("principals", []access.Principal{in.Principal}).word("policy", in.Policy)
		return "change", f.many("namespaces", in.Namespaces).yes("everywhere", len(in.Namespaces) == 0)
	case access.ChangeType:
		return "change", f.of("principals", []access.Principal{in.Principal}).word("type", in.Type)
	case access.Remake:
		return "change", f.of("principals", []access.Principal{in.Principal}).yes("remake", true)
	case access.SwitchMode:
		return "mode", f.word("to", string(in.To))
	case access.MakeRole:
		return "role", f.word("file", rulesPath(c.Rules)).many("namespaces", in.Namespaces).yes("createNamespaces", in.CreateNamespaces)
	case access.BindRole:
		f = f.many("groups", in.Groups).many("users", in.Users).word("clusterRole", in.ClusterRole).word("role", in.Role).word("roleFile", rulesPath(c.Rules))
		return "bind", f.many("namespaces", in.Namespaces).yes("createNamespaces", in.CreateNamespaces)
	case access.MakeNamespaces:
		return "namespace", f.many("names", in.Names)
	}
	panic(fmt.Sprintf("intent %T", c.Intent))
}

// fieldLines are the fields of an item. What is empty is left out.
type fieldLines []string

func (f fieldLines) word(name, value string) fieldLines {
	if value == "" {
		return f
	}
	return append(f, name+": "+quoted(value))
}

func (f fieldLines) yes(name string, value bool) fieldLines {
	if !value {
		return f
	}
	return append(f, name+": true")
}

func (f fieldLines) many(name string, values []string) fieldLines {
	if len(values) == 0 {
		return f
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quoted(v)
	}
	return append(f, name+": ["+strings.Join(out, ", ")+"]")
}

func (f fieldLines) of(name string, ps []access.Principal) fieldLines {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = p.ARN
	}
	if len(words) == 1 {
		return f.word(name, words[0])
	}
	return f.many(name, words)
}

// rulesPath is the path of a role file as it was typed; ~ is the home folder there.
func rulesPath(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@+*-]+$`)

// quoted is a text as YAML: as it is where that reads as the same text, else in quotes,
// with what would act on a terminal escaped.
func quoted(s string) string {
	var back any
	if plainWord.MatchString(s) && yaml.Unmarshal([]byte(s), &back) == nil && back == s {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch safe := report.Safe(string(r)) == string(r); {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case safe && r != utf8.RuneError:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String() + `"`
}

// changesOf reads the file back. Where nothing but remarks is left there are none; a list
// that is empty may be one whose items were meant to count.
func changesOf(ix *access.Index, text string) (cs []tui.Change, ignored int, err error) {
	cs, err = changesIn(ix, text)
	return cs, behindHash(text), err
}

// behindHash counts the lines that are a change but for the # before them, without those of
// the example: an editor that goes on with a comment in the next line makes them.
func behindHash(text string) int {
	n := 0
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "# - ") && !strings.Contains(changesExample, "\n"+l+"\n") {
			n++
		}
	}
	return n
}

// changesIn are the changes of the list.
func changesIn(ix *access.Index, text string) ([]tui.Change, error) {
	var doc yaml.Node
	var head struct {
		Changes yaml.Node `yaml:"changes"`
	}
	if yaml.Unmarshal([]byte(text), &doc) == nil && doc.IsZero() {
		return nil, nil
	}
	if list := &head.Changes; doc.Decode(&head) == nil && (list.Tag == "!!null" || list.Kind == yaml.SequenceNode && len(list.Content) == 0) {
		return nil, usage("%s: line %d: there are no changes, and a line that begins with # does not count\nE in the basket empties it", changesFile, list.Line)
	}
	w, err := parseWishes(changesFile, []byte(text))
	if err != nil {
		return nil, err
	}
	if err := w.here(ix.Snapshot()); err != nil {
		return nil, err
	}
	var out []tui.Change
	for _, one := range w.list {
		ins, _, err := w.intents(ix, one)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", w.file, one.line, err)
		}
		for _, in := range ins {
			out = append(out, tui.Change{Intent: in, Rules: one.rules()})
		}
	}
	return out, nil
}

// rules is the role file that a wish names.
func (w wish) rules() string {
	switch {
	case w.Grant != nil:
		return w.Grant.RoleFile
	case w.Role != nil:
		return w.Role.File
	case w.Bind != nil:
		return w.Bind.RoleFile
	}
	return ""
}
