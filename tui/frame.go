package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// View draws the head, the screen, the dialogs over it and the keys.
func (a *app) View() tea.View {
	v := tea.NewView(a.draw())
	v.AltScreen = true
	v.WindowTitle = "eks-access"
	if name := a.world.cluster.Name; name != "" {
		v.WindowTitle = "eks-access " + report.Safe(name)
	}
	return v
}

// ruled reports whether there is room for a line under the head.
func (a *app) ruled() bool { return a.size.h >= 14 }

// body is the room for a screen.
func (a *app) body() size {
	return size{a.size.w, max(a.size.h-2-pick(a.ruled(), 1, 0), 1)}
}

// What a dialog's border and the screen around it take.
const frameW, frameH = 8, 4

// box is the room inside a dialog's border.
func (a *app) box() size { return size{max(a.size.w-frameW, 1), max(a.body().h-frameH, 1)} }

func (a *app) draw() string {
	if a.size.w == 0 {
		return ""
	}
	if a.small() {
		return a.smallView()
	}
	under := a.page()
	body := exactly(a.stack[under].view(a.body(), a.theme), a.body().h)
	for _, s := range a.stack[under+1:] {
		d := s.(dialog)
		body = over(body, a.frame(d.heading(), s.view(a.box(), a.theme)), a.size.w)
	}
	lines := []string{a.head()}
	if a.ruled() {
		lines = append(lines, a.theme.dim.of(strings.Repeat("─", a.size.w)))
	}
	lines = append(append(lines, body...), a.foot())
	for i, l := range lines {
		lines[i] = a.theme.glyphs(ansi.Truncate(l, a.size.w, ""))
	}
	return strings.Join(lines, "\n")
}

// piece is a part of the head; the ones of the highest rank go first when it is narrow,
// but not before shorter forms were tried.
type piece struct {
	text  string
	ink   ink
	rank  int
	short []string // the form when it is narrow, and when that is not enough
}

// form is the text at a degree of shortness, 0 is the whole.
func (p piece) form(degree int) string {
	if degree == 0 || len(p.short) == 0 || p.text == "" {
		return p.text
	}
	return p.short[min(degree, len(p.short))-1]
}

const shortest = 2

func (a *app) head() string {
	left, right := a.where(), a.who()
	degree := 0
	for {
		w, worst := 0, (*piece)(nil)
		for _, side := range [][]piece{left, right} {
			for i, p := range side {
				if p.text == "" {
					continue
				}
				w += report.Width(p.form(degree)) + 2
				if p.rank > 0 && (worst == nil || p.rank >= worst.rank) {
					worst = &side[i]
				}
			}
		}
		if w <= a.size.w || worst == nil {
			break
		}
		if degree++; degree > shortest || len(worst.short) == 0 {
			worst.text, degree = "", 0
		}
	}
	for _, side := range [][]piece{left, right} {
		for i, p := range side {
			side[i].text = p.form(degree)
		}
	}
	l, r := " "+join(left), join(right)+" "
	room := a.size.w - report.Width(l) - report.Width(r)
	return l + strings.Repeat(" ", max(room, 1)) + r
}

func join(ps []piece) string {
	var out []string
	for _, p := range ps {
		if p.text != "" {
			out = append(out, p.ink.of(p.text))
		}
	}
	return strings.Join(out, "  ")
}

func (a *app) where() []piece {
	t := a.theme
	room := 40
	if a.aside() {
		room = min(room, a.size.w-report.Width(a.title())-5)
	}
	c := a.world.cluster
	if c.Name == "" {
		name := a.snap.Realm("eks").Name()
		if name == "" {
			name = a.snap.Realm("kube").Name()
		}
		if name == "" {
			name = "eks-access"
		}
		return []piece{{text: report.Cut(report.Safe(name), room), ink: t.strong}}
	}
	version := ""
	if c.Version != "" {
		version = "v" + strings.TrimPrefix(c.Version, "v")
	}
	status := ""
	if c.Status != "ACTIVE" {
		status = c.Status
	}
	return []piece{
		{text: report.Cut(report.Safe(c.Name), room), ink: t.strong}, {text: report.Safe(c.Region), ink: t.dim, rank: 6}, {text: report.Safe(version), ink: t.dim, rank: 7},
		{text: report.Safe(string(a.world.mode)), ink: t.dim, rank: 4}, {text: report.Safe(status), ink: t.warn, rank: 2},
	}
}

