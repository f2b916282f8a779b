package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// CodesPage is docs/codes.md: every code that a finding can have, in the words that
// previews and lists have for it.
func CodesPage() string {
	var b strings.Builder
	b.WriteString(codesHead)
	for _, part := range codesParts {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", part.title, part.text)
		for _, c := range Codes() {
			if part.has(c) {
				writeCode(&b, c)
			}
		}
	}
	return b.String()
}

const codesHead = `# Codes

Everything that ` + "`kubectl eks-access`" + ` says of a plan or a cluster has a code. Scripts match on it, and a code is never renamed.
` + "`kubectl eks-access explain CODE`" + ` prints the entry of one.

This page is made from the words of the program: ` + "`make docs`" + `. What stands in capitals is filled in.
`

// codesParts are the sections of the page, what stops first. A code stands in the first
// that has it.
var codesParts = []struct {
	title, text string
	has         func(access.Code) bool
}{
	{"What stops a plan", "Severity `refuse`: the plan never runs, whatever is accepted; nothing was changed, and the exit code is 4. Mend the cause, and plan again.", worst(access.Refuse)},
	{"What needs a yes of its own", "Severity `confirm`: `--yes` alone does not accept it (exit code 4), `--accept CODE` does, several times or with commas between. On a terminal the code is typed, or what is said below. " +
		"A plan file is accepted the same way: `apply -f plan.json --yes --accept CODE`.", worst(access.Confirm)},
	{"What else is said of a plan", "Severities `warn` (look at it before you say yes) and `info`. They stop nothing.", func(c access.Code) bool {
		return !ofCluster(c) && !worst(access.Refuse)(c) && !worst(access.Confirm)(c)
	}},
	{"What is said of a cluster as it is", "`list --findings`, and the screens. Some of it is said of a plan, too.", func(c access.Code) bool { return ofCluster(c) && !worst(access.Refuse)(c) && !worst(access.Confirm)(c) }},
}

func ofCluster(c access.Code) bool { _, ok := clusterFindings[c]; return ok }

func worst(sev access.Severity) func(access.Code) bool {
	return func(c access.Code) bool { return slices.Max(severities[c]) == sev }
}

func writeCode(b *strings.Builder, c access.Code) {
	s, _ := findings(c)
	fmt.Fprintf(b, "\n### %s\n\n**%s**: %s.\n", c, severityWords(c), generic(s.text))
	fmt.Fprintf(b, "\n*Why it matters:* %s.\n", Explanation(c))
	if s.fix != "" {
		fmt.Fprintf(b, "\n*What to do:* %s.\n", quotedCommands(generic(s.fix)))
	}
	if text := goOn(c, "`"); text != "" {
		fmt.Fprintf(b, "\n*To go on:* %s.\n", text)
	}
}

// goOn is how a plan can run all the same, if it can; "" where nothing stops it.
func goOn(c access.Code, quote string) string {
	accept := "accept it with " + quote + "--accept " + string(c) + quote
	if typed[c] != "" {
		accept += "; on a terminal, " + typed[c]
	}
	switch sevs := severities[c]; {
	case sevs[0] == access.Refuse && slices.Contains(sevs, access.Confirm):
		return "where it is a confirm finding, " + accept + "; where it refuses, nothing accepts it"
	case sevs[0] == access.Refuse:
		return "mend it and plan again; nothing accepts it"
	case sevs[0] == access.Confirm:
		return accept
	}
	return ""
}

// typed is what a person types to accept a finding, where it is not its code.
var typed = map[access.Code]string{
	access.OneWayMode: "type the cluster's name, once for each switch",
	access.RevokesAll: "type the principal's name; the code when there are several",
	access.MadeAnew:   "the yes to the plan is the yes to this",
}

// Codes are the codes of all findings, sorted.
func Codes() []access.Code {
	var out []access.Code
	for c := range severities {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Explain is the entry of one code, for a terminal; false for a code that is none of ours.
func Explain(c access.Code) ([]Line, bool) {
	sevs, ok := severities[c]
	if !ok {
		return nil, false
	}
	s, _ := findings(c)
	out := []Line{say(severityKind(slices.Max(sevs)), string(c), "  ", severityWords(c)), say(Plain, "  ", generic(s.text)), say(Note, "  why   ", Explanation(c))}
	if s.fix != "" {
		out = append(out, say(Note, "  do    ", generic(s.fix)))
	}
	if text := goOn(c, ""); text != "" {
		out = append(out, say(Note, "  then  ", text))
	}
	return out, true
}

// CodesTable is every code in a line, sorted: what it is about is enough to find the one
// to have explained.
func CodesTable(width int) []Line {
	rows := []tableRow{{Title, []string{"CODE", "SEVERITY", "SAYS"}}}
	for _, c := range Codes() {
		s, _ := findings(c)
		rows = append(rows, tableRow{Plain, []string{string(c), severityWords(c), generic(s.text)}})
	}
	out := lined(rows, widthsOf(rows), nil)
	for i, l := range out {
		if width > 0 {
			out[i].Text = Cut(l.Text, width)
		}
	}
	return out
}

// quotedCommands marks the commands in a sentence as code.
func quotedCommands(text string) string {
	var b strings.Builder
	for _, a := range atoms(text) {
		b.WriteString(strings.Repeat(" ", a.gap) + pick(a.command, "`"+a.text+"`", a.text) + a.end)
	}
	return b.String()
}

func severityWords(c access.Code) string {
	var out []string
	for _, s := range severities[c] {
		out = append(out, s.String())
	}
	return strings.Join(out, " or ")
}

// generic is a sentence for everybody: what a finding fills in is named instead.
func generic(template string) string {
	return slots.ReplaceAllStringFunc(template, func(slot string) string {
		slot = strings.Trim(slot, "{}")
		if _, name, named := strings.Cut(slot, "|"); named {
			return name
		}
		switch slot[0] {
		case 'p', 'w', 'a':
			return "PRINCIPAL"
		case 'P':
			return "PRINCIPALS"
		case 'r':
			return "REASON"
		case 'l', 's', 't':
			return ""
		case 'i':
			return "in NAMESPACE"
		case 'n':
			return "N principals"
		case 'b':
			return "N bindings are"
		case 'c':
			return lookUp("")
		case 'W':
			return Command("change", "PRINCIPAL", "--policy", "POLICY", "--namespace", "NS,NS")
		case 'R':
			return "the commands that it names"
		case 'D':
			return "; or, of a principal that was made anew, make the entry again: kubectl eks-access change PRINCIPAL --remake"
		case 'k':
			return "CLUSTER"
		case 'K':
			return "OBJECT"
		}
		return "…" // a test finds none
	})
}

var slots = regexp.MustCompile(`\{[^{}]+\}`)
