package eks_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// latency is what an EKS call is taken to last.
const latency = 60 * time.Millisecond

// scene is a world of some size on the bench. Its entries are old on every clock,
// also on that of a synctest bubble, which starts in 2000.
func scene(w scale.World) sim.World {
	s := w.Scene()
	entries := slices.Clone(s.Clusters[0].Entries)
	for i := range entries {
		entries[i].Created = time.Date(1999, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	s.Clusters[0].Entries = entries
	return s
}

// heard is a read with the time at which the first hundred whole entries were
// handed over.
type heard struct {
	access.Snapshot
	first, all time.Duration
}

// listen reads a made-up world's EKS side as the program does, frame by frame.
func listen(t testing.TB, s *eks.Side) heard {
	t.Helper()
	var h heard
	start := time.Now()
	w := live.World{Sides: map[access.Realm]live.Side{scale.EKS: s}}
	var err error
	h.Snapshot, err = w.Load(context.Background(), func(s access.Snapshot) {
		if h.first == 0 && len(access.Of[access.AccessEntry](s.Objects)) >= 100 {
			h.first = time.Since(start)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	h.all = time.Since(start)
	return h
}

// facts are what EKS tells of entries and their policies.
func facts(s access.Snapshot) (out []access.Object) {
	for _, e := range access.Of[access.AccessEntry](s.Objects) {
		out = append(out, e)
	}
	for _, a := range access.Of[access.PolicyAssociation](s.Objects) {
		out = append(out, a)
	}
	return out
}

func sameFacts(t *testing.T, want, got access.Snapshot) {
	t.Helper()
	if diff := cmp.Diff(facts(want), facts(got), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(access.AccessEntry{}, "Created")); diff != "" {
		t.Errorf("%d objects of %d\n%.2000s", len(facts(got)), len(facts(want)), diff)
	}
}

// refusing answers a share of the calls with a throttling error, by chance.
func refusing(seed uint64, share float64) func(sim.Call) *sim.Fault {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 1))
	return func(sim.Call) *sim.Fault {
		mu.Lock()
		defer mu.Unlock()
		if dice.Float64() < share {
			return &sim.Fault{Status: http.StatusTooManyRequests, Code: "ThrottlingException", Message: "Rate exceeded"}
		}
		return nil
	}
}

// bucket throttles what is above a rate, as AWS does (EC2 API reference, "Request
// throttling": token buckets; EKS does not publish its rates).
func bucket(rate, burst float64) func(sim.Call) *sim.Fault {
	var mu sync.Mutex
	tokens, last := burst, time.Now()
	return func(sim.Call) *sim.Fault {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		tokens, last = min(burst, tokens+rate*now.Sub(last).Seconds()), now
		if tokens < 1 {
			return &sim.Fault{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Too Many Requests"}
		}
		tokens--
		return nil
	}
}

// The clock of a synctest bubble stands still while anything runs, so these times
// are rounds of 60 ms and nothing of the machine; BenchmarkRead3000 has the machine.
// Under throttling they are chance as well (which call is refused, how long the
// SDK waits), so what is promised there is the rows, and an end.
func TestLawThrottlingLosesNoRow(t *testing.T) {
	size := "L"
	if testing.Short() {
		size = "L/10"
	}
	for name, tc := range map[string]struct {
		broken     func() func(sim.Call) *sim.Fault
		first, all time.Duration
	}{
		"no throttling":      {func() func(sim.Call) *sim.Fault { return nil }, 500 * time.Millisecond, 15 * time.Second},
		"one call in five":   {func() func(sim.Call) *sim.Fault { return refusing(1, 0.2) }, time.Minute, time.Minute},
		"200 calls a second": {func() func(sim.Call) *sim.Fault { return bucket(200, 300) }, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w := scale.Of(size, 1)
			b := bench(scene(w), sim.Options{Latency: latency})
			cfg := configure(t, b, region)
			synctest.Test(t, func(t *testing.T) {
				b.Break(tc.broken())
				got := listen(t, eks.New(cfg, scale.ClusterName, scale.EKS))
				sameFacts(t, w.Snapshot(), got.Snapshot)
				if len(got.Gaps) > 0 {
					t.Errorf("gaps %v", gaps(got.Snapshot))
				}
				if got.first == 0 || got.first > tc.first || got.all > tc.all {
					t.Errorf("the first 100 entries after %s, all after %s", got.first, got.all)
				}
				vain := 0
				for _, c := range b.Calls() {
					if c.Status == http.StatusTooManyRequests {
						vain++
					}
				}
				if n := len(b.Calls()); vain*5 > n*2 {
					t.Errorf("%d of %d calls in vain", vain, n)
				}
				t.Logf("the first 100 entries after %s, all %d after %s, %d calls, %d throttled", got.first, len(w.Entries), got.all, len(b.Calls()), vain)
			})
		})
	}
}

// TestLawFailedCallIsAGapOnItsRow: what fails for good is said of that row, which
// stays, and of no other.
func TestLawFailedCallIsAGapOnItsRow(t *testing.T) {
	w := scale.Of("L/10", 2)
	whole := w.Snapshot()
	dice := rand.New(rand.NewPCG(2, 2))
	broken := map[string]string{} // the operation that fails, by principal
	var want []string
	for range 25 {
		arn := w.Entries[dice.IntN(len(w.Entries))].Principal
		op, kind := "DescribeAccessEntry", access.EntryKind
		// Of an entry without policies nobody need ask, so nothing fails.
		if dice.IntN(2) == 0 && slices.ContainsFunc(access.Of[access.PolicyAssociation](whole.Objects), func(a access.PolicyAssociation) bool { return a.Principal == arn }) {
			op, kind = "ListAssociatedAccessPolicies", access.AssociationKind
		}
		if broken[arn] == "" {
			broken[arn] = op
			want = append(want, fmt.Sprintf("unreachable %s %s", kind, arn))
		}
	}
	slices.Sort(want)
	b := bench(scene(w), sim.Options{Latency: latency})
	throttle := refusing(3, 0.2)
	b.Break(func(c sim.Call) *sim.Fault {
		for arn, op := range broken {
			if c.Operation == op && strings.Contains(strings.ReplaceAll(strings.ReplaceAll(c.Path, "%2F", "/"), "%3A", ":"), "/"+arn) &&
				strings.HasSuffix(strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(c.Path, "%2F", "/"), "%3A", ":"), "/access-policies"), arn) {
				return &sim.Fault{Status: 500, Code: "ServerException", Message: "oops"}
			}
		}
		return throttle(c)
	})
	cfg := configure(t, b, region)
	synctest.Test(t, func(t *testing.T) {
		got := listen(t, eks.New(cfg, scale.ClusterName, scale.EKS))
		if diff := cmp.Diff(want, gaps(got.Snapshot)); diff != "" {
			t.Error(diff)
		}
		// All other rows are as they should be, and the broken ones are there.
		left := func(s access.Snapshot) (out []access.Object) {
			for _, o := range facts(s) {
				if e, ok := o.(access.AccessEntry); ok && broken[e.Principal] == "DescribeAccessEntry" {
					o = access.AccessEntry{In: e.In, Principal: e.Principal}
				}
				if a, ok := o.(access.PolicyAssociation); ok && broken[a.Principal] == "ListAssociatedAccessPolicies" {
					continue
				}
				out = append(out, o)
			}
			return out
		}
		if diff := cmp.Diff(left(whole), left(got.Snapshot), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(access.AccessEntry{}, "Created")); diff != "" {
			t.Errorf("%.2000s", diff)
		}
	})
}

// BenchmarkRead3000 reads the entries of world L over real connections.
func BenchmarkRead3000(b *testing.B) {
	w := scale.Of("L", 1)
	for name, share := range map[string]float64{"calm": 0, "throttled": 0.2} {
		b.Run(name, func(b *testing.B) {
			var first, all time.Duration
			var calls int
			for b.Loop() {
				bench := bench(scene(w), sim.Options{Latency: latency})
				if share > 0 {
					bench.Break(refusing(1, share))
				}
				server := httptest.NewServer(bench)
				cfg := configure(b, bench, func(o *eks.Options) { o.Region, o.HTTPClient, o.Endpoint = scale.Region, nil, server.URL })
				got := listen(b, eks.New(cfg, scale.ClusterName, scale.EKS))
				server.Close()
				if n := len(access.Of[access.AccessEntry](got.Objects)); n != len(w.Entries) || len(got.Gaps) > 0 {
					b.Fatalf("%d entries, gaps %v", n, gaps(got.Snapshot))
				}
				first, all, calls = first+got.first, all+got.all, calls+len(bench.Calls())
			}
			b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "first100-ms")
			b.ReportMetric(float64(calls)/float64(b.N), "calls")
			b.ReportMetric(float64(all.Milliseconds())/float64(b.N), "all-ms")
		})
	}
}
