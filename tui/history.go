package tui

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// History is what was changed from here before.
type History struct {
	// List are all changes, the last written first.
	List func() ([]Past, error)
	// Resume and Undo plan how a change is gone on with or taken back, from the cluster as it is.
	Resume, Undo func(s access.Snapshot, id string) (Proposal, error)
	// Anew plans the wishes of a plan again that somebody else's change has stopped. Its
	// journal is "" where it has changed nothing.
	Anew func(ctx context.Context, s access.Snapshot, p access.Plan, journal string) (Proposal, error)
	// End ends the journal of a change that was planned anew and has nothing left to do.
	End func(journal string) (report.Line, error)
}

// Past is a change.
type Past struct {
	report.PastDetail
	Here bool // made to the cluster on the screen
}

// Proposal is a plan to be looked at, and what is applied when it is agreed to: a
// resumed plan is applied as a whole, and what is done of it is found done.
type Proposal struct {
	Plan, Do access.Plan
	Said     []report.Line // what else there is to know
}

// history lists the changes that were made from here.
type history struct {
	ready   bool
	err     error
	past    []Past
	rows    []report.PastRow // of past
	all     bool             // of every cluster
	shown   []int            // of past
	cursor  int
	top     int
	cluster string
	size    size
}

const doEvery action = "all"

func newHistory(cluster string) history { return history{cluster: cluster} }

func (y history) take(msg recalled) history {
	y.ready, y.err, y.past = true, msg.err, msg.past
	cs := make([]report.PastChange, len(y.past))
	for i, p := range y.past {
		cs[i] = p.PastChange
	}
	y.rows = report.Past(cs)
	return y.sift()
}

// sift keeps this cluster's, or all.
func (y history) sift() history {
	y.shown = nil
	for i, p := range y.past {
		if y.all || p.Here {
			y.shown = append(y.shown, i)
		}
	}
	y.cursor, y.top = 0, 0
	return y
}

func (y history) current() (Past, bool) {
	if y.cursor < len(y.shown) {
		return y.past[y.shown[y.cursor]], true
	}
	return Past{}, false
}

func (y history) keys() keymap {
	p, some := y.current()
	const nothing = "there is no change under the cursor"
	k := keymap{bind(doShow, "enter", "↵", "show", "show the change with its steps").unless(some, nothing)}
	k = append(k, p.ways(some, nothing)...)
	k = append(k, bind(doEvery, "a", "a", pick(y.all, "this cluster", "all clusters"), "the changes of every cluster, or of this one only").unless(y.ready, "reading"))
	return append(append(k, moves()...), helpKey(), backKey().also("H"))
}

// again goes on with the change, or takes it back.
func (p Past) again(undo bool) again {
	e := again{id: p.ID, undo: undo}
	if p.Plan != nil && !undo {
		e.anew = &anew{*p.Plan, p.Journal}
	}
	return e
}

const elsewhere = "it is of another cluster"

// ways are the keys that go on with a change, or back.
func (p Past) ways(some bool, nothing string) keymap {
	resume, undo := "", ""
	if some {
		resume, undo = p.Ended()
		if !p.Here {
			resume, undo = cmp.Or(resume, elsewhere), cmp.Or(undo, elsewhere)
		}
	}
	return keymap{
		bind(doResume, "r", "r", "resume", "go on with it: the steps that are left, preview first").unless(some, nothing).unless(resume == "", resume),
		bind(doUndo, "u", "u", "undo", "take it back: preview first").unless(some, nothing).unless(undo == "", undo),
	}
}

func (y history) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		y.size = msg.size
		return y.settle(), nil
	case recalled:
		return y.take(msg).settle(), nil
	}
	do, off := y.keys().press(msg)
	p, _ := y.current()
	switch do {
	case "":
		return y, off
	case doBack:
		return y, back{}
	case doHelp:
		return y, help{}
	case doShow:
		return y, open{newPastScreen(p)}
	case doResume, doUndo:
		return y, p.again(do == doUndo)
	case doEvery:
		y.all = !y.all
		return y.sift(), nil
	}
	y.cursor = step(y.cursor, do, y.space(y.size)-1, len(y.shown))
	return y.settle(), nil
}

func (y history) settle() history {
	y.cursor = clamp(y.cursor, 0, max(len(y.shown)-1, 0))
	y.top = window(y.top, y.cursor, y.space(y.size), len(y.shown))
	return y
}

// strip is the height of the whole answer under the rows, with the line above it.
func (y history) strip(height int) int {
	switch {
	case height >= 16:
		return 5
	case height >= 9:
		return 3
	}
	return 0
}

// space is the number of rows on the screen, under the title and the head.
func (y history) space(s size) int { return max(s.h-2-y.strip(s.h), 1) }

func (y history) title() string {
	of := "of every cluster"
	if !y.all {
		of = "of " + pick(y.cluster == "", "this cluster", report.Safe(y.cluster))
	}
	out := of
	if y.ready && y.err == nil {
		out = report.Count(len(y.shown), "change", "changes") + " " + of
	}
	if n := len(y.past) - len(y.shown); n > 0 {
		out += fmt.Sprintf("  ·  %d of others: a", n)
	}
	return out
}

