package tui

import (
	"context"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// big is an app on a cluster of 5,000 principals and 500 namespaces.
func big(b *testing.B, w, h int) *app {
	b.Helper()
	a := newApp(context.Background(), &fake{snap: workshop()}, Options{})
	a.profile = colorprofile.TrueColor
	a.paint()
	a.busy = false
	a.snap = crowd(5000, 500)
	a.world = survey(a.snap, nil)
	a.size = size{w, h}
	a.tell(loaded{world: a.world})
	a.tell(resized{a.body()})
	return a
}

func BenchmarkView(b *testing.B) {
	for name, s := range map[string]size{"80x24": {80, 24}, "120x40": {120, 40}, "200x50": {200, 50}} {
		b.Run(name, func(b *testing.B) {
			a := big(b, s.w, s.h)
			for b.Loop() {
				_ = a.draw()
			}
		})
	}
}

func BenchmarkMoveAndView(b *testing.B) {
	a := big(b, 200, 50)
	keys := []string{"pgdown", "down", "right", "right", "up"}
	for i := 0; b.Loop(); i++ {
		a.key(press(keys[i%len(keys)]))
		_ = a.draw()
	}
}

func BenchmarkFilterKey(b *testing.B) {
	a := big(b, 120, 40)
	a.key(press("/"))
	keys := []string{"a", "p", "p", "backspace", "backspace", "backspace"}
	for i := 0; b.Loop(); i++ {
		a.key(press(keys[i%len(keys)]))
	}
}

func BenchmarkFilterLevel(b *testing.B) {
	w := survey(crowd(5000, 500), nil)
	spans, f := spansOf(w.ix), parseFilter("level>=edit")
	for b.Loop() {
		f.rows(w, spans)
	}
}

func BenchmarkSurvey(b *testing.B) {
	s := crowd(5000, 500)
	for b.Loop() {
		survey(s, nil)
	}
}
