package access

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Condition is what a session must be for a grant to count: the name it was
// assumed under, for one. Who assumes a role chooses its session's name.
type Condition struct {
	Variable string `json:"variable"` // SessionName, SessionNameRaw, AccessKeyID, EC2PrivateDNSName
	Value    string `json:"value"`    // as it stands in the rendered name: SessionName has - for @
}

func (c Condition) compare(o Condition) int {
	return cmp.Or(cmp.Compare(c.Variable, o.Variable), cmp.Compare(c.Value, o.Value))
}

// variables are the templates that differ from login to login, with the values they
// can have (aws-iam-authenticator pkg/server renderTemplate; STS AssumeRole,
// RoleSessionName; EKS user guide "Create access entries").
var variables = map[string]struct {
	value *regexp.Regexp
	most  int // letters
}{
	"SessionName":       {regexp.MustCompile(`^[\w+=,.-]{2,64}$`), 64}, // @ arrives as -
	"SessionNameRaw":    {regexp.MustCompile(`^[\w+=,.@-]{2,64}$`), 64},
	"AccessKeyID":       {regexp.MustCompile(`^[A-Z0-9]{16,128}$`), 128},
	"EC2PrivateDNSName": {regexp.MustCompile(`^[a-zA-Z0-9.-]{1,253}$`), 253}, // RFC 1035
}

// matches reports whether a session of this condition can be one of the other, too:
// both forms of a session's name are one name.
func (c Condition) matches(o Condition) bool {
	plain := func(c Condition) Condition {
		if c.Variable == "SessionNameRaw" {
			return Condition{"SessionName", strings.ReplaceAll(c.Value, "@", "-")}
		}
		return c
	}
	if c.Variable == o.Variable {
		return c.Value == o.Value
	}
	return plain(c) == plain(o)
}

var placeholder = regexp.MustCompile(`\{\{(SessionName|SessionNameRaw|AccessKeyID|EC2PrivateDNSName)\}\}`)

// template splits a name around its first variable; false when it has none.
func template(name string) (prefix, suffix string, ok bool) {
	if !strings.Contains(name, "{{") {
		return name, "", false
	}
	at := placeholder.FindStringIndex(name)
	if at == nil {
		return name, "", false
	}
	return name[:at[0]], name[at[1]:], true
}

// renders says under which condition a templated name becomes this one. All its
// variables are filled in from one login: each has one value, and SessionName is
// SessionNameRaw with - for @. Of several variables the condition names the one that
// tells most; the others must be right, too.
func renders(name, as string) (Condition, bool) {
	values := map[string]string{}
	if !fill(name, as, values) {
		return Condition{}, false
	}
	for _, v := range []string{"SessionNameRaw", "SessionName", "EC2PrivateDNSName", "AccessKeyID"} {
		if value, ok := values[v]; ok {
			return Condition{v, value}, true
		}
	}
	return Condition{}, false // no template
}

// fill finds values for the variables of a name that make it the other one.
func fill(name, as string, values map[string]string) bool {
	at := placeholder.FindStringSubmatchIndex(name)
	if at == nil {
		return name == as && oneSession(values)
	}
	rest, ok := strings.CutPrefix(as, name[:at[0]])
	if !ok {
		return false
	}
	variable := name[at[2]:at[3]]
	if value, known := values[variable]; known {
		return strings.HasPrefix(rest, value) && fill(name[at[1]:], rest[len(value):], values)
	}
	can, tail := variables[variable], name[at[1]:]
	if !placeholder.MatchString(tail) { // the last one: what follows it is known
		value, ok := strings.CutSuffix(rest, tail)
		if !ok || len(value) > can.most || !can.value.MatchString(value) {
			return false
		}
		values[variable] = value
		if oneSession(values) {
			return true
		}
		delete(values, variable)
		return false
	}
	for n := range min(len(rest), can.most) + 1 {
		if !can.value.MatchString(rest[:n]) {
			continue
		}
		values[variable] = rest[:n]
		if fill(name[at[1]:], rest[n:], values) {
			return true
		}
		delete(values, variable)
	}
	return false
}

// oneSession reports whether both forms of the session's name can be one session's.
func oneSession(values map[string]string) bool {
	name, ok := values["SessionName"]
	raw, both := values["SessionNameRaw"]
	return !ok || !both || strings.ReplaceAll(raw, "@", "-") == name
}

// conditional are the subjects that some sessions of an identity match beyond those
// that all do, by condition. Bindings name them, so there are few.
func (r *rbac) conditional(id Identity) map[Condition][]subject {
	var out map[Condition][]subject
	find := func(kind, name string) {
		for _, hit := range r.renderings(subject{kind, name}) {
			if out == nil {
				out = map[Condition][]subject{}
			}
			out[hit.when] = append(out[hit.when], hit.as)
		}
	}
	find(rbacv1.UserKind, id.User)
	for _, g := range id.Groups {
		find(rbacv1.GroupKind, g)
	}
	return out
}

// rendering is a name that bindings know and a template can become.
type rendering struct {
	when Condition
	as   subject
}

// renderings are those of a template, remembered: many items share one. Questions may
// be asked by several goroutines.
func (r *rbac) renderings(of subject) []rendering {
	prefix, _, ok := template(of.name)
	if !ok {
		return nil
	}
	r.renditions.Lock()
	defer r.renditions.Unlock()
	out, known := r.renditions.of[of]
	if known {
		return out
	}
	for _, as := range starting(*r.namesOf(of.kind), prefix) {
		if c, ok := renders(of.name, as); ok {
			out = append(out, rendering{c, subject{of.kind, as}})
		}
	}
	r.renditions.of[of] = out
	return out
}

// renditions remembers renderings until other names are bound.
type renditions struct {
	sync.Mutex
	of map[subject][]rendering
}

func newRenditions() *renditions { return &renditions{of: map[subject][]rendering{}} }

// sessionsOf are the users named by bindings whose names the template can render to,
// with the part that the session decides.
func (r *rbac) sessionsOf(user string) map[string]string {
	out := map[string]string{}
	for c, subs := range r.conditional(Identity{User: user}) {
		for _, s := range subs {
			out[s.name] = c.Value
		}
	}
	return out
}

func sortedConditions(cs []Condition) []Condition {
	slices.SortFunc(cs, Condition.compare)
	return slices.Compact(cs)
}
