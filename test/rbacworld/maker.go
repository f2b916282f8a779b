package rbacworld

import (
	"fmt"
	"math/rand/v2"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Dice decide what a maker makes: a seeded source, or a fuzzer's bytes.
type Dice interface{ IntN(n int) int }

// Tape are dice that a fuzzer wrote. At its end all dice fall on 0.
type Tape []byte

// IntN is the next byte.
func (b *Tape) IntN(n int) int {
	if len(*b) == 0 {
		return 0
	}
	v := (*b)[0]
	*b = (*b)[1:]
	return int(v) % n
}

// Maker makes worlds and requests. It draws names from small pools, so that they
// meet: a User and a Group of one name, Roles of one name in many namespaces.
type Maker struct {
	Dice
	Valid bool // only what the API server's validation lets in
	Plain bool // no words that are no resource: upstream's Covers and authorizer disagree about "pods/"
}

// The namespaces of every world, and the names of objects in rules.
var (
	Namespaces = []string{"default", "kube-system", "team-a", "team-b"}
	Objects    = []string{"one", "two", "one-two", "*"}
)

var (
	roleNames = []string{"reader", "editor", "ops", "view"}
	wideNames = []string{"reader", "editor", "ops", "view", "edit", "admin", "cluster-admin", "metrics", "all-of-it"}
	users     = []string{"alice", "bob", "devs", "ops", "system:serviceaccount:team-a:builder", "system:serviceaccount:team-b:builder", "system:serviceaccount:default:ops"}
	groups    = []string{"devs", "ops", "alice", "auditors", "system:serviceaccounts", "system:serviceaccounts:team-a"}
	accounts  = []string{"builder", "ops", "alice"}

	verbs     = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "escalate", "bind", "*"}
	apiGroups = []string{"", "", "apps", "batch", "rbac.authorization.k8s.io", "example.com", "*"}
	resources = []string{"pods", "deployments", "secrets", "configmaps", "nodes", "widgets", "pods/log", "pods/exec", "deployments/scale", "*/log", "*/scale", "pods/*", "*/*", "*", "*"}
	oddOnes   = []string{"", "pods/", "/log", "*/", "po", "log", "scale", "pods/log/more", "*/log/more", "**", "PODS"}
	subs      = []string{"log", "exec", "scale", "status", "*", "log/more"}
	urls      = []string{"/healthz", "/healthz/*", "/metrics", "/api/*", "/api", "/", "*", "/logs/", "/logs/**", "/a*b", "/a*"}
)

// New is a maker with seeded dice.
func New(seed uint64) Maker { return Maker{Dice: rand.New(rand.NewPCG(seed, 3))} }

// Chance is true so many times in a hundred.
func (m Maker) Chance(percent int) bool { return m.IntN(100) >= 100-percent }

// Pick is one of a list.
func (m Maker) Pick(list []string) string { return list[m.IntN(len(list))] }

// Between is a number within these bounds.
func (m Maker) Between(low, high int) int { return low + m.IntN(high-low+1) }

// Some are so many of a list, with repeats.
func (m Maker) Some(n int, from []string) (out []string) {
	for range n {
		out = append(out, m.Pick(from))
	}
	return out
}

// count is how many values a list of a rule has. The API server takes no empty
// one; the authorizer must make nothing of it.
func (m Maker) count(high int) int {
	if !m.Valid && m.Chance(4) {
		return 0
	}
	return m.Between(1, high)
}

// World makes a world.
func (m Maker) World() *World {
	w := &World{}
	for _, name := range wideNames {
		if m.Chance(60) {
			w.ClusterRoles = append(w.ClusterRoles, m.clusterRole(name))
		}
	}
	for _, ns := range Namespaces {
		for _, name := range roleNames {
			if m.Chance(45) {
				w.Roles = append(w.Roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Rules: m.Rules(3, true)})
			}
		}
	}
	for i := range m.Between(0, 5) {
		w.ClusterRoleBindings = append(w.ClusterRoleBindings, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("wide-", i)}, RoleRef: m.ref(""), Subjects: m.subjects("")})
	}
	for i := range m.Between(1, 9) {
		ns := m.Pick(Namespaces)
		w.RoleBindings = append(w.RoleBindings, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprint("local-", i)}, RoleRef: m.ref(ns), Subjects: m.subjects(ns)})
		if m.Chance(15) { // the same again under another name, or elsewhere
			twin := w.RoleBindings[len(w.RoleBindings)-1].DeepCopy()
			twin.Name, twin.Namespace = fmt.Sprint("twin-", i), m.Pick(Namespaces)
			w.RoleBindings = append(w.RoleBindings, twin)
		}
	}
	for i := range 4 {
		w.People = append(w.People, m.Person(i, w.Named()))
	}
	return w
}

