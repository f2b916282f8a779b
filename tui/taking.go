package tui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// taking is something that can be taken from a principal, and where it counts.
type taking struct {
	sort   takingSort
	name   string
	whole  bool     // in the whole cluster
	spaces []string // and in these namespaces; of a policy as its scope writes them
}

// takingSort is what is taken.
type takingSort uint8

const (
	takePolicy takingSort = iota
	takeClusterRole
	takeRole
	takeAll
)

var takingNames = [...]string{"", "cluster role", "role", "all access"} // a policy's name says what it is

func (t taking) words() string {
	return strings.TrimSpace(takingNames[t.sort] + " " + report.Safe(t.name))
}

// divisible reports whether it can be taken in one namespace and be kept in another.
// A policy in the whole cluster can't: its scope has no exceptions.
func (t taking) divisible() bool {
	return t.sort != takeAll && !(t.sort == takePolicy && t.whole) && len(t.spaces)+pick(t.whole, 1, 0) > 1
}

// place is where it counts.
func (t taking) place() string {
	var out []string
	if t.whole {
		out = append(out, "in the whole cluster")
	}
	if n := len(t.spaces); n > 3 {
		out = append(out, "in "+report.Count(n, "namespace", "namespaces"))
	} else if n > 0 {
		out = append(out, "in "+report.Safe(strings.Join(t.spaces, ", ")))
	}
	return strings.Join(out, " and ")
}

// of is the wish to take it, in some of its namespaces or wherever it is.
func (t taking) of(p access.Principal, spaces []string, subjects bool) access.RevokeAccess {
	in := access.RevokeAccess{Principal: p, Namespaces: slices.Clone(spaces)}
	switch t.sort {
	case takePolicy:
		in.Policy = t.name
	case takeClusterRole:
		in.ClusterRole = t.name
	case takeRole:
		in.Role = t.name
	default:
		in.Namespaces, in.Subjects = nil, subjects
	}
	return in
}

// takings are what can be taken from one row: its policies, the roles that bindings
// give to its names, and at last everything. Whoever is in system:masters has no grant
// from a binding.
func takings(ix *access.Index, r access.Row) []taking {
	all := taking{sort: takeAll}
	m, ok := r.Active()
	if !ok {
		return []taking{all}
	}
	var out []taking
	put := func(sort takingSort, name, space string) {
		i := slices.IndexFunc(out, func(t taking) bool { return t.sort == sort && t.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, taking{sort: sort, name: name})
		}
		switch t := &out[i]; {
		case space == "":
			t.whole = true
		case !slices.Contains(t.spaces, space):
			t.spaces = append(t.spaces, space)
		}
	}
	for _, p := range ix.Policies(m) {
		if p.Scope.Cluster {
			put(takePolicy, access.PolicyName(p.Policy), "")
		}
		for _, ns := range p.Scope.Namespaces {
			put(takePolicy, access.PolicyName(p.Policy), ns)
		}
	}
	for _, ns := range append([]string{""}, ix.Scopes(m)...) {
		for _, g := range ix.Grants(m, ns) {
			if sort, name, ok := bound(g); ok && g.Scope == ns {
				put(sort, name, ns)
			}
		}
	}
	for i := range out {
		slices.Sort(out[i].spaces)
	}
	slices.SortFunc(out, func(a, b taking) int { return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.name, b.name)) })
	return append(out, all)
}

// bound is the role that a binding gives to a name that people chose: the bindings of
// system: and eks: names are the cluster's own.
func bound(g access.Grant) (takingSort, string, bool) {
	_, name, _ := strings.Cut(g.Subject, " ")
	if len(g.Via) < 2 || strings.HasPrefix(name, "system:") || strings.HasPrefix(name, "eks:") {
		return 0, "", false
	}
	return pick(g.Via[1].Kind == access.RoleKind, takeRole, takeClusterRole), g.Via[1].Name, true
}

// common are the takings that all rows have, with all their namespaces.
func common(ix *access.Index, who []line) []taking {
	var out []taking
	for i, l := range who {
		own := takings(ix, l.row)
		if i == 0 {
			out = own
			continue
		}
		out = slices.DeleteFunc(out, func(t taking) bool { return !slices.ContainsFunc(own, t.alike) })
		for j, t := range out {
			also := own[slices.IndexFunc(own, t.alike)]
			out[j].whole = t.whole || also.whole
			out[j].spaces = slices.Compact(slices.Sorted(slices.Values(slices.Concat(t.spaces, also.spaces))))
		}
	}
	return out
}

func (t taking) alike(o taking) bool { return t.sort == o.sort && t.name == o.name }
