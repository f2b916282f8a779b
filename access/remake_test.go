package access

import (
	"encoding/json"
	"errors"
	"testing"
)

// A dead entry and one that somebody has made in its place since may be alike. The second
// lets its principal in: a plan that was made for the first leaves it alone.
func TestDeadEntryThatWasMadeAgainIsNotTheOneToDelete(t *testing.T) {
	dev := role("dev")
	s := s3(t, entry(dev, "dev", "devs"), policy(dev, ViewPolicy, "carts"), remade(t, dev))
	made := build(t, s, Remake{principal(t, dev)})
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var p Plan
	if err := json.Unmarshal(text, &p); err != nil { // as a journal or a plan file has it
		t.Fatal(err)
	}
	alive := entry(dev, "dev", "devs")
	alive.Created = began.AddDate(0, 2, 0)
	theirs := s
	theirs.Objects = s.Objects.With(alive)
	var conflict *Conflict
	if _, err := Remaining(theirs, p.Steps); !errors.As(err, &conflict) || conflict.Key != alive.Key() {
		t.Errorf("the entry that lives is deleted: %v", err)
	}
	for n := range len(p.Steps) + 1 {
		at := Project(s, p.Steps[:n]...)
		if e, ok := Get[AccessEntry](at.Objects, alive.Key()); ok && e.Created.IsZero() {
			e.Created = alive.Created // EKS stamps the one that the plan has made
			at.Objects = at.Objects.With(e)
		}
		if left, err := Remaining(at, p.Steps); err != nil || len(left) != len(p.Steps)-n {
			t.Errorf("after %d of %d steps: %d left, %v", n, len(p.Steps), len(left), err)
		}
	}
}
