package authorizer

import (
	"maps"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// copied evaluates a world the way the product does, written a second time, with at
// most one mistake. It shows what the judge is worth: the copy without a mistake
// passes it, and each mistake, one that some tool out there makes, does not.
type copied struct {
	w       *world
	mistake string
}

// mistakes are the bugs that get planted.
var mistakes = map[string]string{
	"subresource of its resource":   "pods is taken to allow pods/log",
	"star before a subresource":     "*/scale is not known",
	"star after a resource":         "pods/* is taken to allow any subresource of pods",
	"star over subresources":        "* is taken not to allow subresources",
	"resourceNames not read":        "a rule about one object is taken to allow all",
	"resourceNames without a name":  "a rule about one object is taken to allow a list of all",
	"resourceNames with a star":     "* is taken for any name",
	"role of another namespace":     "a Role is looked up by its name alone",
	"binding of another namespace":  "a RoleBinding is taken to count everywhere",
	"role binding in the cluster":   "a RoleBinding is taken to count for requests without a namespace",
	"cluster role in a namespace":   "a RoleBinding to a ClusterRole is not followed",
	"group named like a user":       "User and Group subjects are compared by name alone",
	"first group only":              "further groups of an identity are not read",
	"everybody's group":             "system:authenticated is not added",
	"everybody's group for all":     "system:authenticated is added for system:unauthenticated too",
	"masters":                       "system:masters is left to RBAC",
	"service account by name":       "a service account is compared without its namespace",
	"service account's default":     "a service account subject without a namespace is nobody",
	"API group not read":            "a rule is taken to count in every API group",
	"no API group":                  "a rule without API groups is taken to be about the core group",
	"verb star":                     "* among verbs is compared like a word",
	"letter case of verbs":          "verbs are compared without regard to case",
	"URL star":                      "/healthz/* is compared like a word",
	"URL star inside":               "/a*b is taken for a pattern",
	"URL in a namespace":            "a path is answered by RoleBindings too",
	"resource rule for a path":      "a rule for everything is taken to allow paths",
	"last rule only":                "of a role's rules the last one counts",
	"role reference without a kind": "a reference to no known kind is taken for a ClusterRole",
	"first binding of a pair":       "of two bindings to one role the first one counts",
	"first subject":                 "of a binding's subjects the first one counts",
}

func (c copied) is(mistake string) bool {
	if _, ok := mistakes[mistake]; !ok {
		panic("no such mistake: " + mistake)
	}
	return c.mistake == mistake
}

func planted(mistake string) answerer {
	return func(w *world) (func(int, access.Request) answer, error) {
		c := copied{w, mistake}
		return func(who int, q access.Request) answer {
			id := w.People[who].Identity
			a := answer{yes: c.can(id, q)}
			if !a.yes && id.Node() {
				a.unknown = []access.Gap{{Why: access.NodeAuthority}} // not what is judged here
			}
			return a
		}, nil
	}
}

func (c copied) can(id access.Identity, q access.Request) bool {
	if slices.Contains(id.Groups, access.Masters) && !c.is("masters") {
		return true
	}
	if q.URL != "" && !c.is("URL in a namespace") {
		q.Namespace = ""
	}
	seen := map[rbacv1.RoleRef]bool{}
	for _, b := range c.w.ClusterRoleBindings {
		if c.binds(b.Subjects, id, "") && c.any(c.rules(b.RoleRef, "", seen), q) {
			return true
		}
	}
	if q.Namespace == "" && !c.is("role binding in the cluster") {
		return false
	}
	for _, b := range c.w.RoleBindings {
		if b.Namespace != q.Namespace && !(c.is("binding of another namespace") && q.Namespace != "") && !(c.is("role binding in the cluster") && q.Namespace == "") {
			continue
		}
		if c.binds(b.Subjects, id, b.Namespace) && c.any(c.rules(b.RoleRef, b.Namespace, seen), q) {
			return true
		}
	}
	return false
}

func (c copied) binds(subjects []rbacv1.Subject, id access.Identity, namespace string) bool {
	gs := slices.Clone(id.Groups)
	if c.is("first group only") {
		gs = gs[:min(1, len(gs))]
	}
	if outside := id.User == "system:anonymous" || slices.Contains(gs, "system:unauthenticated") && !c.is("everybody's group for all"); !outside && !c.is("everybody's group") {
		gs = append(gs, "system:authenticated")
	}
	for i, s := range subjects {
		if i > 0 && c.is("first subject") {
			return false
		}
		switch s.Kind {
		case rbacv1.UserKind, rbacv1.GroupKind:
			user, group := s.Name == id.User, slices.Contains(gs, s.Name)
			if user && s.Kind == rbacv1.UserKind || group && s.Kind == rbacv1.GroupKind || c.is("group named like a user") && (user || group) {
				return true
			}
		case rbacv1.ServiceAccountKind:
			in := s.Namespace
			if in == "" && !c.is("service account's default") {
				in = namespace
			}
			if in != "" && id.User == "system:serviceaccount:"+in+":"+s.Name {
				return true
			}
			if c.is("service account by name") && strings.HasPrefix(id.User, "system:serviceaccount:") && strings.HasSuffix(id.User, ":"+s.Name) {
				return true
			}
		}
	}
	return false
}

func (c copied) rules(ref rbacv1.RoleRef, namespace string, seen map[rbacv1.RoleRef]bool) []rbacv1.PolicyRule {
	if seen[ref] && c.is("first binding of a pair") {
		return nil
	}
	seen[ref] = true
	var out []rbacv1.PolicyRule
	switch {
	case ref.Kind == "Role" && namespace != "":
		for _, r := range c.w.Roles {
			if r.Name == ref.Name && (r.Namespace == namespace || c.is("role of another namespace")) {
				out = append(out, r.Rules...)
			}
		}
	case ref.Kind == "ClusterRole" && !(namespace != "" && c.is("cluster role in a namespace")), ref.Kind != "Role" && c.is("role reference without a kind"):
		for _, r := range c.w.ClusterRoles {
			if r.Name == ref.Name {
				out = append(out, r.Rules...)
			}
		}
	}
	if len(out) > 1 && c.is("last rule only") {
		return out[len(out)-1:]
	}
	return out
}

func (c copied) any(rules []rbacv1.PolicyRule, q access.Request) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		verb := slices.Contains(r.Verbs, q.Verb) || slices.Contains(r.Verbs, "*") && !c.is("verb star") ||
			c.is("letter case of verbs") && slices.Contains(r.Verbs, strings.ToLower(q.Verb))
		if q.URL != "" {
			return verb && (slices.ContainsFunc(r.NonResourceURLs, func(u string) bool { return c.url(u, q.URL) }) ||
				c.is("resource rule for a path") && slices.Contains(r.Resources, "*"))
		}
		group := slices.Contains(r.APIGroups, q.Group) || slices.Contains(r.APIGroups, "*") || c.is("API group not read") ||
			c.is("no API group") && len(r.APIGroups) == 0 && q.Group == ""
		return verb && group && c.resource(r.Resources, q) && c.name(r.ResourceNames, q.Name)
	})
}

