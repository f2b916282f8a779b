package access

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// Index answers who can do what in a snapshot. It is built in one pass over the
// objects and computes a cell when it is asked for; cells are remembered by the
// set of roles and policies behind them, which many principals share.
//
// An Index is not safe for use by several goroutines at once.
type Index struct {
	snap     Snapshot
	parsed   awsauth.Map // of the snapshot's aws-auth
	mappings []Mapping
	rows     []Row
	rowAt    map[string]int // principal ID -> its row
	rbac     *rbac
	policies map[string][]PolicyAssociation // by entry's principal ARN
	held     map[Key]*held                  // by mapping place
	names    []string                       // namespaces
}

// Row is one principal with all its mappings: entry first, then aws-auth items.
type Row struct {
	Principal Principal // in its fullest known form: the real ARN when IAM or an entry told it
	Mappings  []Mapping
}

// Active is the mapping in force.
func (r Row) Active() (Mapping, bool) {
	for _, m := range r.Mappings {
		if m.State == Active {
			return m, true
		}
	}
	return Mapping{}, false
}

// Undecided returns a mapping that may be in force: a fact that decides it is missing.
func (r Row) Undecided() (Mapping, bool) {
	for _, m := range r.Mappings {
		if m.State == Undecided {
			return m, true
		}
	}
	return Mapping{}, false
}

// Cell is what one principal may do in one namespace, or in the whole cluster.
type Cell struct {
	Level   Level
	InForce bool  // false: no mapping of the principal counts
	Unknown []Gap // could raise the level: Level is then "at least"
	Node    bool  // a node's identity: the Node authorizer decides beyond RBAC
	Depends bool  // the user name holds a template and bindings name users: a session may have more
}

// Grant is one permission with its reason: mapping, subject, binding, role; or
// entry, association.
type Grant struct {
	Rules   []Rule
	Scope   string // namespace, "" for the whole cluster
	Pattern string // the scope's wildcard that matched, if one did
	Subject string // "Group devs", "User alice", or "" for a policy
	Via     []Key  // binding and role, or entry and policy association
	Policy  string // name of the access policy
	Unknown *Gap   // its rules are not known
	id      string
}

// rbac is the part of an index that depends on roles and bindings alone.
type rbac struct {
	realm     Realm
	roles     map[Key]Role
	bySubject map[subject][]Binding // in no order: see bindings
	inOrder   map[subject]bool
	users     []string // names of User subjects, sorted
	yards     yardsticks
	levels    map[levelKey]Level
}

type held struct {
	super    bool
	cluster  []Grant
	ns       map[string][]Grant
	patterns []Grant // policies with namespace scopes, Scope empty, Pattern set
}

type levelKey struct{ ids, shape string }

// NewIndex builds the index of a snapshot.
func NewIndex(s Snapshot) *Index { return newIndex(s, nil, nil) }

func newIndex(s Snapshot, r *rbac, parsed *awsauth.Map) *Index {
	ix := &Index{snap: s, rbac: r, policies: map[string][]PolicyAssociation{}, held: map[Key]*held{}, rowAt: map[string]int{}}
	if r == nil {
		ix.rbac = newRBAC(s)
	}
	if parsed == nil {
		am, _ := s.AuthMap()
		fresh := awsauth.Parse(am.Data)
		parsed = &fresh
	}
	ix.parsed = *parsed
	ix.mappings = resolve(s, ix.parsed)
	for _, a := range Of[PolicyAssociation](s.Objects) {
		ix.policies[a.Principal] = append(ix.policies[a.Principal], a)
	}
	for _, n := range Of[Namespace](s.Objects) {
		ix.names = append(ix.names, n.Name)
	}
	ix.rows = rows(s, ix.mappings)
	for i, r := range ix.rows {
		ix.rowAt[r.Principal.ID()] = i
	}
	return ix
}

// Then returns the index after one more step. It shares everything that the step
// does not touch, so that walking a long plan stays cheap.
func (ix *Index) Then(st Step) *Index {
	next := Project(ix.snap, st)
	switch st.Key().Kind {
	case RoleKind, ClusterRoleKind, RoleBindingKind, ClusterRoleBindingKind:
		return newIndex(next, nil, &ix.parsed)
	case AuthMapKind:
		return newIndex(next, ix.rbac, nil)
	}
	return newIndex(next, ix.rbac, &ix.parsed)
}

func newRBAC(s Snapshot) *rbac {
	r := &rbac{realm: s.Realm("kube"), roles: map[Key]Role{}, bySubject: map[subject][]Binding{}, inOrder: map[subject]bool{}, levels: map[levelKey]Level{}}
	for k, o := range s.Objects {
		switch o := o.(type) {
		case Role:
			r.roles[k] = o
		case Binding:
			for _, sub := range o.Subjects {
				key := subjectOf(sub, o.Namespace)
				if had := r.bySubject[key]; len(had) == 0 || had[len(had)-1].Key() != k {
					r.bySubject[key] = append(had, o)
				}
			}
		}
	}
	for sub := range r.bySubject {
		if sub.kind == rbacv1.UserKind {
			r.users = append(r.users, sub.name)
		}
	}
	slices.Sort(r.users)
	r.yards = newYardsticks(func(name string) []Rule {
		return r.roles[Key{Realm: r.realm, Kind: ClusterRoleKind, Name: name}].Rules
	})
	return r
}

