package report

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/eks-access/kubectl-eks-access/access"
)

// StepDiff is the unified diff of the real objects, with three lines of context.
func StepDiff(s access.Step) []Line {
	was, is := manifest(s.Before), manifest(s.After)
	text := diff.Diff(pick(s.Before == nil, "/dev/null", "now"), []byte(was), pick(s.After == nil, "/dev/null", "then"), []byte(is))
	var out []Line
	for i, l := range block(string(text)) {
		if i == 0 {
			continue // "diff now then": the next two lines say it
		}
		out = append(out, Line{Kind: diffKind(i, l), Text: l, Whole: true})
	}
	return out
}

// diffKind goes by the place for the two lines of the head: a line of an object may
// start with dashes too.
func diffKind(i int, l string) Kind {
	switch {
	case i <= 2:
		return Title
	case strings.HasPrefix(l, "@@"):
		return Note
	case strings.HasPrefix(l, "+"):
		return Add
	case strings.HasPrefix(l, "-"):
		return Del
	}
	return Plain
}
