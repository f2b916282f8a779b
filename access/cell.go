package access

// Cell is what one principal may do in one namespace, or in the whole cluster.
type Cell struct {
	Level   Level
	InForce bool   // false: no mapping of the principal counts
	Unknown []Gap  // could raise the level: Level is then "at least"
	Node    bool   // a node's identity: the Node authorizer decides beyond RBAC
	Depends []More // some sessions have more, sorted by condition
}

// More is the level that the sessions of one condition have.
type More struct {
	Condition
	Level Level
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
		return Cell{InForce: true, Unknown: []Gap{undecidedGap(u)}}
	}
	return ix.CellOf(m, namespace)
}

func undecidedGap(u Mapping) Gap {
	return Gap{Realm: u.From.Realm, Kind: u.From.Kind, Name: u.Principal.ARN, Why: u.Reason}
}

// CellOf answers for one mapping as if it were in force.
func (ix *Index) CellOf(m Mapping, namespace string) Cell {
	h := ix.holder(m)
	c := Cell{InForce: true, Level: h.level(namespace), Node: m.Identity.Node() && !h.super}
	if c.Node && c.Level == None {
		c.Level = Some
	}
	if c.Level == Full {
		return c
	}
	c.Unknown = append(h.unknown(namespace), h.partly(namespace, false)...)
	for _, s := range h.sessions {
		if l, more := h.under(s.when, namespace); more {
			c.Depends = append(c.Depends, More{s.when, l})
		}
	}
	return c
}

// Can answers one request as the API server would for the mapping's identity: yes
// with the reason, or no, or no with the gaps that could make it a yes.
func (ix *Index) Can(m Mapping, q Request) (yes bool, why []Key, unknown []Gap) {
	a := ix.ask(m, q)
	if len(a.Grants) > 0 && a.Grants[0].When == nil {
		return true, append([]Key{m.From}, a.Grants[0].Via...), nil
	}
	unknown = a.Unknown
	if len(a.Grants) > 0 {
		unknown = append(unknown, Gap{Realm: m.From.Realm, Kind: m.From.Kind, Name: m.Identity.User, Why: SessionDecides})
	}
	return false, nil, unknown
}

// unknown are the gaps that could add to what the mapping may do there.
func (h *holder) unknown(namespace string) []Gap {
	var out []Gap
	for _, a := range h.policies {
		if !a.Scope.Cluster && (namespace == "" || !a.Scope.names(namespace)) {
			if p := a.Scope.unsure(namespace); p != "" && namespace != "" {
				out = append(out, unsureGap(a, p))
			}
			continue
		}
		if p, ok := PolicyNamed(a.Policy); !ok || !p.Known() {
			out = append(out, Gap{Realm: a.In, Kind: PolicyKind, Name: PolicyName(a.Policy), Why: Undocumented})
		}
	}
	return append(out, h.gaps(namespace != "")...)
}

func unsureGap(a PolicyAssociation, pattern string) Gap {
	return Gap{Realm: a.In, Kind: AssociationKind, Name: PolicyName(a.Policy) + " on " + pattern, Why: ScopeUnsure}
}

// limited are the policies that allow the request for some objects, which AWS does
// not name; anywhere, or in the request's namespace.
func (h *holder) limited(q Request, anywhere bool) []Gap {
	var out []Gap
	for _, a := range h.policies {
		p, _ := PolicyNamed(a.Policy)
		if allow(p.Limited, q) && (a.Scope.Cluster || anywhere && q.URL == "" || q.Namespace != "" && a.Scope.names(q.Namespace)) {
			out = append(out, Gap{Realm: a.In, Kind: PolicyKind, Name: p.Name, Why: Undocumented})
		}
	}
	return out
}

// partly are the policies some of whose rules AWS limits to objects it does not name;
// anywhere, or where they count.
func (h *holder) partly(namespace string, anywhere bool) []Gap {
	var out []Gap
	for _, a := range h.policies {
		if p, _ := PolicyNamed(a.Policy); len(p.Limited) > 0 && (anywhere || a.Scope.Cluster || namespace != "" && a.Scope.names(namespace)) {
			out = append(out, Gap{Realm: a.In, Kind: PolicyKind, Name: p.Name, Why: Undocumented})
		}
	}
	return out
}

// gaps are what could not be read of bindings, roles, the entry and its policies.
func (h *holder) gaps(inside bool) []Gap {
	if len(h.ix.gaps) == 0 {
		return nil
	}
	var out []Gap
	kinds := []Kind{ClusterRoleBindingKind, ClusterRoleKind}
	if inside {
		kinds = append(kinds, RoleBindingKind, RoleKind)
	}
	for _, k := range kinds {
		if g, ok := h.ix.gaps.whole(h.ix.rbac.realm, k); ok {
			out = append(out, g)
		}
	}
	m := h.mapping
	if m.Source != FromEntry {
		return out
	}
	// An entry comes with its policies: that others are still on their way is nothing to it.
	if g, ok := h.ix.gaps.whole(m.From.Realm, AssociationKind); ok && g.Why != Loading {
		out = append(out, g)
	}
	for _, k := range []Kind{AssociationKind, EntryKind} {
		if g, ok := h.ix.gaps.of(m.From.Realm, k, m.From.Name); ok {
			out = append(out, g)
		}
	}
	return out
}
