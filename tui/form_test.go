package tui

import (
	"strings"
	"testing"
)

// A label never runs into what stands beside it.
func TestLabelsLeaveRoom(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("right", "g", "down")
	for _, want := range []string{"access policy ↵ choose", "cluster role  ↵ choose", "role          ↵ choose"} {
		d.keys("right").sees(want)
	}
	for _, k := range kindNames {
		if len(k) >= labelWidth {
			t.Errorf("%q is wider than its column", k)
		}
	}
}

// Keys in a form stand as at the foot: the key, then what it does.
func TestKeysInFormsLookLikeKeys(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("right", "g").sees("where         carts   ↵ choose  ← → the whole cluster", "  ↵ preview this grant", "  ↵ add to the basket").lacks("  → ")
	d.keys("down", "down", "down", "right").sees("‹ the whole cluster ›   ↵ choose namespaces").keys("esc")
	d.keys("x").sees("where         carts   ↵ choose  ← → wherever it is").lacks("  → ").keys("esc")
	d.keys("i", "right").sees("carts, orders   as it is   ↵ choose namespaces  ← → the whole cluster").lacks("  → ")
}

// The foot says what Enter does where the cursor is.
func TestEnterAtTheFootSaysWhatItDoes(t *testing.T) {
	for name, form := range map[string]struct{ open, want []string }{
		"grant":  {[]string{"right", "g"}, []string{"choose", "next", "next", "choose", "next", "next", "next", "preview", "to basket"}},
		"revoke": {[]string{"0", "x", "left"}, []string{"choose", "change", "preview", "to basket"}},
		"scope":  {[]string{"i", "right"}, []string{"next", "choose", "preview", "to basket"}},
		"alter":  {[]string{"i"}, []string{"next", "next", "choose", "preview", "to basket"}},
	} {
		d := drive(t, &fake{snap: bindings()}, 120, 40).keys(form.open...)
		for i, want := range form.want {
			if !strings.Contains(d.foot(), "↵ "+want) {
				t.Errorf("%s, line %d: want %s, have %s", name, i+1, want, d.foot())
			}
			d.keys("down")
		}
	}
}

// What was chosen from a list is done with: Enter goes on.
func TestChoosingGoesOnToTheNextField(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("right", "g", "enter", "enter").sees("▌  permission").keys("right", "enter").sees("▌  access policy")
	d.keys("enter").text("Edit").keys("enter").sees("access policy AmazonEKSEditPolicy", "▌  where").keys("enter").text("ui").keys("enter").sees("where         carts, ui", "▌  via")
	d.keys("esc", "x", "enter", "enter").sees("▌  where").keys("enter", "enter").sees("▌  ↵ preview this revocation")
	d.keys("esc", "i", "down", "down", "enter", "enter").sees("▌  ↵ preview this change")
	// With nothing chosen there is nothing to go on with.
	d.keys("esc", "i", "right", "down", "enter", "tab", "down", "down", "down", "down", "down", "down", "tab", "enter").sees("▌  where", "choose namespaces, or the whole cluster")
}

// A name that is not there yet is none of those that are.
func TestPickerCountsWhatThereIs(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("right", "g", "down", "down", "down", "enter").sees("8 of 8").text("tes").sees("tes  (will be created)", "0 of 8")
	d.keys("backspace", "backspace", "backspace").text("car").sees("car  (will be created)", "1 of 8").text("ts").sees("1 of 8").lacks("will be created")
}
