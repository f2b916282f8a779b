package tui

import (
	"context"
	"sync"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// worldL is the largest world there is: 5,000 namespaces, 50,000 RoleBindings, 3,000
// access entries, 2,000 aws-auth items.
var worldL = sync.OnceValue(func() access.Snapshot { return scale.Of("L", 1).Snapshot() })

// large is an app that shows world L.
func large(tb testing.TB, w, h int) *app {
	tb.Helper()
	a := newApp(context.Background(), &fake{snap: worldL()}, Options{})
	a.profile = colorprofile.TrueColor
	a.paint()
	a.busy = false
	a.snap = worldL()
	a.world = survey(a.snap, nil)
	a.size = size{w, h}
	a.tell(loaded{world: a.world})
	a.tell(resized{a.body()})
	return a
}

// What is done in tasks.
func BenchmarkTasksL(b *testing.B) {
	s := worldL()
	b.Run("survey", func(b *testing.B) {
		for b.Loop() {
			survey(s, nil)
		}
	})
	b.Run("differences", func(b *testing.B) {
		for b.Loop() {
			differing(access.NewIndex(s))
		}
	})
	b.Run("compare", func(b *testing.B) {
		w := survey(s, nil)
		for b.Loop() {
			contrastOf(w.ix, w.ix, [2]string{w.lines[0].id, w.lines[2500].id})
		}
	})
	b.Run("spans", func(b *testing.B) {
		for b.Loop() {
			spansOf(access.NewIndex(s))
		}
	})
}

// A key and its frame.
func BenchmarkKeyL(b *testing.B) {
	for _, k := range []string{"down", "pgdown", "end", "right", "$", "space"} {
		b.Run(k, func(b *testing.B) {
			a := large(b, 200, 50)
			for b.Loop() {
				a.key(press(k))
				_ = a.draw()
			}
		})
	}
}

// A letter of a filter and its frame.
func BenchmarkLetterL(b *testing.B) {
	for _, text := range []string{"team-1", "level>=edit", "ns:pay level>=edit"} {
		b.Run(text, func(b *testing.B) {
			a := large(b, 200, 50)
			a.tell(measured{a.world.ix, spansOf(access.NewIndex(a.snap))})
			a.key(press("/"))
			for i := 0; b.Loop(); i++ {
				at := i % len(text)
				if at == 0 {
					a.key(press("ctrl+u"))
				}
				a.key(press(text[at : at+1]))
				_ = a.draw()
			}
		})
	}
}

// A screen that a key opens.
func BenchmarkScreenL(b *testing.B) {
	w := survey(worldL(), nil)
	q := question{request: access.Request{Verb: "get", Resource: "secrets", Namespace: w.ix.Namespaces()[100]}}
	b.Run("who", func(b *testing.B) {
		for b.Loop() {
			newWho(w, q)
		}
	})
	q.anywhere = true
	b.Run("who-anywhere", func(b *testing.B) {
		for b.Loop() {
			newWho(w, q)
		}
	})
	b.Run("findings", func(b *testing.B) {
		for b.Loop() {
			newFindings(w)
		}
	})
}
