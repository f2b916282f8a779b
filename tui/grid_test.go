package tui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFitUsesNoMoreThanTheWidth(t *testing.T) {
	var names []int
	for i := range 60 {
		names = append(names, i*i%70)
	}
	for width := 40; width <= 300; width++ {
		for _, p := range []pane{accessPane, identityPane} {
			for _, want := range []wants{{just(10), just(10), just(10), just(10), just(20), 5, 5}, {extent{20, 64}, extent{10, 40}, extent{20, 50}, extent{30, 64}, extent{40, 100}, 30, 8},
				{just(3000), just(3000), just(3000), just(3000), just(6000), 3000, 12}} {
				for _, n := range []int{0, 1, 3, 60} {
					g := fit(size{width, 40}, names[:n], 0, want, p)
					used := gutter + g.name
					for _, w := range []int{g.detail, g.ident, g.via} {
						if w > 0 {
							used += gap + w
						}
					}
					if g.cluster > 0 {
						used += gap + g.cluster + edge
					}
					for _, c := range g.columns {
						used += c.width
					}
					if g.right > 0 {
						used += countWidth(g.right)
					}
					if used > width {
						t.Fatalf("%d columns of %d used for %+v: %+v", used, width, want, g)
					}
					if n > 0 && g.cluster > 0 && len(g.columns) == 0 {
						t.Fatalf("width %d: no namespace is shown: %+v", width, g)
					}
					if g.left+len(g.columns)+g.right != n && g.cluster > 0 {
						t.Fatalf("width %d: %d namespaces of %d", width, g.left+len(g.columns)+g.right, n)
					}
				}
			}
		}
	}
}

func TestShapes(t *testing.T) {
	for width, want := range map[int]shape{40: panes, 79: panes, 80: folded, 119: folded, 120: twoLine, 159: twoLine, 160: oneLine, 400: oneLine} {
		if got := shapeOf(width); got != want {
			t.Errorf("%d: shape %d, want %d", width, got, want)
		}
	}
}

func TestWindowFollowsTheCursor(t *testing.T) {
	for name, tc := range map[string]struct{ top, cursor, rows, total, want int }{
		"stays":          {3, 5, 10, 50, 3},
		"above":          {10, 5, 10, 50, 5},
		"below":          {0, 10, 10, 50, 1},
		"never past end": {45, 49, 10, 50, 40},
		"all fit":        {7, 2, 10, 5, 0},
		"no rows":        {0, 0, 0, 0, 0},
	} {
		if got := window(tc.top, tc.cursor, tc.rows, tc.total); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestBrokenLinesFitAndKeepEveryWord(t *testing.T) {
	for text, want := range map[string][]string{
		"short":                    {"short"},
		"one two three four":       {"one two", "three four"},
		"one two  ·  three":        {"one two  ·", "three"},
		"abcdefghijklmnopqrstuvwx": {"abcdefghi", "jklmnopqr", "stuvwx"},
	} {
		if diff := cmp.Diff(want, wrap(text, 10)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	if diff := cmp.Diff([]string{"  deep one", "   two", "   three"}, hang("  deep one two three", 11)); diff != "" {
		t.Error(diff)
	}
}

func TestNamesAreCutInTheirMiddle(t *testing.T) {
	for name, want := range map[string]string{"carts": "carts", "payments-dev-0077": "payment…v-0077", "payments-dev-0091": "payment…v-0091", "订单服务生产环境二": "订单服…环境二"} {
		if got := middle(name, 14); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The edge moves as little as needed, however it is found.
func TestEdgeMovesAsLittleAsNeeded(t *testing.T) {
	widths := []int{3, 9, 4, 4, 12, 3, 3, 8, 5, 7, 2, 2, 9}
	fits := func(first int) int {
		n, room := 0, 20
		for _, w := range widths[first:] {
			if room -= w; room < 0 {
				break
			}
			n++
		}
		return n
	}
	for first := range widths {
		for at := range widths {
			want := min(first, at)
			for want < at && at >= want+max(fits(want), 1) {
				want++
			}
			if got := firstFor(first, at, fits); got != want {
				t.Errorf("from %d to %d: %d, want %d", first, at, got, want)
			}
		}
	}
}
