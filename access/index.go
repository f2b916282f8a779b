package access

import (
	"maps"
	"strings"
	"sync"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// Index answers who can do what in a snapshot. It is built in one pass over the
// objects and computes a cell when it is asked for; what a role or policy comes to is
// remembered, since many principals share it.
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
	last     *holder                        // of the mapping that was asked about last
	names    []string                       // namespaces
	gaps     gaps

	// Of an index that goes on (fork): rows that differ from those above, and which
	// principals arrive as a subject, once that is asked.
	changed map[string]Row
	holders map[subject][]string // by what they arrive as, and by the templates of it

	templates []subject
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

// NewIndex builds the index of a snapshot.
func NewIndex(s Snapshot) *Index { return newIndex(s, nil, nil) }

// Clone returns an index for another goroutine. It must be called where ix is used.
func (ix *Index) Clone() *Index { return ix.fork() }

// Renew builds the index of another snapshot of the same cluster. What has not
// changed since is taken over, and is not for ix to be used any more.
func (ix *Index) Renew(s Snapshot) *Index {
	r, parsed := ix.rbac, &ix.parsed
	if !sameRBAC(ix.snap, s) {
		r = nil
	}
	was, _ := ix.snap.AuthMap()
	if is, _ := s.AuthMap(); !maps.Equal(was.Data, is.Data) {
		parsed = nil
	}
	return newIndex(s, r, parsed)
}

// sameRBAC reports whether roles and bindings are those that the other snapshot has.
func sameRBAC(a, b Snapshot) bool {
	_, unreadA := a.Gap(a.Realm("kube"), ClusterRoleKind, "")
	_, unreadB := b.Gap(b.Realm("kube"), ClusterRoleKind, "")
	return unreadA == unreadB && a.Realm("kube") == b.Realm("kube") &&
		a.Objects.shares(b.Objects, RoleKind, ClusterRoleKind, RoleBindingKind, ClusterRoleBindingKind)
}

// newIndex takes roles and bindings, and what aws-auth says, when they are those of
// the snapshot.
func newIndex(s Snapshot, r *rbac, parsed *awsauth.Map) *Index {
	ix := &Index{snap: s, rbac: r, policies: map[string][]PolicyAssociation{}, names: namespaceNames(s), gaps: s.gaps()}
	// The two long parts of a large cluster need nothing of each other.
	var both sync.WaitGroup
	if r == nil {
		both.Go(func() { ix.rbac = newRBAC(s) })
	}
	if parsed == nil {
		am, _ := s.AuthMap()
		fresh := awsauth.Parse(am.Data)
		parsed = &fresh
	}
	ix.parsed = *parsed
	both.Wait()
	for _, a := range Of[PolicyAssociation](s.Objects) {
		ix.policies[a.Principal] = append(ix.policies[a.Principal], a)
	}
	ix.place(ix.withMembers(resolve(s, ix.parsed)))
	return ix
}

func namespaceNames(s Snapshot) []string {
	var out []string
	for _, n := range Of[Namespace](s.Objects) {
		out = append(out, n.Name)
	}
	return out
}

// place makes the rows of mappings that are sorted.
func (ix *Index) place(ms []Mapping) {
	ix.mappings, ix.rows = ms, rows(ix.snap, ms)
	ix.rowAt = make(map[string]int, len(ix.rows))
	for i, r := range ix.rows {
		ix.rowAt[r.Principal.ID()] = i
	}
}

// rows groups mappings by principal. The row's principal is the form that says most.
func rows(s Snapshot, ms []Mapping) []Row {
	var out []Row
	last := ""
	for i, m := range ms {
		id := m.Principal.ID()
		if n := len(out); n > 0 && last == id {
			out[n-1].Mappings = ms[i-len(out[n-1].Mappings) : i+1 : i+1]
			continue
		}
		last, out = id, append(out, Row{Principal: m.Principal, Mappings: ms[i : i+1 : i+1]})
	}
	for i, r := range out {
		out[i].Principal = fullest(s, r)
	}
	return sorted(out, func(r Row) string {
		return r.Principal.Account + "\x00" + strings.ToLower(r.Principal.Name) + "\x00" + r.Principal.ID()
	}, func(a, b Row) int { return 0 })
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
func (ix *Index) Mappings() []Mapping  { ix.whole(); return ix.mappings }
func (ix *Index) Rows() []Row          { ix.whole(); return ix.rows }
func (ix *Index) Namespaces() []string { return ix.names }

// Row returns the row of a principal, in whatever form it is written.
func (ix *Index) Row(p Principal) (Row, bool) { return ix.row(p.ID()) }

func (ix *Index) row(id string) (Row, bool) {
	if r, ok := ix.changed[id]; ok {
		return r, len(r.Mappings) > 0
	}
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
