// Package sim is the bench: the wire behaviour of AWS's EKS, IAM and STS behind
// one http.Handler, a small Kubernetes API for each cluster, and the webhooks
// that make a real kube-apiserver behave like one of EKS.
//
// It imports nothing of this module, so that it cannot share its mistakes. What
// AWS documents or was seen to do is cited by the name of the document; where
// neither tells, the bench refuses rather than guesses, and says so in a comment.
package sim

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options are the ways in which AWS differs from day to day.
type Options struct {
	// Policies is the table of access policies as JSON: a list of
	// {name, arn, assignable, rules: [{apiGroups, resources, verbs, nonResourceURLs, resourceNames}]}.
	Policies []byte
	// Now is the clock; nil is the real one.
	Now func() time.Time
	// Latency is added to every AWS call.
	Latency time.Duration
	// Visible is how long reads, the authenticator and the authorizer go on
	// seeing the state before a write.
	Visible time.Duration
	// ClusterUpdate is how long an UpdateClusterConfig stays in progress.
	ClusterUpdate time.Duration
	// PageSize caps every page below AWS's 100; 0 leaves it there.
	PageSize int
	// AuthMap reads the data of aws-auth for the authenticator, nil data if
	// there is no such ConfigMap; nil reads the bench's own Kubernetes half.
	AuthMap func() (map[string]string, error)
}

// Bench answers for one world. It is safe for concurrent use.
type Bench struct {
	options Options
	start   time.Time
	routes  *http.ServeMux

	mu       sync.Mutex // guards everything below
	policies []policy
	accounts map[string]*account
	callers  map[string]*caller // by access key
	first    string             // the default caller's access key
	clusters []*cluster
	answers  map[string]remembered // by client request token
	serial   int                   // of sessions and updates
	calls    []Call
	fault    func(Call) *Fault
}

// New sets up a world. The world is not changed, and neither is the bench by
// later changes to it.
func New(w World, o Options) *Bench {
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &Bench{
		options:  o,
		start:    o.Now(),
		policies: readPolicies(o.Policies),
		accounts: map[string]*account{},
		callers:  map[string]*caller{},
		answers:  map[string]remembered{},
	}
	for id, a := range w.Accounts {
		b.account(id).fill(w.partition(id), id, a)
	}
	for _, c := range w.Callers {
		if b.first == "" {
			b.first = c.Key
		}
		b.admit(c)
	}
	for _, c := range w.Clusters {
		b.clusters = append(b.clusters, b.newCluster(c))
	}
	b.routes = b.eksRoutes()
	return b
}

// Caller tells the access key and the ARN of the world's default caller.
func (b *Bench) Caller() (accessKey string, arn string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.callers[b.first]; c != nil {
		return c.key, c.arn.String()
	}
	return "", ""
}

// SetEndpoint sets what DescribeCluster answers for the address and the
// certificate authority (PEM) of a cluster's API server.
func (b *Bench) SetEndpoint(cluster, url string, ca []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.clusterNamed(cluster); c != nil {
		c.endpoint, c.ca = url, slices.Clone(ca)
	}
}

// clusterNamed finds a cluster for the parts of the bench that stand behind a
// cluster's own address and so need neither account nor region.
func (b *Bench) clusterNamed(name string) *cluster {
	for _, c := range b.clusters {
		if c.name == name {
			return c
		}
	}
	return nil
}

// seen is the time whose state a reader sees now.
func (b *Bench) seen() time.Time { return b.options.Now().Add(-b.options.Visible) }
