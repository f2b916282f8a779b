package live_test

import (
	"context"
	"slices"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// parts is a side that hands over what it has in parts of some size, as fast as it
// can: lists come in one part of thousands, access entries in a part of their own.
type parts struct {
	live.Side
	realm   access.Realm
	objects []access.Object
	size    int
}

func (p parts) Read(_ context.Context, seen func(access.Snapshot)) error {
	for chunk := range slices.Chunk(p.objects, p.size) {
		seen(access.Snapshot{Realms: []access.Realm{p.realm}, Objects: access.Objects{}.With(chunk...),
			Gaps: []access.Gap{{Realm: p.realm, Kind: access.EntryKind, Why: access.Loading}}})
	}
	seen(access.Snapshot{Realms: []access.Realm{p.realm}})
	return nil
}

// sides are a world's two, of what was read before.
func sides(size string) *live.World {
	var kube, eks []access.Object
	for o := range scale.Of(size, 1).Snapshot().Objects.All() {
		if o.Key().Realm == scale.Kube {
			kube = append(kube, o)
		} else {
			eks = append(eks, o)
		}
	}
	return &live.World{Sides: map[access.Realm]live.Side{
		scale.Kube: parts{realm: scale.Kube, objects: kube, size: 10000},
		scale.EKS:  parts{realm: scale.EKS, objects: eks, size: 1},
	}}
}

// What is merged is what was handed over, however many parts it came in.
func TestManyPartsMakeOneSnapshot(t *testing.T) {
	want := scale.Of("L/10", 1).Snapshot()
	frames := 0
	got, err := sides("L/10").Load(context.Background(), func(access.Snapshot) { frames++ })
	if err != nil || len(got.Gaps) > 0 {
		t.Fatalf("gaps %v, error %v", got.Gaps, err)
	}
	if !slices.EqualFunc(slices.Collect(want.Objects.All()), slices.Collect(got.Objects.All()), access.Same) {
		t.Errorf("%d objects of %d, or others", got.Objects.Len(), want.Objects.Len())
	}
	if frames == 0 {
		t.Error("nothing was shown")
	}
}

// Of two parts that hold one object the later counts, whatever their sizes.
func TestLaterPartCounts(t *testing.T) {
	old := slices.Collect(scale.Of("L/10", 1).Snapshot().Objects.All())
	changed := make([]access.Object, len(old))
	for i, o := range old {
		changed[i] = o
		if n, ok := o.(access.Namespace); ok {
			n.Meta.Labels = map[string]string{"seen": "later"}
			changed[i] = n
		}
	}
	for name, size := range map[string][2]int{"large, small": {10000, 1}, "small, large": {1, 10000}, "small, small": {1, 7}, "large, large": {9000, 8000}} {
		t.Run(name, func(t *testing.T) {
			w := live.World{Sides: map[access.Realm]live.Side{scale.Kube: later{
				parts{realm: scale.Kube, objects: old, size: size[0]}, parts{realm: scale.Kube, objects: changed, size: size[1]}}}}
			got, err := w.Load(context.Background(), nil)
			if err != nil || got.Objects.Len() != len(old) {
				t.Fatalf("%d objects of %d, %v", got.Objects.Len(), len(old), err)
			}
			for _, n := range access.Of[access.Namespace](got.Objects) {
				if n.Meta.Labels["seen"] != "later" {
					t.Fatalf("%s is as it was before", n.Name)
				}
			}
		})
	}
}

// later is a side that reads twice.
type later [2]parts

func (l later) Read(ctx context.Context, seen func(access.Snapshot)) error {
	_ = l[0].Read(ctx, seen)
	return l[1].Read(ctx, seen)
}

func (l later) Get(context.Context, access.Key) (access.Object, error)  { return nil, nil }
func (l later) Put(context.Context, access.Object, access.Object) error { return nil }

// BenchmarkGatherL merges world L out of some 4,000 parts, with a screen that
// looks on.
func BenchmarkGatherL(b *testing.B) {
	w := sides("L")
	b.ReportAllocs()
	for b.Loop() {
		frames := 0
		s, err := w.Load(context.Background(), func(access.Snapshot) { frames++ })
		if err != nil || s.Objects.Len() < 60000 {
			b.Fatalf("%d objects, %v", s.Objects.Len(), err)
		}
		b.ReportMetric(float64(frames), "frames")
	}
}
