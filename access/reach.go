package access

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"
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
	Sessions   []SessionReach // what each of these conditions adds, sorted
	Unknown    []Gap
	Grant      Grant // the first that allows it, the whole cluster's first
	More       int   // so many others allow it too
}

// SessionReach is where the sessions of one condition may do it.
type SessionReach struct {
	Condition
	Everywhere bool     `json:"everywhere,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"`
}

// WhoCanAnywhere are all principals for whom the answer is not no somewhere, in the
// order of rows. The request's own namespace is not looked at.
func (ix *Index) WhoCanAnywhere(q Request) []Reach {
	rows := ix.Rows()
	may, hidden := ix.allowing(q), ix.Hidden()
	// Nothing that is remembered here is shared, so the halves need not wait for each other.
	out := make([]Reach, len(rows))
	half := func(rows []Row, out []Reach) int {
		reaching := ix.reaching(q, may, hidden)
		n := 0
		for _, r := range rows {
			if out[n] = reaching(r); out[n].Verdict != No {
				n++
			}
		}
		return n
	}
	mid := len(rows) / 2
	var first, second int
	var both sync.WaitGroup
	both.Go(func() { first = half(rows[:mid], out[:mid]) })
	both.Go(func() { second = half(rows[mid:], out[mid:]) })
	both.Wait()
	copy(out[first:], out[mid:mid+second])
	return out[: first+second : first+second]
}

// Anywhere says where one principal may do it.
func (ix *Index) Anywhere(r Row, q Request) Reach {
	return ix.reaching(q, ix.allowing(q), ix.Hidden())(r)
}

