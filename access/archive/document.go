package archive

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// File is one file of a folder.
type File struct {
	Name string
	Text []byte
}

// document is one JSON or YAML document of a file.
type document struct {
	file string
	line int // where it begins
	text json.RawMessage
}

// at puts the place before an error.
func (d document) at(err error) error { return fmt.Errorf("%s:%d: %w", d.file, d.line, err) }

// errForeign is a text that nobody says is JSON or YAML, and that is neither.
var errForeign = errors.New("neither JSON nor YAML")

// split reads a file's documents. The error names file and line.
func split(f File) ([]document, error) {
	text, err := plainText(f.Text)
	if err != nil {
		if !saysSo(f.Name) {
			return nil, errForeign
		}
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	var out []document
	body := bytes.TrimLeft(text, " \t\r\n")
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		if out, err = splitJSON(f.Name, text); err != nil && saysSo(f.Name) && path.Ext(f.Name) != ".json" {
			out, err = splitYAML(f.Name, text) // YAML has braces too
		}
	} else {
		out, err = splitYAML(f.Name, text)
	}
	if err != nil && !claims(f.Name, body) {
		return nil, errForeign
	}
	return out, err
}

// saysSo reports whether a file's name promises JSON or YAML.
func saysSo(name string) bool {
	return slices.Contains([]string{".json", ".yaml", ".yml"}, strings.ToLower(path.Ext(name)))
}

// claims reports whether a text that can't be read should be readable: its name says
// so, or its beginning.
func claims(name string, body []byte) bool {
	return saysSo(name) || len(body) > 0 && (body[0] == '{' || body[0] == '[') ||
		slices.ContainsFunc([]string{"apiVersion:", "kind:", "items:", "---\n"}, func(s string) bool { return bytes.HasPrefix(body, []byte(s)) })
}

// splitJSON reads one document after another; a list holds documents too.
func splitJSON(file string, text []byte) ([]document, error) {
	var out []document
	d := json.NewDecoder(bytes.NewReader(text))
	next := func() (document, error) {
		at := d.InputOffset()
		for at < int64(len(text)) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
			at++
		}
		one := document{file: file, line: lineAt(text, at)}
		if err := d.Decode(&present{}); err != nil {
			return one, fmt.Errorf("%s: %w", file, misread(text, err))
		}
		one.text = text[at:d.InputOffset()]
		return one, nil
	}
	for {
		one, err := next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if one.text[0] != '[' {
			out = append(out, one)
			continue
		}
		var many []json.RawMessage
		if err := json.Unmarshal(one.text, &many); err != nil {
			return nil, one.at(err)
		}
		for _, m := range many {
			out = append(out, document{file, one.line, m})
		}
	}
}

// The reader of YAML counts lines from where a document begins.
var (
	yamlLine = regexp.MustCompile(`line (\d+)`)
	yamlHead = regexp.MustCompile(`^(error converting YAML to JSON: )?yaml: (line \d+: )?`)
)

// splitYAML reads the documents between lines of three dashes, as kubectl does. A key
// that is there twice is an error: one of the two would silently count.
func splitYAML(file string, text []byte) ([]document, error) {
	var out []document
	lines := bytes.SplitAfter(text, []byte("\n"))
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && !dashes(lines[to]) {
			to++
		}
		one, err := yaml.YAMLToJSONStrict(bytes.Join(lines[from:to], nil))
		if err != nil {
			line := from + 1
			if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
				n, _ := strconv.Atoi(m[1])
				line = from + max(n, 1)
			}
			return nil, fmt.Errorf("%s:%d: %s", file, line, yamlHead.ReplaceAllString(err.Error(), ""))
		}
		if string(one) != "null" {
			out = append(out, document{file, from + 1, one})
		}
		from = to
	}
	return out, nil
}

func dashes(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

// plainText takes a byte order mark away. Windows PowerShell writes what a command
// prints as UTF-16.
func plainText(text []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(text, []byte("\xef\xbb\xbf")); ok {
		text = rest
	}
	for mark, order := range map[string]binary.ByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		if rest, ok := bytes.CutPrefix(text, []byte(mark)); ok && len(rest)%2 == 0 {
			units := make([]uint16, len(rest)/2)
			for i := range units {
				units[i] = order.Uint16(rest[2*i:])
			}
			return []byte(string(utf16.Decode(units))), nil
		}
	}
	if !utf8.Valid(text) {
		return nil, errors.New("it is no text")
	}
	return text, nil
}
