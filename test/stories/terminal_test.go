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
	tty  *os.File
	done chan error
}

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
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
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

// rest is the pause after which a screen that opened by itself takes keys.
func (x *terminal) rest() { time.Sleep(time.Second) }

var named = map[string]string{"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "up": "\x1b[A", "right": "\x1b[C", "left": "\x1b[D", "tab": "\t"}

// ends waits for the program to leave and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	select {
	case err := <-x.done:
		if e, ok := err.(*exec.ExitError); ok {
			return e.ExitCode()
		}
		return 0
	case <-time.After(15 * time.Second):
		x.t.Fatalf("the program is still there:\n%s", x.screen())
	}
	return -1
}
