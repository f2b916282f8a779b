package awsauth

import (
	"fmt"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"
)

// fields are the keys that the authenticator knows in an item, besides `sso`
// in mapRoles (aws-iam-authenticator pkg/config, RoleMapping and UserMapping).
func (s Section) fields() (arn, username, groups string) {
	if s == MapUsers {
		return "userarn", "username", "groups"
	}
	return "rolearn", "username", "groups"
}

// is compares a key with a field's name as encoding/json does: any letter case.
func is(key *yamlv3.Node, field string) bool {
	return strings.EqualFold(resolved(key).Value, field)
}

// notes says what an item's author may not have meant. The item is already
// decoded; the node only gives lines and what was written.
func notes(item Item, n *yamlv3.Node) []Note {
	found := item.Notes
	for i := range found {
		found[i].Line = n.Line
	}
	note := func(at *yamlv3.Node, code, format string, args ...any) {
		found = append(found, Note{Code: code, Line: at.Line, Text: fmt.Sprintf(format, args...)})
	}
	if item.Section != MapAccounts && resolved(n).Kind != yamlv3.MappingNode {
		return found
	}
	if strings.TrimSpace(item.ARN) != item.ARN {
		note(n, NoteARNBlank, "blanks around %q: it never matches", item.ARN)
	}
	if item.Section == MapAccounts {
		return found
	}
	arn, username, groups := item.Section.fields()
	seen := map[string]*yamlv3.Node{}
	for key, value := range pairs(resolved(n)) {
		name := strings.ToLower(key.Value)
		switch {
		case is(key, arn):
			if !isText(value) && !isNull(value) {
				note(value, NoteARNNotText, "%s is not a text", arn)
			}
		case is(key, username):
			if item.Username == "" && !isText(value) && !isNull(value) {
				note(value, NoteUsernameNotText, "%s is not a text: put quotes around it; until then the user name is empty", username)
			}
		case is(key, groups):
			found = append(found, groupNotes(item, value)...)
		case item.Section == MapRoles && is(key, "sso"):
			note(key, NoteSSO, "sso works only where the authenticator's alpha gate SSORoleMatch is on")
		case key.ShortTag() == "!!merge":
			for k, v := range pairs(resolved(n)) {
				if k.Line <= key.Line && (is(k, arn) && v.Value != item.ARN || is(k, username) && v.Value != item.Username) && mergeBehind(resolved(n), k) == key {
					note(key, NoteMerge, "what the merge key brings takes precedence over the %s before it", strings.ToLower(k.Value))
				}
			}
		case is(key, "userid"):
		default:
			note(key, NoteUnknownKey, "the authenticator ignores the key %q", key.Value)
		}
		if first := seen[name]; first != nil && key.Value != "<<" {
			note(key, NoteDuplicateKey, "%q stands here and in line %d: only one of them counts", name, first.Line)
		}
		seen[name] = key
	}
	if item.Username == "" && !has(found, NoteUsernameNotText) {
		note(n, NoteUsernameMissing, "no %s: the user name is empty, not the ARN", username)
	}
	return found
}

// groupNotes looks at the value of groups.
func groupNotes(item Item, value *yamlv3.Node) (found []Note) {
	list := resolved(value)
	if list.Kind != yamlv3.SequenceNode {
		if len(item.Groups) == 0 && !isNull(value) {
			found = append(found, Note{NoteGroupsIgnored, value.Line, "groups is not a list and is ignored: the item has no groups"})
		}
		return found
	}
	if len(list.Content) != len(item.Groups) {
		return found // another key with the same meaning counts
	}
	for i, e := range list.Content {
		switch g := item.Groups[i]; {
		case g == "" && !isText(e):
			found = append(found, Note{NoteGroupNotText, e.Line, fmt.Sprintf("element %d of groups is not a text: put quotes around it; until then it is an empty group", i+1)})
		case strings.TrimSpace(g) != g:
			found = append(found, Note{NoteGroupBlank, e.Line, fmt.Sprintf("blanks or line breaks around the group %q are part of its name", g)})
		}
	}
	return found
}

// markShared notes the items that use an anchor, or define one that is used.
func (p place) markShared(items []Item) {
	for i, e := range p.elements {
		if uses := p.usesOf(e); len(uses) > 0 {
			items[i].Notes = append(items[i].Notes, Note{NoteShared, e.Line, fmt.Sprintf("defines what line %d uses by alias", uses[0].Line)})
		}
		walk(e, func(n *yamlv3.Node) {
			if n.Kind == yamlv3.AliasNode {
				items[i].Notes = append(items[i].Notes, Note{NoteShared, n.Line, fmt.Sprintf("uses the anchor %q of line %d", n.Value, n.Alias.Line)})
			}
		})
	}
}

// usesOf returns the aliases outside of an element, and outside of the excepted
// ones, that stand for a part of it.
func (p place) usesOf(e *yamlv3.Node, except ...*yamlv3.Node) (uses []*yamlv3.Node) {
	var targets []*yamlv3.Node
	walk(e, func(n *yamlv3.Node) {
		if len(p.aliases[n]) > 0 {
			targets = append(targets, n)
		}
	})
	if targets == nil {
		return nil
	}
	skip := map[*yamlv3.Node]bool{}
	for _, x := range append(except, e) {
		walk(x, func(n *yamlv3.Node) { skip[n] = true })
	}
	for _, target := range targets {
		for _, alias := range p.aliases[target] {
			if !skip[alias] {
				uses = append(uses, alias)
			}
		}
	}
	return uses
}

// pairs yields the keys and values of a mapping as written.
func pairs(n *yamlv3.Node) func(func(key, value *yamlv3.Node) bool) {
	return func(yield func(key, value *yamlv3.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

func isNull(n *yamlv3.Node) bool { return resolved(n).ShortTag() == "!!null" }

// isText says whether a value is a string by YAML 1.1, where yes and n are not.
func isText(n *yamlv3.Node) bool {
	n = resolved(n)
	if n.Kind != yamlv3.ScalarNode {
		return false
	}
	const explicit = yamlv3.SingleQuotedStyle | yamlv3.DoubleQuotedStyle | yamlv3.LiteralStyle | yamlv3.FoldedStyle
	if n.Style&explicit != 0 || n.Style&yamlv3.TaggedStyle != 0 {
		return n.ShortTag() == "!!str" || n.ShortTag() == "!!binary"
	}
	var v any
	if yamlv2.Unmarshal([]byte(n.Value), &v) != nil {
		return true
	}
	_, ok := v.(string)
	return ok
}

func has(notes []Note, code string) bool {
	for _, n := range notes {
		if n.Code == code {
			return true
		}
	}
	return false
}
