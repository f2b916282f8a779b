package report

import (
	"strconv"
	"strings"
)

const gutter = "   "

// widest is a column's most: one name of 3,000 characters must not push every row out
// of sight. The whole of it is in the JSON.
const widest = 160

func itoa(n int) string { return strconv.Itoa(n) }

// columns lines cells up, three blanks between them as kubectl has it. In a limited
// width the widest column gives way first: down to forty, then those that matter
// least (small says to what), then all of them down to their heads.
func columns(rows []tableRow, width int, small map[string]int) []Line {
	widths := make([]int, len(rows[0].cells))
	for _, r := range rows {
		for i, c := range r.cells {
			widths[i] = min(max(widths[i], Width(Safe(c))), widest)
		}
	}
	if width > 0 {
		fit := width - (len(widths)-1)*len(gutter)
		shrink(widths, fit, func(int) int { return 40 })
		shrink(widths, fit, func(i int) int {
			if w, ok := small[rows[0].cells[i]]; ok {
				return w
			}
			return widths[i]
		})
		shrink(widths, fit, func(i int) int { return Width(rows[0].cells[i]) })
	}
	var out []Line
	for _, r := range rows {
		cells := make([]string, len(r.cells))
		for i, c := range r.cells {
			cells[i] = pad(Cut(Safe(c), widths[i]), widths[i])
		}
		l := say(r.kind, strings.TrimRight(strings.Join(cells, gutter), " "))
		if width > 0 {
			l.Text = Cut(l.Text, width)
		}
		out = append(out, l)
	}
	return out
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
