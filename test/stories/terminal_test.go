package stories

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// terminal runs a program on a pseudo terminal and reads what a person would see.
type terminal struct {
	t    *testing.T
	mu   sync.Mutex
	vt   vt10x.Terminal
	raw  []byte // the last of what was written
	tty  *os.File
	done chan error
}

// patience is how long a screen may take on a machine that does much else. Real
// waits are part of it: a step that takes something away waits 10 seconds.
const patience = 2 * time.Minute

// open starts the program on a screen of this size.
func open(t *testing.T, cols, rows int, cmd *exec.Cmd) *terminal {
	t.Helper()
	cmd.Env = append(cmd.Environ(), "TERM=xterm", "NO_COLOR=1", "LC_ALL=C.UTF-8")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	// What the emulator answers (cursor position, device attributes) goes back to the program.
	term := &terminal{t: t, tty: tty, vt: vt10x.New(vt10x.WithSize(cols, rows), vt10x.WithWriter(tty)), done: make(chan error, 1)}
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := tty.Read(buf)
			if n > 0 {
				term.mu.Lock()
				term.vt.Write(buf[:n])
				term.raw = append(term.raw, buf[:n]...)
				term.raw = term.raw[max(len(term.raw)-1<<20, 0):]
				term.mu.Unlock()
			}
			if err != nil {
				break
			}
		}
		term.done <- cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		tty.Close()
	})
	return term
}

// screen is the text on it, without the blanks at the ends of lines.
func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	cols, rows := x.vt.Size()
	var b strings.Builder
	for y := range rows {
		line := make([]rune, cols)
		for c := range cols {
			line[c] = x.vt.Cell(c, y).Char
			if line[c] == 0 {
				line[c] = ' '
			}
		}
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return b.String()
}

// await waits until the screen shows the pattern.
func (x *terminal) await(pattern string) {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if re.MatchString(x.screen()) {
			return
		}
	}
	x.t.Fatalf("the screen never showed %q:\n%s", pattern, x.screen())
}

// press types keys one by one, as a person does.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	for _, k := range keys {
		if code, ok := named[k]; ok {
			k = code
		}
		if _, err := io.WriteString(x.tty, k); err != nil {
			x.t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond)
	}
}

// types types a text, as fast as a paste.
func (x *terminal) types(text string) {
	x.t.Helper()
	if _, err := io.WriteString(x.tty, text); err != nil {
		x.t.Fatal(err)
	}
}

// read waits until the cluster was read to its end.
func (x *terminal) read() {
	x.t.Helper()
	x.await(`IAM PRINCIPAL [1-9]`)
	for end := time.Now().Add(patience); strings.Contains(x.screen(), "reading "); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			x.t.Fatalf("the cluster is still being read:\n%s", x.screen())
		}
	}
}

// insist presses a key until the screen shows the pattern: a screen that opened by
// itself drops keys until they rest. Only for keys that do nothing where they lead.
func (x *terminal) insist(key, pattern string) {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		x.press(key)
		for again := time.Now().Add(3 * time.Second); time.Now().Before(again); time.Sleep(20 * time.Millisecond) {
			if re.MatchString(x.screen()) {
				return
			}
		}
	}
	x.t.Fatalf("%s never led to %q:\n%s", key, pattern, x.screen())
}

// scrolled is everything that a list shows on the way down through it.
func (x *terminal) scrolled(downs int) string {
	x.t.Helper()
	all := x.screen()
	for range downs {
		x.press("down")
		all += x.screen()
	}
	return all
}

// resize gives the terminal another size, as a window manager does.
func (x *terminal) resize(cols, rows int) {
	x.t.Helper()
	x.mu.Lock()
	x.vt.Resize(cols, rows)
	x.mu.Unlock()
	if err := pty.Setsize(x.tty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		x.t.Fatal(err)
	}
}

// last is the last of what the program wrote, with its escape sequences.
func (x *terminal) last() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return string(x.raw)
}

var named = map[string]string{"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "up": "\x1b[A", "right": "\x1b[C", "left": "\x1b[D", "tab": "\t", "ctrl+c": "\x03", "ctrl+p": "\x10"}

// ends waits for the program to leave and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	select {
	case err := <-x.done:
		if e, ok := err.(*exec.ExitError); ok {
			return e.ExitCode()
		}
		return 0
	case <-time.After(patience):
		x.t.Fatalf("the program is still there:\n%s", x.screen())
	}
	return -1
}
