package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Safe makes foreign text fit for one line of a terminal. What could act (C0 and
// C1 controls, escape, delete), turn the writing around (bidi overrides and
// isolates), hide (zero-width and other ignorable characters), break the line or
// pass for a blank becomes visible: ␛, \u202e, \xff. All else stays. Safe text
// stays as it is.
//
// What acts is ECMA-48; what turns and hides is UAX #9 and #44
// (Default_Ignorable_Code_Point); see also Unicode TR 36.
func Safe(s string) string {
	if !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < 0x20:
			b.WriteRune('␀' + r) // the block "Control Pictures" follows the order of C0
		case r == 0x7f:
			b.WriteRune('␡')
		case unsafe(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case unsafe(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// unsafe reports whether a character must not reach a terminal. unicode.IsPrint
// takes ASCII space as the only blank, and no format, private or unassigned
// character; some letters and marks are made to be invisible all the same.
func unsafe(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r)
}

// block splits foreign text into its lines, tabs expanded to multiples of eight.
func block(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = Safe(expand(l))
	}
	return lines
}

func expand(line string) string {
	if !strings.Contains(line, "\t") {
		return line
	}
	var b strings.Builder
	column := 0
	for i, part := range strings.Split(line, "\t") {
		if i > 0 {
			gap := 8 - column%8
			b.WriteString(strings.Repeat(" ", gap))
			column += gap
		}
		b.WriteString(part)
		column += Width(Safe(part))
	}
	return b.String()
}

// word is a foreign name within a list or a sentence: quoted when it is empty or
// holds what would read as our own punctuation.
func word(s string) string {
	s = Safe(s)
	if s == "" || strings.ContainsAny(s, " ,\"[]") {
		return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
	}
	return s
}

func words(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = word(s)
	}
	return out
}

// list writes names in brackets, as given: "[a, b]".
func list(in []string) string { return "[" + strings.Join(words(in), ", ") + "]" }

// shell quotes foreign text so that a command we print can be pasted into a shell.
func shell(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("@%_+=:,./-", r))
	}
	s = Safe(s)
	if s != "" && !strings.ContainsRune("-=~", rune(s[0])) && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Escape makes JSON fit for a terminal without changing what it says: characters
// that Safe would replace become \u escapes. An encoder has escaped what is below
// blank (what is left there sets out the text); the rest stands within strings only.
func Escape(json []byte) []byte {
	if !slices.ContainsFunc(json, func(c byte) bool { return c >= 0x7f }) {
		return json // no more than ASCII, as nearly all of it is
	}
	var b strings.Builder
	for _, r := range string(json) {
		switch {
		case r < 0x20 || !unsafe(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			// RFC 8259, section 7: beyond the basic plane, a surrogate pair.
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return []byte(b.String())
}
