package report

import "strings"

// shown is how many pieces of evidence a table has for one finding; the JSON has all.
const shown = 5

// FindingTable is the findings as people read them: sign, code and sentence, below it
// the evidence and what to do. Wide has one line for each, with everything in columns.
func FindingTable(rows []FindingRow, wide bool) []Line {
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
		out = append(out, say(r.Kind, pad(r.Sign, 3), pad(string(r.Code), code), gutter, r.Text))
		for _, e := range few(r.Evidence) {
			out = append(out, say(Plain, lead, "· ", e))
		}
		if r.Fix != "" {
			out = append(out, say(Note, lead, "fix: ", r.Fix))
		}
	}
	return out
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
