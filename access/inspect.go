package access

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Inspect says what is worth knowing about the cluster as it stands, worst first. It
// looks at each object once and at what rows and bindings have in common, never at
// every principal in every namespace.
func Inspect(ix *Index) []Finding {
	i := &inspector{ix: ix, lanes: map[int][]lane{}, charges: map[string]charge{}, covers: map[string]bool{}}
	i.arrivals()
	i.cluster()
	i.authMap()
	i.lookAtRoles()
	i.lookAtBindings()
	i.brokenRoles()
	for n, r := range ix.Rows() {
		for _, m := range r.Mappings {
			i.mapping(r, m)
		}
		if m, ok := r.Active(); ok {
			i.admin(n, r, m)
			i.node(r, m)
			i.cannotBind(r, m)
		}
	}
	i.unbound()
	i.policies()
	slices.SortStableFunc(i.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Code, b.Code), slices.Compare(a.Args, b.Args))
	})
	return i.found
}

type inspector struct {
	ix      *Index
	found   []Finding
	come    arrivals
	roles   []roleNote
	lanes   map[int][]lane    // by row: its grants that add to a power
	charges map[string]charge // of access policies
	covers  map[string]bool   // by the names of roles and policies: whether some hold all rules of others
}

func (i *inspector) say(sev Severity, code Code, who []Principal, about []Key, args ...string) {
	i.found = append(i.found, Finding{Code: code, Severity: sev, Who: who, About: about, Args: args})
}

func (i *inspector) cluster() {
	s := i.ix.Snapshot()
	aws, kube := s.Caller.AWS, s.Caller.Kube
	if aws.ARN != "" && kube.ARN != "" && aws.ID() != kube.ID() {
		i.say(Warn, CallersDiffer, nil, nil, aws.ARN, kube.ARN)
	}
	c, ok := s.Cluster()
	if !ok {
		return
	}
	if c.Status != "ACTIVE" {
		i.say(Warn, ClusterNotActive, nil, []Key{c.Key()}, c.Status)
	}
	if otherEndpoint(s, c) {
		i.say(Warn, EndpointDiffers, nil, []Key{c.Key()}, s.Server, c.Endpoint)
	}
	if s.Mode() == ConfigMapMode {
		i.say(Info, HiddenCreator, nil, []Key{c.Key()}, string(s.Mode()))
	}
}

// otherEndpoint reports whether the kubeconfig's server is not the cluster's endpoint: a
// proxy, a tunnel, or another cluster.
func otherEndpoint(s Snapshot, c Cluster) bool {
	trim := func(url string) string { return strings.TrimRight(url, "/") }
	return s.Server != "" && c.Endpoint != "" && !strings.EqualFold(trim(s.Server), trim(c.Endpoint))
}

func (i *inspector) authMap() {
	s := i.ix.Snapshot()
	am, ok := s.AuthMap()
	if !ok {
		if _, gap := s.Gap(s.Realm("kube"), AuthMapKind, ""); !gap && s.Mode().ConfigMap() && s.Realm("kube") != "" {
			i.say(Info, MapAbsent, nil, nil, string(s.Mode()))
		}
		return
	}
	for _, p := range i.ix.parsed.Problems {
		if !p.Lost {
			i.say(Warn, MapComplaint, nil, []Key{am.Key()}, string(p.Section), strconv.Itoa(p.Line), "", p.Detail)
			continue
		}
		i.say(Warn, MapUnreadable, nil, []Key{am.Key()}, string(p.Section), strconv.Itoa(p.Line), p.Detail)
	}
	for _, it := range i.ix.parsed.Items {
		for _, n := range it.Notes {
			i.say(Warn, MapComplaint, nil, []Key{am.Key()}, string(it.Section), strconv.Itoa(n.Line), n.Code, n.Text)
		}
	}
}

func (i *inspector) mapping(r Row, m Mapping) {
	who, about, name := []Principal{r.Principal}, []Key{m.From}, r.Principal.String()
	switch m.State {
	case Shadowed:
		i.say(Info, MappingShadowed, who, about, name, string(m.Reason), strconv.Itoa(m.Line()))
		if a, ok := r.Active(); ok && m.Reason == EntryWins && !nodeItem(m.Identity) && i.narrower(a, m) {
			i.say(Warn, EntryNarrower, who, append([]Key{a.From}, about...), name)
		}
	case Unmatchable:
		i.say(Warn, MappingUnmatchable, who, about, name, string(m.Reason), strconv.Itoa(m.Line()))
	case Dead:
		i.say(Warn, MappingDead, who, about, name, string(m.Reason))
	case Dormant:
		i.say(Info, MappingDormant, who, about, name, string(i.ix.Snapshot().Mode()))
	case Undecided:
		i.say(Warn, MappingUnknown, who, about, name, string(m.Reason))
	case Active:
		if slices.ContainsFunc(m.Identity.Groups, isBridge) {
			i.say(Warn, OnBridge, who, about, name)
		}
	}
}
