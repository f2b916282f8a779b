package export

import (
	"fmt"
	"strings"
)

// quote makes one word of bash of any text: nothing in single quotes has a meaning.
// Hidden characters are written as escapes, so that a reviewer sees what bash does.
//
// Source: bash manual, "Single Quotes", "ANSI-C Quoting".
func quote(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	// No argument holds a NUL: bash would cut it off there, and it would name something else.
	s = strings.ReplaceAll(s, "\x00", "\ufffd")
	var b strings.Builder
	b.WriteString("$'")
	for i, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case hidden(r):
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, `\%03o`, c) // three digits: a digit behind is another character
			}
		default:
			b.WriteString(s[i : i+len(string(r))])
		}
	}
	return b.String() + "'"
}

// payload is a value as JSON and as one word of bash. Quotes and backticks are JSON's
// own escapes in it: it reads the same in a query of the AWS CLI, which takes JSON in
// backticks (JMESPath, "Literal expressions").
func payload(v any) string { return "'" + inert(v) + "'" }

func inert(v any) string {
	return strings.NewReplacer("'", `\u0027`, "`", `\u0060`).Replace(encodeJSON(v))
}

// heredoc is a text as the standard input of a command. The end's word is none of the
// text's lines, and in quotes it makes the shell read the text as it is.
func heredoc(body string) string {
	end := "EOF"
	for strings.Contains("\n"+body+"\n", "\n"+end+"\n") {
		end += "_"
	}
	return "<<'" + end + "'\n" + strings.TrimSuffix(body, "\n") + "\n" + end
}
