package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/term"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// env is what commands may touch: streams, whether a person sits there, and
// functions that open things. Building a command opens nothing.
type env struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // a person can be asked: stdin and stderr are terminals
	screen   bool // stdout is one too
	painted  struct{ out, err bool }
	width    func() int // of stdout, 0 when it is no terminal
	errWidth func() int // of stderr; nil, too, when it is none
	getenv   func(string) string
	open     func(context.Context, target) (*world, error)
	show     func(context.Context, *world, bareRequest) error // the screens
	shown    bool                                             // they have the terminal now
	quiet    bool                                             // a press of the Tab key: nothing is said
	typed    <-chan string                                    // the lines of in, once somebody was asked
}

// system is the env of the real process.
func system() *env {
	in, out, err := term.IsTerminal(os.Stdin.Fd()), term.IsTerminal(os.Stdout.Fd()), term.IsTerminal(os.Stderr.Fd())
	e := &env{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminal: in && err, screen: in && out && os.Getenv("TERM") != "dumb",
		width: widthOf(os.Stdout), errWidth: widthOf(os.Stderr), getenv: os.Getenv,
	}
	colour := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	e.painted.out, e.painted.err = out && colour, err && colour
	e.open = e.openWorld
	e.show = e.screens
	return e
}

func widthOf(f *os.File) func() int {
	return func() int {
		if w, _, err := term.GetSize(f.Fd()); err == nil {
			return w
		}
		return 0
	}
}

// plain takes the colours away: --no-color.
func (e *env) plain() { e.painted.out, e.painted.err = false, false }

// answer writes what was asked for to stdout.
func (e *env) answer(lines ...report.Line) error {
	w := bufio.NewWriter(e.out)
	for l := range fitting(lines, e.width) {
		fmt.Fprintln(w, paint(l, e.painted.out))
	}
	return w.Flush()
}

// fitting are the lines as a terminal of that width gets them. Where there is none, each
// stays one line, which can be searched.
func fitting(lines []report.Line, width func() int) iter.Seq[report.Line] {
	columns := room(width)
	return func(yield func(report.Line) bool) {
		for _, l := range lines {
			for _, part := range report.Wrap(l, columns) {
				if !yield(part) {
					return
				}
			}
		}
	}
}

// room is a terminal's width, 0 where there is none.
func room(width func() int) int {
	if width == nil {
		return 0
	}
	return width()
}

// say writes everything else to stderr. That stderr is gone is no reason to stop.
func (e *env) say(lines ...report.Line) {
	var b strings.Builder
	for l := range fitting(lines, e.errWidth) {
		b.WriteString(paint(l, e.painted.err) + "\n")
	}
	_, _ = io.WriteString(e.err, b.String())
}

// paint colours a line with the terminal's own sixteen colours, so that its theme
// decides what they look like.
func paint(l report.Line, on bool) string {
	code := map[report.Kind]string{
		report.Title: "1", report.Add: "32", report.Del: "31", report.Change: "33", report.Prove: "36",
		report.Note: "2", report.Warn: "33", report.Bad: "1;31", report.Good: "32",
	}[l.Kind]
	if !on || code == "" || l.Text == "" {
		return l.Text
	}
	return "\x1b[" + code + "m" + l.Text + "\x1b[0m"
}

// journals is the folder in which each change leaves its journal (XDG base
// directory specification: state that outlives a restart).
func (e *env) journals() string {
	state := e.getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the specification: relative paths are ignored
		home, err := os.UserHomeDir()
		if err != nil {
			home = os.TempDir()
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "kubectl-eks-access", "journals")
}
