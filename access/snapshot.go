package access

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is everything read at about one moment, and what could not be read.
type Snapshot struct {
	Caller  Caller
	Server  string // URL of the API server in the kubeconfig, "" when there is none
	Realms  []Realm
	Objects Objects
	Gaps    []Gap
	At      time.Time // when the read began
}

// Caller is who we are, on both sides. Kube may be another principal than AWS:
// the kubeconfig's helper has its own environment.
type Caller struct {
	AWS      Principal `json:"aws"`               // sts GetCallerIdentity
	Kube     Principal `json:"kube,omitzero"`     // SelfSubjectReview, extra "arn" of the authenticator
	Identity Identity  `json:"identity,omitzero"` // SelfSubjectReview
}

// Gap is something we could not read, and why. A gap whose answer could change a
// cell makes that cell unknown.
type Gap struct {
	Realm  Realm  `json:"realm"`
	Kind   Kind   `json:"kind"`
	Name   string `json:"name,omitempty"` // one object, or empty: the whole kind
	Why    Code   `json:"why"`
	Detail string `json:"detail,omitempty"` // what the server said, and the permission to ask for
}

// Reasons of a gap.
const (
	Loading        Code = "loading"         // not yet read
	Denied         Code = "denied"          // the server refused: Detail names the permission
	Unauthorized   Code = "unauthorized"    // credentials missing, expired or not mapped
	Unreachable    Code = "unreachable"     // no answer
	Throttled      Code = "throttled"       // refused for good after retries
	NotFound       Code = "not-found"       // no such cluster
	Broken         Code = "broken"          // an answer we can't read
	Undocumented   Code = "undocumented"    // AWS does not publish this policy's rules
	ScopeUnsure    Code = "scope-unsure"    // a wildcard that AWS does not document: it may match or not
	SessionDecides Code = "session-decides" // the session's name decides which bindings match
	NodeAuthority  Code = "node-authority"  // the Node authorizer decides, not RBAC
	NotGiven       Code = "not-given"       // a folder of files does not hold it
)

func (g Gap) compare(o Gap) int {
	return cmp.Or(cmp.Compare(g.Realm, o.Realm), cmp.Compare(g.Kind, o.Kind),
		cmp.Compare(g.Name, o.Name), cmp.Compare(g.Why, o.Why), cmp.Compare(g.Detail, o.Detail))
}

// Merge returns s with a part added. The part's objects replace those of the same
// key; a part that speaks about a realm and kind ends the Loading gap for it.
func (s Snapshot) Merge(part Snapshot) Snapshot {
	out := s
	out.Objects = s.Objects.Merge(part.Objects)
	for _, c := range []struct{ into, from *Principal }{
		{&out.Caller.AWS, &part.Caller.AWS}, {&out.Caller.Kube, &part.Caller.Kube},
	} {
		if c.from.ARN != "" {
			*c.into = *c.from
		}
	}
	if part.Caller.Identity.User != "" || len(part.Caller.Identity.Groups) > 0 {
		out.Caller.Identity = part.Caller.Identity
	}
	out.Server = cmp.Or(part.Server, s.Server)
	out.Realms = slices.Clone(s.Realms)
	for _, r := range part.Realms {
		if !slices.Contains(out.Realms, r) {
			out.Realms = append(out.Realms, r)
		}
	}
	slices.Sort(out.Realms)
	out.Gaps = append(slices.Clone(s.Gaps), part.Gaps...)
	slices.SortFunc(out.Gaps, Gap.compare)
	out.Gaps = slices.Compact(out.Gaps)
	if out.At.IsZero() {
		out.At = part.At
	}
	return out
}

// Done returns s without the Loading gaps of these kinds: they have been read.
func (s Snapshot) Done(r Realm, kinds ...Kind) Snapshot {
	s.Gaps = slices.DeleteFunc(slices.Clone(s.Gaps), func(g Gap) bool {
		return g.Why == Loading && g.Realm == r && g.Name == "" && (len(kinds) == 0 || slices.Contains(kinds, g.Kind))
	})
	return s
}

// Cluster is the EKS cluster that was read; false when DescribeCluster gave none.
func (s Snapshot) Cluster() (Cluster, bool) {
	cs := Of[Cluster](s.Objects)
	if len(cs) == 0 {
		return Cluster{}, false
	}
	return cs[0], true
}

// Mode is the cluster's authentication mode, "" when it is not known.
func (s Snapshot) Mode() Mode {
	for _, m := range Of[AuthMode](s.Objects) {
		return m.Mode
	}
	return ""
}

// AuthMap is the aws-auth ConfigMap; false when it is absent or was not read.
func (s Snapshot) AuthMap() (AuthMap, bool) {
	for _, m := range Of[AuthMap](s.Objects) {
		return m, true
	}
	return AuthMap{}, false
}

// Realm returns the realm of an API ("eks", "kube"), "" when there is none.
func (s Snapshot) Realm(api string) Realm {
	for _, r := range s.Realms {
		if r.API() == api {
			return r
		}
	}
	return ""
}

// Gap returns the gap over a whole kind (or, with a name, over that object too).
func (s Snapshot) Gap(r Realm, k Kind, name string) (Gap, bool) {
	for _, g := range s.Gaps {
		if g.Realm == r && g.Kind == k && (g.Name == "" || g.Name == name) {
			return g, true
		}
	}
	return Gap{}, false
}

// gaps are a snapshot's gaps by what they are about.
type gaps map[Key]Gap

func (s Snapshot) gaps() gaps {
	out := make(gaps, len(s.Gaps))
	for _, g := range s.Gaps {
		out[Key{Realm: g.Realm, Kind: g.Kind, Name: g.Name}] = g
	}
	return out
}

// whole is the gap over a kind, of the one of a single object.
func (g gaps) whole(r Realm, k Kind) (Gap, bool) { return g.of(r, k, "") }

func (g gaps) of(r Realm, k Kind, name string) (Gap, bool) {
	found, ok := g[Key{Realm: r, Kind: k, Name: name}]
	return found, ok
}

// Project returns the snapshot as it will be when the steps are done. Deleting an
// access entry deletes its associations with it (EKS user guide, "Delete access
// entries"); those deletions are steps of their own in a plan.
func Project(s Snapshot, steps ...Step) Snapshot {
	for _, st := range steps {
		switch {
		case st.After != nil:
			s.Objects = s.Objects.With(st.After)
		case st.Before != nil:
			s.Objects = s.Objects.Without(st.Before.Key())
		}
	}
	return s
}
