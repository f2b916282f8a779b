package awsauth

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	yamlv2 "go.yaml.in/yaml/v2"
)

// plain texts have no sign that YAML could take for its own.
var plain = regexp.MustCompile(`^[A-Za-z/]([A-Za-z0-9_./:@+=-]*[A-Za-z0-9_./@+=-])?$`)

// quoted writes a text for YAML in one line: as it is where that is safe and
// wanted, else in quotes. Double quotes hold every text; what YAML does not
// allow as a sign is escaped (YAML 1.1, 5.7), in a form that JSON reads too.
func quoted(s string, style byte) string {
	if style == 0 && plain.MatchString(s) {
		var v any
		if yamlv2.Unmarshal([]byte(s), &v) == nil && v == s && !strings.EqualFold(s, "y") && !strings.EqualFold(s, "n") { // not yes, null, 1e3, …
			return s
		}
	}
	if style == '\'' && s != "" && !strings.ContainsFunc(s, special) && strings.TrimSpace(s) == s {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case special(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// special says whether YAML forbids the sign or takes it for a line break.
// Beyond four hex digits YAML allows every sign.
func special(r rune) bool {
	switch {
	case r < ' ' || r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xd800 && r <= 0xdfff:
		return true
	}
	return r == 0xfffe || r == 0xffff || r == utf8.RuneError
}
