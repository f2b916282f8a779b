package report

import (
	"strconv"
	"strings"
)

const gutter = "   "

func itoa(n int) string { return strconv.Itoa(n) }

// columns lines cells up, three blanks between them as kubectl has it. In a limited
// width the widest column gives way first, down to its head.
func columns(rows []tableRow, width int) []Line {
	widths := make([]int, len(rows[0].cells))
	for _, r := range rows {
		for i, c := range r.cells {
			widths[i] = max(widths[i], Width(Safe(c)))
		}
	}
	if width > 0 {
		shrink(widths, rows[0].cells, width-(len(widths)-1)*len(gutter))
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

// shrink takes from the widest columns until they fit, but leaves each its head.
func shrink(widths []int, heads []string, fit int) {
	for {
		sum, widest := 0, -1
		for i, w := range widths {
			sum += w
			if w > Width(heads[i]) && (widest < 0 || w >= widths[widest]) {
				widest = i
			}
		}
		if sum <= fit || widest < 0 {
			return
		}
		widths[widest]--
	}
}
