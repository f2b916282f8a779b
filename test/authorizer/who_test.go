package authorizer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// TestJudgeWhoCan: who-can names whom the API server would let, in one namespace and
// over all of them, and nobody else.
func TestJudgeWhoCan(t *testing.T) {
	m := newMaker(*seed + 7)
	named, left, anywhere, local := 0, 0, 0, 0
	for range *worlds / 2 {
		w := m.World()
		ix, j := access.NewIndex(w.Snapshot()), newJudge(w)
		inside := *w
		inside.ClusterRoleBindings = nil
		jInside := newJudge(&inside)
		for range *requests / 10 {
			q := m.Request(w, w.People[m.IntN(len(w.People))])
			here := map[string]access.Verdict{}
			for _, a := range ix.WhoCan(q) {
				here[a.Row.Principal.ARN] = a.Verdict
			}
			all := map[string]access.Reach{}
			for _, r := range ix.WhoCanAnywhere(q) {
				all[r.Row.Principal.ARN] = r
			}
			for who, p := range w.People {
				u := login(p.Identity)
				fail := func(what string, q access.Request) {
					t.Helper()
					r := all[p.ARN()]
					t.Fatalf("seed %d: %s: who-can says %q, anywhere %q, in the cluster %t, in %v: %s", *seed+7, what, here[p.ARN()], r.Verdict, r.Everywhere, r.Places.Names(), difference{w, who, q, ""})
				}
				// One who is not named may not.
				want, otherwise := access.Yes, access.Verdict("")
				if p.Identity.Node() {
					otherwise = access.Unknown
				}
				if ok, _ := j.allows(u, q); !ok {
					want = otherwise
				}
				if here[p.ARN()] != want {
					fail("the API server says "+string(want), q)
				}
				if want == access.Yes {
					named++
				} else {
					left++
				}
				if p.Identity.Super() {
					continue
				}
				at := q
				at.Namespace = ""
				r := all[p.ARN()]
				everywhere, _ := j.allows(u, at)
				if r.Everywhere != everywhere {
					fail("in the whole cluster the API server differs", at)
				}
				var own []string
				for _, ns := range rbacworld.Namespaces {
					if at.Namespace = ns; q.URL != "" {
						break // a path is in no namespace
					}
					if ok, _ := jInside.allows(u, at); ok {
						own = append(own, ns)
					}
				}
				if !slices.Equal(r.Places.Names(), own) {
					fail(fmt.Sprint("the API server allows it in ", own), q)
				}
				if want := everywhere || len(own) > 0; (r.Verdict == access.Yes) != want {
					fail("somewhere or nowhere", q)
				}
				if everywhere {
					anywhere++
				}
				local += len(own)
			}
		}
	}
	t.Logf("seed %d: %d times named, %d times not; %d times for the whole cluster, %d namespaces", *seed+7, named, left, anywhere, local)
	if named < *worlds || local < *worlds {
		t.Error("a yes is rare")
	}
}
