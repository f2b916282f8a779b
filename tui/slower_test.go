//go:build !race

package tui

// slower is how much more time everything may take.
const slower = 1
