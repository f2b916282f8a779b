package cmd

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// helpWidth is how wide help texts are written: a wider terminal gets them as they are.
const helpWidth = 100

// fitHelp makes the help of all commands fit a terminal: paragraphs are filled anew and
// the flags' texts hang in their column. Indented lines, as commands, stay as they are.
func fitHelp(c *cobra.Command, width int) {
	if width == 0 || width >= helpWidth {
		return
	}
	c.SetUsageTemplate(strings.ReplaceAll(c.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped "+strconv.Itoa(width)))
	fill(c, width)
}

func fill(c *cobra.Command, width int) {
	c.Long = reflowed(c.Long, width)
	for _, sub := range c.Commands() {
		fill(sub, width)
	}
}

func reflowed(text string, width int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) == 0 {
			return
		}
		for _, l := range report.Wrap(report.Line{Text: strings.Join(paragraph, " ")}, width) {
			out = append(out, l.Text)
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && !strings.HasPrefix(line, " ") {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		out = append(out, line)
	}
	flush()
	return strings.Join(out, "\n")
}
