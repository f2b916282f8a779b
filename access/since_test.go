package access

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Taking back what nobody has touched since is asked for by neither of the two codes.
func TestLawSinceIsSilent(t *testing.T) {
	asked := func(u Plan) bool {
		for _, f := range u.Findings {
			if f.Code == GivesSince || f.Code == TakesSince {
				return true
			}
		}
		return false
	}
	forWishes(t, func(t *testing.T, r *rand.Rand, s Snapshot, p Plan) {
		for n := range len(p.Steps) + 1 {
			done := Project(s, p.Steps[:n]...)
			back, _ := Inverse(p.Steps[:n])
			u, err := BuildSteps(done, back)
			if err != nil {
				t.Fatal(err)
			}
			if u = Since(u, true, p); asked(u) {
				t.Errorf("after %d of %d\n%s\n%s\n%+v", n, len(p.Steps), strings.Join(p.Intents, "\n"), signs(u), u.Findings)
			}
		}
	})
}
