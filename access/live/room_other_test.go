//go:build !linux

package live_test

// little does nothing here: only Linux's test has small disks.
func little() {}
