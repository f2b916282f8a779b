package tui

import (
	"strings"
	"testing"
)

func TestLeavingWithABasketAsks(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		d := drive(t, &fake{snap: workshop()}, 80, 24).keys("down", "m", key).sees("Quit?", "1 staged change is not applied", "migrate eks-workshop-admins")
		for _, no := range []string{"enter", "n", "esc"} {
			if d.keys(no).lacks("Quit?"); d.left {
				t.Fatalf("left with %s", no)
			}
			d.keys(key).sees("Quit?")
		}
		if d.keys("y"); !d.left {
			t.Fatal("did not leave")
		}
	}
}

func TestControlCTwiceLeaves(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24).keys("down", "m", "p", "ctrl+c").sees("Quit?")
	if d.left {
		t.Fatal("left at once")
	}
	if d.keys("ctrl+c"); !d.left {
		t.Fatal("did not leave")
	}
	if d = drive(t, &fake{snap: workshop()}, 80, 24).keys("ctrl+c"); !d.left {
		t.Fatal("asks with nothing staged")
	}
}

// In a prompt it closes the prompt, whatever is typed there.
func TestControlCClosesAPrompt(t *testing.T) {
	for name, keys := range map[string][]string{
		"picker": {"n"}, "question": {"w"}, "help": {"?"}, "apply": {"down", "m", "p", "a"}, "filter": {"/", "c", "a"}, "filter of findings": {"f", "/", "c"},
	} {
		d := drive(t, &fake{snap: workshop()}, 100, 30)
		d.keys(keys[:len(keys)-1]...)
		before := len(d.app.stack)
		d.keys(keys[len(keys)-1]).keys("ctrl+c")
		if d.left || len(d.app.stack) != before {
			t.Errorf("%s: left %v, %d screens, want %d:\n%s", name, d.left, len(d.app.stack), before, d.plain())
		}
		if f, ok := d.app.stack[before-1].(footed); ok && f.foot(80, &theme{}) != "" {
			t.Errorf("%s: still typing", name)
		}
	}
}

// However much is staged, the answers are seen.
func TestLeavingSaysTheAnswersBelowALongBasket(t *testing.T) {
	for _, s := range sizes {
		d := drive(t, &fake{snap: crowd(40, 3)}, s.w, s.h)
		d.text("/app-").keys("enter", "right", "a", "g", "ctrl+b", "q").sees("Quit?", "staged changes are not").fits()
		if n := strings.Count(d.plain(), "y quit  n stay"); n != 2 { // in the dialog, and at the foot
			t.Errorf("%dx%d: the answers stand %d times:\n%s", s.w, s.h, n, d.plain())
		}
	}
}

// What one key takes out of the basket another brings back.
func TestWhatIsStagedComesBack(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30).keys("down", "m", "E").sees("the basket is empty: b, then u brings it back").lacks("basket 1")
	d.keys("b", "u").sees("1 migrate eks-workshop-admins", "basket 1")
	d.keys("x").sees("dropped; u brings it back", "the basket is empty").keys("u").sees("basket 1")
	d.keys("p", "c").sees("u brings it back").lacks("basket 1").keys("u").sees("basket 1", "1 migrate")
	d.keys("U").sees("the basket is empty: m migrates").keys("U").sees("U: u was not pressed").keys("u").sees("basket 1")
	d.keys("p", "a", "y").sees("steps done").keys("enter", "b", "u").sees("u: there was no other basket before")
}
