package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata")

// driver is a person without a terminal: it runs commands in the test's own
// goroutine, one after the other, until there is nothing left to do.
type driver struct {
	t      *testing.T
	app    *app
	clock  time.Time
	timers []tea.Msg // what would come after a while
	todo   []tea.Cmd
	left   bool
}

func drive(t *testing.T, b Backend, w, h int) *driver {
	t.Helper()
	d := start(t, b, w, h)
	d.settle()
	return d
}

// start shows the first frame; nothing has been read yet.
func start(t *testing.T, b Backend, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, clock: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)}
	d.app = newApp(context.Background(), b, Options{Title: "demo"})
	d.app.now = func() time.Time { d.clock = d.clock.Add(100 * time.Millisecond); return d.clock }
	d.app.after = func(_ time.Duration, msg tea.Msg) tea.Cmd {
		d.timers = append(d.timers, msg)
		return nil
	}
	d.app.profile = colorprofile.TrueColor
	d.app.paint()
	d.todo = append(d.todo, d.app.Init())
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.app.Update(msg)
	d.todo = append(d.todo, cmd)
}

// settle runs what is to be done; the timers fire when nothing else is.
func (d *driver) settle() {
	d.run()
	d.rest()
}

func (d *driver) run() {
	for len(d.todo) > 0 {
		cmd := d.todo[0]
		d.todo = d.todo[1:]
		if cmd == nil {
			continue
		}
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			d.todo = append(d.todo, msg...)
		case tea.QuitMsg:
			d.left = true
		default:
			d.send(msg)
		}
	}
}

// rest lets the time pass that makes keys count again.
func (d *driver) rest() {
	timers := d.timers
	d.timers = nil
	for _, msg := range timers {
		if _, ok := msg.(rested); ok {
			d.send(msg)
		}
	}
	d.run()
}

// keys presses keys and lets each have its effect.
func (d *driver) keys(names ...string) *driver {
	d.t.Helper()
	for _, n := range names {
		d.send(press(n))
		d.settle()
	}
	return d
}

// hurry presses keys without a pause.
func (d *driver) hurry(names ...string) *driver {
	for _, n := range names {
		d.send(press(n))
		d.run()
	}
	return d
}

func (d *driver) text(s string) *driver {
	for _, r := range s {
		d.keys(string(r))
	}
	return d
}

func (d *driver) plain() string { return ansi.Strip(d.app.draw()) }

func (d *driver) sees(want ...string) *driver {
	d.t.Helper()
	for _, w := range want {
		if !strings.Contains(d.plain(), w) {
			d.t.Fatalf("the screen does not show %q:\n%s", w, d.plain())
		}
	}
	return d
}

func (d *driver) lacks(not string) *driver {
	d.t.Helper()
	if strings.Contains(d.plain(), not) {
		d.t.Fatalf("the screen shows %q:\n%s", not, d.plain())
	}
	return d
}

// press is a key by its name.
func press(name string) tea.KeyPressMsg {
	named := map[string]rune{"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
		"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd}
	if c, ok := named[name]; ok {
		return tea.KeyPressMsg{Code: c}
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(c[0]), Mod: tea.ModCtrl}
	}
	if name == "shift+tab" {
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// golden compares the screen as plain text, and that it fits.
func (d *driver) golden(name string) {
	d.t.Helper()
	d.fits()
	path := filepath.Join("testdata", name+".txt")
	lines := strings.Split(d.plain(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.ReplaceAll(l, rowEnd, " "), " ")
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		d.t.Errorf("%s (rewrite with -update):\n%s", path, diff)
	}
}

// fits checks that the frame is exactly as big as the terminal, and safe.
func (d *driver) fits() {
	d.t.Helper()
	lines := strings.Split(d.app.draw(), "\n")
	if len(lines) != d.app.size.h {
		d.t.Errorf("%d lines on a terminal of %d", len(lines), d.app.size.h)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > d.app.size.w {
			d.t.Errorf("line %d is %d columns wide on a terminal of %d: %q", i+1, w, d.app.size.w, ansi.Strip(l))
		}
		for _, r := range ansi.Strip(l) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e {
				d.t.Errorf("line %d holds the control character %U: %q", i+1, r, l)
			}
		}
	}
}
