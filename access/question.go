package access

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
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

// Ask answers one request for a principal. Where a mapping may or may not count, or
// may not have been read, whatever could be a yes is unknown.
func (ix *Index) Ask(r Row, q Request) Answer {
	if m, ok := r.Active(); ok {
		a := ix.ask(m, q)
		a.Row = r
		if a.Verdict == No && m.Source == FromCaller && m.Principal.ARN != "" {
			// The API server told the names; the policies of an entry are not among them.
			if a.Unknown = slices.DeleteFunc(ix.Hidden(), func(g Gap) bool { return g.Kind != EntryKind }); len(a.Unknown) > 0 {
				a.Verdict = Unknown
			}
		}
		return a
	}
	out := Answer{Row: r, Verdict: No, Unknown: ix.Hidden()}
	for _, m := range r.mayCount() {
		a := ix.ask(m, q)
		if out.Mapping.State == "" {
			out.Mapping = m
		}
		if a.Verdict != No {
			if len(out.Grants) == 0 {
				out.Mapping, out.Grants, out.Rules = m, a.Grants, a.Rules
			}
			out.Unknown = append(append(out.Unknown, undecidedGap(m)), a.Unknown...)
		}
	}
	if len(out.Unknown) > 0 {
		out.Verdict = Unknown
	}
	return out
}

func (ix *Index) ask(m Mapping, q Request) Answer {
	a := Answer{Mapping: m}
	if q.URL != "" {
		q.Namespace = "" // a URL is in no namespace, whatever the question says
	}
	var everybodys Answer // what whoever logs in has explains least, so it comes after
	for _, gs := range [][]Grant{ix.Grants(m, q.Namespace), ix.Conditional(m, q.Namespace)} {
		for _, g := range gs {
			i := slices.IndexFunc(g.Rules, func(r Rule) bool { return Allows(r, q) })
			if i < 0 {
				continue
			}
			into := &a
			if g.Subject == "Group system:authenticated" {
				into = &everybodys
			}
			into.Grants, into.Rules = append(into.Grants, g), append(into.Rules, g.Rules[i])
		}
		a.Grants, a.Rules = append(a.Grants, everybodys.Grants...), append(a.Rules, everybodys.Rules...)
		everybodys = Answer{}
	}
	if len(a.Grants) > 0 && a.Grants[0].When == nil {
		a.Verdict = Yes
		return a
	}
	a.Unknown = append(ix.holder(m).unknown(q.Namespace), ix.holder(m).limited(q, false)...)
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
	may := ix.allowing(q)
	var out []Answer
	for _, r := range ix.Rows() {
		if m, ok := r.Active(); ok && !may.could(m) {
			continue
		}
		if a := ix.Ask(r, q); a.Verdict != No {
			out = append(out, a)
		}
	}
	return out
}

// Together is the verdict of a thing that needs several requests, all allowed to one
// session, and the conditions under which they are. Where several variables must be
// right, the condition names the one that tells most.
func Together(as ...Answer) (Verdict, []Condition) {
	may := []login{{}}
	verdict, unknown, bound := Yes, false, false
	for _, a := range as {
		switch a.Verdict {
		case No:
			return No, nil
		case Unknown:
			verdict, unknown = Unknown, true
		case Maybe:
			may, bound = agreeing(may, a.When()), true
			unknown = unknown || len(a.Unknown) > 0
		}
	}
	switch {
	case verdict == Unknown, len(may) == 0 && unknown:
		return Unknown, nil
	case len(may) == 0:
		return No, nil // no session is two
	case bound:
		var when []Condition
		for _, l := range may {
			when = append(when, l.conditions()[0])
		}
		return Maybe, sortedConditions(when)
	}
	return Yes, nil
}

// When are the conditions of an answer, sorted: any of them is enough.
func (a Answer) When() []Condition {
	var out []Condition
	for _, g := range a.Grants {
		if g.When != nil {
			out = append(out, *g.When)
		}
	}
	return sortedConditions(out)
}