// bindings are those that name a subject, in order of their keys. They are put in
// order when they are first asked for: most subjects of a large cluster never are.
func (r *rbac) bindings(sub subject) []Binding {
	bs := r.bySubject[sub]
	if !r.inOrder[sub] {
		slices.SortFunc(bs, func(a, b Binding) int { return a.Key().compare(b.Key()) })
		r.inOrder[sub] = true
	}
	return bs
}

// rows groups mappings by principal. The row's principal is the form that says most.
func rows(s Snapshot, ms []Mapping) []Row {
	var out []Row
	for _, m := range ms {
		if n := len(out); n > 0 && out[n-1].Principal.ID() == m.Principal.ID() {
			out[n-1].Mappings = append(out[n-1].Mappings, m)
			continue
		}
		out = append(out, Row{Principal: m.Principal, Mappings: []Mapping{m}})
	}
	for i, r := range out {
		out[i].Principal = fullest(s, r)
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Principal.Account, b.Principal.Account), cmp.Compare(strings.ToLower(a.Principal.Name), strings.ToLower(b.Principal.Name)), cmp.Compare(a.Principal.ID(), b.Principal.ID()))
	})
	return out
}

func fullest(s Snapshot, r Row) Principal {
	for _, m := range r.Mappings {
		if m.Source == FromEntry {
			return m.Principal
		}
	}
	p := r.Principal
	if fact, ok := Get[IAMPrincipal](s.Objects, Key{Realm: IAMRealm(p.Account), Kind: IAMPrincipalKind, Name: p.ID()}); ok && !fact.Gone {
		if real, err := ParsePrincipal(fact.ARN); err == nil {
			return real
		}
	}
	for _, m := range r.Mappings {
		if m.State == Active {
			return m.Principal
		}
	}
	return p
}

// Snapshot is what the index was built from.
func (ix *Index) Snapshot() Snapshot { return ix.snap }

// Mappings are all mappings, Rows all principals, Namespaces all names, each sorted.
func (ix *Index) Mappings() []Mapping  { return ix.mappings }
func (ix *Index) Rows() []Row          { return ix.rows }
func (ix *Index) Namespaces() []string { return ix.names }

// Row returns the row of a principal, in whatever form it is written.
func (ix *Index) Row(p Principal) (Row, bool) { return ix.row(p.ID()) }

func (ix *Index) row(id string) (Row, bool) {
	i, ok := ix.rowAt[id]
	if !ok {
		return Row{}, false
	}
	return ix.rows[i], true
}

// Policies are the access policies associated with an entry's principal.
func (ix *Index) Policies(m Mapping) []PolicyAssociation {
	if m.Source != FromEntry {
		return nil
	}
	return ix.policies[m.From.Name]
}

// Cell answers one cell of the matrix; namespace "" is the whole cluster.
func (ix *Index) Cell(r Row, namespace string) Cell {
	m, ok := r.Active()
	if !ok {
		u, undecided := r.Undecided()
		if !undecided {
			return Cell{}
		}
		// It may or may not be in force: whatever it gives is not certain.
		return Cell{InForce: true, Unknown: []Gap{{Realm: u.From.Realm, Kind: u.From.Kind, Name: u.Principal.ARN, Why: u.Reason}}}
	}
	return ix.CellOf(m, namespace)
}

// CellOf answers for one mapping as if it were in force.
func (ix *Index) CellOf(m Mapping, namespace string) Cell {
	h := ix.hold(m)
	c := Cell{InForce: true, Node: m.Identity.Node() && !h.super}
	if h.super {
		c.Level = Full
		return c
	}
	gs := h.in(namespace)
	c.Level = ix.level(gs, namespace)
	if c.Node && c.Level == None {
		c.Level = Some
	}
	if c.Level == Full {
		return c
	}
	c.Unknown = ix.unknown(m, gs, namespace)
	c.Depends = ix.depends(m.Identity)
	return c
}

// Grants are all permissions behind a cell, in order: the whole cluster's first.
func (ix *Index) Grants(m Mapping, namespace string) []Grant {
	h := ix.hold(m)
	if h.super {
		return []Grant{{Rules: superRules, Subject: "Group " + Masters}}
	}
	return h.in(namespace)
}

// Rules are the rules that count in a namespace (or in the whole cluster).
func (ix *Index) Rules(m Mapping, namespace string) []Rule {
	return rulesOf(ix.Grants(m, namespace))
}

func rulesOf(gs []Grant) []Rule {
	var out []Rule
	for _, g := range gs {
		out = append(out, g.Rules...)
	}
	return out
}

// Scopes are the namespaces in which a mapping has grants of its own, sorted. For
// policies with wildcards these are the namespaces that exist.
func (ix *Index) Scopes(m Mapping) []string {
	h := ix.hold(m)
	var out []string
	for ns := range h.ns {
		out = append(out, ns)
	}
	for _, g := range h.patterns {
		for _, ns := range ix.names {
			if scopeMatches(g.Pattern, ns) {
				out = append(out, ns)
			}
		}
		if !strings.HasSuffix(g.Pattern, "*") {
			out = append(out, g.Pattern)
		}
	}
	return set(out)
}

