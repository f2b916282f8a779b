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

// everyone are the rules that the default roles give to all who log in:
// system:discovery and system:public-info-viewer get these URLs, system:basic-user
// asks about itself (Kubernetes RBAC, "API discovery roles").
var everyone = []Rule{
	{Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"}},
	{Verbs: []string{"create"}, APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"selfsubjectaccessreviews", "selfsubjectrulesreviews"}},
	{Verbs: []string{"create"}, APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"selfsubjectreviews"}},
}

// Everyones reports whether a rule gives no more than every authenticated caller
// has by default.
func Everyones(r Rule) bool {
	ok, _ := validation.Covers(everyone, []Rule{r})
	return ok
}
