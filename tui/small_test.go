package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// shrink is a terminal that gets another size.
func (d *driver) shrink(w, h int) *driver {
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.settle()
	return d
}

// What can't be seen can't be asked for: no key of a change counts on a terminal that is
// too small to show it.
func TestNoKeyCountsOnATooSmallTerminal(t *testing.T) {
	for _, s := range []size{{30, 10}, {39, 24}, {120, 9}} {
		f := &fake{snap: workshop()}
		d := drive(t, f, s.w, s.h).keys("down", "M", "p", "space", "a", "y", "enter", "e", "w", "esc", "?")
		if len(d.app.basket) != 0 || len(d.app.stack) != 1 {
			t.Errorf("%dx%d: %d in the basket, %d screens", s.w, s.h, len(d.app.basket), len(d.app.stack))
		}
		same(t, workshop(), f.snap)
		d.shrink(120, 40).sees("IAM PRINCIPAL 9").keys("down", "m", "p", "a").sees("Apply to").shrink(s.w, s.h).keys("y")
		same(t, workshop(), f.snap)
		d.shrink(120, 40).sees("Apply to").keys("n", "g").shrink(s.w, s.h)
		d.send(tea.PasteMsg{Content: "carts"})
		if d.keys("q").shrink(120, 40).sees("Quit?"); d.left {
			t.Error("left with a basket at once")
		}
	}
}

func TestLeavingATooSmallTerminal(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		if d := drive(t, &fake{snap: workshop()}, 30, 10).keys(key); !d.left {
			t.Errorf("%s does not leave", key)
		}
		d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m").shrink(30, 10).keys(key)
		if d.sees("basket is not").keys("y"); d.left {
			t.Fatal("left with what was staged, by a key that is not shown")
		}
		if d.keys(key); !d.left {
			t.Errorf("%s twice does not leave", key)
		}
	}
}

// A change that is being applied goes on, whatever the size.
func TestApplyGoesOnInATooSmallTerminal(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "m", "p", "a")
	d.send(press("y")) // the commands wait in the driver
	d.send(tea.WindowSizeMsg{Width: 30, Height: 10})
	d.sees("A change is being")
	d.send(press("esc"))
	d.send(press("y"))
	d.settle()
	d.shrink(120, 40).sees("6 steps done")
}
