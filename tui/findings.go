package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// findings is what is worth knowing about the cluster, with its evidence, and what
// could not be read.
type findings struct {
	w       *world
	items   []item
	rows    []int // of items, those that pass, in their order
	order   ordering
	serious bool // only what is to be looked at
	typed   field
	typing  bool
	cursor  int
	top     int
	deep    int // first line of the detail
	size    size
}

// item is a finding or a gap, in words.
type item struct {
	report.FindingRow
	gap    bool
	who    string // the names of those it is about
	search string // lower case: what the filter looks through
}

// ordering is what the findings are sorted by.
type ordering uint8

const (
	bySeverity ordering = iota
	byPrincipal
	byCode
	orderings
)

var orderWords = [...]string{"severity", "principal", "code"}

const (
	doShow    action = "show"
	doSort    action = "sort"
	doSerious action = "serious"
	doCopy    action = "copy"
)

func newFindings(w *world) findings { return findings{w: w}.gather() }

// gather takes the words of what was found. What could not be read stands first: it
// may hide the rest.
func (f findings) gather() findings {
	f.items = nil
	for _, g := range f.w.holes {
		r := report.FindingRow{Sign: "?", Kind: report.Warn, Text: report.Gap(g)}
		r.Code = g.Why
		f.items = append(f.items, item{FindingRow: r, gap: true, search: strings.ToLower(r.Text)})
	}
	for _, r := range report.Findings(f.w.findings, report.FindingFilter{}) {
		it := item{FindingRow: r}
		var names []string
		for _, p := range r.Who {
			names = append(names, report.Name(p))
		}
		it.who = strings.Join(names, ", ")
		it.search = strings.ToLower(strings.Join([]string{r.Text, string(r.Code), it.who, r.Severity.String()}, "\x00"))
		f.items = append(f.items, it)
	}
	return f.sift()
}

// sift filters and sorts.
func (f findings) sift() findings {
	words := strings.Fields(strings.ToLower(f.typed.String()))
	f.rows = make([]int, 0, len(f.items))
	for i, it := range f.items {
		if f.serious && !it.gap && !serious(it.Finding) {
			continue
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(it.search, w) }) {
			f.rows = append(f.rows, i)
		}
	}
	if f.order != bySeverity { // in which they come
		key := func(i int) string {
			it := f.items[i]
			if f.order == byCode {
				return string(it.Code)
			}
			return cmp.Or(strings.ToLower(it.who), "\uffff") // the cluster as a whole comes last
		}
		slices.SortStableFunc(f.rows, func(a, b int) int { return strings.Compare(key(a), key(b)) })
	}
	return f.settle()
}

func (f findings) settle() findings {
	f.cursor = clamp(f.cursor, 0, max(len(f.rows)-1, 0))
	f.top = window(f.top, f.cursor, f.space(f.size), len(f.rows))
	return f
}

func (f findings) current() (item, bool) {
	if f.cursor < len(f.rows) {
		return f.items[f.rows[f.cursor]], true
	}
	return item{}, false
}

func (f findings) keys() keymap {
	if f.typing {
		return keymap{bind(doKeep, "enter", "↵", "keep", "keep the filter"), bind(doClear, "esc", "esc", "clear", "clear the filter"),
			more(doUp, "up", "↑", "up"), more(doDown, "down", "↓", "down")}
	}
	it, some := f.current()
	const none = "nothing is under the cursor"
	k := keymap{
		bind(doShow, "enter", "↵", "show", "show the principal in the matrix").unless(some, none).
			unless(len(it.Who) > 0, "this is about the cluster, not about one principal"),
		bind(doCopy, "y", "y", "copy fix", "copy the command of the fix").unless(some, none).unless(it.Fix != "", "there is no fix to copy"),
		bind(doFilter, "/", "/", "filter", "filter: names, codes, words, warn, info"),
		bind(doSort, "s", "s", "sort", "sort by severity, by principal or by code"),
		bind(doSerious, "v", "v", pick(f.serious, "all", "serious"), "only what is to be looked at, or all"),
		more(doDeeper, "] tab", "]", "further down in the detail"), more(doHigher, "[ shift+tab", "[", "further up in the detail"),
	}
	if f.typed.String() != "" {
		k = append(k, more(doClear, "esc", "esc", "clear the filter"))
	}
	return append(append(k, moves()...), helpKey(), backKey().also("f"))
}

const (
	doDeeper action = "deeper"
	doHigher action = "higher"
)

func (f findings) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		f.size = msg.size
		return f.settle(), nil
	case loaded:
		if msg.world != nil {
			f.w = msg.world
			f = f.gather()
		}
		return f, nil
	}
	do, off := f.keys().press(msg)
	if off != nil {
		return f, off
	}
	if f.typing && do == "" {
		if typed, ok := f.typed.update(msg); ok {
			f.typed, f.cursor, f.deep = typed, 0, 0
			return f.sift(), nil
		}
		return f, nil
	}
	return f.do(do)
}

func (f findings) do(do action) (screen, effect) {
	it, _ := f.current()
	switch do {
	case "":
	case doBack:
		return f, back{}
	case doHelp:
		return f, help{}
	case doShow:
		return f, home{reveal{id: it.Who[0].ID()}}
	case doCopy:
		return f, copied{command(it.Fix)}
	case doFilter:
		f.typing = true
	case doKeep:
		f.typing = false
	case doClear:
		f.typing, f.typed = false, field{}
		return f.sift(), nil
	case doSort:
		f.order = (f.order + 1) % orderings
		f.cursor, f.deep = 0, 0
		return f.sift(), say{"sorted by " + orderWords[f.order]}
	case doSerious:
		f.serious = !f.serious
		f.cursor, f.deep = 0, 0
		return f.sift(), nil
	case doDeeper, doHigher:
		room := f.detailRoom(f.size)
		f.deep = clamp(f.deep+pick(do == doDeeper, room-1, 1-room), 0, max(len(f.told(it, f.size.w))-room, 0))
	default:
		f.cursor, f.deep = step(f.cursor, do, f.space(f.size)-1, len(f.rows)), 0
	}
	return f.settle(), nil
}

// command is the first command of a fix, without the words around it; all of it when
// it has none.
func command(fix string) string {
	at := -1
	for _, tool := range []string{"kubectl ", "aws "} {
		if i := strings.Index(fix, tool); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return fix
	}
	one, _, _ := strings.Cut(fix[at:], "; ")
	one, _, _ = strings.Cut(one, "), ")
	return one
}

// step moves a cursor in a list.
func step(cursor int, do action, page, total int) int {
	switch do {
	case doUp:
		return cursor - 1
	case doDown:
		return cursor + 1
	case doPageUp:
		return cursor - max(page, 1)
	case doPage:
		return cursor + max(page, 1)
	case doTop:
		return 0
	case doBottom:
		return total - 1
	}
	return cursor
}