func (a *app) who() []piece {
	t := a.theme
	out := []piece{{text: a.title(), ink: t.accent, rank: pick(a.aside(), 0, 8)}} // a demo is always told from the real thing, and what was from what is
	caller := a.snap.Caller.Kube
	if caller.ARN == "" {
		caller = a.snap.Caller.AWS
	}
	if caller.ARN != "" {
		name := report.Name(caller)
		level := ""
		if r, ok := a.world.you(); ok {
			level = report.CellWord(a.world.ix.Cell(r, ""))
		}
		out = append(out, piece{text: "you " + report.Cut(name, 36), short: []string{"you " + report.Cut(name, 36), "you " + report.Cut(name, 12)}, ink: t.text, rank: 5}, piece{text: level, ink: t.dim, rank: 9})
	}
	if n := len(a.basket); n > 0 {
		out = append(out, piece{text: fmt.Sprintf(" basket %d ", n), ink: t.badge, rank: 1})
	}
	if n := a.serious(); n > 0 {
		out = append(out, piece{text: "▲ " + report.Count(n, "finding", "findings"), short: []string{fmt.Sprintf("▲ %d", n)}, ink: t.warn, rank: 3})
	}
	if a.busy {
		text := a.world.reading
		if text == "" {
			text = "cluster"
		}
		out = append(out, piece{text: report.Cut("reading "+text, max(a.size.w/3, 12)), ink: t.accent, rank: 2})
	}
	return out
}

// demo reports whether nothing of this is real.
func (a *app) demo() bool { return strings.HasPrefix(a.o.Title, "demo") }

// aside reports whether this is no live cluster: a demo, or a snapshot.
func (a *app) aside() bool { return a.demo() || strings.HasPrefix(a.o.Title, "snapshot") }

func (a *app) title() string { return report.Cut(report.Safe(a.o.Title), pick(a.aside(), 28, 16)) }

// serious reports whether a finding is more than worth knowing.
func serious(f access.Finding) bool { return f.Severity > access.Info }

// serious counts them.
func (a *app) serious() int {
	n := 0
	for _, f := range a.world.findings {
		if serious(f) {
			n++
		}
	}
	return n
}

// footed is a screen that draws the last line itself, while a text is typed there.
type footed interface {
	foot(width int, t *theme) string
}

func (a *app) foot() string {
	top := a.stack[len(a.stack)-1]
	if a.notice != "" {
		return a.theme.accent.of(report.Cut(" "+a.notice, a.size.w))
	}
	if f, ok := top.(footed); ok {
		if text := f.foot(a.size.w, a.theme); text != "" {
			return text
		}
	}
	keys := top.keys().line(a.size.w, a.theme)
	if a.hushed != 0 {
		return a.theme.dim.of(report.Cut(" one moment ·"+ansi.Strip(keys), a.size.w))
	}
	return keys
}

// frame puts a border around a dialog.
func (a *app) frame(title string, lines []string) []string {
	t := a.theme
	w := report.Width(title) + 4
	for _, l := range lines {
		w = max(w, report.Width(l))
	}
	w = min(w, a.box().w)
	lines = lines[:min(len(lines), a.box().h)]
	title = report.Cut(title, w)
	out := []string{t.dim.of("╭─ ") + t.strong.of(title) + t.dim.of(" "+strings.Repeat("─", max(w-report.Width(title)-1, 0))+"╮")}
	for _, l := range lines {
		out = append(out, t.dim.of("│ ")+fill(ansi.Truncate(l, w, ""), w)+t.dim.of(" │"))
	}
	return append(out, t.dim.of("╰"+strings.Repeat("─", w+2)+"╯"))
}

// over lays a box over the middle of a screen.
func over(below, box []string, width int) []string {
	if len(box) == 0 {
		return below
	}
	w := report.Width(box[0])
	x, y := max((width-w)/2, 0), max((len(below)-len(box))/3, 0)
	out := append([]string{}, below...)
	for i, l := range box {
		if y+i >= len(out) {
			break
		}
		line := fill(out[y+i], width)
		out[y+i] = ansi.Truncate(line, x, "") + l + ansi.TruncateLeft(line, x+w, "")
	}
	return out
}
