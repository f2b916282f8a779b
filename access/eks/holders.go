package eks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"

	"github.com/eks-access/kubectl-eks-access/access"
)

// holders knows which principals have any access policy, from one list of entries
// for each policy (ListAccessEntries, associatedPolicyArn). Most entries have none,
// and need not be asked about one by one.
//
// It is believed only when every list was read to its end, when anybody was found, and
// when it agrees with what the first page's entries say of their policies themselves.
// Whoever it does not speak for is asked.
type holders struct {
	ready  chan struct{} // closed when the fields below are final
	trust  bool
	having map[string]bool
	since  time.Time // entries that are younger are not in the lists for sure

	mu     sync.Mutex
	sample []access.PolicyAssociation // of entries that were asked anyway
	asked  sync.WaitGroup             // for the sample
}

// young is how much the clock here may be behind EKS's.
const young = 5 * time.Minute

func newHolders() *holders {
	return &holders{ready: make(chan struct{}), having: map[string]bool{}, since: time.Now().Add(-young)}
}

// has reports whether the principal has to be asked for its policies. It waits
// until that is known.
func (h *holders) has(ctx context.Context, arn string) bool {
	select {
	case <-h.ready:
		return !h.trust || h.having[arn]
	case <-ctx.Done():
		return true
	}
}

// settles reports whether the lists can have known the entry, and all that it may have.
// There may be policies that no list names: AWS's services and EKS's capabilities get
// their own, on entries that are theirs or have neither groups nor a policy we know, and
// so would do nothing (EKS user guide, "Review access policy permissions").
func (h *holders) settles(e *access.AccessEntry) bool {
	if e == nil || e.Created.IsZero() || !e.Created.Before(h.since) {
		return false
	}
	p, err := access.ParsePrincipal(e.Principal)
	return err == nil && !p.ServiceLinked() && e.Type == access.StandardType && len(e.Groups) > 0
}

// note adds what an entry said itself. Every one that was announced by asked.Add
// notes something, if only that it could not be read.
func (h *holders) note(found []access.PolicyAssociation) {
	h.mu.Lock()
	h.sample = append(h.sample, found...)
	h.mu.Unlock()
	h.asked.Done()
}

// readHolders asks for the holders of each policy at once. named are the policies'
// ARNs, none when they could not be read; the sample must have been announced.
func (s *Side) readHolders(ctx context.Context, h *holders, named []string) {
	defer close(h.ready)
	if len(named) == 0 {
		return // EKS has policies: an answer without any says nothing about them
	}
	type answer struct {
		arns []string
		err  error
	}
	policies := s.withPublished(named)
	answers := make([]answer, len(policies))
	var each sync.WaitGroup
	for i, policy := range policies {
		each.Go(func() { answers[i].arns, answers[i].err = s.entriesWith(ctx, policy) })
	}
	each.Wait()
	h.asked.Wait()
	whole := map[string]bool{}
	for i, policy := range policies {
		a := answers[i]
		if c := code(a.err); a.err != nil && (slices.Contains(named, policy) || c != notFound && c != invalidParameter) {
			return
		}
		// A policy of our table that EKS neither names nor knows is on no entry.
		whole[policy] = true
		for _, arn := range a.arns {
			h.having[arn] = true
		}
	}
	h.trust = len(h.having) > 0 && !slices.ContainsFunc(h.sample, func(a access.PolicyAssociation) bool { return !whole[a.Policy] || !h.having[a.Principal] })
}

// withPublished adds the policies that AWS has published and EKS does not name
// here: whether ListAccessPolicies names those that only AWS's services may
// associate is not documented.
func (s *Side) withPublished(named []string) []string {
	out := slices.Clone(named)
	partition := strings.Split(named[0]+"::", ":")[1]
	for _, name := range access.PolicyNames() {
		if arn := access.PolicyARN(partition, name); !slices.Contains(out, arn) {
			out = append(out, arn)
		}
	}
	return out
}

// entriesWith are the principals whose entries have a policy.
func (s *Side) entriesWith(ctx context.Context, policy string) ([]string, error) {
	if err := s.gate.enter(ctx); err != nil {
		return nil, s.refused(ctx, "ListAccessEntries", err)
	}
	defer s.gate.leave()
	var found []string
	pages := eks.NewListAccessEntriesPaginator(s.eks, &eks.ListAccessEntriesInput{
		ClusterName: &s.cluster, AssociatedPolicyArn: &policy, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.refused(ctx, "ListAccessEntries", err)
		}
		found = append(found, page.AccessEntries...)
	}
	return found, nil
}

// policiesOf are an entry's policies: asked for, or none if h knows that. described
// gives the entry when it is read, nil when it could not be.
func (s *Side) policiesOf(ctx context.Context, h *holders, arn string, described <-chan *access.AccessEntry) ([]access.PolicyAssociation, error) {
	if !h.has(ctx, arn) && h.settles(<-described) {
		return nil, nil
	}
	return s.associations(ctx, arn)
}
