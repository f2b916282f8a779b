package access

import (
	"slices"
	"testing"
)

// While others are still on their way, an entry that arrived says who its principal is
// and what its policies give; only a gap over itself takes that away.
func TestAnEntryIsWholeWhileOthersLoad(t *testing.T) {
	arn := role("early")
	s := s3(t, entry(arn, "early", "devs"), policy(arn, ViewPolicy, "carts"))
	s.Gaps = []Gap{{Realm: eksR, Kind: EntryKind, Why: Loading}, {Realm: eksR, Kind: AssociationKind, Why: Loading}}
	early := func(s Snapshot) (Mapping, Cell) {
		ix := NewIndex(s)
		r, ok := ix.Row(principal(t, arn))
		if !ok {
			t.Fatal("no row")
		}
		m, _ := r.Active()
		return m, ix.Cell(r, "carts")
	}
	if m, c := early(s); m.Identity.User != "early" || c.Level != View || len(c.Unknown) > 0 {
		t.Errorf("loading: %+v, %+v", m.Identity, c)
	}
	own := s
	own.Gaps = append(slices.Clone(s.Gaps), Gap{Realm: eksR, Kind: EntryKind, Name: arn, Why: Denied})
	if m, c := early(own); m.Identity.User != "" || len(c.Unknown) != 1 {
		t.Errorf("its own gap: %+v, %+v", m.Identity, c)
	}
	never := s
	never.Gaps = []Gap{{Realm: eksR, Kind: AssociationKind, Why: Denied}}
	if _, c := early(never); len(c.Unknown) != 1 {
		t.Errorf("policies never read: %+v", c)
	}
}
