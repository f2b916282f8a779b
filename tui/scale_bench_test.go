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
	a.world = survey(a.snap)
	a.size = size{w, h}
	a.tell(loaded{world: a.world})
	a.tell(resized{a.body()})
	return a
}

func BenchmarkLargeSurvey(b *testing.B) {
	s := worldL()
	for b.Loop() {
		survey(s)
	}
}

func BenchmarkLargeIndex(b *testing.B) {
	s := worldL()
	for b.Loop() {
		access.NewIndex(s)
	}
}

func BenchmarkLargeInspect(b *testing.B) {
	ix := access.NewIndex(worldL())
	for b.Loop() {
		access.Inspect(ix)
	}
}

func BenchmarkLargeRank(b *testing.B) {
	s := worldL()
	for b.Loop() {
		differing(s)
	}
}

func BenchmarkLargeKeys(b *testing.B) {
	for _, k := range []string{"down", "pgdown", "right", "$", "n", "f", "enter", "g", "space", "a", "end"} {
		b.Run(k, func(b *testing.B) {
			a := large(b, 200, 50)
			for b.Loop() {
				a.key(press(k))
				_ = a.draw()
				if len(a.stack) > 1 {
					a.cut(1)
				}
			}
		})
	}
}

func BenchmarkLargeFilter(b *testing.B) {
	for _, word := range []string{"dev", "level>=edit", "via:entry", "ns:pay", "ns:pay level>=edit"} {
		b.Run(word, func(b *testing.B) {
			a := large(b, 200, 50)
			a.key(press("/"))
			for i := 0; b.Loop(); i++ {
				if i%len(word) == 0 {
					a.key(press("ctrl+u"))
				}
				a.key(press(word[i%len(word) : i%len(word)+1]))
				_ = a.draw()
			}
		})
	}
}

func BenchmarkWhoCan(b *testing.B) {
	ix := access.NewIndex(worldL())
	q := access.Request{Verb: "get", Resource: "secrets", Namespace: ix.Namespaces()[100]}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			ix.WhoCan(q)
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			ix.WhoCanAnywhere(q)
		}
	})
}