// Can answers one request as the API server would for the mapping's identity: yes
// with the reason, or no, or no with the gaps that could make it a yes.
func (ix *Index) Can(m Mapping, q Request) (yes bool, why []Key, unknown []Gap) {
	h := ix.hold(m)
	if h.super {
		return true, []Key{m.From}, nil
	}
	gs := h.in(q.Namespace)
	for _, g := range gs {
		if slices.ContainsFunc(g.Rules, func(r Rule) bool { return Allows(r, q) }) {
			return true, append([]Key{m.From}, g.Via...), nil
		}
	}
	return false, nil, ix.unknown(m, gs, q.Namespace)
}

// in are the grants that count in a namespace.
func (h *held) in(namespace string) []Grant {
	out := slices.Clone(h.cluster)
	if namespace == "" {
		return out
	}
	out = append(out, h.ns[namespace]...)
	for _, g := range h.patterns {
		if scopeMatches(g.Pattern, namespace) {
			out = append(out, g)
		}
	}
	return out
}

func (ix *Index) hold(m Mapping) *held {
	at := m.From
	at.Namespace += "|" + string(m.Item.Section) + "|" + strconv.Itoa(m.Item.Index)
	if h, ok := ix.held[at]; ok {
		return h
	}
	h := &held{super: m.Identity.Super(), ns: map[string][]Grant{}}
	for _, sub := range m.Identity.subjects() {
		for _, b := range ix.rbac.bindings(sub) {
			key := roleKey(b.In, b.Role, b.Namespace)
			g := Grant{Rules: ix.rbac.roles[key].Rules, Scope: b.Namespace, Subject: sub.kind + " " + sub.name,
				Via: []Key{b.Key(), key}, id: string(key.Kind) + "/" + key.Namespace + "/" + key.Name}
			if b.Namespace == "" {
				h.cluster = append(h.cluster, g)
			} else {
				h.ns[b.Namespace] = append(h.ns[b.Namespace], g)
			}
		}
	}
	for _, a := range ix.Policies(m) {
		h.addPolicy(m, a)
	}
	ix.held[at] = h
	return h
}

func (h *held) addPolicy(m Mapping, a PolicyAssociation) {
	name := PolicyName(a.Policy)
	g := Grant{Via: []Key{a.Key()}, Policy: name, id: "policy/" + name}
	if p, ok := PolicyNamed(name); ok && p.Known() {
		g.Rules = p.Rules
	} else {
		g.Unknown = &Gap{Realm: a.In, Kind: PolicyKind, Name: name, Why: Undocumented}
	}
	if a.Scope.Cluster {
		h.cluster = append(h.cluster, g)
		return
	}
	// Non-resource URLs can't be inside a namespace.
	g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r Rule) bool { return len(r.Resources) == 0 })
	for _, p := range a.Scope.Namespaces {
		g.Pattern = p
		h.patterns = append(h.patterns, g)
	}
}

func (ix *Index) level(gs []Grant, namespace string) Level {
	ids := make([]string, 0, len(gs))
	for _, g := range gs {
		ids = append(ids, g.id)
	}
	k := levelKey{strings.Join(set(ids), "\n"), pick(namespace == "", "cluster", "namespace")}
	l, ok := ix.rbac.levels[k]
	if !ok {
		l = ix.rbac.yards.level(rulesOf(gs), namespace)
		ix.rbac.levels[k] = l
	}
	return l
}

// unknown are the gaps that could add to these grants.
func (ix *Index) unknown(m Mapping, gs []Grant, namespace string) []Gap {
	var out []Gap
	for _, g := range gs {
		if g.Unknown != nil {
			out = append(out, *g.Unknown)
		}
	}
	kinds := []Kind{ClusterRoleBindingKind, ClusterRoleKind}
	if namespace != "" {
		kinds = append(kinds, RoleBindingKind, RoleKind)
	}
	for _, k := range kinds {
		if g, ok := ix.snap.Gap(ix.rbac.realm, k, ""); ok {
			out = append(out, g)
		}
	}
	if m.Source == FromEntry {
		if g, ok := ix.snap.Gap(m.From.Realm, AssociationKind, m.From.Name); ok {
			out = append(out, g)
		}
		if g, ok := ix.snap.Gap(m.From.Realm, EntryKind, m.From.Name); ok {
			out = append(out, g)
		}
	}
	return out
}

// depends reports whether some session's user name could match a User subject.
func (ix *Index) depends(id Identity) bool {
	i := strings.Index(id.User, "{{")
	if i < 0 {
		return false
	}
	prefix, suffix := id.User[:i], id.User[strings.LastIndex(id.User, "}}")+2:]
	return slices.ContainsFunc(ix.rbac.users, func(u string) bool {
		return len(u) > len(prefix)+len(suffix) && strings.HasPrefix(u, prefix) && strings.HasSuffix(u, suffix)
	})
}
