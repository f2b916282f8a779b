package access_test

import (
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// BenchmarkWhoCanAnywhereL is the whole answer of who-can -A on world L: the
// principals and the subjects beside them, from an index that has answered nothing yet.
func BenchmarkWhoCanAnywhereL(b *testing.B) {
	s := worlds["L"]()
	q := access.Request{Verb: "delete", Resource: "pods"}
	for b.Loop() {
		b.StopTimer()
		ix := access.NewIndex(s)
		b.StartTimer()
		if got := ix.WhoCanAnywhere(q); len(got) < 1000 {
			b.Fatal(len(got))
		}
		if got := ix.Beside(q, true); len(got) == 0 {
			b.Fatal("nobody beside")
		}
	}
}

// BenchmarkWhoCanL is the same for one namespace.
func BenchmarkWhoCanL(b *testing.B) {
	ix := access.NewIndex(worlds["L"]())
	q := access.Request{Verb: "delete", Resource: "pods", Namespace: ix.Namespaces()[100]}
	for b.Loop() {
		if got := ix.WhoCan(q); len(got) < 10 {
			b.Fatal(len(got))
		}
		ix.Beside(q, false)
	}
}
