package authorizer

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// dice decide what a maker makes: a seeded source, or a fuzzer's bytes.
type dice interface{ IntN(n int) int }

// tape are dice that a fuzzer wrote. At its end all dice fall on 0.
type tape []byte

func (b *tape) IntN(n int) int {
	if len(*b) == 0 {
		return 0
	}
	v := (*b)[0]
	*b = (*b)[1:]
	return int(v) % n
}

// maker makes worlds and requests. It draws names from small pools, so that they
// meet: a User and a Group of one name, Roles of one name in many namespaces.
type maker struct {
	dice
	valid bool // only what the API server's validation lets in
	plain bool // no words that are no resource: upstream's Covers and authorizer disagree about "pods/"
}

var (
	namespaces = []string{"default", "kube-system", "team-a", "team-b"}
	roleNames  = []string{"reader", "editor", "ops", "view"}
	wideNames  = []string{"reader", "editor", "ops", "view", "edit", "admin", "cluster-admin", "metrics", "all-of-it"}
	users      = []string{"alice", "bob", "devs", "ops", "system:serviceaccount:team-a:builder", "system:serviceaccount:team-b:builder", "system:serviceaccount:default:ops"}
	groups     = []string{"devs", "ops", "alice", "auditors", "system:serviceaccounts", "system:serviceaccounts:team-a"}
	accounts   = []string{"builder", "ops", "alice"}

	verbs     = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "escalate", "bind", "*"}
	apiGroups = []string{"", "", "apps", "batch", "rbac.authorization.k8s.io", "example.com", "*"}
	resources = []string{"pods", "deployments", "secrets", "configmaps", "nodes", "widgets", "pods/log", "pods/exec", "deployments/scale", "*/log", "*/scale", "pods/*", "*/*", "*", "*"}
	oddOnes   = []string{"", "pods/", "/log", "*/", "po", "log", "scale", "pods/log/more", "*/log/more", "**", "PODS"}
	subs      = []string{"log", "exec", "scale", "status", "*", "log/more"}
	objects   = []string{"one", "two", "one-two", "*"}
	urls      = []string{"/healthz", "/healthz/*", "/metrics", "/api/*", "/api", "/", "*", "/logs/", "/logs/**", "/a*b", "/a*"}
)

func (m maker) chance(percent int) bool   { return m.IntN(100) >= 100-percent }
func (m maker) pick(list []string) string { return list[m.IntN(len(list))] }
func (m maker) between(low, high int) int { return low + m.IntN(high-low+1) }
func (m maker) some(n int, from []string) (out []string) {
	for range n {
		out = append(out, m.pick(from))
	}
	return out
}

// count is how many values a list of a rule has. The API server takes no empty
// one; the authorizer must make nothing of it.
func (m maker) count(high int) int {
	if !m.valid && m.chance(4) {
		return 0
	}
	return m.between(1, high)
}

func (m maker) world() *world {
	w := &world{}
	for _, name := range wideNames {
		if m.chance(60) {
			w.clusterRoles = append(w.clusterRoles, m.clusterRole(name))
		}
	}
	for _, ns := range namespaces {
		for _, name := range roleNames {
			if m.chance(45) {
				w.roles = append(w.roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Rules: m.rules(3, true)})
			}
		}
	}
	for i := range m.between(0, 5) {
		w.clusterRoleBindings = append(w.clusterRoleBindings, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("wide-", i)}, RoleRef: m.ref(""), Subjects: m.subjects("")})
	}
	for i := range m.between(1, 9) {
		ns := m.pick(namespaces)
		w.roleBindings = append(w.roleBindings, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprint("local-", i)}, RoleRef: m.ref(ns), Subjects: m.subjects(ns)})
		if m.chance(15) { // the same again under another name, or elsewhere
			twin := w.roleBindings[len(w.roleBindings)-1].DeepCopy()
			twin.Name, twin.Namespace = fmt.Sprint("twin-", i), m.pick(namespaces)
			w.roleBindings = append(w.roleBindings, twin)
		}
	}
	for i := range 4 {
		w.people = append(w.people, m.person(i, w.named()))
	}
	return w
}

