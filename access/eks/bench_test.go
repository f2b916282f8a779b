package eks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const realm access.Realm = "eks:demo"

// small is a world of one cluster with two entries.
const small = `
about: one cluster
accounts:
  "111122223333":
    roles: [{name: admin}, {name: team/dev}, {name: node}]
    users: [{name: ops/alice}]
callers:
- {key: AKIAADMIN000000001, arn: "arn:aws:sts::111122223333:assumed-role/admin/alice"}
clusters:
- name: demo
  account: "111122223333"
  region: eu-west-1
  version: "1.33"
  mode: API_AND_CONFIG_MAP
  entries:
  - principal: arn:aws:iam::111122223333:role/admin
    policies: [{policy: AmazonEKSClusterAdminPolicy}]
  - principal: arn:aws:iam::111122223333:role/team/dev
    groups: [b, a]
    username: "dev:{{SessionName}}"
    tags: {owner: platform}
    policies: [{policy: AmazonEKSViewPolicy, namespaces: [shop, "dev-*"]}]
`

const (
	admin = "arn:aws:iam::111122223333:role/admin"
	dev   = "arn:aws:iam::111122223333:role/team/dev"
	node  = "arn:aws:iam::111122223333:role/node"
	view  = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
	edit  = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
)

func world(t testing.TB, text string, change ...func(*sim.World)) sim.World {
	t.Helper()
	w, err := sim.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&w)
	}
	return w
}

func bench(w sim.World, o sim.Options) *sim.Bench {
	o.Policies = access.PolicyTable()
	return sim.New(w, o)
}

// open is the side of a bench as its default caller, in-process.
func open(t testing.TB, b *sim.Bench, change ...func(*eks.Options)) *eks.Side {
	t.Helper()
	return eks.New(configure(t, b, change...), "demo", realm)
}

func configure(t testing.TB, b *sim.Bench, change ...func(*eks.Options)) aws.Config {
	t.Helper()
	key, _ := b.Caller()
	o := eks.Options{Region: "eu-west-1", HTTPClient: &http.Client{Transport: sim.Wire(b)},
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", "")}
	for _, f := range change {
		f(&o)
	}
	cfg, err := eks.Config(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// read gathers what a side tells; the last part must leave nothing loading.
func read(t testing.TB, s *eks.Side) access.Snapshot {
	t.Helper()
	var mu sync.Mutex
	all := access.Snapshot{Objects: access.Objects{}}
	err := s.Read(context.Background(), func(part access.Snapshot) {
		mu.Lock()
		defer mu.Unlock()
		all = all.Done(realm).Merge(part)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Gaps {
		if g.Why == access.Loading {
			t.Errorf("still loading: %+v", g)
		}
	}
	return all
}

func gaps(s access.Snapshot) []string {
	var out []string
	for _, g := range s.Gaps {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", g.Why, g.Kind, g.Name)))
	}
	slices.Sort(out)
	return out
}

func asked(b *sim.Bench, operation string) (calls []sim.Call) {
	for _, c := range b.Calls() {
		if c.Operation == operation {
			calls = append(calls, c)
		}
	}
	return calls
}

// crowd is a world with many entries, half of them with a policy.
func crowd(t testing.TB, n int) sim.World {
	return world(t, small, func(w *sim.World) {
		c := &w.Clusters[0]
		c.Entries = nil
		for i := range n {
			e := sim.Entry{Principal: fmt.Sprintf("arn:aws:iam::111122223333:role/crowd/r%04d", i), Groups: []string{"crowd"}}
			if i%2 == 0 {
				e.Policies = []sim.Association{{Policy: "AmazonEKSViewPolicy", Namespaces: []string{fmt.Sprintf("ns-%d", i)}}}
			}
			c.Entries = append(c.Entries, e)
		}
	})
}

// BenchmarkRead250 reads 250 entries over real connections, with 60 ms for each
// call: 503 of them.
func BenchmarkRead250(b *testing.B) {
	w := crowd(b, 250)
	for b.Loop() {
		bench := bench(w, sim.Options{Latency: 60 * time.Millisecond})
		server := httptest.NewServer(bench)
		side := open(b, bench, func(o *eks.Options) { o.HTTPClient, o.Endpoint = nil, server.URL })
		s := read(b, side)
		if n := len(access.Of[access.AccessEntry](s.Objects)); n != 250 || len(s.Gaps) != 0 {
			b.Fatalf("%d entries, gaps %v", n, gaps(s))
		}
		b.StopTimer()
		server.Close()
		b.StartTimer()
	}
}

func wire(b *sim.Bench) *http.Client { return &http.Client{Transport: sim.Wire(b)} }

// updating answers DescribeUpdate by a fixed text, the rest from the bench.
func updating(b *sim.Bench, body string) *http.Client {
	return &http.Client{Transport: sim.Wire(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/updates/") {
			_, _ = w.Write([]byte(body))
			return
		}
		b.ServeHTTP(w, r)
	}))}
}
