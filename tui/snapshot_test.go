package tui

import (
	"strings"
	"testing"
)

// What was is always told from what is, and of when it is.
func TestSnapshotIsAlwaysSeen(t *testing.T) {
	const title = "snapshot 2026-11-22 02:04Z"
	for w := 60; w <= 200; w += 10 {
		d := drive(t, &fake{snap: workshop()}, w, 24)
		d.app.o.Title = title
		d.keys("down", "m").sees(title)
		long := *d.app.world
		long.cluster.Name = strings.Repeat("long", 20)
		d.app.world = &long
		d.sees(title)
	}
}
