package access

import (
	"slices"
	"strings"
)

// Cell is what one principal may do in one namespace, or in the whole cluster.
type Cell struct {
	Level   Level
	InForce bool  // false: no mapping of the principal counts
	Unknown []Gap // could raise the level: Level is then "at least"
	Node    bool  // a node's identity: the Node authorizer decides beyond RBAC
	Depends bool  // the user name holds a template and bindings name users: a session may have more
}

type levelKey struct{ ids, shape string }

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
	unknown = ix.unknown(m, gs, q.Namespace)
	if m.Identity.Node() {
		unknown = append(unknown, Gap{Realm: ix.rbac.realm, Kind: "Node", Name: m.Identity.User, Why: NodeAuthority})
	}
	if ix.depends(m.Identity) {
		unknown = append(unknown, Gap{Realm: m.From.Realm, Kind: m.From.Kind, Name: m.Identity.User, Why: SessionDecides})
	}
	return false, nil, unknown
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
