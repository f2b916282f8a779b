package tui

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// Benches on world L: how long a person waits. They are benches and not tests, since a
// machine that is busy with something else proves nothing.

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

// answers are how long keys took until their frames were drawn.
type answers []time.Duration

// press presses a key. What it asks for is done after its frame and is not counted,
// since tasks run beside the keyboard.
func (as *answers) press(a *app, key string) {
	began := time.Now()
	_, cmd := a.Update(press(key))
	_ = a.draw()
	*as = append(*as, time.Since(began))
	for cmd != nil {
		msg := cmd()
		cmd = nil
		if b, ok := msg.(tea.BatchMsg); ok && len(b) > 0 {
			msg = b[0]()
		}
		if _, ok := msg.(measured); ok {
			_, cmd = a.Update(msg)
		}
	}
}

// report says how long the middle key, 99 of 100 and the slowest took. The mean would
// hide the one that a person waits for.
func (as answers) report(b *testing.B) {
	slices.Sort(as)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(0, "ns/op") // it has the tasks in it
	b.ReportMetric(ms(as[len(as)/2]), "p50-ms")
	b.ReportMetric(ms(as[len(as)*99/100]), "p99-ms")
	b.ReportMetric(ms(as[len(as)-1]), "slowest-ms")
}

// Keys that move and mark, wherever the cursor is. A frame of the screen is 16 ms.
func BenchmarkKeysL(b *testing.B) {
	a := large(b, 200, 50)
	keys := []string{"down", "pgdown", "right", "left", "up", "right", "right", "pgup", "end", "home", "$", "0", "pgdown", "space", "pgdown", "right"}
	var took answers
	for i := 0; b.Loop(); i++ {
		took.press(a, keys[i*7%len(keys)])
	}
	took.report(b)
}

// The letters of a filter, one after the other.
func BenchmarkLettersL(b *testing.B) {
	a := large(b, 200, 50)
	for _, text := range []string{"team-1", "level>=edit", "via:entry", "dead", "ns:payments", "ns:pay level>=edit", "ns:prod level<=some", "zzz"} {
		b.Run(text, func(b *testing.B) {
			var took, other answers
			for b.Loop() {
				other.press(a, "/")
				other.press(a, "ctrl+u")
				for i := range text {
					took.press(a, text[i:i+1])
				}
				other.press(a, "esc")
			}
			took.report(b)
		})
	}
}

// Keys that open a screen, or ask something of all principals or namespaces.
func BenchmarkOpenL(b *testing.B) {
	a := large(b, 200, 50)
	for _, keys := range [][]string{{"n"}, {"f"}, {"enter"}, {"g"}, {"x"}, {"i"}, {"="}, {"a"}, {"m"}, {"w"}, {"w", "enter"}, {"w", "enter", "a"}} {
		b.Run(strings.Join(keys, "-"), func(b *testing.B) {
			var took, other answers
			for b.Loop() {
				for i, k := range keys {
					(*pick(i == len(keys)-1, &took, &other)).press(a, k)
				}
				a.cut(1)
			}
			took.report(b)
		})
	}
}

// Keys on the screens that hold much.
func BenchmarkScreensL(b *testing.B) {
	a := large(b, 200, 50)
	keys := []string{"down", "pgdown", "up", "pgdown", "end", "home"}
	text := exported{format: "terraform", lines: slices.Repeat([]string{`resource "aws_eks_access_entry" "role_app" {`}, 50000)}
	export, _ := newExports([]string{"terraform"}, nil, nil, "").update(text)
	basket := newStaged(basketed{})
	for _, l := range a.world.lines {
		basket.wishes = append(basket.wishes, migration(access.BothMode, l.row.Principal))
	}
	for _, sc := range []struct {
		name string
		screen
	}{
		{"who", newWho(a.world, question{request: access.Request{Verb: "get", Resource: "pods"}, anywhere: true})},
		{"findings", newFindings(a.world)},
		{"namespace", newPicker("Go to a namespace", a.world.ix.Namespaces(), nil, one, "")},
		{"export", export},
		{"basket", basket},
		{"compare", side(a.world, a.world.lines[0].name, a.world.lines[len(a.world.lines)/2].name, "")},
	} {
		b.Run(sc.name, func(b *testing.B) {
			a.push(sc.screen)
			var took answers
			for i := 0; b.Loop(); i++ {
				took.press(a, keys[i*5%len(keys)])
			}
			a.cut(1)
			took.report(b)
		})
	}
}
