package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/eks-access/kubectl-eks-access/tui"
)

// editor is the person's own, as kubectl edit finds and starts it (kubectl,
// pkg/cmd/util/editor).
type editor struct {
	getenv func(string) string
	open   atomic.Int32 // it has the terminal, more than 0
}

func (ed *editor) editing() tui.Editing {
	return tui.Editing{Text: changesText, Read: changesOf, Open: ed.edit}
}

// edit shows a text in the editor and returns it as it was saved. Nobody else can read the
// file, and nothing of it, or of what the editor puts beside it, is left.
func (ed *editor) edit(text string, in io.Reader, out io.Writer) (saved string, err error) {
	dir, err := os.MkdirTemp("", "eks-access-") // 0700
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, changesFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	args := editorOf(ed.getenv, path)
	c := exec.Command(args[0], args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = in, out, out
	ed.open.Add(1)
	err = c.Run()
	// An interrupt that ended the editor may still be on its way to us.
	time.AfterFunc(200*time.Millisecond, func() { ed.open.Add(-1) })
	if err != nil {
		err = fmt.Errorf("run the editor %q: %w\nname yours with KUBE_EDITOR or EDITOR", strings.Join(args[:len(args)-1], " "), err)
	}
	body, unread := os.ReadFile(path)
	if errors.Is(unread, os.ErrNotExist) {
		unread = nil // deleted there: it is empty
	}
	return string(body), errors.Join(err, unread)
}

// editorOf is the command that edits a file: KUBE_EDITOR, then EDITOR, then vi. It is
// split at blanks; one with quotes is left to the shell.
func editorOf(getenv func(string) string, path string) []string {
	command, shell, flag := "vi", "/bin/bash", "-c"
	if runtime.GOOS == "windows" {
		command, shell, flag = "notepad", "cmd", "/C"
	}
	for _, name := range []string{"EDITOR", "KUBE_EDITOR"} {
		if v := getenv(name); v != "" {
			command = v
		}
	}
	if !strings.ContainsAny(command, `"'\`) {
		return append(strings.Split(command, " "), path)
	}
	if !strings.Contains(command, " ") {
		return []string{command, path}
	}
	if v := getenv("SHELL"); v != "" {
		shell = v
	}
	return []string{shell, flag, fmt.Sprintf("%s %q", command, path)}
}

// heed ends the screens with a signal. Ctrl-C in an editor reaches everybody at the
// terminal, and is meant for the editor only. A second signal has its own effect.
func (ed *editor) heed(ctx context.Context) (context.Context, func()) {
	if ctx.Err() != nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for s := range signals {
			if s == os.Interrupt && ed.open.Load() > 0 {
				continue
			}
			signal.Stop(signals)
			cancel()
			return
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}
