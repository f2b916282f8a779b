package tui

import (
	"sort"
	"strconv"
)

// shape is how the matrix is laid out at a width.
type shape uint8

const (
	oneLine shape = iota // 160 and more: everything of a row on one line
	twoLine              // 120: principals, identities, namespaces side by side, details below
	folded               // 80: the identity under its principal
	panes                // narrower: one pane at a time
)

func shapeOf(width int) shape {
	switch {
	case width >= 160:
		return oneLine
	case width >= 120:
		return twoLine
	case width >= 80:
		return folded
	}
	return panes
}

// pane is what a narrow matrix shows beside the principal.
type pane uint8

const (
	accessPane pane = iota
	identityPane
	paneCount
)

// column is a namespace on the screen.
type column struct {
	at    int // its number among the shown namespaces
	width int
}

// grid is where everything goes. Widths of zero are columns that are left out.
type grid struct {
	shape   shape
	lines   int // of a row
	name    int
	detail  int // one line: beside the name
	ident   int
	via     int
	cluster int
	columns []column
	left    int // namespaces before the first column
	right   int // and after the last
}

// wants are the widths that texts ask for. Ident is the longer of a user name and what
// it carries, whole is both side by side; place is the via without the state of its mapping.
type wants struct {
	name, detail, user, ident, whole extent
	via, place                       int
}

// extent is the width that is usual in a column, and the most that a text has: one name
// of sixty letters must not take the room of all the others.
type extent struct{ usual, most int }

func (e extent) atMost(n int) extent { return extent{min(e.usual, n), min(e.most, n)} }

func (e extent) or(o extent) extent { return extent{max(e.usual, o.usual), max(e.most, o.most)} }

func just(n int) extent { return extent{n, n} }

const (
	gutter       = 3 // bar, mark, blank
	gap          = 2
	clusterWidth = 7
	edge         = 3 // " │ "
	nsMax        = 14
	lowHeight    = 12 // of a body
)

// fit gives each column its width: the namespaces a share, since they are the
// answer, the texts the rest: what is usual in a column first. A text that is cut gets
// what the texts that are whole leave over, and what is too narrow for one namespace more. Names are the widths
// of the namespaces; first is the one at the left edge: only what is right of the
// edge depends on it. On a low screen a row has one line.
func fit(s size, names []int, first int, want wants, p pane) grid {
	g := grid{shape: shapeOf(s.w), lines: 2, cluster: clusterWidth}
	most := pick(g.shape >= folded, 10, nsMax)
	if s.h < lowHeight || g.shape == oneLine {
		g.lines = 1
	}
	if g.shape == panes && p == identityPane {
		rest := s.w - gutter
		g.name = clamp(want.name.most, 10, rest*45/100)
		g.cluster, g.ident = 0, rest-g.name-gap
		return g
	}
	asked := 0
	for _, w := range names {
		asked += nsWidth(w, most)
	}
	rest := s.w - gutter - gap - clusterWidth - edge
	share := pick(g.shape == oneLine, 55, 60) // of a hundred: what the texts get when not everything fits
	var texts []text
	switch g.shape {
	case panes:
		texts = []text{{&g.name, 8, want.name, false}}
	case folded:
		share = 52
		texts = []text{{&g.name, 16, want.name, false}, {&g.via, want.place, just(want.place), false}}
		rest -= gap
	case twoLine:
		texts = []text{{&g.name, 20, want.name.or(want.detail.atMost(30)), false}, // the detail stands below
			{&g.ident, 20, want.ident, false}, {&g.via, want.place, just(want.place), false}}
		rest -= 2 * gap
	case oneLine:
		texts = []text{{&g.name, 20, want.name, false}, {&g.ident, 20, extent{want.user.usual, want.whole.most}, false},
			{&g.detail, 6, want.detail.atMost(40), false}, {&g.via, want.place, just(want.via), true}}
		rest -= 3 * gap
	}
	width := max(rest*share/100, rest-asked)
	used := divide(texts, width, false)
	shown, _, right := columns(rest-used, names, 0, most)
	left := rest - used
	for _, c := range shown {
		left -= c.width
	}
	if right > 0 {
		left -= countWidth(len(names))
	}
	rest -= divide(texts, used+max(left, 0), true)
	g.columns, g.left, g.right = columns(rest, names, first, most)
	return g
}

// beside is where the rule between the whole cluster and the namespaces stands, for
// every line of every row.
func (g grid) beside() int {
	x := gutter + g.name
	for _, w := range []int{g.detail, g.ident, g.via, g.cluster} {
		if w > 0 {
			x += gap + w
		}
	}
	return x
}

// text is a column of words: its width, the least it gets, and what it asks for; some
// have no use for anything between.
type text struct {
	width *int
	least int
	want  extent
	whole bool
}

// divide gives every text its least, then the first ones what they ask for: a name
// that is cut can't be told from others, a detail can be missed. At first none gets
// more than three quarters of what is left, so that one long name does not take it all.
// What is longer than usual comes last, and only when it is asked for.
func divide(texts []text, width int, most bool) int {
	used := 0
	for _, t := range texts {
		*t.width = min(t.least, t.want.usual)
		used += *t.width
	}
	for _, turn := range []struct {
		part int
		most bool
	}{{75, false}, {100, false}, {75, true}, {100, true}} {
		for _, t := range texts {
			if turn.most && !most {
				continue
			}
			asked, room := pick(turn.most, t.want.most, t.want.usual)-*t.width, max(width-used, 0)*turn.part/100
			if t.whole && asked > room {
				continue
			}
			*t.width += min(asked, room)
			used += min(asked, room)
		}
	}
	return used
}

// columns are the namespaces that fit, from the first on; how many there are on
// either side takes its room. A last one that is cut is left out; one too wide for
// an empty row is still shown.
func columns(width int, names []int, first, most int) (out []column, left, right int) {
	left = clamp(first, 0, max(len(names)-1, 0))
	if left > 0 {
		width -= countWidth(left) + 1
	}
	asked := 0
	for _, n := range names[left:] {
		asked += nsWidth(n, most)
	}
	if asked > width {
		width -= countWidth(len(names))
	}
	for i := left; i < len(names); i++ {
		w := nsWidth(names[i], most)
		if w > width {
			if len(out) == 0 && width >= 4 {
				out = append(out, column{i, width})
			}
			break
		}
		width -= w
		out = append(out, column{i, w})
	}
	return out, left, len(names) - left - len(out)
}

// countWidth is the room of "+12".
func countWidth(n int) int { return 1 + len(strconv.Itoa(n)) }

// nsWidth is a namespace's column: its name and the gap after it.
func nsWidth(name, most int) int { return clamp(name, 4, most) + gap }

// firstFor moves the left edge as little as needed for column at to be shown.
// count says how many fit from an edge on; the further right the edge, the further
// right the last one, so the edge is found by halving.
func firstFor(first, at int, count func(first int) int) int {
	if at < first {
		return at
	}
	return first + sort.Search(at-first, func(n int) bool { return at < first+n+max(count(first+n), 1) })
}

// window moves the top of a list as little as needed for the cursor to be shown,
// and back when the list ends before the window does.
func window(top, cursor, rows, total int) int {
	rows = max(rows, 1)
	if cursor < top {
		top = cursor
	}
	if cursor >= top+rows {
		top = cursor - rows + 1
	}
	return clamp(top, 0, max(total-rows, 0))
}

func clamp(v, low, high int) int { return max(low, min(v, high)) }
