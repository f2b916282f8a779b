package tui

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

const whoHead = 2 // the question and the head of the columns

// strip is the height of the whole answer under the rows, with the line above it.
func (y who) strip(height int) int {
	switch {
	case height >= 16:
		return 5
	case height >= 9:
		return 3
	}
	return 0
}

// space is the number of rows on the screen.
func (y who) space(s size) int { return max(s.h-whoHead-y.strip(s.h), 1) }

func (y who) view(s size, t *theme) []string {
	title := " Who can " + report.Safe(y.q.String()) + " " + y.q.place()
	out := []string{t.strong.of(report.Cut(title, s.w)) + t.dim.of(report.Cut("   "+y.count(), max(s.w-report.Width(title), 0)))}
	c := y.columns(s.w)
	out = append(out, t.dim.of(pad("   "+pad(y.head(), c.name)+"  "+pad(pick(y.q.anywhere && !y.q.kind.cluster, "WHERE", "CAN"), c.answer)+"  "+pad("BECAUSE", c.reason), s.w)))
	space := y.space(s)
	if len(y.rows) == 0 {
		out = append(out, t.dim.of(report.Cut("   "+y.nobody(), s.w)))
	}
	for i := y.top; i < min(y.top+space, len(y.rows)); i++ {
		out = append(out, y.row(y.found[y.rows[i]], c, i == y.cursor, t))
	}
	for len(out) < space+whoHead {
		out = append(out, "")
	}
	return append(out, y.detail(s, t)...)
}

func (y who) head() string {
	if y.typed.String() == "" {
		return "IAM PRINCIPAL"
	}
	return fmt.Sprintf("IAM PRINCIPAL %d of %d", len(y.rows), len(y.found))
}

func (y who) nobody() string {
	switch {
	case len(y.found) > 0:
		return "nobody matches “" + report.Safe(y.typed.String()) + "”  ·  esc clears the filter"
	case len(y.w.lines) == 0:
		return "no IAM principal is mapped in this cluster"
	case !y.q.kind.cluster && !y.q.anywhere && y.q.request.Namespace != "":
		return "no IAM principal can  ·  a asks in all namespaces"
	}
	return "no IAM principal can"
}

// whoColumns are the widths: the name as wide as the widest, the answer as it needs,
// the reason has the rest.
type whoColumns struct{ name, answer, reason int }

func (y who) columns(width int) whoColumns {
	c := whoColumns{name: 16, answer: 8}
	for i := y.top; i < min(y.top+y.space(y.size), len(y.rows)); i++ {
		f := y.found[y.rows[i]]
		c.name = max(c.name, report.Width(y.w.lines[f.line].name))
		c.answer = max(c.answer, report.Width(y.answer(f)))
	}
	rest := width - 3 - 2*gap
	c.name = min(c.name, rest*40/100)
	c.answer = min(c.answer, rest*35/100)
	c.reason = rest - c.name - c.answer
	return c
}

func (y who) row(f finder, c whoColumns, on bool, t *theme) string {
	in, bar := t.inks, " "
	if on {
		in, bar = t.row, "▌"
	}
	ink := in.good
	switch f.reach.Verdict {
	case access.Maybe:
		ink = in.warn
	case access.Unknown:
		ink = in.dim
	}
	return in.accent.of(bar+"  ") + pick(on, in.strong, in.text).of(pad(y.w.lines[f.line].name, c.name)+"  ") +
		ink.of(pad(y.answer(f), c.answer)+"  ") + in.dim.of(padRow(y.because(f), c.reason, on))
}

// answer is yes, under which condition, or not known; or where.
func (y who) answer(f finder) string {
	switch r := f.reach; r.Verdict {
	case access.Maybe:
		return report.Condition(r.When[0]) + pick(len(r.When) > 1, fmt.Sprintf(" (+%d)", len(r.When)-1), "")
	case access.Unknown:
		return "? not known"
	default:
		if !y.q.anywhere || y.q.kind.cluster {
			return "yes"
		}
		return where(r)
	}
}

// where is the places of a reach in a few words.
func where(r *access.Reach) string {
	switch {
	case r.Everywhere:
		return "whole cluster"
	case r.Places.Len() == 1:
		return report.Safe(r.Places.Names()[0])
	case r.Places.Len() == 0 && len(r.Patterns) > 0:
		return "namespaces to come"
	}
	return report.Count(r.Places.Len(), "namespace", "namespaces")
}

