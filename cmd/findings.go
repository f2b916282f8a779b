package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// findingFormats are the outputs of findings that take no template.
var findingFormats = []string{"table", "wide", "json", "yaml", "sarif"}

// findingFlags say which findings, as words: nothing is wrong with them yet.
type findingFlags struct {
	severity string
	codes    []string
}

func (f *findingFlags) add(to *pflag.FlagSet, on *bool) {
	to.BoolVar(on, "findings", false, "list what is worth knowing about the cluster instead, with evidence and fixes")
	to.StringVar(&f.severity, "severity", "", "with --findings: only those of this weight or more: info or warn")
	to.StringSliceVar(&f.codes, "code", nil, "with --findings: only those of these codes")
}

// into puts the flags into a request, checked.
func (f *findingFlags) into(r *listRequest) error {
	if !r.Findings {
		if f.severity != "" || len(f.codes) > 0 {
			return usage("--severity and --code choose among findings: give --findings too")
		}
		return checkFormat(r.Output)
	}
	if len(r.Namespaces) > 0 {
		return usage("--namespace narrows the list, not the findings: leave it out")
	}
	switch f.severity {
	case "", access.Info.String():
	case access.Warn.String():
		r.AtLeast = access.Warn
	default:
		return usage("--severity %s: want info or warn", f.severity)
	}
	known := report.FindingCodes()
	for _, c := range f.codes {
		if !slices.Contains(known, access.Code(c)) {
			return usage("--code %s: no finding has it; there are %s", c, strings.Join(texts(known), ", "))
		}
		r.Codes = append(r.Codes, access.Code(c))
	}
	return checkFormatOf(r.Output, findingFormats)
}

func texts(codes []access.Code) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

// answerFindings prints findings in the format asked for. What could not be read is
// said beside a table: no finding there is not the same as nothing to find.
func (e *env) answerFindings(ix *access.Index, who []access.Principal, r listRequest) error {
	fs := access.Inspect(ix)
	o := report.FindingFilter{AtLeast: r.AtLeast, Codes: r.Codes, Principals: who}
	l := report.ListFindings(ix, fs, o)
	switch r.Output {
	case "table", "wide":
		rows := report.Findings(fs, o)
		if err := e.answer(withoutHead(report.FindingTable(rows, r.Output == "wide"), r.NoHeaders)...); err != nil {
			return err
		}
		if len(rows) == 0 {
			e.say(report.Line{Kind: report.Note, Text: "nothing was found"})
		}
		e.saidGaps(l.Gaps)
		return nil
	case "json":
		return e.answerJSON(l)
	case "yaml":
		return e.answerYAML(l)
	case "sarif":
		return e.answerJSON(report.SARIF(l, thisBuild().Version))
	}
	return e.answerTemplate(l, r.Output)
}

func (e *env) saidGaps(gaps []report.ListGap) {
	for _, g := range gaps {
		e.say(report.Line{Kind: report.Warn, Text: "? " + g.Message})
	}
}

// withoutHead leaves a table's head out: --no-headers.
func withoutHead(lines []report.Line, yes bool) []report.Line {
	if !yes {
		return lines
	}
	return slices.DeleteFunc(lines, func(l report.Line) bool { return l.Kind == report.Title })
}
