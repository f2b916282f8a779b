package tui

import "testing"

// Who one is stays in the head when the basket is filled: what has a shorter form takes it.
func TestHeadShortensBeforeItLeavesOut(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24)
	d.app.o.Title = "demo s3"
	d.sees("you platform-admin", "▲ 1 finding").keys("down", "m").sees("API_AND_CONFIG_MAP", "demo s3", "you platform-admin", "basket 1", "▲ 1 ").lacks("1 finding").fits()
	d.shrink(72, 24).sees("basket 1", "▲ 1 ").lacks("you ").fits()
	d.shrink(120, 40).sees("you platform-admin", "▲ 1 finding").lacks("▲ 1  ")
	d.app.snap.Caller.Kube.Name = "a-role-whose-name-is-long-enough-for-two"
	d.shrink(80, 24).sees("you a-role-whos…", "basket 1", "▲ 1 ").fits()
}
