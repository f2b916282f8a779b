package report

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Error is an error for a person: the first line says what and where, the rest why
// and how to fix it. It looks through wrapping for the errors that have more to say
// than their text. There is always a first line.
func Error(err error) []Line {
	if err == nil {
		return []Line{say(Bad, "unknown error")}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 && joined(err, many.Unwrap()) {
		var out []Line
		for _, e := range many.Unwrap() {
			out = append(out, Error(e)...)
		}
		return out
	}
	var out []Line
	for i, l := range trimmed(sentenceOf(err)) {
		out = append(out, say(pick(i == 0, Bad, Plain), pick(i == 0, "", "  "), l))
	}
	if len(out) == 0 {
		out = append(out, say(Bad, "an error without words"))
	}
	return append(out, indent("  ", fixes(err))...)
}

// sentenceOf is an error's text, with an object in it by the name that people use.
func sentenceOf(err error) string {
	if text := err.Error(); errors.Is(err, context.Canceled) {
		// It is said in words below.
		return cmp.Or(strings.TrimSuffix(strings.TrimSuffix(text, context.Canceled.Error()), ": "), "stopped")
	}
	var c *access.Conflict
	if !errors.As(err, &c) || (c.Want == nil && c.Have == nil) {
		return err.Error()
	}
	name := objectName(pick(c.Want != nil, c.Want, c.Have))
	return strings.Replace(err.Error(), c.Error(), name+" was changed by somebody else since the preview", 1)
}

// joined tells errors.Join, whose text is that of its parts, from a %w with several
// verbs, whose sentence must stay whole.
func joined(err error, parts []error) bool {
	var texts []string
	for _, e := range parts {
		texts = append(texts, e.Error())
	}
	return err.Error() == strings.Join(texts, "\n")
}

func fixes(err error) []Line {
	var out []Line
	note := func(text string) { out = append(out, say(Note, text)) }
	var conflict *access.Conflict
	if errors.As(err, &conflict) {
		note("nothing of theirs was overwritten; what differs from the preview:")
		out = append(out, indent("  ", conflictFields(conflict))...)
	}
	if errors.Is(err, access.ErrOneWay) {
		note("everything else can be undone; the mode stays")
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		note("it took too long: check the network (VPN, private endpoint), then run the same command again, or resume what it has begun: kubectl eks-access resume")
	case errors.Is(err, context.Canceled):
		note("it was stopped from here")
	}
	return out
}

// conflictFields say what somebody else made of the object, compared with what was
// expected: aws-auth as its text, anything else field by field.
func conflictFields(c *access.Conflict) []Line {
	switch {
	case c.Have == nil:
		return []Line{say(Note, "(deleted)")}
	case c.Want == nil || c.Want.Key() != c.Have.Key():
		return []Line{say(Note, StepTitle(access.Step{After: c.Have}))}
	}
	changed := access.Step{Before: c.Want, After: c.Have}
	lines := StepFields(changed)
	if c.Have.Key().Kind == access.AuthMapKind {
		lines = StepDiff(changed)[2:] // its head says which is which, as the sentence above does
	}
	var out []Line
	if len(lines) == 0 {
		out = append(out, say(Note, "(made again since, and alike)"))
	}
	for _, l := range lines[:min(len(lines), conflictShown)] {
		l.Kind = Note
		out = append(out, l)
	}
	if more := len(lines) - conflictShown; more > 0 {
		out = append(out, say(Note, "and ", Count(more, "more line", "more lines")))
	}
	return out
}

// conflictShown is how much of a difference an error has.
const conflictShown = 40
