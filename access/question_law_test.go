package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// TestLawWhoCanIsEveryAnswer: asked about all, in one place or in all places, is the
// same as asked one by one.
func TestLawWhoCanIsEveryAnswer(t *testing.T) {
	found, places := 0, 0
	for seed := range uint64(4) {
		ix := access.NewIndex(scale.Of("tiny", seed+1).Snapshot())
		for _, q := range []access.Request{
			{Verb: "get", Resource: "pods"}, {Verb: "delete", Resource: "pods"}, {Verb: "update", Group: "apps", Resource: "deployments"},
			{Verb: "create", Group: "rbac.authorization.k8s.io", Resource: "rolebindings"}, {Verb: "get", Resource: "secrets"}, {Verb: "get", URL: "/metrics"},
		} {
			var one []string
			for _, r := range ix.Rows() {
				reach := ix.Anywhere(r, q)
				for _, ns := range append([]string{"", "not-yet"}, ix.Namespaces()...) {
					at := q
					at.Namespace = ns
					a := ix.Ask(r, at)
					if q.URL == "" && ns != "" && a.Verdict != access.No && ns == ix.Namespaces()[3] {
						one = append(one, r.Principal.ID())
					}
					sure := reach.Everywhere || slices.Contains(reach.Places.Names(), ns) || ns != "" && slices.ContainsFunc(reach.Patterns, func(p string) bool { return strings.HasPrefix(ns, strings.TrimSuffix(p, "*")) })
					if q.URL != "" {
						sure = reach.Everywhere
					}
					if (a.Verdict == access.Yes) != (sure && reach.Verdict == access.Yes) {
						t.Errorf("seed %d: %s: %+v is %s, and somewhere says %+v", seed, r.Principal, at, a.Verdict, reach.Places.Names())
					}
					if a.Verdict == access.Yes {
						places++
					}
				}
				if (reach.Verdict == access.No) == slices.ContainsFunc(ix.WhoCanAnywhere(q), func(o access.Reach) bool { return o.Row.Principal.ID() == r.Principal.ID() }) {
					t.Errorf("seed %d: %s: who-can -A and its own answer %s differ", seed, r.Principal, reach.Verdict)
				}
			}
			if q.URL == "" {
				at := q
				at.Namespace = ix.Namespaces()[3]
				var all []string
				for _, a := range ix.WhoCan(at) {
					all = append(all, a.Row.Principal.ID())
				}
				found += len(all)
				if !slices.Equal(one, all) {
					t.Errorf("seed %d: %+v: one by one %v, all at once %v", seed, at, one, all)
				}
			}
		}
	}
	if found < 100 || places < 1000 {
		t.Errorf("hardly anybody may do anything: %d, %d", found, places)
	}
}
