package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// The least terminal that a screen is drawn on.
const (
	leastW = 40
	leastH = 10
)

// small reports whether the terminal is too small to show what a key would do. Then no
// key does anything but leave.
func (a *app) small() bool { return a.size.w < leastW || a.size.h < leastH }

// smallKey takes a key on such a terminal. What would be lost, or is under way, is said,
// and the same key again leaves.
func (a *app) smallKey(key string) tea.Cmd {
	if key != "q" && key != "ctrl+c" {
		return nil
	}
	switch {
	case a.running != nil:
		return a.leave()
	case a.asksToQuit():
		return tea.Quit
	}
	return a.quit()
}

// asksToQuit reports whether the screen with the keys is the question before leaving.
func (a *app) asksToQuit() bool {
	q, ok := a.stack[len(a.stack)-1].(ask)
	return ok && q.then == effect(gone{})
}

// smallView is all that is drawn there.
func (a *app) smallView() string {
	text := fmt.Sprintf("This needs a terminal of at least %d columns and %d lines; q leaves.", leastW, leastH)
	switch {
	case a.leaving:
		text = "Leaving after this step; q again leaves now."
	case a.running != nil:
		text = "A change is being applied. " + text
	case a.asksToQuit():
		text = "The basket is not applied: q again drops it and leaves."
	}
	lines := wrap(text, max(a.size.w, 1))
	return strings.Join(lines[:min(len(lines), a.size.h)], "\n")
}
