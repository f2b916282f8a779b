package authorizer

import (
	"testing"

	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// FuzzJudgeCan lets the fuzzer write the dice: its bytes are a world and requests.
// What it found worth keeping is in testdata.
func FuzzJudgeCan(f *testing.F) {
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := maker{rbacworld.Maker{Dice: (*rbacworld.Tape)(&b)}}
		w := m.World()
		ask, err := ours(w)
		if err != nil {
			t.Fatalf("%v in %s", err, w)
		}
		j := newJudge(w)
		for i := range 20 {
			who := i % len(w.People)
			q := m.Request(w, w.People[who])
			if what := differs(w, j, ask(who, q), who, q); what != "" {
				t.Fatal(shrunk(difference{w, who, q, what}, ours))
			}
		}
	})
}
