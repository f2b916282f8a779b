package report

import (
	"encoding/json"
	"iter"
	"reflect"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// AccessList is the whole answer of `list`: what -o json prints. Data is as read;
// messages are ours. Lists are never null. A field, once there, stays.
type AccessList struct {
	APIVersion  string        `json:"apiVersion"`
	Kind        string        `json:"kind"`
	Cluster     ListCluster   `json:"cluster"`
	Caller      ListCaller    `json:"caller"`
	PolicyTable string        `json:"policyTable"` // the date of our table of access policies
	Items       []ListItem    `json:"items"`
	Findings    []ListFinding `json:"findings"`
	Gaps        []ListGap     `json:"gaps"`
}

// ListCluster is the cluster that was read; what could not be read is empty.
type ListCluster struct {
	Name               string      `json:"name"`
	ARN                string      `json:"arn"`
	Region             string      `json:"region"`
	Version            string      `json:"version"`
	PlatformVersion    string      `json:"platformVersion"`
	AuthenticationMode access.Mode `json:"authenticationMode"`
}

// ListCaller is who asked: AWS's name and the cluster's.
type ListCaller struct {
	ARN      string `json:"arn"`
	Username string `json:"username"`
}

// ListItem is one principal.
type ListItem struct {
	Principal ListPrincipal `json:"principal"`
	Mappings  []ListMapping `json:"mappings"`
	Access    []ListAccess  `json:"access"`
}

// ListPrincipal is the principal in its fullest known form.
type ListPrincipal struct {
	ARN           string               `json:"arn"`
	Kind          access.PrincipalKind `json:"kind"`
	Account       string               `json:"account"`
	Name          string               `json:"name"`
	PermissionSet string               `json:"permissionSet,omitempty"`
}

// ListMapping is one mapping with its fate. Line is 0 for an access entry.
type ListMapping struct {
	Source   access.Source       `json:"source"`
	State    access.MappingState `json:"state"`
	Reason   access.Code         `json:"reason"`
	Line     int                 `json:"line"`
	Type     string              `json:"type"`
	Username string              `json:"username"`
	Groups   []string            `json:"groups"`
	Policies []ListPolicy        `json:"policies"`
	Section  string              `json:"section,omitempty"` // of an aws-auth item
	ARN      string              `json:"arn,omitempty"`     // as it is written there
	Message  string              `json:"message,omitempty"` // the reason in words
}

// ListPolicy is one associated access policy.
type ListPolicy struct {
	Name       string   `json:"name"`
	ARN        string   `json:"arn"`
	Scope      string   `json:"scope"` // "cluster" or "namespace"
	Namespaces []string `json:"namespaces"`
}

// ListAccess is what the principal may do in a namespace; "" is the whole cluster.
// Level is "unknown" when nothing is known; AtLeast says that it may be more.
type ListAccess struct {
	Namespace string `json:"namespace"`
	Level     string `json:"level"`
	AtLeast   bool   `json:"atLeast,omitempty"`
	Depends   bool   `json:"depends,omitempty"` // some sessions have more: When says which
	Node      bool   `json:"node,omitempty"`    // the Node authorizer decides

	When    []ListCondition `json:"when,omitempty"`
	Unknown []string        `json:"unknown,omitempty"` // what of this principal could raise the level; see also the gaps
}

// ListCondition is what the sessions of one condition have: SessionName alice, say.
type ListCondition struct {
	access.Condition
	Level string `json:"level"`
}

// ListGap is something that could not be read.
type ListGap struct {
	Realm   access.Realm `json:"realm"`
	Kind    access.Kind  `json:"kind"`
	Why     access.Code  `json:"why"`
	Detail  string       `json:"detail"`
	Name    string       `json:"name,omitempty"`
	Message string       `json:"message"`
}

// ListOptions narrow a list. None named means all.
type ListOptions struct {
	Principals []access.Principal
	Namespaces []string
}

// List makes the list of an index.
func List(ix *access.Index, fs []access.Finding, o ListOptions) AccessList {
	l := ListHead(ix, fs)
	l.Items = slices.AppendSeq(l.Items, ListItems(ix, o))
	return l
}

// ListHead is the list without its items.
func ListHead(ix *access.Index, fs []access.Finding) AccessList {
	s := ix.Snapshot()
	l := AccessList{APIVersion: access.APIVersion, Kind: "AccessList", Cluster: listCluster(s),
		Caller: ListCaller{s.Caller.AWS.ARN, s.Caller.Identity.User}, PolicyTable: access.PolicyTableDate,
		Items: []ListItem{}, Findings: []ListFinding{}, Gaps: listGaps(s)}
	for _, f := range fs {
		l.Findings = append(l.Findings, listFinding(f))
	}
	return l
}

// ListItems are made one by one: those of a large cluster need not be in memory at once.
func ListItems(ix *access.Index, o ListOptions) iter.Seq[ListItem] {
	namespaces := sortedSet(o.Namespaces)
	named := map[string]bool{}
	for _, p := range o.Principals {
		named[p.ID()] = true
	}
	return func(yield func(ListItem) bool) {
		for _, r := range ix.Rows() {
			if len(named) > 0 && !named[r.Principal.ID()] {
				continue
			}
			if !yield(listItem(ix, r, namespaces)) {
				return
			}
		}
	}
}

func listCluster(s access.Snapshot) ListCluster {
	c, _ := s.Cluster()
	return ListCluster{c.Name, c.ARN, c.Region, c.Version, c.PlatformVersion, s.Mode()}
}

func listGaps(s access.Snapshot) []ListGap {
	out := []ListGap{}
	for _, g := range s.Gaps {
		out = append(out, ListGap{g.Realm, g.Kind, g.Why, g.Detail, g.Name, Gap(g)})
	}
	return out
}

func listItem(ix *access.Index, r access.Row, namespaces []string) ListItem {
	p := r.Principal
	it := ListItem{Principal: ListPrincipal{p.ARN, p.Kind, p.Account, p.Name, p.PermissionSet()}, Mappings: []ListMapping{}}
	for _, m := range r.Mappings {
		it.Mappings = append(it.Mappings, listMapping(ix, m))
	}
	all := listAccess(ix.Cell(r, ""), "")
	it.Access = []ListAccess{all}
	for _, ns := range pick(len(namespaces) > 0, namespaces, differing(ix, r, all)) {
		it.Access = append(it.Access, listAccess(ix.Cell(r, ns), ns))
	}
	return it
}

// differing are the namespaces whose answer is not the cluster's. All namespaces
// without grants of their own have one answer, which is asked for once: a list of
// many principals and namespaces costs what it shows.
func differing(ix *access.Index, r access.Row, all ListAccess) []string {
	m, ok := r.Active()
	if !ok {
		return nil // not in force, or unknown as a whole
	}
	own := ix.Scopes(m)
	differs := func(ns string) bool {
		return !reflect.DeepEqual(listAccess(ix.Cell(r, ns), ""), all)
	}
	var out []string
	rest := remaining(ix.Namespaces(), own)
	for ns := range rest {
		if differs(ns) {
			out = slices.Collect(rest)
		}
		break // they are all alike
	}
	for _, ns := range own {
		if differs(ns) {
			out = append(out, ns)
		}
	}
	slices.Sort(out)
	return out
}

// remaining are the names that are not among the others; both are sorted.
func remaining(names, others []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		i := 0
		for _, n := range names {
			for i < len(others) && others[i] < n {
				i++
			}
			if (i == len(others) || others[i] != n) && !yield(n) {
				return
			}
		}
	}
}

