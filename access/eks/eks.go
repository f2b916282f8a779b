// Package eks is the side that speaks to an EKS control plane: the cluster, its
// authentication mode, access entries and access policies.
//
// SDK types and SDK errors stop here. What comes out are access objects and
// errors that say who may not do what, and how to mend it.
package eks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Side reads and writes one cluster's realm. It is safe for concurrent use.
type Side struct {
	realm   access.Realm
	cluster string
	region  string
	profile string // for advice in errors, "" when there is none
	creds   aws.CredentialsProvider
	eks     *eks.Client
	sts     *sts.Client
	gate    *gate
	retry   pace // of answers that mean "not yet"
	poll    pace // of a cluster update

	asking sync.Mutex
	caller string // ARN, once STS has told it

	mu   sync.Mutex
	mode access.Mode // as last read
}

// pace is how often to ask again, and for how long.
type pace struct{ every, most, atMost time.Duration }

// New opens a cluster's EKS side. It asks nobody yet.
func New(cfg aws.Config, cluster string, realm access.Realm) *Side {
	s := &Side{
		realm: realm, cluster: cluster, region: cfg.Region, profile: profileOf(cfg), creds: cfg.Credentials,
		gate: newGate(),
		// AWS: entries and new roles are visible within seconds. The Terraform
		// provider waits on the same two answers.
		retry: pace{every: 300 * time.Millisecond, most: 2 * time.Second, atMost: 20 * time.Second},
		// An access config update takes a minute or more on a real cluster.
		poll: pace{every: 100 * time.Millisecond, most: 5 * time.Second, atMost: 30 * time.Minute},
	}
	s.eks = eks.NewFromConfig(cfg, func(o *eks.Options) { o.Retryer = retryer(s.gate.throttled) })
	s.sts = sts.NewFromConfig(cfg, func(o *sts.Options) { o.Retryer = retryer(nil) })
	return s
}

// profileOf is the shared config profile that the configuration came from.
func profileOf(cfg aws.Config) string {
	for _, source := range cfg.ConfigSources {
		if shared, ok := source.(config.SharedConfig); ok {
			return shared.Profile
		}
	}
	return ""
}

// Get reads one object as it is now; nil when it is absent.
func (s *Side) Get(ctx context.Context, k access.Key) (access.Object, error) {
	switch k.Kind {
	case access.ClusterKind:
		c, _, err := s.describeCluster(ctx)
		if err != nil {
			return nil, err
		}
		return c, nil
	case access.AuthModeKind:
		_, m, err := s.describeCluster(ctx)
		if err != nil {
			return nil, err
		}
		return m, nil
	case access.EntryKind:
		e, err := s.describeEntry(ctx, k.Name)
		if e == nil || err != nil {
			return nil, s.absentInConfigMapMode(err)
		}
		return *e, nil
	case access.AssociationKind:
		a, err := s.association(ctx, k)
		if a == nil || err != nil {
			return nil, s.absentInConfigMapMode(err)
		}
		return *a, nil
	}
	return nil, fmt.Errorf("read %s %s: EKS holds no such kind by name", k.Kind, k.Name)
}

// Put makes one change. It reads just before it writes, since EKS has no
// concurrency token, and refuses with a Conflict when the object is not before.
func (s *Side) Put(ctx context.Context, before, after access.Object) error {
	about := after
	if about == nil {
		about = before
	}
	switch about.(type) {
	case access.AccessEntry:
		return s.putEntry(ctx, as[access.AccessEntry](before), as[access.AccessEntry](after))
	case access.PolicyAssociation:
		return s.putAssociation(ctx, as[access.PolicyAssociation](before), as[access.PolicyAssociation](after))
	case access.AuthMode:
		return s.putMode(ctx, as[access.AuthMode](before), as[access.AuthMode](after))
	}
	return fmt.Errorf("change %s %s: EKS side writes entries, associations and the mode only", about.Key().Kind, about.Key().Name)
}

// as returns the object as a T, nil when there is none.
func as[T access.Object](o access.Object) *T {
	if t, ok := o.(T); ok {
		return &t
	}
	return nil
}

// identify asks STS who we are, once; "" when it does not answer. Who comes while
// it is being asked waits for the answer.
func (s *Side) identify(ctx context.Context) string {
	s.asking.Lock()
	defer s.asking.Unlock()
	if s.caller == "" {
		if out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil {
			s.caller = aws.ToString(out.Arn)
		}
	}
	return s.caller
}

func (s *Side) knowMode(m access.Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = m
}

func (s *Side) knownMode() access.Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode
}

// again calls do until it is done with it, at the pace p. do reports whether the
// answer means "not yet".
func (p pace) again(ctx context.Context, do func() (notYet bool, err error)) error {
	end, every := time.Now().Add(p.atMost), p.every
	for {
		notYet, err := do()
		if !notYet || !time.Now().Add(every).Before(end) {
			return err
		}
		if e := wait(ctx, every); e != nil {
			return e
		}
		every = min(every*3/2, p.most)
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
