//go:build race

package tui

// slower is how much more time everything may take: the race detector looks at each access.
const slower = 12