// because is the chain behind an answer.
func (y who) because(f finder) string {
	r := f.reach
	switch {
	case !granted(r) && len(r.Unknown) > 0:
		return report.Gap(r.Unknown[0])
	case !granted(r):
		return ""
	}
	place, _ := y.w.lines[f.line].where()
	text := strings.Join(append([]string{place}, links(r.Grant)...), " → ")
	if r.More > 0 {
		text += fmt.Sprintf(" (+%d)", r.More)
	}
	return text
}

// granted reports whether there is a grant behind an answer.
func granted(r *access.Reach) bool { return len(r.Grant.Via) > 0 || r.Grant.Subject != "" }

func conditionsOf(cs []access.Condition) string {
	var out []string
	for _, c := range cs {
		out = append(out, report.Condition(c))
	}
	return strings.Join(out, "; or ")
}

// detail is the whole answer about the row under the cursor.
func (y who) detail(s size, t *theme) []string {
	n := y.strip(s.h)
	if n == 0 {
		return nil
	}
	head := "─"
	if y.others != "" {
		head = "── beside them bindings let in " + y.others + " that no IAM principal becomes "
	}
	head = report.Cut(head, s.w)
	out := []string{t.dim.of(head + strings.Repeat("─", s.w-report.Width(head)))}
	if f, ok := y.current(); ok {
		for _, l := range y.said(f) {
			for _, text := range hang(" "+l.Text, s.w) {
				if len(out) < n {
					out = append(out, t.line(l.Kind).of(report.Cut(text, s.w)))
				}
			}
		}
	}
	for len(out) < n {
		out = append(out, "")
	}
	return out
}

func (y who) said(f finder) []report.Line {
	r, l := f.reach, y.w.lines[f.line]
	head := l.name + " "
	var out []report.Line
	switch r.Verdict {
	case access.Yes:
		text := "can"
		switch {
		case !y.q.anywhere || y.q.kind.cluster:
		case r.Everywhere:
			text = "can in the whole cluster, in namespaces that don't exist yet too"
		default:
			text = "can in " + report.Cut(report.Safe(strings.Join(r.Places.Names(), ", ")), 400)
		}
		out = append(out, report.Line{Text: head + text})
		if len(r.Patterns) > 0 && !r.Everywhere {
			out = append(out, report.Line{Kind: report.Note, Text: "and in namespaces to come that match " + report.Safe(strings.Join(r.Patterns, ", "))})
		}
	case access.Maybe:
		out = append(out, report.Line{Kind: report.Warn, Text: head + "can " + conditionsOf(r.When)})
	default:
		out = append(out, report.Line{Kind: report.Warn, Text: head + "is not known: it may be that it can"})
	}
	if r.Verdict == access.Yes && len(r.When) > 0 {
		out = append(out, report.Line{Kind: report.Note, Text: "some sessions can elsewhere too: " + conditionsOf(r.When)})
	}
	if text := y.because(f); text != "" && granted(r) {
		out = append(out, report.Line{Kind: report.Note, Text: "because  " + text})
	}
	for _, g := range r.Unknown {
		out = append(out, report.Line{Kind: report.Note, Text: "? " + report.Gap(g)})
	}
	return out
}

// othersIn says which subjects of bindings can too, though no IAM principal becomes
// them: service accounts, or people who log in in another way.
func othersIn(bs []access.Bound) string {
	var out []string
	for _, k := range []struct{ kind, one, many string }{{"ServiceAccount", "service account", "service accounts"}, {"Group", "group", "groups"}, {"User", "user", "users"}} {
		n := 0
		for _, b := range bs {
			if b.Kind == k.kind {
				n++
			}
		}
		if n > 0 {
			out = append(out, report.Count(n, k.one, k.many))
		}
	}
	return strings.Join(out, ", ")
}

// foot is the filter while it is typed.
func (y who) foot(width int, t *theme) string {
	if !y.typing {
		return ""
	}
	tail := fmt.Sprintf("  %d of %d   ↵ keep  esc clear ", len(y.rows), len(y.found))
	return " " + t.accent.of("/") + pad(y.typed.view(width-report.Width(tail)-3), max(width-report.Width(tail)-3, 0)) + t.dim.of(tail)
}

// links are the parts of a grant's chain behind the mapping: who is named, the
// binding, the role; or the access policy.
func links(g access.Grant) []string {
	if g.Policy != "" {
		return []string{report.Safe(g.Policy)}
	}
	kind, name, _ := strings.Cut(g.Subject, " ")
	out := []string{strings.ToLower(kind) + " " + report.Safe(name)}
	for _, k := range g.Via {
		at := k.Name
		if k.Namespace != "" {
			at = k.Namespace + "/" + k.Name
		}
		out = append(out, string(k.Kind)+" "+report.Safe(at))
	}
	return out
}
