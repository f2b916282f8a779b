package access

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// BindRole gives groups and users a role, whoever arrives as one of them: principals by
// their mappings, others by certificates or another issuer.
type BindRole struct {
	Groups, Users []string
	ClusterRole   string
	Role          string // in every one of Namespaces
	RoleObject    *Role  // its rules, when it does not exist yet
	Namespaces    []string
	// CreateNamespaces makes the namespaces that do not exist.
	CreateNamespaces bool
}

func (in BindRole) words() string {
	who := append(slices.Clone(in.Groups), in.Users...)
	return fmt.Sprintf("bind %s to %s %s", in.ClusterRole+in.Role, strings.Join(who, ", "), pick(len(in.Namespaces) == 0, "in the whole cluster", "in "+listed(in.Namespaces)))
}
func (in BindRole) about() []Principal { return nil }

func (b *builder) bindRole(in BindRole) error {
	g := GrantAccess{ClusterRole: in.ClusterRole, Role: in.Role, RoleObject: in.RoleObject, Namespaces: in.Namespaces, CreateNamespaces: in.CreateNamespaces}
	switch {
	case len(in.Groups)+len(in.Users) == 0:
		return errors.New("a binding needs groups or users")
	case (in.ClusterRole == "") == (in.Role == ""):
		return errors.New("a binding needs exactly one of a cluster role and a role")
	case in.Role != "" && len(in.Namespaces) == 0:
		return fmt.Errorf("role %s lives in a namespace: say which", in.Role)
	}
	if err := g.names(); err != nil {
		return err
	}
	var subs []rbacv1.Subject
	for i, n := range slices.Concat(in.Groups, in.Users) {
		kind := pick(i < len(in.Groups), rbacv1.GroupKind, rbacv1.UserKind)
		if err := (GrantAccess{Groups: []string{n}, Level: Full}).names(); err != nil {
			return err
		}
		if foreign(subject{kind, n}) {
			return fmt.Errorf("%s %q is the cluster's own, and stands for more than people: bind a name of your own", strings.ToLower(kind), n)
		}
		subs = append(subs, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: kind, Name: n})
	}
	slices.SortFunc(subs, compareSubjects)
	for _, sub := range slices.Compact(subs) {
		if err := b.bindTo(g, sub); err != nil {
			return err
		}
		for _, id := range b.ix.holding([]subject{subjectOf(sub, "")}) {
			b.grantees[id] = true
		}
	}
	return nil
}

// bindTo gives a subject a role in the whole cluster or in namespaces, and makes
// the namespaces and roles that are missing where the person said so.
func (b *builder) bindTo(in GrantAccess, to rbacv1.Subject) error {
	if b.was.unread(RoleBindingKind, ClusterRoleBindingKind) {
		return errors.New("bindings could not be read, so a binding can't be planned: ask for list on rolebindings and clusterrolebindings, or grant an access policy")
	}
	scopes := in.Namespaces
	if len(scopes) == 0 {
		scopes = []string{""}
	}
	for _, ns := range set(scopes) {
		if err := b.namespace(ns, in.CreateNamespaces); err != nil {
			return err
		}
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: string(ClusterRoleKind), Name: in.ClusterRole}
		if in.Level != None {
			ref.Name = LevelRole(in.Level)
		}
		if in.Role != "" {
			ref.Kind, ref.Name = string(RoleKind), in.Role
		}
		role, err := b.role(in, ref, ns)
		if err != nil {
			return err
		}
		b.beyondCaller(role, ns)
		b.bind(ref, ns, to)
	}
	return nil
}

// bind adds the subject to the role's binding, or makes the binding. One binding
// per role and scope keeps what people read short; one that refers to another role
// can't be changed (roleRef is immutable), so a second gets a name of its own.
func (b *builder) bind(ref rbacv1.RoleRef, ns string, to rbacv1.Subject) {
	for _, have := range b.ix.rbac.bindingsOf(subject{to.Kind, to.Name}) {
		if have.Namespace == ns && have.Role.Kind == ref.Kind && have.Role.Name == ref.Name {
			return
		}
	}
	want := Binding{In: b.kube(), Namespace: ns, Name: bindingName(ref.Name), Role: ref, Subjects: []rbacv1.Subject{to}}
	had, exists := Get[Binding](b.ix.snap.Objects, want.Key())
	for n := 2; exists && (had.Role.Kind != ref.Kind || had.Role.Name != ref.Name); n++ {
		want.Name = bindingName(ref.Name) + "-" + strconv.Itoa(n)
		had, exists = Get[Binding](b.ix.snap.Objects, want.Key())
	}
	args := []string{ref.Name, to.Kind + " " + to.Name}
	if !exists {
		b.step(Step{After: want, Why: WhyBind, Args: args})
		return
	}
	more := had
	more.Subjects = append(slices.Clone(had.Subjects), to)
	b.step(Step{Before: had, After: more, Why: WhyBind, Args: args})
}

// bindingName follows the habit of the Kubernetes guides: some-role, some-rolebinding.
func bindingName(role string) string {
	if strings.HasSuffix(role, "role") {
		return role + "binding"
	}
	return role + "-binding"
}

// beyondCaller says when a role gives more than the caller holds through RBAC: the
// API server then refuses the binding unless the caller has bind on the role.
func (b *builder) beyondCaller(r Role, ns string) {
	m, ok := b.was.caller()
	if !ok || len(uncovered(r.Rules, b.was.Rules(m, ns))) == 0 {
		return
	}
	q := Request{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: r.Name, Namespace: ns}
	if r.Namespace != "" {
		q.Resource = "roles"
	}
	if yes, _, _ := b.was.Can(m, q); !yes {
		b.say(Warn, EscalatesBeyondYou, []Key{r.Key()}, b.was.snap.Caller.Identity.User, r.Name)
	}
}

// sharedName warns when bindings to the user name count for other principals too.
func (b *builder) sharedName(p Principal, id Identity) {
	var others []string
	for _, m := range b.ix.Mappings() {
		if m.State == Active && m.Identity.User == id.User && m.Principal.ID() != p.ID() && m.Source != FromCreator {
			others = append(others, m.Principal.String())
		}
	}
	if len(others) > 0 {
		b.say(Warn, SharedName, nil, id.User, strings.Join(set(others), ", "))
	}
}

// elsewhere asks, for each right that is granted in a namespace only, the same
// question in a namespace where the answer must stay no.
func (b *builder) elsewhere(p Principal) []Expect {
	row, _ := b.ix.Row(p)
	m, ok := row.Active()
	if !ok {
		return nil
	}
	for _, e := range b.proofs {
		if e.Principal.ID() != p.ID() || e.Object != nil || e.Request.Namespace == "" || !e.Want {
			continue
		}
		for _, ns := range append([]string{"default"}, b.ix.names...) {
			q := e.Request
			q.Namespace = ns
			yes, _, unknown := b.ix.Can(m, q)
			if !yes && len(unknown) == 0 && slices.Contains(b.ix.names, ns) {
				return []Expect{{Principal: p, Identity: m.Identity, Request: q, Want: false, Policies: e.Policies}}
			}
		}
	}
	return nil
}
