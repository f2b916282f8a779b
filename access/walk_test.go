package access

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// between are steps from one world to another, in any order that keeps the chain of a key.
func between(r *rand.Rand, from, to Snapshot) []Step {
	var out []Step
	for o := range to.Objects.All() {
		if have := from.Objects.At(o.Key()); !Same(have, o) {
			out = append(out, Step{Before: have, After: o})
		}
	}
	for o := range from.Objects.All() {
		if to.Objects.At(o.Key()) == nil {
			out = append(out, Step{Before: o})
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// An index that goes on is, after every step, the index of the world as it is then;
// and whoever has other rights than before was named.
func TestLawAdvanceIsTheIndexOfTheProjection(t *testing.T) {
	steps := 0
	for seed := range 60 {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		s, to := randomWorld(t, r), randomWorld(t, r)
		more := []Object{
			Role{In: kubeR, Name: "nope", Rules: []Rule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
			Role{In: kubeR, Name: "view", Rules: []Rule{{Verbs: []string{"list"}, APIGroups: []string{"apps"}, Resources: []string{"*"}}}},
			Role{In: kubeR, Namespace: "fresh", Name: "nope", Rules: []Rule{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}},
			Namespace{In: kubeR, Name: "fresh"},
			binding("fresh", "f", "Role", "nope", "Group:devs"), binding("fresh", "g", "ClusterRole", "view", "Group:system:authenticated"),
		}
		for _, o := range more {
			if r.IntN(2) == 0 {
				to.Objects = to.Objects.With(o)
			}
		}
		if r.IntN(4) == 0 {
			am, _ := to.AuthMap()
			to.Objects = to.Objects.With(AuthMap{In: kubeR, Data: map[string]string{"mapRoles": am.Data["mapRoles"], "mapUsers": "[]", "mapAccounts": "- \"" + account + "\"\n"}})
		}
		before := NewIndex(s)
		at := before.fork()
		for i, st := range between(r, s, to) {
			steps++
			touched := at.advance(st)
			s = Project(s, st)
			fresh := NewIndex(s)
			for _, row := range fresh.Rows() {
				id := row.Principal.ID()
				if got, _ := at.row(id); !reflect.DeepEqual(got, row) {
					t.Fatalf("seed %d, step %d (%c %v): the row is\n%+v\nwant\n%+v", seed, i, st.Sign(), st.Key(), got, row)
				}
				for _, ns := range []string{"", "carts", "catalog", "default", "fresh", "nowhere"} {
					if got, want := at.Cell(row, ns), fresh.Cell(row, ns); !reflect.DeepEqual(got, want) {
						t.Fatalf("seed %d, step %d (%c %v): %s in %q is %+v, want %+v", seed, i, st.Sign(), st.Key(), id, ns, got, want)
					}
					m := at.inForce(id)
					if got, want := at.Grants(m, ns), fresh.Grants(m, ns); !reflect.DeepEqual(got, want) {
						t.Fatalf("seed %d, step %d (%c %v): %s in %q has %+v, want %+v", seed, i, st.Sign(), st.Key(), id, ns, got, want)
					}
				}
			}
			for _, d := range Compare(before, fresh) {
				if !slices.Contains(touched, d.Principal.ID()) {
					t.Fatalf("seed %d, step %d (%c %v): %s has other rights in %q and was not named (%v)", seed, i, st.Sign(), st.Key(), d.Principal, d.Namespace, touched)
				}
			}
			before = fresh
		}
		if r.IntN(3) == 0 { // put in place at last
			if got, want := fmt.Sprint(at.Rows()), fmt.Sprint(before.Rows()); got != want {
				t.Fatalf("seed %d: the rows are\n%s\nwant\n%s", seed, got, want)
			}
		}
	}
	if steps < 1000 {
		t.Errorf("%d steps are too few to mean anything", steps)
	}
}
