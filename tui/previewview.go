package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func (p previewed) view(s size, t *theme) []string {
	head := p.head
	switch {
	case !p.ready:
		return []string{" " + t.strong.of(head), "", t.dim.of("   making the plan and checking every prefix of it")}
	case p.err != nil:
		out := []string{" " + t.strong.of(head) + "  no plan can be made", ""}
		sc := scroll{lines: report.Error(p.err)}
		for _, l := range sc.view(size{max(s.w-4, 8), max(s.h-2, 1)}, t) {
			out = append(out, "   "+l)
		}
		return out
	}
	ink := t.text
	if p.plan.Refused() {
		ink = t.bad
	}
	var out []string
	width := max(s.w-len(head)-4, 4)
	said := wrap(report.Headline(p.plan), width) // who loses what is not cut off
	if most := max(s.h/6, 2); len(said) > most {
		said = append(said[:most-1], report.Cut(strings.Join(said[most-1:], " "), width))
	}
	for i, text := range said {
		out = append(out, " "+pick(i == 0, t.strong, t.text).of(pad(pick(i == 0, head, ""), len(head)))+"  "+ink.of(text))
	}
	s.h -= len(out)
	if s.w >= 100 && s.h >= 15 {
		return append(out, p.wide(s, t)...)
	}
	return append(out, p.narrow(s, t)...)
}

// wide shows every part at once.
func (p previewed) wide(s size, t *theme) []string {
	findings := p.findingLines(s.w, t)
	bottom := clamp(len(p.deltas), 1, max(s.h/5, 2))
	least := clamp(len(p.stepRows()), 8, s.h/2) // of the steps; their detail is rarely longer
	notes := clamp(len(findings), 1, max(s.h-3-bottom-least, 2))
	steps := s.h - bottom - notes - 3
	left := clamp(s.w*44/100, 40, 90)
	right := s.w - left - 1

	title := ""
	if i := p.cursor[onSteps]; i < len(p.plan.Steps) {
		title = fmt.Sprintf("%d/%d  %s", i+1, len(p.plan.Steps), report.StepTitle(p.plan.Steps[i]))
	}
	out := []string{p.rule("Steps", left, onSteps, t) + t.dim.of("┬") + p.rule(title, right, onDetail, t)}
	a, b := p.stepLines(size{left - 1, steps}, t), p.detailLines(size{right - 2, steps}, t)
	for i := range steps {
		out = append(out, fill(at(a, i), left)+t.dim.of("│")+" "+at(b, i))
	}
	out = append(out, p.rule("Permissions", left, onDeltas, t)+t.dim.of("┴"+strings.Repeat("─", right)))
	out = append(out, exactly(p.deltaLines(size{s.w, bottom}, t), bottom)...)
	title = "Before you say yes"
	if boxes := p.boxes(); boxes != "" {
		title += "  " + boxes
	}
	out = append(out, p.rule(title, s.w, onFindings, t))
	return append(out, exactly(tail(findings, p.findingAt(s.w), notes), notes)...)
}

// narrow shows one part at a time under a line that names them all; the steps
// share theirs with the selected one.
func (p previewed) narrow(s size, t *theme) []string {
	tabs := []string{fmt.Sprintf("Steps %d", len(p.plan.Steps)), "Detail", "Permissions", "Before you say yes"}
	if n := len(p.findings); n > 0 {
		tabs[onFindings] += fmt.Sprintf(" %d", n)
	}
	if s.w < 64 {
		tabs = []string{"Steps", "Detail", "Perms", "Notes"}
	}
	if n := p.open(); n > 0 {
		tabs[onFindings] += fmt.Sprintf(" ! %d", n)
	} else if slices.ContainsFunc(p.said, func(l report.Line) bool { return l.Kind == report.Warn }) {
		tabs[onFindings] += " ▲"
	}
	line := " "
	for i, tab := range tabs {
		if focus(i) == p.focus {
			line += t.accent.of("▸" + tab)
		} else {
			line += t.dim.of(" " + tab)
		}
		line += " "
	}
	out := []string{line}
	rest := size{s.w, s.h - 1}
	switch p.focus {
	case onSteps:
		n := len(p.stepRows())
		if rest.h >= 10 {
			top := clamp(n, 1, rest.h/2)
			out = append(out, exactly(p.stepLines(size{s.w, top}, t), top)...)
			out = append(out, t.dim.of(strings.Repeat("─", s.w)))
			for _, l := range p.detailLines(size{s.w - 3, rest.h - top - 1}, t) {
				out = append(out, " "+l)
			}
			return out
		}
		return append(out, p.stepLines(rest, t)...)
	case onDetail:
		for _, l := range p.detailLines(size{s.w - 3, rest.h}, t) {
			out = append(out, " "+l)
		}
		return out
	case onDeltas:
		return append(out, p.deltaLines(rest, t)...)
	}
	if boxes := p.boxes(); boxes != "" && rest.h > 2 {
		out = append(out, t.dim.of(report.Cut(" "+boxes, s.w)))
		rest.h--
	}
	return append(out, tail(p.findingLines(s.w, t), p.findingAt(s.w), rest.h)...)
}

// rule is a line with a title in it; the focused one is marked.
func (p previewed) rule(title string, width int, f focus, t *theme) string {
	mark, ink := "── ", t.dim
	if p.focus == f {
		mark, ink = "▸─ ", t.accent
	}
	title = report.Cut(title, max(width-5, 1))
	return ink.of(mark+title+" ") + t.dim.of(strings.Repeat("─", max(width-report.Width(title)-4, 0)))
}

