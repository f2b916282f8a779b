package awsauth

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"
)

// place is where the elements of a list stand in its text.
type place struct {
	text     string
	root     *yamlv3.Node                    // nil if the text has no content or could not be read
	elements []*yamlv3.Node                  // of the list, in order
	lines    []int                           // the byte at which each line starts
	aliases  map[*yamlv3.Node][]*yamlv3.Node // anchored node to its aliases
	more     int                             // line of a second document's marker, 0 without one
}

// locate reads the text as nodes. It is a witness for places only: what the
// text means is decided by decode.
func locate(text string) (p place) {
	p.text = text
	defer func() {
		if recover() != nil { // a parser that stumbles knows no places
			p = place{text: text}
		}
	}()
	if !utf8.ValidString(text) {
		return p
	}
	lines := lineStarts(text)
	doc, ok := firstDocument(text, lines)
	if !ok {
		return p
	}
	p.lines = lines
	if len(doc.Content) == 1 {
		p.root = doc.Content[0]
		if p.root.Kind == yamlv3.SequenceNode {
			p.elements = p.root.Content
		}
		p.aliases = map[*yamlv3.Node][]*yamlv3.Node{}
		walk(p.root, func(n *yamlv3.Node) {
			if n.Kind == yamlv3.AliasNode {
				p.aliases[n.Alias] = append(p.aliases[n.Alias], n)
			}
		})
		p.more = p.secondDocument()
	}
	return p
}

// firstDocument reads the nodes of the first document. What comes behind it may
// be broken: the authenticator does not look there.
func firstDocument(text string, lines []int) (doc yamlv3.Node, ok bool) {
	if yamlv3.Unmarshal([]byte(text), &doc) == nil {
		return doc, true
	}
	tries := 8 // enough for people; a hostile text must not cost more
	for _, at := range lines[1:] {
		if tries == 0 {
			break
		}
		if marker(text[at:]) != "" || strings.HasPrefix(text[at:], "%") {
			doc, tries = yamlv3.Node{}, tries-1
			if yamlv3.Unmarshal([]byte(text[:at]), &doc) == nil && len(doc.Content) == 1 {
				return doc, true
			}
		}
	}
	return doc, false
}

// secondDocument returns the line of a "---" behind the first document's content.
func (p place) secondDocument() int {
	from := p.root.Line
	if p.root.Kind == yamlv3.ScalarNode && p.root.Value == "" && p.root.Column == 1 {
		from-- // an empty document has the place of the marker that ends it
	}
	for i := from; i < len(p.lines); i++ {
		if marker(p.text[p.lines[i]:]) == "---" {
			return i + 1
		}
	}
	return 0
}

// marker returns "---" or "..." if the line starts with that document marker.
func marker(line string) string {
	if len(line) < 3 || line[:3] != "---" && line[:3] != "..." {
		return ""
	}
	if len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])) {
		return line[:3]
	}
	return ""
}

// lineStarts splits as YAML does: besides LF, CR LF and CR, the signs NEL, LS
// and PS end a line (YAML 1.1, 5.4).
func lineStarts(text string) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		n := lineBreak(text[i:])
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		i += n
		starts = append(starts, i)
	}
	return starts
}

// lineBreak returns the length of the line break that s starts with, or 0.
func lineBreak(s string) int {
	for _, b := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if strings.HasPrefix(s, b) {
			return len(b)
		}
	}
	return 0
}

// offset turns a node's line and column, which count characters, into a byte.
func (p place) offset(n *yamlv3.Node) (int, error) {
	if n.Line < 1 || n.Line > len(p.lines) {
		return 0, fmt.Errorf("line %d is not in the text", n.Line)
	}
	at := p.lines[n.Line-1]
	if at == 0 {
		at = len(p.text) - len(strings.TrimPrefix(p.text, "\ufeff"))
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(p.text[at:])
		at += size
	}
	return at, nil
}

// lineStart and lineEnd return the bytes at which the line of a byte starts and
// at which it ends, before its line break.
func (p place) lineStart(at int) int {
	i, found := slices.BinarySearch(p.lines, at)
	if !found {
		i--
	}
	if i <= 0 { // a byte order mark is no part of the first line
		return len(p.text) - len(strings.TrimPrefix(p.text, "\ufeff"))
	}
	return p.lines[i]
}

func (p place) lineEnd(at int) int {
	for at < len(p.text) && lineBreak(p.text[at:]) == 0 {
		at++
	}
	return at
}

// nextLine returns the byte behind the line break of the line of a byte.
func (p place) nextLine(at int) int {
	at = p.lineEnd(at)
	return at + lineBreak(p.text[at:])
}

// resolved follows an alias to what it stands for.
func resolved(n *yamlv3.Node) *yamlv3.Node {
	for n.Kind == yamlv3.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// walk visits a node and everything written inside it, not behind aliases.
func walk(n *yamlv3.Node, visit func(*yamlv3.Node)) {
	visit(n)
	for _, c := range n.Content {
		walk(c, visit)
	}
}

// strangeKey finds a key that is a list or a mapping, which JSON cannot hold.
func (p place) strangeKey() (found *yamlv3.Node) {
	if p.root == nil {
		return nil
	}
	walk(p.root, func(n *yamlv3.Node) {
		for i := 0; n.Kind == yamlv3.MappingNode && i < len(n.Content); i += 2 {
			if found == nil && resolved(n.Content[i]).Kind != yamlv3.ScalarNode {
				found = n.Content[i]
			}
		}
	})
	return found
}
