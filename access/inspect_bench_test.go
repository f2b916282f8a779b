package access_test

import (
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// BenchmarkInspect is everything that is worth knowing of a cluster.
func BenchmarkInspect(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			ix := access.NewIndex(worlds[size]())
			b.ReportAllocs()
			for b.Loop() {
				if fs := access.Inspect(ix); len(fs) < 10 {
					b.Fatal(len(fs))
				}
			}
		})
	}
}
