package access

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// OfNode is the second argument of a finding about what a node has: Build changes whom
// no node becomes, and takes nothing away from one.
const OfNode = "node"

// admin says who may do everything, or could take it, with all the roads that lead there.
func (i *inspector) admin(n int, r Row, m Mapping) {
	lanes := i.lanes[n]
	for _, a := range i.ix.Policies(m) {
		lanes = append(lanes[:len(lanes):len(lanes)], i.policyLanes(a)...)
	}
	if r.Principal.Kind == CreatorPrincipal {
		return // HiddenCreator says it, and nobody can take it away
	}
	// The binding of system:masters is there by default and takes nothing away by going.
	masters := rbacv1.GroupKind + " " + Masters
	lanes = slices.DeleteFunc(slices.Clone(lanes), func(l lane) bool { return l.road.Subject == masters })
	roads := bySession(lanes)
	if m.Identity.Super() {
		roads = append([]Road{{Powers: []Code{PowerMasters}, Subject: masters}}, roads...)
	}
	if len(roads) == 0 {
		return
	}
	f := Finding{Code: BecomesAdmin, Severity: Warn, Who: []Principal{r.Principal}, Roads: roads, Args: []string{r.Principal.String()}}
	if slices.ContainsFunc(roads, func(o Road) bool {
		return o.Namespace == "" && o.When == nil && (o.Powers[0] == PowerMasters || o.Powers[0] == PowerEverything)
	}) {
		f.Code, f.Severity = ClusterAdmin, Info
	}
	if r.Principal.ServiceLinked() {
		f.Severity = Info // AWS decides what its own roles have
	}
	if nodeItem(m.Identity) {
		f.Args = append(f.Args, OfNode)
	}
	f.About = slices.DeleteFunc(append([]Key{m.From}, keysOf(roads)...), func(k Key) bool { return k == Key{} })
	i.found = append(i.found, f)
}

// bySession finds the roads that every session has, and then those that some sessions
// have beside: what no session has at once never comes together.
func bySession(lanes []lane) []Road {
	var every []lane
	some := map[Condition][]lane{}
	for _, l := range lanes {
		if l.road.When == nil {
			every = append(every, l)
		} else {
			some[*l.road.When] = append(some[*l.road.When], l)
		}
	}
	roads := drive(every)
	beside := len(roads)
	at := map[string]int{} // a road of several sessions has what it contributes to any of them
	for _, one := range logins(slices.SortedFunc(maps.Keys(some), Condition.compare)) {
		own := every
		for _, when := range one.conditions() {
			own = append(own[:len(own):len(own)], some[when]...)
		}
		for _, r := range drive(own) {
			if r.When == nil {
				continue
			}
			name := fmt.Sprint(*r.When, r.Namespace, r.Subject, r.Via)
			n, known := at[name]
			if !known {
				n, at[name] = len(roads), len(roads)
				roads = append(roads, r)
			}
			roads[n].Powers = merged(roads[n].Powers, r.Powers)
		}
	}
	slices.SortStableFunc(roads[beside:], func(a, b Road) int { return a.When.compare(*b.When) })
	return roads
}

// nodeTypes begin the types of the entries of nodes (EKS user guide, "Create access entries").
var nodeTypes = []string{"EC2", "FARGATE", "HYBRID", "HYPERPOD"}

// windowsNodes is the group that the EKS user guide gives to Windows nodes.
const windowsNodes = "eks:kube-proxy-windows"

// node says which node roles bring more than nodes need: every pod that reaches the
// instance's credentials has it too.
//
// Source: EKS Best Practices, "Restrict access to the instance profile"; the groups are
// those of the user guide, "Create access entries".
func (i *inspector) node(r Row, m Mapping) {
	if !nodeItem(m.Identity) && !slices.ContainsFunc(nodeTypes, func(t string) bool { return strings.HasPrefix(m.Type, t) }) {
		return
	}
	var roads []Road
	seen := map[string]bool{} // what counts in many namespaces is one road
	take := func(g Grant) {
		kind, name, _ := strings.Cut(g.Subject, " ")
		if kind == rbacv1.GroupKind && foreign(subject{kind, name}) && name != Masters || nodePolicy(g.Policy) {
			return
		}
		if kind == rbacv1.UserKind && strings.HasPrefix(name, "system:node:") {
			return
		}
		o := Road{Powers: []Code{PowerBound}, Namespace: cmp.Or(g.Scope, g.Pattern), Subject: g.Subject, Via: g.Via}
		if at := fmt.Sprint(o); !seen[at] {
			seen[at] = true
			roads = append(roads, o)
		}
	}
	for _, ns := range append([]string{""}, i.ix.Scopes(m)...) {
		for _, g := range i.ix.Grants(m, ns) {
			take(g)
		}
	}
	if len(roads) > 0 {
		i.found = append(i.found, Finding{Code: NodeRights, Severity: Warn, Who: []Principal{r.Principal}, Roads: roads,
			About: append([]Key{m.From}, keysOf(roads)...), Args: []string{r.Principal.String()}})
	}
}
