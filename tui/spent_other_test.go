//go:build !linux

package tui

import "time"

var started = time.Now()

// spent is the time that went by: other systems don't tell a thread's own.
func spent() time.Duration { return time.Since(started) }
