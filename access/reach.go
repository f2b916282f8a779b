package access

import (
	"math/bits"
	"slices"
	"strings"
)

// Reach is where one principal may do something.
type Reach struct {
	Row        Row
	Mapping    Mapping
	Verdict    Verdict  // of the best of all places
	Everywhere bool     // in the whole cluster, in namespaces that don't exist yet too
	Namespaces []string // where a grant for that namespace alone allows it, sorted
	Patterns   []string // wildcards of access policies behind some of these
	When       []Condition
	Unknown    []Gap
	Grant      Grant // the first that allows it, the whole cluster's first
	More       int   // so many others allow it too
}

// WhoCanAnywhere are all principals for whom the answer is not no somewhere, in the
// order of rows. The request's own namespace is not looked at.
func (ix *Index) WhoCanAnywhere(q Request) []Reach {
	reaching := ix.reaching(q)
	var out []Reach
	for _, r := range ix.rows {
		if reach := reaching(r); reach.Verdict != No {
			out = append(out, reach)
		}
	}
	return out
}

// Anywhere says where one principal may do it.
func (ix *Index) Anywhere(r Row, q Request) Reach { return ix.reaching(q)(r) }

// reaching answers about row after row, with what is worked out of a request once.
func (ix *Index) reaching(q Request) func(Row) Reach {
	may := ix.rbac.allowing(q)
	seen := make([]uint64, (len(ix.rbac.names)+63)/64) // namespaces of bindings, by number
	hidden := ix.hidden()
	return func(r Row) Reach {
		if m, ok := r.Active(); ok {
			out := ix.holder(m).reach(may, q, seen)
			out.Row = r
			return out
		}
		out := Reach{Row: r, Verdict: No}
		unknown := slices.Clone(hidden)
		for _, m := range r.mayCount() {
			some := ix.holder(m).reach(may, q, seen)
			if some.Verdict == No {
				continue
			}
			if out.Verdict == No {
				out = some
				out.Row, out.Verdict = r, Unknown
			}
			unknown = append(append(unknown, undecidedGap(m)), some.Unknown...)
		}
		if len(unknown) > 0 {
			out.Verdict = Unknown
		}
		out.Unknown = unknown
		return out
	}
}

// reach goes through the bindings of a mapping once. seen is scratch, clean before and after.
func (h *holder) reach(may allowed, q Request, seen []uint64) Reach {
	out := Reach{Mapping: h.mapping, Verdict: No, Everywhere: h.super}
	if h.super {
		out.Verdict, out.Grant = Yes, Grant{Rules: superRules, Subject: "Group " + Masters}
		return out
	}
	found := first{h: h, counts: func(b int32) bool { return may.roles[h.ix.rbac.refs[b]] && (q.URL == "" || b < h.ix.rbac.clustered) }}
	for i, l := range h.lists {
		for _, b := range l {
			switch {
			case !found.take(h.subjects[i], b):
			case b < h.ix.rbac.clustered:
				out.Everywhere = true
			default:
				n := h.ix.rbac.namespaces[b]
				seen[n/64] |= 1 << (n % 64)
			}
		}
	}
	for _, a := range h.policies {
		switch {
		case !may.policies[PolicyName(a.Policy)] || !a.Scope.Cluster && q.URL != "":
		case a.Scope.Cluster:
			out.Everywhere = true
			found.policy(a, "")
		case len(a.Scope.Namespaces) > 0:
			out.Patterns = append(out.Patterns, a.Scope.Namespaces...)
			found.policy(a, a.Scope.Namespaces[0])
		}
	}
	out.Namespaces = h.ix.covered(seen, out.Patterns)
	out.Patterns = slices.DeleteFunc(set(out.Patterns), func(p string) bool { return !strings.HasSuffix(p, "*") })
	for _, s := range h.sessions {
		if found.takeAll(s) {
			out.When = append(out.When, s.when)
		}
	}
	out.Grant, out.More = found.grant, max(found.n-1, 0)
	if !out.Everywhere {
		out.Unknown = h.unknownAnywhere()
	}
	switch {
	case out.Everywhere, len(out.Namespaces) > 0, len(out.Patterns) > 0:
		out.Verdict = Yes
	case len(out.When) > 0:
		out.Verdict = Maybe
	case len(out.Unknown) > 0:
		out.Verdict = Unknown
	}
	return out
}

// first keeps the first grant that allows something, and counts them: what all
// sessions have before what some have, the whole cluster's before a namespace's.
type first struct {
	h      *holder
	counts func(binding int32) bool
	grant  Grant
	rank   int // of the grant
	n      int
}

// take counts a binding, if it does allow it.
func (f *first) take(sub subject, b int32) bool {
	if !f.counts(b) {
		return false
	}
	if f.better(pick(b < f.h.ix.rbac.clustered, 4, 3)) {
		f.grant = f.h.append(nil, sub, []int32{b})[0]
	}
	return true
}

func (f *first) policy(a PolicyAssociation, pattern string) {
	if f.better(pick(pattern == "", 4, 3)) {
		f.grant = policyGrant(a, pattern)
	}
}

// takeAll counts what some sessions have beside.
func (f *first) takeAll(s sessionly) bool {
	some := false
	for _, sub := range s.subjects {
		for _, b := range f.h.ix.rbac.named[sub] {
			if f.counts(b) {
				some = true
				if f.better(pick(b < f.h.ix.rbac.clustered, 2, 1)) {
					f.grant = f.h.append(nil, sub, []int32{b})[0]
					f.grant.When = &s.when
				}
			}
		}
	}
	return some
}

func (f *first) better(rank int) bool {
	f.n++
	if rank <= f.rank {
		return false
	}
	f.rank = rank
	return true
}

// covered are the namespaces that were seen or that a pattern names, sorted. It
// leaves seen clean.
func (ix *Index) covered(seen []uint64, patterns []string) []string {
	n := 0
	for _, w := range seen {
		n += bits.OnesCount64(w)
	}
	out := make([]string, 0, n)
	for i, w := range seen {
		for ; w != 0; w &= w - 1 {
			out = append(out, ix.rbac.names[i*64+bits.TrailingZeros64(w)])
		}
		seen[i] = 0
	}
	if len(patterns) == 0 {
		return out
	}
	for _, p := range patterns {
		if prefix, star := strings.CutSuffix(p, "*"); star {
			out = append(out, starting(ix.names, prefix)...)
		} else {
			out = append(out, p)
		}
	}
	return set(out)
}

// unknownAnywhere are the gaps that could make a no a yes in some place.
func (h *holder) unknownAnywhere() []Gap {
	var out []Gap
	for _, a := range h.policies {
		if p, ok := PolicyNamed(a.Policy); !ok || !p.Known() {
			out = append(out, Gap{Realm: a.In, Kind: PolicyKind, Name: PolicyName(a.Policy), Why: Undocumented})
		}
	}
	out = append(out, h.gaps(true)...)
	if h.mapping.Identity.Node() {
		out = append(out, Gap{Realm: h.ix.rbac.realm, Kind: "Node", Name: h.mapping.Identity.User, Why: NodeAuthority})
	}
	return out
}
