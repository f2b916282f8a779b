package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const gutter = "   "

// widest is a column's most: one name of 3,000 characters must not push every row out
// of sight.
const widest = 160

func itoa(n int) string { return strconv.Itoa(n) }

// column is how a column gives way where there is no room for all.
type column struct {
	least int                      // it still tells something at this width
	cut   func(string, int) string // nil: its end is cut off
	spare int                      // goes as a whole where the others would be less than they need, 1 first; 0 stays
}

// columns lines cells up, three blanks between them as kubectl has it. In a limited
// width the spare columns go first, then the widest gives way: see floor. What is missing
// is said in the end. Width 0 is no terminal: nothing is cut.
func columns(rows []tableRow, width int, how map[string]column) []Line {
	if width == 0 {
		return lined(rows, widthsOf(rows), nil)
	}
	rows, gone := spared(rows, width, how)
	heads := rows[0].cells
	full := widthsOf(rows)
	widths := slices.Clone(full)
	fit := width - (len(widths)-1)*len(gutter)
	for stage := range 4 {
		shrink(widths, fit, func(i int) int { return floor(stage, i == 0, heads[i], full[i], how) })
	}
	cuts := make([]func(string, int) string, len(heads))
	var short []string
	for i, h := range heads {
		cuts[i] = Cut
		if how[h].cut != nil {
			cuts[i] = how[h].cut
		}
		if widths[i] < full[i] {
			short = append(short, h)
		}
	}
	out := lined(rows, widths, cuts)
	for i, l := range out {
		out[i].Text = Cut(l.Text, width)
	}
	if text := missing(gone, short); text != "" {
		out = append(out, say(Note, text, "; -o wide has all"))
	}
	return out
}

// floor is what a column keeps at each stage of making room: forty, then what it needs,
// then its head; one that is not told how stays whole until the end. The first column says
// whom a row is about, and gives way later than the others.
func floor(stage int, first bool, head string, full int, how map[string]column) int {
	_, told := how[head]
	switch {
	case stage == 0:
		return 40
	case stage == 3:
		return Width(head)
	case !told:
		return full
	case stage == 1:
		return pick(first, 32, least(head, full, how))
	}
	return pick(first, 20, Width(head))
}

// lined sets the rows out. Without cuts a longer cell pushes what is right of it.
func lined(rows []tableRow, widths []int, cuts []func(string, int) string) []Line {
	out := make([]Line, len(rows))
	for n, r := range rows {
		cells := make([]string, len(r.cells))
		for i, c := range r.cells {
			if c = Safe(c); cuts != nil && Width(c) > widths[i] {
				c = cuts[i](c, widths[i])
			}
			cells[i] = pad(c, widths[i])
		}
		out[n] = Line{Kind: r.kind, Text: strings.TrimRight(strings.Join(cells, gutter), " "), Whole: true}
	}
	return out
}

func widthsOf(rows []tableRow) []int {
	out := make([]int, len(rows[0].cells))
	for _, r := range rows {
		for i, c := range r.cells {
			out[i] = min(max(out[i], Width(Safe(c))), widest)
		}
	}
	return out
}

// least is the width that a column needs to tell something.
func least(head string, full int, how map[string]column) int {
	if c, ok := how[head]; ok {
		return min(full, max(c.least, Width(head)))
	}
	return full
}

// spared leaves spare columns out until the others have what they need.
func spared(rows []tableRow, width int, how map[string]column) (kept []tableRow, gone []string) {
	for {
		heads, full := rows[0].cells, widthsOf(rows)
		need, next := (len(full)-1)*len(gutter), -1
		for i, h := range heads {
			need += least(h, full[i], how)
			if s := how[h].spare; s > 0 && (next < 0 || s < how[heads[next]].spare) {
				next = i
			}
		}
		if need <= width || next < 0 {
			return rows, gone
		}
		gone = append(gone, heads[next])
		less := make([]tableRow, len(rows))
		for n, r := range rows {
			less[n] = tableRow{r.kind, slices.Delete(slices.Clone(r.cells), next, next+1)}
		}
		rows = less
	}
}

// missing says which columns are not there, and which are not there as a whole.
func missing(gone, short []string) string {
	var parts []string
	if len(gone) > 0 {
		parts = append(parts, and(gone, len(gone))+pick(len(gone) == 1, " is left out", " are left out"))
	}
	if len(short) > 0 {
		parts = append(parts, and(short, len(short))+pick(len(short) == 1, " is cut", " are cut"))
	}
	return strings.Join(parts, "; ")
}

// middle cuts a name in its middle: what tells names apart is as often at their end as
// at their beginning.
func middle(s string, width int) string {
	w := Width(s)
	if w <= width || width < 8 {
		return Cut(s, width)
	}
	tail := (width - 1) / 2
	return ansi.Truncate(s, width-1-tail, "") + "…" + ansi.TruncateLeft(s, w-tail, "")
}

// fewer keeps whole words and counts those that have no room: "carts:E catalog:V +3".
func fewer(s string, width int) string {
	if Width(s) <= width {
		return s
	}
	words := strings.Split(s, " ")
	out := "+" + itoa(len(words))
	for n := 1; n < len(words); n++ {
		next := strings.Join(words[:n], " ") + " +" + itoa(len(words)-n)
		if Width(next) > width {
			break
		}
		out = next
	}
	return Cut(out, width)
}

// shrink takes from the widest columns until all fit or have their least width.
func shrink(widths []int, fit int, least func(i int) int) {
	for {
		sum, widest := 0, -1
		for i, w := range widths {
			sum += w
			if w > least(i) && (widest < 0 || w >= widths[widest]) {
				widest = i
			}
		}
		if sum <= fit || widest < 0 {
			return
		}
		widths[widest]--
	}
}