func (y history) view(s size, t *theme) []string {
	out := []string{" " + t.strong.of("History") + t.dim.of(report.Cut("  "+y.title(), max(s.w-8, 1)))}
	switch {
	case !y.ready:
		return append(out, t.dim.of("   reading the journals"))
	case y.err != nil:
		for _, l := range (scroll{lines: report.Error(y.err)}).view(size{max(s.w-4, 8), max(s.h-1, 1)}, t) {
			out = append(out, "   "+l)
		}
		return out
	case len(y.shown) == 0:
		return append(out, t.dim.of(report.Cut("   nothing was changed by this user on this machine", s.w)))
	}
	c := y.columns(s)
	head, outcome := c.cells(report.PastRow{When: "WHEN (UTC)", Who: "WHO", What: "WHAT", Outcome: "OUTCOME", Cluster: "CLUSTER"})
	out = append(out, t.dim.of(report.Cut("   "+head+outcome, s.w)))
	for i := y.top; i < min(y.top+y.space(s), len(y.shown)); i++ {
		in, bar := t.inks, " "
		if i == y.cursor {
			in, bar = t.row, "▌"
		}
		r := y.rows[y.shown[i]]
		r.Who = maker(r, s.w)
		before, outcome := c.cells(r)
		out = append(out, in.accent.of(bar+"  ")+pick(r.Kind == report.Note, in.dim, in.text).of(before)+
			in.line(r.Kind).of(padRow(outcome, s.w-3-report.Width(before), i == y.cursor)))
	}
	out = exactly(out, 2+y.space(s))
	return append(out, y.answer(s, t)...)
}

// answer is the change under the cursor in full.
func (y history) answer(s size, t *theme) []string {
	n := y.strip(s.h)
	if n == 0 {
		return nil
	}
	p, _ := y.current()
	id := report.Cut(report.Safe(p.ID), max(s.w-6, 1))
	out := []string{t.dim.of("── " + id + " " + strings.Repeat("─", max(s.w-4-report.Width(id), 0)))}
	text := y.rows[y.shown[y.cursor]].What
	if p.Stopped != nil {
		text += "  ·  " + report.Safe(strings.Join(strings.Fields(p.Stopped.Error), " "))
	}
	if p.Damage != "" {
		text = report.Safe(strings.Join(strings.Fields(p.Damage), " "))
	}
	by := report.PastRuns(p.PastChange)
	for _, l := range hang(" "+text, s.w) {
		if len(out) < n-pick(by == "", 0, 1) {
			out = append(out, l)
		}
	}
	if by != "" {
		out = append(out, t.dim.of(report.Cut(" "+by, s.w)))
	}
	return exactly(out, n)
}

// pastColumns are the widths; one that is 0 is not shown.
type pastColumns struct{ when, cluster, who, what, outcome int }

const dayWidth = len("2006-01-02")

func (y history) columns(s size) pastColumns {
	c := pastColumns{when: 16, who: 8, outcome: 7}
	widest := 4
	if s.w < 60 || y.all && s.w < 100 {
		c.when = dayWidth
	}
	for i := y.top; i < min(y.top+y.space(s), len(y.shown)); i++ {
		r := y.rows[y.shown[i]]
		c.who, c.outcome = max(c.who, report.Width(maker(r, s.w))), max(c.outcome, report.Width(r.Outcome))
		widest = max(widest, report.Width(r.What))
		if y.all {
			c.cluster = max(c.cluster, 7, report.Width(r.Cluster))
		}
	}
	c.who, c.outcome, c.cluster = min(c.who, s.w/5), min(c.outcome, s.w*3/10), min(c.cluster, s.w/6)
	if s.w < 60 {
		c.who, c.cluster = 0, 0
	}
	c.what = s.w - 3
	for _, w := range []int{c.when, c.cluster, c.who, c.outcome} {
		if w > 0 {
			c.what -= w + gap
		}
	}
	c.what = min(c.what, widest)
	return c
}

// maker is who made a change; where there is little room, the session without its role.
func maker(r report.PastRow, width int) string {
	if width < 100 {
		return r.Who[strings.LastIndexByte(r.Who, '/')+1:]
	}
	return r.Who
}

// cells are a row in the columns; how it ended apart, since it has a colour.
func (c pastColumns) cells(r report.PastRow) (before, outcome string) {
	if c.when == dayWidth && len(r.When) > dayWidth {
		r.When = r.When[:dayWidth]
	}
	for _, cell := range []struct {
		text  string
		width int
	}{{r.When, c.when}, {r.Cluster, c.cluster}, {r.Who, c.who}, {r.What, c.what}} {
		if cell.width > 0 {
			before += pad(cell.text, cell.width) + strings.Repeat(" ", gap)
		}
	}
	return before, pad(r.Outcome, c.outcome)
}
