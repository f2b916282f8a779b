package eks

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Read asks for everything at once. What can't be read is a gap; the error is nil
// unless ctx ended.
func (s *Side) Read(ctx context.Context, seen func(access.Snapshot)) error {
	r := s.reading(seen)
	if s.cluster == "" {
		r.fail(&refusal{why: access.NotFound, text: "the cluster's name is not known: name it by --cluster-name"}, s.realm.Kinds()...)
		return nil
	}
	// Asked once here, or each of the calls would fail alone and slowly.
	if _, err := s.creds.Retrieve(ctx); err != nil && ctx.Err() == nil {
		r.fail(s.unauthorized(err), s.realm.Kinds()...)
		return nil
	}
	mode := s.knownMode()
	described := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { s.readCaller(ctx, r) })
	all.Go(func() { defer close(described); s.readCluster(ctx, r) })
	named := make(chan []string, 1)
	all.Go(func() { named <- s.readPolicies(ctx, r) })
	all.Go(func() {
		if mode == access.ConfigMapMode {
			<-described // don't ask for entries where there were none
		}
		s.readEntries(ctx, r, described, named)
	})
	all.Wait()
	return ctx.Err()
}

// reading hands parts over one at a time, each with what is still loading.
type reading struct {
	realm access.Realm
	seen  func(access.Snapshot)
	side  *Side
	mu    sync.Mutex
	left  access.Snapshot
}

func (s *Side) reading(seen func(access.Snapshot)) *reading {
	r := &reading{realm: s.realm, seen: seen, side: s}
	for _, k := range s.realm.Kinds() {
		r.left.Gaps = append(r.left.Gaps, access.Gap{Realm: s.realm, Kind: k, Why: access.Loading})
	}
	return r
}

// say hands a part over and ends the loading of these kinds.
func (r *reading) say(part access.Snapshot, done ...access.Kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(done) > 0 {
		r.left = r.left.Done(r.realm, done...)
	}
	part.Realms = []access.Realm{r.realm}
	part.Gaps = append(part.Gaps, r.left.Gaps...)
	r.seen(part)
}

// fail ends the loading of these kinds by a gap over each.
func (r *reading) fail(err error, kinds ...access.Kind) {
	var part access.Snapshot
	for _, k := range kinds {
		part.Gaps = append(part.Gaps, r.side.gap(k, "", err))
	}
	r.say(part, kinds...)
}

func objects(os ...access.Object) access.Snapshot {
	return access.Snapshot{Objects: access.Objects{}.With(os...)}
}

// readCaller asks who we are. It needs no permission; when it fails, the other
// calls tell why.
func (s *Side) readCaller(ctx context.Context, r *reading) {
	arn := s.identify(ctx)
	if arn == "" {
		return
	}
	p, _ := access.ParsePrincipal(arn)
	r.say(access.Snapshot{Caller: access.Caller{AWS: p}})
}

func (s *Side) readCluster(ctx context.Context, r *reading) {
	c, m, err := s.describeCluster(ctx)
	if err != nil {
		r.fail(err, access.ClusterKind, access.AuthModeKind)
		return
	}
	r.say(objects(c, m), access.ClusterKind, access.AuthModeKind)
}

// readPolicies returns the ARNs of the policies there are, nil when they can't be read.
func (s *Side) readPolicies(ctx context.Context, r *reading) []string {
	found, named := []access.Object{}, []string{}
	pages := eks.NewListAccessPoliciesPaginator(s.eks, &eks.ListAccessPoliciesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			part := objects(found...)
			part.Gaps = []access.Gap{s.gap(access.PolicyKind, "", s.refused(ctx, "ListAccessPolicies", err))}
			r.say(part, access.PolicyKind)
			return nil
		}
		for _, p := range page.AccessPolicies {
			found = append(found, access.AccessPolicy{In: s.realm, Name: aws.ToString(p.Name), ARN: aws.ToString(p.Arn)})
			named = append(named, aws.ToString(p.Arn))
		}
	}
	r.say(objects(found...), access.PolicyKind)
	return named
}

// pageSize is the most that EKS gives at once.
const pageSize = 100

// readEntries follows the pages and starts on each page's principals at once. The
// first page's are asked for everything; when there are more, it pays to find out
// first who has any policy.
func (s *Side) readEntries(ctx context.Context, r *reading, described <-chan struct{}, named <-chan []string) {
	var each sync.WaitGroup
	var failed error
	if mode := s.knownMode(); mode != access.ConfigMapMode {
		h := newHolders()
		pages := eks.NewListAccessEntriesPaginator(s.eks, &eks.ListAccessEntriesInput{ClusterName: &s.cluster, MaxResults: aws.Int32(pageSize)})
		for n := 0; failed == nil && pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				failed = s.refused(ctx, "ListAccessEntries", err)
				break
			}
			switch n {
			case 0:
				h.asked.Add(len(page.AccessEntries))
			case 1: // not before, so that the first rows come first
				each.Go(func() { s.readHolders(ctx, h, <-named) })
			}
			for _, arn := range page.AccessEntries {
				each.Go(func() { s.readEntry(ctx, r, h, arn, n == 0) })
			}
		}
	}
	each.Wait()
	<-described
	if failed != nil && !s.normal(failed) {
		r.fail(failed, access.EntryKind, access.AssociationKind)
		return
	}
	r.say(access.Snapshot{}, access.EntryKind, access.AssociationKind)
}

// normal reports whether the list was refused because of the mode CONFIG_MAP:
// that is no gap, such a cluster has no entries.
func (s *Side) normal(err error) bool {
	mode := s.knownMode()
	return wrongMode(err) && (mode == access.ConfigMapMode || mode == "")
}

// readEntry reads an entry and its policies, and shows them together: an entry
// without its policies would look like one that has none. Whoever is of the sample
// is asked for its policies in any case.
func (s *Side) readEntry(ctx context.Context, r *reading, h *holders, arn string, sample bool) {
	var entry *access.AccessEntry
	var policies []access.PolicyAssociation
	var noEntry, noPolicies error
	var both sync.WaitGroup
	described := make(chan *access.AccessEntry, 1)
	both.Go(func() {
		entry, noEntry = s.describeEntry(ctx, arn)
		described <- entry
	})
	both.Go(func() {
		if sample {
			policies, noPolicies = s.associations(ctx, arn)
			h.note(policies)
			return
		}
		policies, noPolicies = s.policiesOf(ctx, h, arn, described)
	})
	both.Wait()
	if code(noPolicies) == notFound && entry != nil {
		// Deleted in between, or so new that not all of EKS knows it: the entry itself tells.
		entry, noEntry = s.describeEntry(ctx, arn)
	}
	if ctx.Err() != nil || noEntry == nil && entry == nil {
		return // deleted since it was listed
	}
	var part access.Snapshot
	if noEntry != nil {
		// The row stays visible: the entry is there, we just don't know its identity.
		entry = &access.AccessEntry{In: s.realm, Principal: arn}
		part.Gaps = append(part.Gaps, s.gap(access.EntryKind, arn, noEntry))
	}
	if noPolicies != nil {
		part.Gaps = append(part.Gaps, s.gap(access.AssociationKind, arn, noPolicies))
	}
	found := []access.Object{*entry}
	for _, p := range policies {
		found = append(found, p)
	}
	part.Objects = part.Objects.With(found...)
	r.say(part)
}