// reaching answers about row after row, with what is worked out of a request once.
func (ix *Index) reaching(q Request, may allowed, hidden []Gap) func(Row) Reach {
	a := &area{ix: ix, q: q, may: may, of: map[subject]*tally{}, seen: make([]uint64, (len(ix.rbac.names)+63)/64)}
	return func(r Row) Reach {
		if m, ok := r.Active(); ok {
			out := a.reach(m)
			out.Row = r
			return out
		}
		out := Reach{Row: r, Verdict: No}
		unknown := slices.Clone(hidden)
		for _, m := range r.mayCount() {
			some := a.reach(m)
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

// area is one request asked everywhere. What a subject comes to is worked out once:
// many principals share their groups.
type area struct {
	ix     *Index
	q      Request
	may    allowed
	of     map[subject]*tally
	seen   []uint64 // namespaces of bindings, by number; scratch, clean between two mappings
	memory []string // lists of namespaces are cut from it
}

// tally is what the bindings of one subject allow.
type tally struct {
	everywhere bool
	namespaces []uint64 // bits, by number
	first      int32    // the first binding that allows it
	n          int      // so many do
	grant      *Grant   // of the first, once somebody needs it
}

func (a *area) tally(sub subject) *tally {
	t, ok := a.of[sub]
	if ok {
		return t
	}
	t = &tally{}
	a.of[sub] = t
	r := a.ix.rbac
	for _, b := range r.named[sub] {
		if !a.may.roles[r.refs[b]] || a.q.URL != "" && r.namespaces[b] > 0 {
			continue
		}
		if t.n == 0 {
			t.first = b
		}
		t.n++
		if r.namespaces[b] == 0 {
			t.everywhere = true
			continue
		}
		if t.namespaces == nil {
			t.namespaces = make([]uint64, len(a.seen))
		}
		n := r.namespaces[b]
		t.namespaces[n/64] |= 1 << (n % 64)
	}
	return t
}

// reach sums up what the subjects and the policies of a mapping come to.
func (a *area) reach(m Mapping) Reach {
	out := Reach{Mapping: m, Verdict: No}
	if m.Identity.Super() {
		out.Verdict, out.Everywhere, out.Grant = Yes, true, Grant{Rules: superRules, Subject: "Group " + Masters}
		return out
	}
	found := first{r: a.ix.rbac}
	for _, sub := range m.Identity.subjects() {
		t := a.tally(sub)
		found.take(sub, t, nil)
		out.Everywhere = out.Everywhere || t.everywhere
		for i, w := range t.namespaces {
			a.seen[i] |= w
		}
	}
	policies := a.ix.Policies(m)
	for _, p := range policies {
		switch {
		case !a.may.policies[PolicyName(p.Policy)] || !p.Scope.Cluster && a.q.URL != "":
		case p.Scope.Cluster:
			out.Everywhere = true
			found.policy(p, "")
		case len(p.Scope.Namespaces) > 0:
			if sure := slices.DeleteFunc(slices.Clone(p.Scope.Namespaces), unsure); len(sure) > 0 {
				out.Patterns = append(out.Patterns, sure...)
				found.policy(p, sure[0])
			}
		}
	}
	out.Namespaces = a.covered(out.Patterns)
	out.Patterns = slices.DeleteFunc(set(out.Patterns), func(p string) bool { return !strings.HasSuffix(p, "*") })
	sessions := a.ix.rbac.conditional(m.Identity)
	for _, c := range sortedConditions(slices.Collect(maps.Keys(sessions))) {
		some := SessionReach{Condition: c}
		n := 0
		for _, sub := range sessions[c] {
			t := a.tally(sub)
			n += t.n
			some.Everywhere = some.Everywhere || t.everywhere
			found.take(sub, t, &c)
			for i, w := range t.namespaces {
				a.seen[i] |= w
			}
		}
		some.Namespaces = a.covered(nil)
		if n > 0 {
			out.When, out.Sessions = append(out.When, c), append(out.Sessions, some)
		}
	}
	found.fill(&out)
	if !out.Everywhere {
		h := &holder{ix: a.ix, mapping: m, policies: policies}
		out.Unknown = append(h.unknownAnywhere(), h.limited(a.q, true)...)
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
	r       *rbac
	rank    int
	n       int
	sub     subject
	tally   *tally
	when    *Condition
	policed *Grant
}

func (f *first) take(sub subject, t *tally, when *Condition) {
	f.n += t.n
	rank := pick(t.everywhere, 4, 3) - pick(when == nil, 0, 2)
	if t.n > 0 && rank > f.rank {
		f.rank, f.sub, f.tally, f.when, f.policed = rank, sub, t, when, nil
	}
}

func (f *first) policy(a PolicyAssociation, pattern string) {
	f.n++
	if rank := pick(pattern == "", 4, 3); rank > f.rank {
		g := policyGrant(a, pattern)
		f.rank, f.policed = rank, &g
	}
}

func (f *first) fill(out *Reach) {
	switch {
	case f.policed != nil:
		out.Grant = *f.policed
	case f.n > 0:
		if f.tally.grant == nil {
			g := f.r.grant(f.sub, f.tally.first)
			f.tally.grant = &g
		}
		out.Grant = *f.tally.grant
		out.Grant.When = f.when
	}
	out.More = max(f.n-1, 0)
}

// grant is what one binding gives a subject.
func (r *rbac) grant(sub subject, binding int32) Grant {
	return (&holder{ix: &Index{rbac: r}}).append(nil, sub, []int32{binding})[0]
}

// covered are the namespaces that were seen or that a pattern names, sorted. It
// leaves seen clean.
func (a *area) covered(patterns []string) []string {
	n := 0
	for _, w := range a.seen {
		n += bits.OnesCount64(w)
	}
	if cap(a.memory)-len(a.memory) < n {
		a.memory = make([]string, 0, max(n, 1<<14))
	}
	from := len(a.memory)
	for i, w := range a.seen {
		for ; w != 0; w &= w - 1 {
			a.memory = append(a.memory, a.ix.rbac.names[i*64+bits.TrailingZeros64(w)])
		}
		a.seen[i] = 0
	}
	out := a.memory[from:len(a.memory):len(a.memory)]
	for _, p := range patterns {
		if prefix, star := strings.CutSuffix(p, "*"); star {
			out = union(out, starting(a.ix.names, prefix))
		} else {
			out = union(out, []string{p})
		}
	}
	return out
}

// union merges two sorted lists.
func union(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0], b[0]); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// unknownAnywhere are the gaps that could make a no a yes in some place.
func (h *holder) unknownAnywhere() []Gap {
	var out []Gap
	for _, a := range h.policies {
		if p := a.Scope.unsure(""); p != "" {
			out = append(out, unsureGap(a, p))
		}
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
