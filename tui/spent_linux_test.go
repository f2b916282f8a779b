package tui

import (
	"syscall"
	"time"
)

// spent is the processor time of this thread (getrusage(2), RUSAGE_THREAD).
func spent() time.Duration {
	const thisThread = 1
	var u syscall.Rusage
	if err := syscall.Getrusage(thisThread, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
