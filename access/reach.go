package access

import (
	"maps"
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
	Places     Places   // where a grant for that namespace alone allows it
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
		a := ix.asked(q, may, hidden)
		n := 0
		for i := range rows {
			if a.answer(&rows[i], &out[n]); out[n].Verdict != No {
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
func (ix *Index) Anywhere(r Row, q Request) (out Reach) {
	ix.asked(q, ix.allowing(q), ix.Hidden()).answer(&r, &out)
	return out
}

// area is one request asked everywhere, of row after row. What a subject comes to is
// worked out once: many principals share their groups.
type area struct {
	ix     *Index
	q      Request
	may    allowed
	hidden []Gap
	of     map[subject]*tally
	census census
}

func (ix *Index) asked(q Request, may allowed, hidden []Gap) *area {
	return &area{ix: ix, q: q, may: may, hidden: hidden, of: map[subject]*tally{}, census: census{marks: make([]int32, len(ix.rbac.names))}}
}

func (a *area) answer(r *Row, out *Reach) {
	for i := range r.Mappings {
		if m := &r.Mappings[i]; m.State == Active {
			a.reach(m, out)
			out.Row = *r
			return
		}
	}
	*out = Reach{Row: *r, Verdict: No}
	unknown := slices.Clone(a.hidden)
	for _, m := range r.mayCount() {
		var some Reach
		a.reach(&m, &some)
		if some.Verdict == No {
			continue
		}
		if out.Verdict == No {
			*out = some
			out.Row, out.Verdict = *r, Unknown
		}
		unknown = append(append(unknown, undecidedGap(m)), some.Unknown...)
	}
	if len(unknown) > 0 {
		out.Verdict = Unknown
	}
	out.Unknown = unknown
}

// tally is what the bindings of one subject allow.
type tally struct {
	everywhere bool
	namespaces []int32 // numbers, rising
	first      int32   // the first binding that allows it
	n          int     // so many do
	grant      *Grant  // of the first, once somebody needs it
}

// none is that of a subject that no binding names.
var none tally

func (a *area) tally(sub subject) *tally {
	t, ok := a.of[sub]
	if ok {
		return t
	}
	r := a.ix.rbac
	list := r.named[sub]
	if len(list) == 0 { // as of most users' names
		return &none
	}
	t = &tally{}
	a.of[sub] = t
	for i, b := range list {
		if !a.may.roles[r.refs[b]] || a.q.URL != "" && r.namespaces[b] > 0 {
			continue
		}
		if t.n == 0 {
			t.first = b
		}
		t.n++
		n := r.namespaces[b]
		if n == 0 {
			t.everywhere = true
			continue
		}
		if t.namespaces == nil {
			t.namespaces = make([]int32, 0, len(list)-i)
		}
		if last := len(t.namespaces) - 1; last < 0 || t.namespaces[last] != n {
			t.namespaces = append(t.namespaces, n)
		}
	}
	return t
}

// reach sums up what the subjects and the policies of a mapping come to.
func (a *area) reach(m *Mapping, out *Reach) {
	*out = Reach{Mapping: *m, Verdict: No, Places: Places{r: a.ix.rbac}}
	if m.Identity.Super() {
		out.Verdict, out.Everywhere, out.Grant = Yes, true, Grant{Rules: superRules, Subject: "Group " + Masters}
		return
	}
	found := first{r: a.ix.rbac}
	for _, sub := range m.Identity.subjects() {
		t := a.tally(sub)
		found.take(sub, t, nil)
		out.Everywhere = out.Everywhere || t.everywhere
		out.Places.add(t.namespaces)
	}
	policies := a.ix.Policies(*m)
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
	out.Places.match(a.ix.names, out.Patterns)
	a.census.count(&out.Places)
	out.Patterns = slices.DeleteFunc(set(out.Patterns), func(p string) bool { return !strings.HasSuffix(p, "*") })
	sessions := a.ix.rbac.conditional(m.Identity)
	for _, c := range sortedConditions(slices.Collect(maps.Keys(sessions))) {
		some := SessionReach{Condition: c}
		in := Places{r: a.ix.rbac}
		n := 0
		for _, sub := range sessions[c] {
			t := a.tally(sub)
			n += t.n
			some.Everywhere = some.Everywhere || t.everywhere
			found.take(sub, t, &c)
			in.add(t.namespaces)
		}
		if n > 0 {
			a.census.count(&in)
			some.Namespaces = in.Names()
			out.When, out.Sessions = append(out.When, c), append(out.Sessions, some)
		}
	}
	found.fill(out)
	if !out.Everywhere {
		h := &holder{ix: a.ix, mapping: *m, policies: policies}
		out.Unknown = append(h.unknownAnywhere(), h.limited(a.q, true)...)
	}
	switch {
	case out.Everywhere, out.Places.Len() > 0, len(out.Patterns) > 0:
		out.Verdict = Yes
	case len(out.When) > 0:
		out.Verdict = Maybe
	case len(out.Unknown) > 0:
		out.Verdict = Unknown
	}
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
