// Package report holds every sentence of kubectl eks-access, once: for the
// screens, for pipes and for prompts.
//
// Two things always hold. Every text that leaves the package has gone through
// Safe, so that no name, ARN or server message can move the cursor, colour the
// screen or turn the writing around. And the same values give the same text.
package report

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Kind says what a line is, so that a screen can colour it. The meaning is in the
// text too: a line is complete without colour.
type Kind uint8

const (
	Plain  Kind = iota
	Title       // heads what follows
	Add         // starts with +
	Del         // starts with -
	Change      // starts with ~
	Prove       // an expectation that is still to be proven: starts with ✓
	Note        // quiet
	Warn
	Bad
	Good
)

// Line is one line of text, without its line end and without colour.
type Line struct {
	Kind  Kind
	Text  string
	Whole bool // a row of a table or of a diff: Wrap leaves it as it is
}

// say makes a line safe, whatever went into it.
func say(k Kind, parts ...string) Line { return Line{Kind: k, Text: Safe(strings.Join(parts, ""))} }

// indent moves lines to the right.
func indent(by string, ls []Line) []Line {
	out := make([]Line, len(ls))
	for i, l := range ls {
		if l.Text != "" {
			l.Text = by + l.Text
		}
		out[i] = l
	}
	return out
}

// Width is the number of columns a text takes.
func Width(s string) int { return ansi.StringWidth(s) }

// Cut shortens a text to a width; a cut is marked with "…".
func Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// pad fills a text with blanks up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// Count says how many: "1 step", "9 steps".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// and joins names for a sentence: "a", "a and b", "a, b and 3 more".
func and(names []string, atMost int) string {
	n := len(names)
	switch {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n <= atMost:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	case atMost <= 1:
		return names[0] + " and " + strconv.Itoa(n-1) + " more"
	}
	return strings.Join(names[:atMost], ", ") + " and " + strconv.Itoa(n-atMost) + " more"
}
