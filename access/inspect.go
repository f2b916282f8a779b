package access

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Inspect says what is worth knowing about the cluster as it stands, worst first.
func Inspect(ix *Index) []Finding {
	i := inspector{ix: ix}
	i.cluster()
	i.authMap()
	for _, r := range ix.rows {
		for _, m := range r.Mappings {
			i.mapping(r, m)
		}
	}
	i.bindings()
	i.aggregation()
	slices.SortStableFunc(i.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Code, b.Code), slices.Compare(a.Args, b.Args))
	})
	return i.found
}

type inspector struct {
	ix    *Index
	found []Finding
}

func (i *inspector) say(sev Severity, code Code, about []Key, args ...string) {
	i.found = append(i.found, Finding{Code: code, Severity: sev, About: about, Args: args})
}

func (i *inspector) cluster() {
	s := i.ix.snap
	aws, kube := s.Caller.AWS, s.Caller.Kube
	if aws.ARN != "" && kube.ARN != "" && aws.ID() != kube.ID() {
		i.say(Warn, CallersDiffer, nil, aws.ARN, kube.ARN)
	}
	c, ok := s.Cluster()
	if !ok {
		return
	}
	if c.Status != "ACTIVE" {
		i.say(Warn, ClusterNotActive, []Key{c.Key()}, c.Status)
	}
	if otherEndpoint(s, c) {
		i.say(Warn, EndpointDiffers, []Key{c.Key()}, s.Server, c.Endpoint)
	}
	if s.Mode() == ConfigMapMode {
		i.say(Info, HiddenCreator, []Key{c.Key()}, string(s.Mode()))
	}
}

// otherEndpoint reports whether the kubeconfig's server is not the cluster's endpoint: a
// proxy, a tunnel, or another cluster.
func otherEndpoint(s Snapshot, c Cluster) bool {
	trim := func(url string) string { return strings.TrimRight(url, "/") }
	return s.Server != "" && c.Endpoint != "" && !strings.EqualFold(trim(s.Server), trim(c.Endpoint))
}

func (i *inspector) authMap() {
	s := i.ix.snap
	am, ok := s.AuthMap()
	if !ok {
		if _, gap := s.Gap(s.Realm("kube"), AuthMapKind, ""); !gap && s.Mode().ConfigMap() && s.Realm("kube") != "" {
			i.say(Info, MapAbsent, nil, string(s.Mode()))
		}
		return
	}
	for _, p := range i.ix.parsed.Problems {
		if !p.Lost {
			i.say(Warn, MapComplaint, []Key{am.Key()}, string(p.Section), strconv.Itoa(p.Line), "", p.Detail)
			continue
		}
		i.say(Warn, MapUnreadable, []Key{am.Key()}, string(p.Section), strconv.Itoa(p.Line), p.Detail)
	}
	for _, it := range i.ix.parsed.Items {
		for _, n := range it.Notes {
			i.say(Warn, MapComplaint, []Key{am.Key()}, string(it.Section), strconv.Itoa(n.Line), n.Code, n.Text)
		}
	}
}

func (i *inspector) mapping(r Row, m Mapping) {
	about, name := []Key{m.From}, r.Principal.String()
	switch m.State {
	case Shadowed:
		i.say(Info, MappingShadowed, about, name, string(m.Reason), strconv.Itoa(m.Line()))
		if a, ok := r.Active(); ok && m.Reason == EntryWins && !nodeItem(m.Identity) && narrower(i.ix, a, m) {
			i.say(Warn, EntryNarrower, about, name)
		}
	case Unmatchable:
		i.say(Warn, MappingUnmatchable, about, name, string(m.Reason), strconv.Itoa(m.Line()))
	case Dead:
		i.say(Warn, MappingDead, about, name, string(m.Reason))
	case Dormant:
		i.say(Info, MappingDormant, about, name, string(i.ix.snap.Mode()))
	case Undecided:
		i.say(Warn, MappingUnknown, about, name, string(m.Reason))
	case Active:
		i.active(r, m)
	}
}

func (i *inspector) active(r Row, m Mapping) {
	for _, a := range i.ix.Policies(m) {
		if p, ok := PolicyNamed(a.Policy); !ok || !p.Known() {
			i.say(Info, PolicyUnknown, []Key{a.Key()}, PolicyName(a.Policy), r.Principal.String())
		}
	}
	for _, g := range m.Identity.Groups {
		switch {
		case isBridge(g):
			i.say(Warn, BridgeLeft, []Key{m.From}, r.Principal.String())
		case !strings.HasPrefix(g, "system:") && len(i.ix.rbac.named[subject{"Group", g}]) == 0 && !i.ix.unread(RoleBindingKind, ClusterRoleBindingKind):
			i.say(Info, GroupUnbound, []Key{m.From}, g, r.Principal.String())
		}
	}
}

// aggregation says which aggregated ClusterRoles don't have the rules of those they
// select: the API server counts the stored rules, the controller has yet to fill them in.
func (i *inspector) aggregation() {
	all := Of[Role](i.ix.snap.Objects)
	for _, r := range all {
		if len(r.Aggregate) > 0 && len(uncovered(Selected(r, all), r.Rules)) > 0 {
			i.say(Warn, AggregationPending, []Key{r.Key()}, r.Name)
		}
	}
}

// bindings says which bindings refer to roles that don't exist, and which are
// bridges that a stopped plan left. A missing role is told only when roles were read.
func (i *inspector) bindings() {
	realm := i.ix.rbac.realm
	for _, b := range Of[Binding](i.ix.snap.Objects) {
		if b.Namespace == "" && isBridge(b.Name) {
			i.say(Warn, BridgeLeft, []Key{b.Key()}, b.Name)
		}
		k := roleKey(b.In, b.Role, b.Namespace)
		if _, unread := i.ix.snap.Gap(realm, k.Kind, k.Name); unread {
			continue
		}
		if !i.ix.rbac.has(k) && len(b.Subjects) > 0 {
			i.say(Info, RoleMissing, []Key{b.Key(), k}, strings.TrimPrefix(b.Namespace+"/"+b.Name, "/"), b.Role.Name)
		}
	}
}
