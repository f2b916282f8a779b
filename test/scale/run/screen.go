//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// escapes are the sequences that move, colour and ask: ECMA-48's control sequences,
// and strings to the terminal itself.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|[\]P^_][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|[=>78DEHMc])`)

// rowName is how the matrix names a principal of the made-up world.
var rowName = regexp.MustCompile(`[a-z][a-z-]*[.-][0-9]{4}`)

// rowsShown returns how long the screens take until so many of these rows have been
// drawn, on a terminal that is high enough for them and the others between. The program is ended then.
func rowsShown(ctx context.Context, env, args []string, names map[string]bool, rows int) (time.Duration, error) {
	tty, screen, err := terminal(5*uint16(rows), 160)
	if err != nil {
		return 0, err
	}
	defer tty.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(env, "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	screen.Close()
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	go func() { <-ctx.Done(); tty.Close() }()
	seen := map[string]bool{}
	var text []byte
	for buf := make([]byte, 1<<16); ; {
		n, err := tty.Read(buf)
		text = append(text, buf[:n]...)
		for _, name := range rowName.FindAll(escapes.ReplaceAll(text, []byte{'\n'}), -1) {
			if names[string(name)] {
				seen[string(name)] = true
			}
		}
		switch {
		case len(seen) >= rows:
			return time.Since(began), nil
		case err != nil:
			return 0, fmt.Errorf("%d of %d rows were drawn: %w", len(seen), rows, errors.Join(err, ctx.Err()))
		}
	}
}

// entryNames are the names of the access entries' principals, without their paths,
// but for those that aws-auth names too: that is read sooner.
func entryNames(w scale.World) map[string]bool {
	out := map[string]bool{}
	for _, e := range w.Entries {
		out[e.Principal[strings.LastIndexByte(e.Principal, '/')+1:]] = true
	}
	for _, it := range w.Items {
		delete(out, it.ARN[strings.LastIndexByte(it.ARN, '/')+1:])
	}
	return out
}

// terminal opens a pseudo terminal of this size (pts(4)).
func terminal(rows, cols uint16) (tty, screen *os.File, err error) {
	if tty, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	var number, unlock uint32
	size := [4]uint16{rows, cols}
	for _, call := range []struct {
		request uintptr
		arg     unsafe.Pointer
	}{
		{syscall.TIOCGPTN, unsafe.Pointer(&number)},
		{syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)},
		{syscall.TIOCSWINSZ, unsafe.Pointer(&size)},
	} {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), call.request, uintptr(call.arg)); no != 0 {
			tty.Close()
			return nil, nil, no
		}
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		tty.Close()
		return nil, nil, err
	}
	return tty, screen, nil
}
