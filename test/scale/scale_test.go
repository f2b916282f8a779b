package scale_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/awsauth"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// The worlds are what numbers of different days are compared on: they don't change.
func TestWorldsStayWhatTheyAre(t *testing.T) {
	for name, want := range map[string]string{
		"tiny/1": "8ed3d7585f70", "tiny/2": "ce652043024e", "L/10/1": "424d571a8f5b",
	} {
		size, seed := name[:strings.LastIndexByte(name, '/')], uint64(name[len(name)-1]-'0')
		text, err := json.Marshal(scale.Of(size, seed))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(text))[:12]; got != want {
			t.Errorf("world %s: %s, was %s", name, got, want)
		}
	}
}

func TestWorldHasItsSize(t *testing.T) {
	size := scale.Sizes["L/10"]
	w := scale.New(size, 7)
	ms := access.Resolve(w.Snapshot())
	states := map[access.MappingState]int{}
	ids := map[string]bool{}
	for _, m := range ms {
		states[m.State]++
		ids[m.Principal.ID()] = true
	}
	if len(w.Entries) != size.Entries || len(w.Items) != size.Items+size.Items/50 {
		t.Errorf("%d entries, %d items", len(w.Entries), len(w.Items))
	}
	if want := size.Entries + size.Items; len(ids) != want {
		t.Errorf("%d principals, want %d", len(ids), want)
	}
	if states[access.Shadowed] == 0 || states[access.Active] != size.Entries+size.Items || len(states) != 2 {
		t.Errorf("mappings by state: %v", states)
	}
}

// What the entries and items say is what Members says, so that who is asked for by
// name is bound through groups, too.
func TestPeoplePresentTheirGroups(t *testing.T) {
	w := scale.Of("tiny", 3)
	seen := map[string]bool{}
	for _, m := range access.Resolve(w.Snapshot()) {
		if want, ok := w.Members[m.Identity.User]; ok {
			seen[m.Identity.User] = true
			if !slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(m.Identity.Groups))) {
				t.Errorf("%s presents %v, want %v", m.Identity.User, m.Identity.Groups, want)
			}
		}
	}
	if len(seen) != len(w.Members) {
		t.Errorf("%d of %d people are mapped", len(seen), len(w.Members))
	}
}

func TestSceneIsAWorldOfTheBench(t *testing.T) {
	w := scale.Of("L/10", 1)
	if m := awsauth.Parse(w.AuthMap()); len(m.Items) != len(w.Items) {
		t.Errorf("%d items of %d can be read", len(m.Items), len(w.Items))
	}
	scene := w.Scene()
	sim.New(scene, sim.Options{Policies: access.PolicyTable()})
	if n := len(scene.Accounts[scale.Account].Roles); n < 300 {
		t.Errorf("%d roles", n)
	}
}

func BenchmarkDrawL(b *testing.B) {
	for b.Loop() {
		scale.Of("L", 1)
	}
}

func BenchmarkSnapshotL(b *testing.B) {
	w := scale.Of("L", 1)
	for b.Loop() {
		w.Snapshot()
	}
}