// Who is the row of a principal, also of one that is not listed: an account that
// mapAccounts lets in has principals that nothing names.
func (ix *Index) Who(p Principal) Row {
	r, ok := ix.Row(p)
	if !ok {
		r = Row{Principal: p}
	}
	if len(r.mayCount()) > 0 || p.Kind != RolePrincipal && p.Kind != UserPrincipal {
		return r
	}
	for _, m := range ix.Mappings() {
		if m.Item.Section == awsauth.MapAccounts && m.Principal.Kind == AccountPrincipal && m.Principal.Account == p.Account {
			m.Principal, m.Identity = p, Identity{User: p.Canonical()}
			r.Mappings = append(slices.Clone(r.Mappings), m)
		}
	}
	return r
}

// Hidden are the gaps behind which a principal without a mapping in force may have one:
// there may be principals that no row shows, and of those that are shown one may be the
// creator of a CONFIG_MAP cluster, who is in system:masters whatever the mappings say
// (EKS user guide, "Change authentication mode").
func (ix *Index) Hidden() []Gap {
	var out []Gap
	mode := ix.snap.Mode()
	if g, unread := ix.snap.Gap(ix.snap.Realm("eks"), EntryKind, ""); unread && mode != ConfigMapMode {
		out = append(out, g)
	}
	if g, unread := ix.snap.Gap(ix.snap.Realm("kube"), AuthMapKind, ""); unread && mode != APIMode {
		out = append(out, g)
	}
	if mode == ConfigMapMode {
		out = append(out, Gap{Realm: ix.snap.Realm("eks"), Kind: "Creator", Why: HiddenCreator})
	}
	return out
}

// mapping is what the answers about a row come from: what is in force, or may be.
func (r Row) mapping() (Mapping, bool) {
	if ms := r.mayCount(); len(ms) > 0 {
		return ms[0], true
	}
	return Mapping{}, false
}

// mayCount are the mappings that are in force or may be.
func (r Row) mayCount() []Mapping {
	if m, ok := r.Active(); ok {
		return []Mapping{m}
	}
	var out []Mapping
	for _, m := range r.Mappings {
		if m.State == Undecided {
			out = append(out, m)
		}
	}
	return out
}

// allowed says of each role, policy and subject, once, whether it allows a request.
type allowed struct {
	ix       *Index
	q        Request
	roles    []bool
	policies map[string]bool
	subjects map[subject]bool // in the request's namespace; filled as asked for
}

func (ix *Index) allowing(q Request) allowed {
	a := allowed{ix: ix, q: q, roles: make([]bool, len(ix.rbac.roles)), policies: map[string]bool{}, subjects: map[subject]bool{}}
	for i := range ix.rbac.roles {
		a.roles[i] = allow(ix.rbac.roles[i].Rules, q)
	}
	for name, p := range managed() {
		a.policies[name] = allow(p.Rules, q)
	}
	return a
}

func allow(rules []Rule, q Request) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return Allows(r, q) })
}

// subject reports whether the bindings of a subject allow the request.
func (a allowed) subject(sub subject) bool {
	yes, known := a.subjects[sub]
	if !known {
		r := a.ix.rbac
		list := r.named[sub]
		of := func(b int32) bool { return a.roles[r.refs[b]] }
		yes = slices.ContainsFunc(r.inCluster(list), of) || slices.ContainsFunc(r.inNamespace(list, r.number(a.q.Namespace)), of)
		a.subjects[sub] = yes
	}
	return yes
}

// could reports whether the answer for a mapping can be other than no.
func (a allowed) could(m Mapping) bool {
	h := &holder{ix: a.ix, mapping: m, policies: a.ix.Policies(m)}
	if m.Identity.Super() || m.Identity.Node() || len(h.unknown(a.q.Namespace)) > 0 || len(h.limited(a.q, false)) > 0 {
		return true
	}
	for _, sub := range m.Identity.subjects() {
		if a.subject(sub) {
			return true
		}
	}
	for _, subs := range a.ix.rbac.conditional(m.Identity) {
		if slices.ContainsFunc(subs, a.subject) {
			return true
		}
	}
	return slices.ContainsFunc(h.policies, func(p PolicyAssociation) bool { return a.policies[PolicyName(p.Policy)] })
}