func (c copied) resource(words []string, q access.Request) bool {
	full := q.Resource
	if q.Subresource != "" {
		full += "/" + q.Subresource
	}
	return slices.ContainsFunc(words, func(w string) bool {
		switch {
		case w == "*":
			return q.Subresource == "" || !c.is("star over subresources")
		case w == full:
			return true
		case q.Subresource == "":
			return false
		case w == "*/"+q.Subresource:
			return !c.is("star before a subresource")
		case w == q.Resource:
			return c.is("subresource of its resource")
		case w == q.Resource+"/*":
			return c.is("star after a resource")
		}
		return false
	})
}

func (c copied) name(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name) || c.is("resourceNames not read") ||
		c.is("resourceNames without a name") && name == "" || c.is("resourceNames with a star") && slices.Contains(names, "*")
}

func (c copied) url(word, url string) bool {
	prefix, star := strings.CutSuffix(word, "*")
	if head, tail, inside := strings.Cut(word, "*"); inside && c.is("URL star inside") {
		return word == url || strings.HasPrefix(url, head) && strings.HasSuffix(url, strings.Trim(tail, "*"))
	}
	return word == url || star && !c.is("URL star") && strings.HasPrefix(url, strings.TrimRight(prefix, "*"))
}

// TestJudgeCatchesPlantedBugs: within the short run, whatever the flags say.
func TestJudgeCatchesPlantedBugs(t *testing.T) {
	if n, diff, err := run(newMaker(1), 2000, 100, planted("")); err != nil || diff != nil {
		t.Fatalf("the copy without a mistake differs after %s: %v %v", n, err, diff)
	}
	for _, mistake := range slices.Sorted(maps.Keys(mistakes)) {
		t.Run(mistake, func(t *testing.T) {
			n, diff, err := run(newMaker(1), 2000, 100, planted(mistake))
			if err != nil {
				t.Fatal(err)
			}
			if diff == nil {
				t.Fatalf("not caught in %s: %s", n, mistakes[mistake])
			}
			t.Logf("%s: caught in world %d by request %d", mistakes[mistake], n.worlds, n.asked)
		})
	}
}
