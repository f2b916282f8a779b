package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Allows reports whether one rule allows one request.
//
// Source: kubernetes plugin/pkg/auth/authorizer/rbac RuleAllows.
func Allows(r Rule, q Request) bool {
	if q.URL != "" {
		return has(r.Verbs, q.Verb) && slices.ContainsFunc(r.NonResourceURLs, func(u string) bool { return urlMatches(u, q.URL) })
	}
	return has(r.Verbs, q.Verb) && has(r.APIGroups, q.Group) &&
		resourceMatches(r.Resources, q.Resource, q.Subresource) &&
		(len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, q.Name))
}

func has(list []string, s string) bool {
	return slices.Contains(list, s) || slices.Contains(list, "*")
}

// resourceMatches: "*" matches all, an exact "pods/log" matches itself, and
// "*/log" matches that subresource of anything.
//
// Source: kubernetes pkg/apis/rbac/v1 evaluation_helpers ResourceMatches.
func resourceMatches(rule []string, resource, subresource string) bool {
	full := resource
	if subresource != "" {
		full = resource + "/" + subresource
	}
	for _, r := range rule {
		if r == "*" || r == full || subresource != "" && r == "*/"+subresource {
			return true
		}
	}
	return false
}

// urlMatches: exact, or a prefix when the rule ends in *.
//
// Source: kubernetes pkg/apis/rbac/v1 evaluation_helpers NonResourceURLMatches.
func urlMatches(rule, url string) bool {
	prefix, star := strings.CutSuffix(rule, "*")
	return rule == url || star && strings.HasPrefix(url, strings.TrimRight(prefix, "*"))
}

// subject is who a binding names. The kind is part of it: a User and a Group of
// one name are two.
type subject struct{ kind, name string }

// subjectOf turns a binding's subject into what an identity is compared with. A
// service account is the user name it authenticates as; without a namespace of its
// own it is in the binding's (kubernetes pkg/registry/rbac/validation appliesToUser).
func subjectOf(s rbacv1.Subject, namespace string) subject {
	if s.Kind == rbacv1.ServiceAccountKind {
		ns := s.Namespace
		if ns == "" {
			ns = namespace
		}
		if ns == "" {
			return subject{s.Kind, s.Name} // of no namespace: nobody
		}
		return subject{rbacv1.UserKind, "system:serviceaccount:" + ns + ":" + s.Name}
	}
	return subject{s.Kind, s.Name}
}

// everybody is the group that the API server puts whoever logs in into.
const everybody = "system:authenticated"

// authenticated reports whether the API server adds system:authenticated to the
// identity (kubernetes apiserver pkg/authentication/group).
func (id Identity) authenticated() bool {
	return id.User != "system:anonymous" && !slices.Contains(id.Groups, "system:unauthenticated")
}

// subjectsOf are all subjects an identity matches. The API server adds
// system:authenticated to whoever logs in.
func (id Identity) subjects() []subject {
	out := make([]subject, 0, len(id.Groups)+2)
	if _, _, ok := template(id.User); !ok { // nobody arrives under the template itself
		out = append(out, subject{rbacv1.UserKind, id.User})
	}
	first := len(out)
	add := func(g string) {
		if _, _, ok := template(g); !ok {
			at, had := slices.BinarySearchFunc(out[first:], g, func(s subject, g string) int { return strings.Compare(s.name, g) })
			if !had {
				out = slices.Insert(out, first+at, subject{rbacv1.GroupKind, g})
			}
		}
	}
	for _, g := range id.Groups {
		add(g)
	}
	if id.authenticated() {
		add(everybody)
	}
	return out
}

// templates are the names of an identity that each session fills in.
func (id Identity) templates() []subject {
	var out []subject
	if _, _, ok := template(id.User); ok {
		out = append(out, subject{rbacv1.UserKind, id.User})
	}
	for _, g := range id.Groups {
		if _, _, ok := template(g); ok {
			out = append(out, subject{rbacv1.GroupKind, g})
		}
	}
	return out
}

// roleKey is the Role or ClusterRole that a binding in a namespace refers to. A
// Role is looked up in the binding's own namespace only.
func roleKey(realm Realm, ref rbacv1.RoleRef, namespace string) Key {
	if ref.Kind == string(ClusterRoleKind) {
		namespace = ""
	}
	return Key{Realm: realm, Kind: Kind(ref.Kind), Namespace: namespace, Name: ref.Name}
}

// Selected returns the rules that an aggregated ClusterRole will have when the
// controller has run: the rules of every other ClusterRole its selectors match, in
// order of name.
//
// Source: kubernetes pkg/controller/clusterroleaggregation.
func Selected(r Role, all []Role) []Rule {
	var out []Rule
	for _, other := range all {
		if other.Namespace != "" || other.Name == r.Name {
			continue
		}
		if slices.ContainsFunc(r.Aggregate, func(s metav1.LabelSelector) bool { return selects(s, other.Meta.Labels) }) {
			for _, rule := range other.Rules {
				if !slices.ContainsFunc(out, func(have Rule) bool { return sameRule(have, rule) }) {
					out = append(out, rule)
				}
			}
		}
	}
	return out
}

func selects(s metav1.LabelSelector, l map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(&s)
	return err == nil && selector.Matches(labels.Set(l))
}

func sameRule(a, b Rule) bool {
	return slices.Equal(a.Verbs, b.Verbs) && slices.Equal(a.APIGroups, b.APIGroups) && slices.Equal(a.Resources, b.Resources) &&
		slices.Equal(a.ResourceNames, b.ResourceNames) && slices.Equal(a.NonResourceURLs, b.NonResourceURLs)
}