// named are the subjects of a world's bindings.
func (w *world) named() (out []rbacv1.Subject) {
	for _, b := range w.clusterRoleBindings {
		out = append(out, b.Subjects...)
	}
	for _, b := range w.roleBindings {
		out = append(out, b.Subjects...)
	}
	return out
}

func (m maker) clusterRole(name string) *rbacv1.ClusterRole {
	r := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: m.rules(4, false)}
	if m.chance(25) {
		r.Labels = map[string]string{"aggregate-to": m.pick([]string{"view", "ops"})}
	}
	if m.chance(15) { // the authorizer takes the rules as they are stored, whatever the selectors say
		r.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"aggregate-to": m.pick([]string{"view", "ops"})}}}}
	}
	return r
}

func (m maker) ref(namespace string) rbacv1.RoleRef {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: m.pick(wideNames)}
	switch {
	case namespace != "" && m.chance(65):
		ref.Kind, ref.Name = "Role", m.pick(roleNames)
	case m.chance(6):
		ref.Name = "missing"
	case !m.valid && m.chance(6): // a ClusterRoleBinding can't refer to a Role, and there is no other kind
		ref.Kind, ref.Name = m.pick([]string{"Role", "role", "User", ""}), m.pick(roleNames)
	}
	return ref
}

func (m maker) subjects(namespace string) (out []rbacv1.Subject) {
	for range m.between(0, 3) {
		out = append(out, m.subject(namespace))
		if m.chance(8) {
			out = append(out, out[0])
		}
	}
	return out
}

func (m maker) subject(namespace string) rbacv1.Subject {
	switch m.IntN(9) {
	case 0, 1, 2:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: m.pick(users)}
	case 3, 4, 5:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.pick(groups)}
	case 6:
		s := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: m.pick(accounts), Namespace: m.pick(namespaces)}
		if !m.valid && m.chance(40) {
			s.Namespace = "" // in a RoleBinding its own; in a ClusterRoleBinding nobody's
		}
		return s
	case 7:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.pick([]string{"system:authenticated", "system:unauthenticated", "system:masters"})}
	}
	if m.valid {
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.pick(users)}
	}
	return rbacv1.Subject{Kind: m.pick([]string{"user", "Users", "", "Node"}), Name: m.pick(users)}
}

// person is somebody whom bindings name, mostly, or nobody they know.
func (m maker) person(i int, named []rbacv1.Subject) person {
	p := person{name: fmt.Sprint("p", i), item: m.chance(25), identity: access.Identity{User: m.pick(users), Groups: m.some(m.between(0, 2), groups)}}
	for range 2 {
		if len(named) == 0 || m.chance(25) {
			continue
		}
		switch s := named[m.IntN(len(named))]; {
		case s.Kind == rbacv1.UserKind:
			p.identity.User = s.Name
		case s.Kind == rbacv1.ServiceAccountKind && s.Namespace != "":
			p.identity.User = "system:serviceaccount:" + s.Namespace + ":" + s.Name
		case s.Kind == rbacv1.GroupKind:
			p.identity.Groups = append(p.identity.Groups, s.Name)
		}
	}
	if !p.item {
		// An access entry takes no name that Kubernetes keeps for itself (EKS API, CreateAccessEntry).
		p.identity.Groups = slices.DeleteFunc(p.identity.Groups, func(g string) bool { return g[0] == 's' })
		return p
	}
	p.identity.Groups = slices.DeleteFunc(p.identity.Groups, func(g string) bool { return g == access.Masters && !m.chance(20) })
	switch {
	case m.chance(3):
		p.identity.Groups = append(p.identity.Groups, "system:nodes")
	case m.chance(3):
		p.identity.Groups = append(p.identity.Groups, m.pick([]string{"system:authenticated", "system:unauthenticated"}))
	case m.chance(3):
		p.identity.User = m.pick([]string{"system:anonymous", "system:serviceaccount::builder", "system:serviceaccount:team-a:builder:more"})
	}
	return p
}
