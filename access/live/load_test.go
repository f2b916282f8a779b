package live_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

func loading(s access.Snapshot) (n int) {
	for _, g := range s.Gaps {
		if g.Why == access.Loading {
			n++
		}
	}
	return n
}

func TestEmptyIsAllLoading(t *testing.T) {
	w := newMemory().world(t, "")
	w.Now = func() time.Time { return time.Unix(7, 0) }
	s := w.Empty()
	if loading(s) != 11 || len(s.Gaps) != 11 || len(s.Realms) != 2 || !s.At.Equal(time.Unix(7, 0)) {
		t.Errorf("%+v", s)
	}
}

// Many small parts are shown as few snapshots, and all of them arrive.
func TestLoadShowsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parts = 3000
		m := newMemory()
		m.read = func(realm access.Realm, seen func(access.Snapshot)) error {
			left := []access.Gap{{Realm: realm, Kind: access.EntryKind, Why: access.Loading}}
			for i := range parts {
				e := entry(fmt.Sprint(i))
				e.In = realm
				seen(access.Snapshot{Realms: []access.Realm{realm}, Objects: access.Objects{}.With(e), Gaps: left})
				time.Sleep(time.Millisecond)
			}
			seen(access.Snapshot{Realms: []access.Realm{realm}, Gaps: []access.Gap{{Realm: realm, Kind: access.PolicyKind, Why: access.Denied}}})
			return nil
		}
		w := m.world(t, "")
		var shown, last, before int
		s, err := w.Load(t.Context(), func(s access.Snapshot) {
			shown++
			if s.Objects.Len() < last {
				t.Error("the snapshot shrinks")
			}
			last = s.Objects.Len()
			if loading(s) > 0 {
				before++
				if loading(s) > 11 {
					t.Errorf("%d loading gaps", loading(s))
				}
			}
		})
		if err != nil || s.Objects.Len() != 2*parts || last != 2*parts || loading(s) != 0 || len(s.Gaps) != 2 {
			t.Errorf("%d objects, last shown %d, gaps %v, %v", s.Objects.Len(), last, s.Gaps, err)
		}
		if shown < 50 || shown > parts/20 || before < 50 {
			t.Errorf("shown %d times for %d parts", shown, 2*parts)
		}
	})
}

func TestLoadOfASideThatGivesUp(t *testing.T) {
	m := newMemory()
	m.read = func(realm access.Realm, seen func(access.Snapshot)) error {
		if realm == kubeRealm {
			return errors.New("gave up")
		}
		seen(access.Snapshot{Realms: []access.Realm{realm}})
		return nil
	}
	s, err := m.world(t, "").Load(context.Background(), nil)
	if err != nil || len(s.Gaps) != 6 || s.Gaps[0].Why != access.Broken || s.Gaps[0].Detail != "gave up" {
		t.Errorf("gaps %+v, %v: what was never read must not look empty", s.Gaps, err)
	}
}

func TestLoadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := newMemory()
	m.read = func(access.Realm, func(access.Snapshot)) error { cancel(); return ctx.Err() }
	if _, err := m.world(t, "").Load(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

type follower func(s access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error

func (f follower) Follow(_ context.Context, s access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error {
	return f(s, more, seen)
}

func TestFollowersSeeTheFactsAndAddTheirs(t *testing.T) {
	m := newMemory(filled(entry("a")))
	w := m.world(t, "")
	iam := access.IAMRealm("111122223333")
	w.Followers = []live.Follower{follower(func(s access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error {
		seen(access.Snapshot{Realms: []access.Realm{iam}, Gaps: []access.Gap{{Realm: iam, Kind: access.IAMPrincipalKind, Why: access.Loading}}})
		part := access.Snapshot{Realms: []access.Realm{iam}, Objects: access.Objects{}}
		for _, e := range access.Of[access.AccessEntry](s.Objects) {
			o := access.IAMPrincipal{In: iam, ID: e.Principal}
			part.Objects = part.Objects.With(o)
		}
		for _, p := range more {
			o := access.IAMPrincipal{In: iam, ID: p.ARN}
			part.Objects = part.Objects.With(o)
		}
		seen(part)
		return nil
	})}
	s, err := w.Load(context.Background(), nil)
	if n := len(access.Of[access.IAMPrincipal](s.Objects)); err != nil || n != 1 || loading(s) != 0 {
		t.Errorf("%d facts, gaps %v, %v", n, s.Gaps, err)
	}
	s, err = w.Lookup(context.Background(), s, access.Principal{ARN: "more"})
	if n := len(access.Of[access.IAMPrincipal](s.Objects)); err != nil || n != 2 || len(access.Of[access.AccessEntry](s.Objects)) != 1 {
		t.Errorf("%d facts after a lookup, %v", n, err)
	}
}

func BenchmarkLoad3000Parts(b *testing.B) {
	m := newMemory()
	m.read = func(realm access.Realm, seen func(access.Snapshot)) error {
		for i := range 3000 {
			e := entry(fmt.Sprint(i))
			seen(access.Snapshot{Realms: []access.Realm{realm}, Objects: access.Objects{}.With(e)})
		}
		return nil
	}
	for b.Loop() {
		if _, err := m.world(b, "").Load(context.Background(), func(access.Snapshot) {}); err != nil {
			b.Fatal(err)
		}
	}
}
