package access_test

import (
	"sync"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

var sizes = []string{"L/10", "L"}

var worlds = map[string]func() access.Snapshot{
	"L/10": sync.OnceValue(func() access.Snapshot { return scale.Of("L/10", 1).Snapshot() }),
	"L":    sync.OnceValue(func() access.Snapshot { return scale.Of("L", 1).Snapshot() }),
}

func BenchmarkIndex(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			s := worlds[size]()
			for b.Loop() {
				access.NewIndex(s)
			}
		})
	}
}

// BenchmarkScreen is one screen of cells, 60 rows by 20 namespaces, from an index
// that has answered nothing yet.
func BenchmarkScreen(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			s := worlds[size]()
			for b.Loop() {
				b.StopTimer()
				ix := access.NewIndex(s)
				b.StartTimer()
				for _, r := range ix.Rows()[:60] {
					for _, ns := range ix.Namespaces()[:20] {
						ix.Cell(r, ns)
					}
				}
			}
		})
	}
}

// BenchmarkWhoCanAnywhere asks over all namespaces, from an index that has answered
// nothing yet.
func BenchmarkWhoCanAnywhere(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			s := worlds[size]()
			for b.Loop() {
				b.StopTimer()
				ix := access.NewIndex(s)
				b.StartTimer()
				if got := ix.WhoCanAnywhere(access.Request{Verb: "delete", Resource: "pods"}); len(got) < 10 {
					b.Fatal(len(got))
				}
			}
		})
	}
}

// migration moves so many principals that aws-auth has in force to access entries.
func migration(b *testing.B, s access.Snapshot, n int) access.Plan {
	b.Helper()
	var in access.Migrate
	for _, r := range access.NewIndex(s).Rows() {
		if m, ok := r.Active(); ok && m.Source == access.FromAuthMap && !m.Identity.Node() && r.Principal.Kind != access.AccountPrincipal && len(in.Principals) < n {
			in.Principals = append(in.Principals, r.Principal)
		}
	}
	p, err := access.Build(s, in)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkGuard500(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			s := worlds[size]()
			p := migration(b, s, 500)
			b.ReportMetric(float64(len(p.Steps)), "steps")
			for b.Loop() {
				access.Guard(s, p, nil)
			}
		})
	}
}

func BenchmarkBuild500(b *testing.B) {
	for _, size := range sizes {
		b.Run(size, func(b *testing.B) {
			s := worlds[size]()
			for b.Loop() {
				migration(b, s, 500)
			}
		})
	}
}
