package cmd

import (
	"encoding/json"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// formats are the outputs of a list that take no template.
var formats = []string{"table", "wide", "json", "yaml", "name"}

func isTable(output string) bool { return output == "table" || output == "wide" }

// checkFormat reports an output that nobody can print, or a template with a mistake
// in it, before anything is read.
func checkFormat(output string) error { return checkFormatOf(output, formats) }

func checkFormatOf(output string, formats []string) error {
	if slices.Contains(formats, output) {
		return nil
	}
	if output == "" {
		return usage("-o needs a format: %s, jsonpath=... or go-template=...", strings.Join(formats, ", "))
	}
	_, err := genericclioptions.NewKubeTemplatePrintFlags().ToPrinter(output)
	if genericclioptions.IsNoCompatiblePrinterError(err) {
		return usage("-o %s: want %s, jsonpath=... or go-template=...", output, strings.Join(formats, ", "))
	}
	return err
}

// answerList prints a list in the format asked for.
func (e *env) answerList(ix *access.Index, found []access.Finding, o report.ListOptions, r listRequest) error {
	switch r.Output {
	case "table", "wide":
		width := e.width()
		if r.Output == "wide" {
			width = 0 // whoever asks for everything gets it
		}
		return e.answer(withoutHead(report.Table(report.ListItems(ix, o), r.Output == "wide", width), r.NoHeaders)...)
	case "name":
		var out []report.Line
		for it := range report.ListItems(ix, o) {
			if it.Principal.ARN != "" {
				out = append(out, report.Line{Text: report.Safe(it.Principal.ARN)})
			}
		}
		return e.answer(out...)
	}
	return e.answerTemplate(report.List(ix, found, o), r.Output)
}

// answerJSON writes a value so that printing it is harmless: what a terminal could
// act on is written as JSON escapes, and reads back as the same data.
func (e *env) answerJSON(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = e.out.Write(append(report.Escape(text), '\n'))
	return err
}

// answerTemplate prints with kubectl's own jsonpath and go-template printers.
func (e *env) answerTemplate(l any, output string) error {
	p, err := genericclioptions.NewKubeTemplatePrintFlags().ToPrinter(output)
	if err != nil {
		return err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	return p.PrintObj(&unstructured.Unstructured{Object: object}, e.out)
}
