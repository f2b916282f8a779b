package tui

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// pane is the height of the detail with the line above it.
func (f findings) pane(height int) int {
	if height < 9 {
		return 3
	}
	return max(height/2, 6)
}

// space is the number of findings on the screen, detailRoom that of the lines below.
func (f findings) space(s size) int      { return max(s.h-1-f.pane(s.h), 1) }
func (f findings) detailRoom(s size) int { return max(f.pane(s.h)-1, 1) }

// count says how many there are of each weight; those to look at are the ones that
// the head of the screen counts.
func (f findings) count() string {
	look := 0
	for _, fd := range f.w.findings {
		if serious(fd) {
			look++
		}
	}
	text := fmt.Sprintf("%d to look at, %d to know", look, len(f.w.findings)-look)
	if n := len(f.w.holes); n > 0 {
		text += fmt.Sprintf(", %d not read", n)
	}
	if len(f.rows) < len(f.items) {
		text += fmt.Sprintf("  ·  %d shown", len(f.rows))
	}
	if f.order != bySeverity {
		text += "  ·  by " + orderWords[f.order]
	}
	return text
}

func (f findings) view(s size, t *theme) []string {
	out := []string{t.strong.of(" Findings") + t.dim.of(report.Cut("  "+f.count(), max(s.w-9, 0)))}
	switch {
	case len(f.items) == 0 && f.w.reading != "":
		return append(out, "", t.dim.of(report.Cut("   still reading "+f.w.reading+": findings come when all is read", s.w)))
	case len(f.items) == 0:
		return append(out, "", t.good.of(report.Cut("   nothing that needs attention was found", s.w)))
	case len(f.rows) == 0 && f.typed.String() == "":
		return append(out, "", t.dim.of(report.Cut("   nothing is serious  ·  v shows all", s.w)))
	case len(f.rows) == 0:
		return append(out, "", t.dim.of(report.Cut("   no finding matches “"+report.Safe(f.typed.String())+"”  ·  esc clears the filter", s.w)))
	}
	space := f.space(s)
	who, code := f.columns(s)
	for i := f.top; i < min(f.top+space, len(f.rows)); i++ {
		out = append(out, f.row(f.items[f.rows[i]], who, code, s.w, i == f.cursor, t))
	}
	for len(out) < space+1 {
		out = append(out, "")
	}
	return append(out, f.detail(s, t)...)
}

// columns are the widths of the names and of the code on this screen: none where the
// sentence needs the room, since it says whom it is about.
func (f findings) columns(s size) (who, code int) {
	if s.w < 100 {
		return 0, 0
	}
	for i := f.top; i < min(f.top+f.space(s), len(f.rows)); i++ {
		it := f.items[f.rows[i]]
		who, code = max(who, report.Width(it.who)), max(code, report.Width(string(it.Code)))
	}
	return min(who, s.w/5), min(code, 24)
}

func (f findings) row(it item, who, code, width int, on bool, t *theme) string {
	in, bar := t.inks, " "
	if on {
		in, bar = t.row, "▌"
	}
	out := in.accent.of(bar) + in.line(it.Kind).of(" "+it.Sign+" ")
	rest := width - 4
	if who > 0 {
		out += pick(on, in.strong, in.text).of(pad(it.who, who) + "  ")
		rest -= who + 2
	}
	if code > 0 {
		out += in.dim.of(pad(report.Safe(string(it.Code)), code) + "  ")
		rest -= code + 2
	}
	return out + in.text.of(padRow(it.Text, rest, on))
}

// detail is everything about the finding under the cursor.
func (f findings) detail(s size, t *theme) []string {
	it, _ := f.current()
	head := "── " + pick(it.gap, "not read", it.Severity.String()+" · "+report.Safe(string(it.Code))) + " "
	out := []string{t.dim.of(report.Cut(head+strings.Repeat("─", max(s.w-report.Width(head), 0)), s.w))}
	lines, room := f.told(it, s.w), f.detailRoom(s)
	top := clamp(f.deep, 0, max(len(lines)-room, 0))
	for _, l := range lines[top:min(top+room, len(lines))] {
		out = append(out, t.line(l.Kind).of(l.Text))
	}
	if rest := len(lines) - top - room; rest > 0 {
		out[len(out)-1] = t.dim.of(report.Cut(" … "+report.Count(rest+1, "more line", "more lines")+": ]", s.w))
	}
	return out
}

// told are the lines of the detail: the sentence, what to do, what shows it, and why
// it matters.
func (f findings) told(it item, width int) []report.Line {
	var out []report.Line
	say := func(k report.Kind, lead, text string) {
		for i, part := range wrap(text, width-report.Width(lead)-1) {
			if i > 0 {
				lead = strings.Repeat(" ", report.Width(lead))
			}
			out = append(out, report.Line{Kind: k, Text: lead + part})
		}
	}
	say(report.Title, " ", it.Text)
	if it.Fix != "" {
		say(report.Good, " fix  ", it.Fix)
	}
	for _, e := range it.Evidence {
		say(report.Plain, " ·  ", e)
	}
	if it.Why != "" {
		say(report.Note, " why  ", it.Why)
	}
	if len(it.Who) > 1 {
		say(report.Note, " who  ", it.who)
	}
	return out
}

// foot is the filter while it is typed.
func (f findings) foot(width int, t *theme) string {
	if !f.typing {
		return ""
	}
	tail := fmt.Sprintf("  %d of %d   ↵ keep  esc clear ", len(f.rows), len(f.items))
	return " " + t.accent.of("/") + pad(f.typed.view(width-report.Width(tail)-3), max(width-report.Width(tail)-3, 0)) + t.dim.of(tail)
}

// severity is a finding's sign and style, as the commands have it.
func severity(s access.Severity) (string, report.Kind) {
	switch s {
	case access.Warn:
		return "▲", report.Warn
	case access.Confirm:
		return "!", report.Warn
	case access.Refuse:
		return "✗", report.Bad
	}
	return "i", report.Note
}
