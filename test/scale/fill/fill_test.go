package fill_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
	"github.com/eks-access/kubectl-eks-access/test/scale"
	"github.com/eks-access/kubectl-eks-access/test/scale/fill"
)

// What World.Snapshot says is what the sides read of a real API server that holds
// the world, and of the bench: benches of the core measure the same facts.
func TestLawSnapshotIsWhatIsRead(t *testing.T) {
	w := scale.Of("tiny", 5)
	c := rig.EKSOf(t, w.Scene(), sim.Options{})
	if err := fill.APIServer(t.Context(), c.Admin, w); err != nil {
		t.Fatal(err)
	}
	key, _ := c.Bench.Caller()
	side, err := kube.New(c.As(key), scale.Kube)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := eks.Config(t.Context(), eks.Options{Region: c.Region, Endpoint: c.AWS, Credentials: credentials.NewStaticCredentialsProvider(key, "sandbox", "")})
	if err != nil {
		t.Fatal(err)
	}
	world := live.World{Sides: map[access.Realm]live.Side{scale.Kube: side, scale.EKS: eks.New(cfg, scale.ClusterName, scale.EKS)}}
	want := facts(w.Snapshot())
	var diff string
	// The controller that fills aggregated roles runs when it hears of a new one.
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		got, err := world.Load(context.Background(), nil)
		if err != nil || len(got.Gaps) > 0 {
			t.Fatalf("gaps %+v, error %v", got.Gaps, err)
		}
		if diff = cmp.Diff(want, facts(got), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(access.AccessEntry{}, "Created"),
			cmpopts.IgnoreFields(access.Cluster{}, "Endpoint", "Issuer")); diff == "" {
			if n := got.Objects.Len(); n < 400 || got.Caller.Identity.User != w.Snapshot().Caller.Identity.User {
				t.Errorf("%d objects, we are %+v", n, got.Caller)
			}
			return
		}
	}
	t.Errorf("%.4000s", diff)
}

// facts are the objects by their order. A role's rules are a set, and the
// controller that aggregates them has an order of its own.
func facts(s access.Snapshot) (out []access.Object) {
	for o := range s.Objects.All() {
		if r, ok := o.(access.Role); ok {
			r.Rules = slices.SortedFunc(slices.Values(r.Rules), func(a, b access.Rule) int { return strings.Compare(a.String(), b.String()) })
			o = r
		}
		out = append(out, o)
	}
	return out
}
