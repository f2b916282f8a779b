package access

import (
	"fmt"
	"slices"

	"k8s.io/component-helpers/auth/rbac/validation"
)

// Level sums up what an identity may do in a scope.
type Level uint8

const (
	None Level = iota // nothing beyond what every authenticated caller may
	Some              // something, but not all of view
	View              // all of the cluster's own ClusterRole view, or AmazonEKSViewPolicy
	Edit
	Admin
	Full // everything: cluster-admin, AmazonEKSClusterAdminPolicy, system:masters
)

var levelNames = [...]string{"none", "some", "view", "edit", "admin", "full"}

func (l Level) String() string { return levelNames[l] }

// MarshalText writes a level as its word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads it back.
func (l *Level) UnmarshalText(b []byte) error {
	i := slices.Index(levelNames[:], string(b))
	if i < 0 {
		return &unknownWord{"level", string(b)}
	}
	*l = Level(i)
	return nil
}

// ParseLevel reads the levels that can be granted.
func ParseLevel(s string) (Level, error) {
	var l Level
	if err := l.UnmarshalText([]byte(s)); err != nil || l < View {
		return None, fmt.Errorf("level %q: want view, edit, admin or full", s)
	}
	return l, nil
}

// LevelRole is the ClusterRole that stands for a level, LevelPolicy the access policy.
func LevelRole(l Level) string {
	return map[Level]string{View: "view", Edit: "edit", Admin: "admin", Full: "cluster-admin"}[l]
}
func LevelPolicy(l Level) string {
	return map[Level]string{View: ViewPolicy, Edit: EditPolicy, Admin: AdminPolicy, Full: ClusterAdminPolicy}[l]
}

// superRules is what system:masters and cluster-admin may: everything.
var superRules = []Rule{
	{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
	{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
}

// yardsticks are, per level, the sets of rules that each suffice for it: the
// cluster's own role, which goes with its version and its aggregated custom
// resources, and AWS's policy of that name, which is a little smaller.
type yardsticks map[Level][][]Rule

func newYardsticks(clusterRole func(name string) []Rule) yardsticks {
	y := yardsticks{}
	for l := View; l <= Full; l++ {
		own := clusterRole(LevelRole(l))
		if l == Full {
			own = superRules // a cluster-admin that somebody cut down is not everything
		}
		policy, _ := PolicyNamed(LevelPolicy(l))
		for _, rules := range [][]Rule{own, policy.Rules} {
			if len(rules) > 0 { // an empty role is covered by nobody's rules
				y[l] = append(y[l], rules)
			}
		}
	}
	return y
}

// level compares rules with the yardsticks. In a namespace, rules about
// non-resource URLs don't count.
func (y yardsticks) level(rules []Rule, namespace string) Level {
	for l := Full; l >= View; l-- {
		for _, want := range y[l] {
			if namespace != "" {
				want = slices.DeleteFunc(slices.Clone(want), func(r Rule) bool { return len(r.Resources) == 0 })
			}
			if ok, _ := validation.Covers(rules, want); ok && len(want) > 0 {
				return l
			}
		}
	}
	if slices.ContainsFunc(rules, func(r Rule) bool { return !Everyones(r) && (namespace == "" || len(r.Resources) > 0) }) {
		return Some
	}
	return None
}

// everyone are the rules that the default roles give to all who log in:
// system:discovery and system:public-info-viewer get these URLs, system:basic-user
// asks about itself (Kubernetes RBAC, "API discovery roles").
var everyone = struct{ urls, reviews []string }{
	[]string{"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"},
	[]string{"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"},
}

// Everyones reports whether a rule gives no more than every authenticated caller
// has by default.
func Everyones(r Rule) bool {
	if len(r.Resources) == 0 {
		return len(r.NonResourceURLs) == 0 || within(r.Verbs, []string{"get"}) && within(r.NonResourceURLs, everyone.urls)
	}
	return within(r.Verbs, []string{"create"}) && within(r.Resources, everyone.reviews)
}
