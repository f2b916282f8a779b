package report

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// shown is how many pieces of evidence a table has for one finding; the JSON has all.
const shown = 5

// FindingTable is the findings as people read them: sign, code and sentence, below it
// the evidence and what to do. Wide has one line for each, with everything in columns.
// Width 0 cuts nothing.
func FindingTable(rows []FindingRow, wide bool, width int) []Line {
	if wide {
		return wideFindings(rows)
	}
	code := Width("CODE")
	for _, r := range rows {
		code = max(code, Width(Safe(string(r.Code))))
	}
	lead := strings.Repeat(" ", 3+code+len(gutter))
	out := []Line{say(Title, "   ", pad("CODE", code), gutter, "FINDING")}
	for _, r := range rows {
		for i, text := range wrapped(r.Text, width-len(lead)) {
			if i == 0 {
				out = append(out, say(r.Kind, pad(r.Sign, 3), pad(string(r.Code), code), gutter, text))
			} else {
				out = append(out, say(r.Kind, lead, text))
			}
		}
		for _, e := range few(r.Evidence) {
			out = append(out, hanging(Plain, lead, "· ", e, width)...)
		}
		if r.Fix != "" {
			out = append(out, hanging(Note, lead, "fix: ", r.Fix, width)...)
		}
	}
	return out
}

// hanging is a text of several lines whose mark stands before the first.
func hanging(k Kind, lead, mark, text string, width int) []Line {
	var out []Line
	for i, t := range wrapped(text, width-len(lead)-Width(mark)) {
		if i > 0 {
			mark = strings.Repeat(" ", Width(mark))
		}
		out = append(out, say(k, lead, mark, t))
	}
	return out
}

// wrapped breaks a text at blanks only, so that no flag of a command is torn; a word
// that is wider than the room is cut. Where there is no room at all, as in a pipe, the
// text stays one line, so that each line can be searched.
func wrapped(text string, width int) []string {
	if width < 20 {
		return []string{text}
	}
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && Width(line)+1+Width(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		parts := strings.Split(ansi.Hardwrap(word, width, false), "\n")
		out, line = append(out, parts[:len(parts)-1]...), parts[len(parts)-1]
	}
	return append(out, line)
}

func few(all []string) []string {
	if len(all) <= shown {
		return all
	}
	return append(append([]string{}, all[:shown]...), "and "+itoa(len(all)-shown)+" more")
}

func wideFindings(rows []FindingRow) []Line {
	table := []tableRow{{Title, []string{"SEVERITY", "CODE", "PRINCIPALS", "FINDING", "EVIDENCE", "FIX"}}}
	for _, r := range rows {
		who := make([]string, len(r.Who))
		for i, p := range r.Who {
			who[i] = word(p.String())
		}
		table = append(table, tableRow{r.Kind, []string{r.Severity.String(), string(r.Code), strings.Join(who, ","), r.Text, strings.Join(r.Evidence, "; "), r.Fix}})
	}
	return columns(table, 0, nil)
}
