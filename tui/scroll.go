package tui

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// scroll is a text with a window on it.
type scroll struct {
	lines []report.Line
	top   int
	size  size
}

func (s scroll) do(do action) scroll {
	page := max(s.size.h-1, 1)
	switch do {
	case doUp:
		s.top--
	case doDown:
		s.top++
	case doPageUp:
		s.top -= page
	case doPage:
		s.top += page
	case doTop:
		s.top = 0
	case doBottom:
		s.top = len(s.lines)
	}
	return s.settle()
}

func (s scroll) settle() scroll {
	s.top = clamp(s.top, 0, max(len(s.wrapped(s.size.w))-s.size.h, 0))
	return s
}

// wrapped breaks long lines at blanks; what follows is indented like its line.
func (s scroll) wrapped(width int) []report.Line {
	var out []report.Line
	for _, l := range s.lines {
		for _, text := range hang(l.Text, width) {
			out = append(out, report.Line{Kind: l.Kind, Text: text})
		}
	}
	return out
}

func (s scroll) view(sz size, t *theme) []string {
	lines := s.wrapped(sz.w)
	top := clamp(s.top, 0, max(len(lines)-sz.h, 0))
	var out []string
	for _, l := range lines[top:] {
		if len(out) == sz.h {
			break
		}
		out = append(out, t.line(l.Kind).of(l.Text))
	}
	if left := len(lines) - top - len(out); left > 0 && len(out) > 1 {
		out[len(out)-1] = t.dim.of(pad("  … "+report.Count(left+1, "more line", "more lines"), sz.w))
	}
	return out
}

// hang breaks a line so that its later parts stand under its first word, a little
// further in.
func hang(text string, width int) []string {
	return broken(text, width, strings.Repeat(" ", min(len(text)-len(strings.TrimLeft(text, " "))+2, max(width/3, 0))))
}

// wrap breaks a sentence.
func wrap(text string, width int) []string { return broken(text, width, "") }

// broken breaks a text at blanks so that no part is wider. A word that is wider
// alone is broken where it must be. Later parts begin with the indent.
func broken(text string, width int, indent string) []string {
	if report.Width(text) <= width || width < 8 {
		return []string{report.Cut(text, max(width, 0))}
	}
	var out []string
	now := ""
	for i, word := range strings.Split(text, " ") {
		next := now + " " + word
		switch {
		case i == 0:
			next = word
		case word == "" && now == indent:
			continue // blanks where the line was broken
		case now == indent:
			next = indent + word
		}
		if report.Width(next) <= width {
			now = next
			continue
		}
		if strings.TrimSpace(now) != "" {
			out = append(out, strings.TrimRight(now, " "))
			now = indent + word
		} else {
			now = next
		}
		for report.Width(now) > width {
			head := report.Cut(now, width)
			head = strings.TrimSuffix(head, "…")
			out = append(out, head)
			now = indent + strings.TrimPrefix(now, head)
		}
	}
	if strings.TrimSpace(now) != "" {
		out = append(out, now)
	}
	return out
}