func listAccess(c access.Cell, namespace string) ListAccess {
	a := ListAccess{Namespace: namespace, Level: c.Level.String(), Depends: len(c.Depends) > 0, Node: c.Node}
	for _, m := range c.Depends {
		a.When = append(a.When, ListCondition{m.Condition, m.Level.String()})
	}
	switch {
	case c.Level == access.None && len(c.Unknown) > 0:
		a.Level = "unknown"
	case len(c.Unknown) > 0 && c.Level < access.Full:
		a.AtLeast = true
	}
	for _, g := range c.Unknown {
		// What was not read of a whole kind is among the gaps, once for all cells.
		if text := Gap(g); g.Name != "" && !slices.Contains(a.Unknown, text) {
			a.Unknown = append(a.Unknown, text)
		}
	}
	return a
}

func listMapping(ix *access.Index, m access.Mapping) ListMapping {
	out := ListMapping{Source: m.Source, State: m.State, Reason: m.Reason, Line: m.Line(), Type: m.Type,
		Username: m.Identity.User, Groups: orEmpty(m.Identity.Groups), Policies: []ListPolicy{},
		Section: string(m.Item.Section), ARN: m.Item.ARN}
	if m.Reason != "" {
		out.Message = Safe(reasonOf(m))
	}
	for _, a := range ix.Policies(m) {
		out.Policies = append(out.Policies, ListPolicy{access.PolicyName(a.Policy), a.Policy,
			pick(a.Scope.Cluster, "cluster", "namespace"), orEmpty(sortedSet(a.Scope.Namespaces))})
	}
	return out
}

func orEmpty[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// MarshalJSON writes the list so that printing it is harmless: see Escape.
func (l AccessList) MarshalJSON() ([]byte, error) {
	type plain AccessList
	text, err := json.Marshal(plain(l))
	if err != nil {
		return nil, err
	}
	return Escape(text), nil
}
