package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Exports writes access as the input of other tools.
type Exports struct {
	Formats []string
	// Text is a plan in a format; without a plan what exists, of these principals or of all.
	Text func(format string, s access.Snapshot, p *access.Plan, who []access.Principal) (string, error)
	// Name proposes a file's name that is not taken.
	Name func(format, cluster string, plan bool) string
	// Save writes a file that does not exist yet, and says where it is.
	Save func(path, text string) (string, error)
}

// exports is a plan, or what exists, in the forms that other tools take, one at a time.
type exports struct {
	formats []string
	now     int // the format that is shown
	plan    *access.Plan
	who     []access.Principal // of what exists; none: all
	cluster string
	made    map[string]exported // by format; never changed in place
	top     int
	left    int // columns that are out of sight on the left
	size    size
}

const (
	doFormat     action = "format"
	doFormatBack action = "format back"
	doShiftLeft  action = "shift left"
	doShift      action = "shift right"
)

func newExports(formats []string, plan *access.Plan, who []access.Principal, cluster string) exports {
	return exports{formats: formats, plan: plan, who: who, cluster: cluster}
}

func (x exports) format() string { return x.formats[x.now] }

// text is what is shown, false while it is being made or when it can't be.
func (x exports) text() (exported, bool) {
	e, ok := x.made[x.format()]
	return e, ok && e.err == nil
}

func (x exports) keys() keymap {
	_, some := x.text()
	k := keymap{
		bind(doFormat, "tab", "tab", "format", "the next format"),
		more(doFormatBack, "shift+tab", "⇧tab", "the format before"),
		bind(doWrite, "w", "w", "write", "write it to a file, whose name is asked").unless(some, "there is no text yet"),
		bind(doShift, "right l", "← →", "shift", "to the end of long lines"),
		more(doShiftLeft, "left h", "←", "back to their beginning"),
	}
	return append(append(k, moves()...), helpKey(), backKey().also("e"))
}

func (x exports) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		first := x.size == size{}
		if x.size = msg.size; first {
			return x, x.asks()
		}
		return x.settle(), nil
	case exported:
		x.made = maps.Clone(x.made)
		if x.made == nil {
			x.made = map[string]exported{}
		}
		x.made[msg.format] = msg
		return x, nil
	}
	do, off := x.keys().press(msg)
	switch do {
	case "":
		return x, off
	case doBack:
		return x, back{}
	case doHelp:
		return x, help{}
	case doFormat:
		return x.turn(1)
	case doFormatBack:
		return x.turn(-1)
	case doShift:
		x.left += shiftBy
	case doShiftLeft:
		x.left -= shiftBy
	case doWrite:
		e, _ := x.text()
		return x, naming{format: x.format(), cluster: x.cluster, plan: x.plan != nil, text: e.text}
	default:
		x.top = step(x.top, do, x.rows()-1, len(x.lines(x.size.w)))
	}
	return x.settle(), nil
}

// shiftBy is how many columns a text goes to the side.
const shiftBy = 16

func (x exports) turn(by int) (screen, effect) {
	n := len(x.formats)
	x.now, x.top, x.left = (x.now+by+n)%n, 0, 0
	return x, x.asks()
}

// asks wants the text of the format, if it was not made yet.
func (x exports) asks() effect {
	if _, ok := x.made[x.format()]; ok {
		return nil
	}
	return export{format: x.format(), plan: x.plan, who: x.who}
}

func (x exports) rows() int { return max(x.size.h-2, 1) }

func (x exports) settle() exports {
	e, _ := x.text()
	x.top = clamp(x.top, 0, max(len(x.lines(x.size.w))-x.rows(), 0))
	x.left = clamp(x.left, 0, max(e.width-x.size.w+2, 0))
	return x
}

func (x exports) title() string {
	switch {
	case x.plan != nil:
		return "Export this plan"
	case len(x.who) == 0:
		return "Export what exists"
	}
	return "Export what exists of " + report.Count(len(x.who), "principal", "principals")
}

// tabs are the formats; where there is no room for all, the one that is shown.
func (x exports) tabs(width int, t *theme) string {
	all := strings.Join(x.formats, "  ")
	if report.Width(all)+3 > width {
		return t.accent.of(report.Cut(fmt.Sprintf(" ▸%s", x.format()), width-6)) + t.dim.of(fmt.Sprintf("  %d/%d", x.now+1, len(x.formats)))
	}
	out := ""
	for i, f := range x.formats {
		out += pick(i == x.now, t.accent.of(" ▸"+f), t.dim.of("  "+f))
	}
	return out
}

func (x exports) view(s size, t *theme) []string {
	e, some := x.text()
	title := " " + x.title()
	about := report.ExportForm(x.format())
	if some {
		about = report.Count(len(e.lines), "line", "lines") + "  ·  " + about
	}
	out := []string{t.strong.of(report.Cut(title, s.w)) + t.dim.of(report.Cut("  "+about, max(s.w-report.Width(title), 0))), x.tabs(s.w, t)}
	switch made, ok := x.made[x.format()]; {
	case !ok:
		return append(out, t.dim.of("   …"))
	case made.err != nil:
		for _, l := range (scroll{lines: report.Error(made.err)}).view(size{max(s.w-4, 8), max(s.h-2, 1)}, t) {
			out = append(out, "   "+l)
		}
		return out
	}
	lines := x.lines(s.w)
	for _, l := range lines[min(x.top, len(lines)):min(x.top+max(s.h-2, 1), len(lines))] {
		left := x.left
		if l.head {
			left = 0 // it is broken where the screen ends
		}
		out = append(out, " "+t.line(l.kind).of(stretch(l.text, left, max(s.w-1, 1))))
	}
	return out
}

// exportLine is a line as it is shown.
type exportLine struct {
	text string
	head bool
	kind report.Kind
}

// lines are those of the text; its head says what the format can't carry, and that is
// to be read whole.
func (x exports) lines(width int) []exportLine {
	e, _ := x.text()
	out := make([]exportLine, 0, len(e.lines)+16)
	head := true
	for _, l := range e.lines {
		if head = head && strings.HasPrefix(l, "#"); !head {
			out = append(out, exportLine{text: l, kind: pick(strings.HasPrefix(strings.TrimLeft(l, " "), "#"), report.Note, report.Plain)})
			continue
		}
		kind := pick(strings.HasPrefix(l, "# - WARNING"), report.Warn, report.Note)
		for _, part := range broken(l, max(width-1, 1), "#   ") {
			out = append(out, exportLine{part, true, kind})
		}
	}
	return out
}

// stretch is the part of a line that is in sight; what is cut off is marked.
func stretch(l string, left, width int) string {
	if left > 0 {
		l = ansi.TruncateLeft(l, left+1, "…")
	}
	return report.Cut(l, width)
}

// export asks for a text. The newest question is answered.
func (a *app) export(e export) tea.Cmd {
	a.tasks++
	a.exporting = a.tasks
	task, s, make := a.tasks, a.snap, a.o.Exports.Text
	return func() tea.Msg {
		out := exported{task: task, format: e.format}
		if out.text, out.err = make(e.format, s, e.plan, slices.Clone(e.who)); out.err == nil {
			out.lines = report.Text(out.text)
			for _, l := range out.lines {
				out.width = max(out.width, report.Width(l))
			}
		}
		return out
	}
}
