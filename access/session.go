package access

import (
	"regexp"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// sessionName is what STS takes as a session's name (AssumeRole, RoleSessionName).
var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// template splits a user name around its session part; false when it has none.
func template(user string) (prefix, suffix string, ok bool) {
	i, j := strings.Index(user, "{{"), strings.LastIndex(user, "}}")
	if i < 0 || j < i {
		return user, "", false
	}
	return user[:i], user[j+2:], true
}

// sessionsOf are the users named by bindings whose names the template can render to,
// with the part that the session decides.
func (r *rbac) sessionsOf(user string) map[string]string {
	prefix, suffix, ok := template(user)
	if !ok {
		return nil
	}
	out := map[string]string{}
	for _, u := range r.users {
		if len(u) <= len(prefix)+len(suffix) || !strings.HasPrefix(u, prefix) || !strings.HasSuffix(u, suffix) {
			continue
		}
		if middle := u[len(prefix) : len(u)-len(suffix)]; sessionName.MatchString(middle) {
			out[u] = middle
		}
	}
	return out
}

// depends reports whether some session could arrive under a name or in a group that
// bindings know.
func (ix *Index) depends(id Identity) bool {
	if len(ix.rbac.sessionsOf(id.User)) > 0 {
		return true
	}
	for _, g := range id.Groups {
		prefix, suffix, ok := template(g)
		if !ok {
			continue
		}
		for s := range ix.rbac.bySubject {
			if s.kind == rbacv1.GroupKind && len(s.name) > len(prefix)+len(suffix) && strings.HasPrefix(s.name, prefix) && strings.HasSuffix(s.name, suffix) {
				return true
			}
		}
	}
	return false
}
