package tui

import (
	"strings"
	"testing"
)

// A wish of which no plan can be made stays in the form, with the reason.
func TestWhatCanNotBePlannedIsNotStaged(t *testing.T) {
	for name, keys := range map[string][]string{"key": {"ctrl+b"}, "line": {"up", "up", "up", "up", "enter"}} { // around to the last line
		d := roleForm(t, &fake{snap: workshop()}, 120, 40).text("none.yaml").sees("there is no role file none.yaml")
		d.keys(keys...).sees("not in the basket: there is no role file none.yaml", "Grant access").lacks("basket 1")
		d.keys("ctrl+p").sees("no plan can be made")
		if foot := d.foot(); strings.Contains(foot, "apply") || strings.Contains(foot, "export") {
			t.Errorf("%s: at the foot stands %q", name, foot)
		}
		d.keys("a").sees("a: there is no plan")
	}
}

// foot is the last line.
func (d *driver) foot() string {
	lines := strings.Split(d.plain(), "\n")
	return lines[len(lines)-1]
}

// Asked for before it is known whether it can be done, it is put into the basket when that
// is known, or not at all.
func TestStagingWaitsForTheAnswer(t *testing.T) {
	for path, want := range map[string]string{"none.yaml": "Grant access", "r.yaml": "basket 1"} {
		d := roleForm(t, &fake{snap: workshop()}, 120, 40)
		last := len(path) - 1
		d.text(path[:last])
		d.send(press(path[last:])) // the question waits in the driver
		d.send(press("ctrl+b"))
		d.sees("trying whether that can be done", "Grant access").lacks("basket 1")
		d.settle()
		if d.sees(want); want != "basket 1" {
			d.sees("not in the basket: there is no role file").lacks("basket 1")
		}
	}
	// Another key takes it back.
	d := roleForm(t, &fake{snap: workshop()}, 120, 40).text("r.yam")
	d.send(press("l"))
	d.send(press("ctrl+b"))
	d.send(press("up"))
	d.settle()
	d.sees("Grant access").lacks("basket 1")
}

// Marks go when they have served: the next key is not about whom the last one was for.
func TestMarksGoWhenTheyHaveServed(t *testing.T) {
	for name, keys := range map[string][]string{
		"staged grant": {"g", "ctrl+b"}, "applied grant": {"g", "down", "down", "right", "ctrl+p", "a", "y", "enter"},
		"staged revocation": {"x", "ctrl+b"}, "applied revocation": {"x", "ctrl+p", "a", "space", "a", "y", "enter"},
	} {
		d := drive(t, &fake{snap: bindings()}, 120, 40).text("/carts-dev").keys("enter", "right", "space").sees("1 marked")
		if d.keys(keys...).sees("IAM PRINCIPAL").lacks("1 marked"); len(d.app.stack) != 1 {
			t.Errorf("%s:\n%s", name, d.plain())
		}
	}
	// What was only looked at, or is about others, leaves them.
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("right", "space", "g", "ctrl+p").sees("Preview").keys("esc", "esc").sees("1 marked")
	d.keys("M").sees("basket 1", "1 marked")
}

// The mark of a migration of all stands at those who are migrated: not at nodes, entries
// and what is dead.
func TestMigrationOfAllMarksWhomItIsAbout(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 50}} {
		d := drive(t, &fake{snap: workshop()}, s.w, s.h).keys("M").sees("basket 1")
		var marked []string
		for _, l := range d.app.world.lines {
			if d.app.stack[0].(matrix).moves(l) {
				marked = append(marked, l.name)
			}
		}
		if got := strings.Join(marked, " "); got != "eks-workshop-admins orders-oncall" {
			t.Errorf("about %s", got)
		}
		if n := strings.Count(d.plain(), "◆"); n != 2 {
			t.Errorf("%d marks:\n%s", n, d.plain())
		}
		d.keys("p").sees("2 principals")
	}
}