// Named are the subjects of a world's bindings.
func (w *World) Named() (out []rbacv1.Subject) {
	for _, b := range w.ClusterRoleBindings {
		out = append(out, b.Subjects...)
	}
	for _, b := range w.RoleBindings {
		out = append(out, b.Subjects...)
	}
	return out
}

func (m Maker) clusterRole(name string) *rbacv1.ClusterRole {
	r := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: m.Rules(4, false)}
	if m.Chance(25) {
		r.Labels = map[string]string{"aggregate-to": m.Pick([]string{"view", "ops"})}
	}
	if m.Chance(15) { // the authorizer takes the rules as they are stored, whatever the selectors say
		r.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"aggregate-to": m.Pick([]string{"view", "ops"})}}}}
	}
	return r
}

func (m Maker) ref(namespace string) rbacv1.RoleRef {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: m.Pick(wideNames)}
	switch {
	case namespace != "" && m.Chance(65):
		ref.Kind, ref.Name = "Role", m.Pick(roleNames)
	case m.Chance(6):
		ref.Name = "missing"
	case !m.Valid && m.Chance(6): // a ClusterRoleBinding can't refer to a Role, and there is no other kind
		ref.Kind, ref.Name = m.Pick([]string{"Role", "role", "User", ""}), m.Pick(roleNames)
	}
	return ref
}

func (m Maker) subjects(namespace string) (out []rbacv1.Subject) {
	for range m.Between(0, 3) {
		out = append(out, m.subject(namespace))
		if m.Chance(8) {
			out = append(out, out[0])
		}
	}
	return out
}

func (m Maker) subject(namespace string) rbacv1.Subject {
	switch m.IntN(9) {
	case 0, 1, 2:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: m.Pick(users)}
	case 3, 4, 5:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.Pick(groups)}
	case 6:
		s := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: m.Pick(accounts), Namespace: m.Pick(Namespaces)}
		if !m.Valid && m.Chance(40) {
			s.Namespace = "" // in a RoleBinding its own; in a ClusterRoleBinding nobody's
		}
		return s
	case 7:
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.Pick([]string{"system:authenticated", "system:unauthenticated", "system:masters"})}
	}
	if m.Valid {
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: m.Pick(users)}
	}
	return rbacv1.Subject{Kind: m.Pick([]string{"user", "Users", "", "Node"}), Name: m.Pick(users)}
}

// Person is somebody whom bindings name, mostly, or nobody they know.
func (m Maker) Person(i int, named []rbacv1.Subject) Person {
	p := Person{Name: fmt.Sprint("p", i), Item: m.Chance(25), Identity: access.Identity{User: m.Pick(users), Groups: m.Some(m.Between(0, 2), groups)}}
	for range 2 {
		if len(named) == 0 || m.Chance(25) {
			continue
		}
		switch s := named[m.IntN(len(named))]; {
		case s.Kind == rbacv1.UserKind:
			p.Identity.User = s.Name
		case s.Kind == rbacv1.ServiceAccountKind && s.Namespace != "":
			p.Identity.User = "system:serviceaccount:" + s.Namespace + ":" + s.Name
		case s.Kind == rbacv1.GroupKind:
			p.Identity.Groups = append(p.Identity.Groups, s.Name)
		}
	}
	if !p.Item {
		// An access entry takes no name that Kubernetes keeps for itself (EKS API, CreateAccessEntry).
		p.Identity.Groups = slices.DeleteFunc(p.Identity.Groups, func(g string) bool { return g[0] == 's' })
		return p
	}
	p.Identity.Groups = slices.DeleteFunc(p.Identity.Groups, func(g string) bool { return g == access.Masters && !m.Chance(20) })
	switch {
	case m.Chance(3):
		p.Identity.Groups = append(p.Identity.Groups, "system:nodes")
	case m.Chance(3):
		p.Identity.Groups = append(p.Identity.Groups, m.Pick([]string{"system:authenticated", "system:unauthenticated"}))
	case m.Chance(3):
		p.Identity.User = m.Pick([]string{"system:anonymous", "system:serviceaccount::builder", "system:serviceaccount:team-a:builder:more"})
	}
	return p
}
