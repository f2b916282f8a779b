package cmd

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEditorIsFoundAsKubectlDoes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has other defaults")
	}
	for name, tc := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"none":               {nil, []string{"vi", "/t/f"}},
		"editor":             {map[string]string{"EDITOR": "nano"}, []string{"nano", "/t/f"}},
		"kubectl's own":      {map[string]string{"EDITOR": "nano", "KUBE_EDITOR": "emacs -nw"}, []string{"emacs", "-nw", "/t/f"}},
		"with arguments":     {map[string]string{"EDITOR": "code --wait"}, []string{"code", "--wait", "/t/f"}},
		"quotes: a shell":    {map[string]string{"EDITOR": `"/my tools/ed" -w`}, []string{"/bin/bash", "-c", `"/my tools/ed" -w "/t/f"`}},
		"the person's shell": {map[string]string{"EDITOR": `ed 'x y'`, "SHELL": "/bin/zsh"}, []string{"/bin/zsh", "-c", `ed 'x y' "/t/f"`}},
		"an odd name":        {map[string]string{"EDITOR": `a'b`}, []string{`a'b`, "/t/f"}},
	} {
		if diff := cmp.Diff(tc.want, editorOf(func(k string) string { return tc.env[k] }, "/t/f")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// scripted is an editor that is a shell script; $1 is the file.
func scripted(t *testing.T, script string) *editor {
	t.Helper()
	path := filepath.Join(t.TempDir(), "editor.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	return &editor{getenv: func(k string) string { return map[string]string{"EDITOR": path}[k] }}
}

func TestEditedFileIsPrivateAndGoes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell scripts")
	}
	ed := scripted(t, `ls -ld "$(dirname "$1")" | cut -c1-10; ls -l "$1" | cut -c1-10; basename "$1"; cat "$1"; echo copy > "$1~"; echo more >> "$1"; cat`)
	var out bytes.Buffer
	got, err := ed.edit("text\n", strings.NewReader("typed"), &out)
	if err != nil || got != "text\nmore\n" {
		t.Errorf("%q, %v", got, err)
	}
	if want := "drwx------\n-rw-------\nchanges.yaml\ntext\ntyped"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	left, _ := os.ReadDir(os.Getenv("TMPDIR"))
	if len(left) != 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

func TestEditorThatFailsSaysWhichAndKeepsTheText(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell scripts")
	}
	ed := scripted(t, `echo mine > "$1"; exit 3`)
	got, err := ed.edit("text\n", strings.NewReader(""), &bytes.Buffer{})
	if got != "mine\n" || err == nil || !strings.Contains(err.Error(), "exit status 3\nname yours with KUBE_EDITOR or EDITOR") {
		t.Errorf("%q, %v", got, err)
	}
	ed = scripted(t, `rm "$1"`)
	if got, err := ed.edit("text\n", strings.NewReader(""), &bytes.Buffer{}); got != "" || err != nil {
		t.Errorf("deleted: %q, %v", got, err)
	}
	ed = &editor{getenv: func(string) string { return "/no/such/editor" }}
	if _, err := ed.edit("", strings.NewReader(""), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `run the editor "/no/such/editor"`) {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) != 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

// Ctrl-C in an editor reaches us, too, and is not for us; any other signal is.
func TestInterruptsInAnEditorAreTheEditors(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	kept := make(chan os.Signal, 16) // the others' effect on a process that has no ear for them
	signal.Notify(kept, os.Interrupt, syscall.SIGHUP)
	defer signal.Stop(kept)
	ed := &editor{}
	ctx, done := ed.heed(t.Context())
	defer done()
	self, _ := os.FindProcess(os.Getpid())
	ed.open.Add(1)
	for range 3 {
		if err := self.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done() // by the last one
	again, end := ed.heed(t.Context())
	defer end()
	_ = self.Signal(os.Interrupt)
	time.Sleep(50 * time.Millisecond) // on its way; one that is late would not be seen here, and not fail
	if again.Err() != nil {
		t.Error("ended by what is the editor's")
	}
	ed.open.Add(-1)
	_ = self.Signal(os.Interrupt)
	<-again.Done()
}
