package access

import (
	"math/bits"
	"slices"
	"strings"
)

// Verdict of a question: no is said only when everything that could make it a yes
// was read.
type Verdict string

const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Maybe   Verdict = "conditional" // yes for the sessions that the grants' conditions name
	Unknown Verdict = "unknown"
)

// Answer is what one principal may of one request.
type Answer struct {
	Row     Row
	Mapping Mapping // in force, or undecided; zero when the principal has none
	Verdict Verdict
	Grants  []Grant // those that allow it, what every session has first
	Rules   []Rule  // of each grant, the first rule that allows it
	Unknown []Gap   // could make a no a yes
}

// Ask answers one request for a principal.
func (ix *Index) Ask(r Row, q Request) Answer {
	m, ok := r.Active()
	if ok {
		a := ix.ask(m, q)
		a.Row = r
		return a
	}
	u, undecided := r.Undecided()
	if !undecided {
		return Answer{Row: r, Verdict: No}
	}
	a := ix.ask(u, q)
	a.Row = r
	if a.Verdict != No {
		a.Verdict, a.Unknown = Unknown, append([]Gap{undecidedGap(u)}, a.Unknown...)
	}
	return a
}

func (ix *Index) ask(m Mapping, q Request) Answer {
	a := Answer{Mapping: m}
	for _, gs := range [][]Grant{ix.Grants(m, q.Namespace), ix.Conditional(m, q.Namespace)} {
		for _, g := range gs {
			if i := slices.IndexFunc(g.Rules, func(r Rule) bool { return Allows(r, q) }); i >= 0 {
				a.Grants, a.Rules = append(a.Grants, g), append(a.Rules, g.Rules[i])
			}
		}
	}
	if len(a.Grants) > 0 && a.Grants[0].When == nil {
		a.Verdict = Yes
		return a
	}
	a.Unknown = ix.holder(m).unknown(q.Namespace)
	if m.Identity.Node() {
		a.Unknown = append(a.Unknown, Gap{Realm: ix.rbac.realm, Kind: "Node", Name: m.Identity.User, Why: NodeAuthority})
	}
	switch {
	case len(a.Grants) > 0:
		a.Verdict = Maybe
	case len(a.Unknown) > 0:
		a.Verdict = Unknown
	default:
		a.Verdict = No
	}
	return a
}

// WhoCan are all principals for whom the answer is not no, in the order of rows.
func (ix *Index) WhoCan(q Request) []Answer {
	may := ix.rbac.allowing(q)
	var out []Answer
	for _, r := range ix.rows {
		if m, ok := r.mapping(); ok && ix.holder(m).could(may, q.Namespace) {
			if a := ix.Ask(r, q); a.Verdict != No {
				out = append(out, a)
			}
		}
	}
	return out
}

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
}

// WhoCanAnywhere are all principals for whom the answer is not no somewhere, in the
// order of rows. The request's own namespace is not looked at.
func (ix *Index) WhoCanAnywhere(q Request) []Reach {
	may := ix.rbac.allowing(q)
	var out []Reach
	seen := make([]uint64, (len(ix.rbac.names)+63)/64) // namespaces of bindings, by number
	for _, r := range ix.rows {
		m, ok := r.mapping()
		if !ok {
			continue
		}
		h := ix.holder(m)
		reach := h.reach(may, q, seen)
		if _, active := r.Active(); !active && reach.Verdict != No {
			reach.Verdict, reach.Unknown = Unknown, append([]Gap{undecidedGap(m)}, reach.Unknown...)
		}
		if reach.Verdict != No {
			reach.Row = r
			out = append(out, reach)
		}
	}
	return out
}

// mapping is what the answers about a row come from: what is in force, or may be.
func (r Row) mapping() (Mapping, bool) {
	if m, ok := r.Active(); ok {
		return m, true
	}
	return r.Undecided()
}

// allowed says of each role and policy, once, whether it allows a request.
type allowed struct {
	q        Request
	roles    []bool
	policies map[string]bool
}

func (r *rbac) allowing(q Request) allowed {
	a := allowed{q: q, roles: make([]bool, len(r.roles)), policies: map[string]bool{}}
	for i := range r.roles {
		a.roles[i] = allow(r.roles[i].Rules, q)
	}
	for name, p := range managed() {
		a.policies[name] = allow(p.Rules, q)
	}
	return a
}

func allow(rules []Rule, q Request) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return Allows(r, q) })
}

// could reports whether the answer in a namespace can be other than no.
func (h *holder) could(may allowed, namespace string) bool {
	if h.super || h.mapping.Identity.Node() || len(h.unknown(namespace)) > 0 {
		return true
	}
	n := h.ix.rbac.number(namespace)
	some := func(list []int32) bool {
		of := func(b int32) bool { return may.roles[h.ix.rbac.refs[b]] }
		return slices.ContainsFunc(h.ix.rbac.inCluster(list), of) || slices.ContainsFunc(h.ix.rbac.inNamespace(list, n), of)
	}
	if slices.ContainsFunc(h.lists, some) {
		return true
	}
	for _, s := range h.sessions {
		if slices.ContainsFunc(s.subjects, func(sub subject) bool { return some(h.ix.rbac.named[sub]) }) {
			return true
		}
	}
	return slices.ContainsFunc(h.policies, func(a PolicyAssociation) bool { return may.policies[PolicyName(a.Policy)] })
}

// reach goes through the bindings of a mapping once. seen is scratch, clean before and after.
func (h *holder) reach(may allowed, q Request, seen []uint64) Reach {
	out := Reach{Mapping: h.mapping, Verdict: No, Everywhere: h.super}
	r := h.ix.rbac
	for _, l := range h.lists {
		for _, b := range l {
			switch {
			case !may.roles[r.refs[b]]:
			case b < r.clustered:
				out.Everywhere = true
			case q.URL == "":
				n := r.namespaces[b]
				seen[n/64] |= 1 << (n % 64)
			}
		}
	}
	for _, a := range h.policies {
		switch {
		case !may.policies[PolicyName(a.Policy)]:
		case a.Scope.Cluster:
			out.Everywhere = true
		case q.URL == "":
			out.Patterns = append(out.Patterns, a.Scope.Namespaces...)
		}
	}
	out.Namespaces = h.ix.covered(seen, out.Patterns)
	out.Patterns = slices.DeleteFunc(set(out.Patterns), func(p string) bool { return !strings.HasSuffix(p, "*") })
	for _, s := range h.sessions {
		if slices.ContainsFunc(s.subjects, func(sub subject) bool {
			return slices.ContainsFunc(r.named[sub], func(b int32) bool { return may.roles[r.refs[b]] && (q.URL == "" || b < r.clustered) })
		}) {
			out.When = append(out.When, s.when)
		}
	}
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