// stepRow is a line of the list of steps: a step, or what must be proven before it.
type stepRow struct {
	step int    // -1: a proof
	head string // number
	sign string
	text string
	kind report.Kind // of the sign
}

func (p previewed) stepRows() []stepRow {
	var out []stepRow
	width := len(fmt.Sprint(len(p.plan.Steps)))
	for i, st := range p.plan.Steps {
		out = append(out, p.promises(st, strings.Repeat(" ", width))...)
		out = append(out, stepRow{i, fmt.Sprintf("%*d", width, i+1), string(st.Sign()), report.StepTitle(st), signKind(st.Sign())})
	}
	return out
}

// promises are what must hold before a step: what can be proven, and what can't be.
func (p previewed) promises(st access.Step, head string) []stepRow {
	var out []stepRow
	more := map[report.Kind]int{}
	for _, e := range st.First {
		l := report.Promise(p.plan, "", e)
		more[l.Kind]++
		if more[l.Kind] > 1 {
			continue
		}
		sign, text, _ := strings.Cut(l.Text, " ")
		out = append(out, stepRow{-1, head, sign, pick(l.Kind == report.Prove, "prove first: ", "") + text, l.Kind})
	}
	for i, r := range out {
		if n := more[r.kind] - 1; n > 0 {
			out[i].text += fmt.Sprintf(" and %d more", n)
		}
	}
	return out
}

func signKind(sign byte) report.Kind {
	switch sign {
	case '+':
		return report.Add
	case '-':
		return report.Del
	}
	return report.Change
}

func (p previewed) stepLines(s size, t *theme) []string {
	rows := p.stepRows()
	on := 0
	for i, r := range rows {
		if r.step == p.cursor[onSteps] {
			on = i
		}
	}
	top := window(0, on, s.h, len(rows))
	var out []string
	for i := top; i < min(top+s.h, len(rows)); i++ {
		in, bar := t.inks, "  "
		if i == on {
			in, bar = t.row, "▌ "
		}
		r := rows[i]
		ink := pick(r.step < 0, in.dim, in.text)
		out = append(out, in.accent.of(bar)+in.dim.of(r.head+" ")+in.line(r.kind).of(r.sign)+ink.of(" "+padRow(r.text, s.w-5-len(r.head), i == on)))
	}
	return out
}

func (p previewed) detailLines(s size, t *theme) []string {
	return scroll{lines: p.detail(), top: p.cursor[onDetail]}.view(s, t)
}

func (p previewed) deltaLines(s size, t *theme) []string {
	var lines []report.Line
	for _, d := range p.deltas {
		lines = append(lines, report.Line{Kind: d.Kind, Text: "   " + d.Text})
	}
	return scroll{lines: lines, top: p.cursor[onDeltas]}.view(s, t)
}

// findingLines are the findings; those that must be accepted have a box.
func (p previewed) findingLines(width int, t *theme) []string {
	var out []string
	for _, l := range p.saidLines(width) {
		out = append(out, t.line(l.Kind).of(l.Text))
	}
	if len(p.findings) == 0 && len(p.said) == 0 {
		return []string{t.dim.of("   nothing else to know")}
	}
	for i := range p.findings {
		out = append(out, p.findingOne(i, width, t)...)
	}
	return out
}

func (p previewed) findingOne(i, width int, t *theme) []string {
	f := p.findings[i]
	sign, kind := severity(f.Severity)
	switch {
	case f.Severity == access.Confirm && byAsking(f):
		sign = "[a]"
	case f.Severity == access.Confirm && p.accepted[i]:
		sign, kind = "[x]", report.Good
	case f.Severity == access.Confirm:
		sign = "[ ]"
	}
	in, bar := t.inks, " "
	on := p.focus == onFindings && i == p.cursor[onFindings]
	if on {
		in, bar = t.row, "▌"
	}
	text, fix := sentence(f)
	if fix != "" {
		text += "  ·  " + fix
	}
	var out []string
	for n, part := range wrap(text, max(width-8, 8)) {
		if n > 0 {
			sign = ""
		}
		out = append(out, in.accent.of(bar)+in.line(kind).of(" "+pad(sign, 3)+" ")+in.line(kind).of(padRow(part, width-6, on)))
	}
	return out
}

// saidLines are what there is to know beside the findings.
func (p previewed) saidLines(width int) []report.Line {
	s := scroll{}
	for _, l := range p.said {
		s.lines = append(s.lines, report.Line{Kind: l.Kind, Text: " " + l.Text})
	}
	return s.wrapped(width)
}

// sentence is a finding in words. How to accept it with a flag is left out: here
// that is a key.
func sentence(f access.Finding) (text, fix string) {
	if f.Severity == access.Confirm {
		f.Severity = access.Warn
	}
	return report.Finding(f)
}

// findingAt is the line of the finding under the cursor.
func (p previewed) findingAt(width int) int {
	n := len(p.saidLines(width))
	for i := range min(p.cursor[onFindings], len(p.findings)) {
		n += len(p.findingOne(i, width, &theme{}))
	}
	return n
}

// tail is the part of the lines, rows high, in which line at is shown; what is
// left out below is counted.
func tail(lines []string, at, rows int) []string {
	rows = max(rows, 1)
	top := clamp(at-rows/2, 0, max(len(lines)-rows, 0))
	return lines[top:min(top+rows, len(lines))]
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// fill pads a line that holds styles.
func fill(s string, width int) string {
	return s + strings.Repeat(" ", max(width-report.Width(s), 0))
}

// exactly makes lines exactly n.
func exactly(lines []string, n int) []string {
	for len(lines) < n {
		lines = append(lines, "")
	}
	return lines[:n]
}
