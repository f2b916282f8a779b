package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// bindTo gives a subject a role in the whole cluster or in namespaces, and makes
// the namespaces and roles that are missing where the person said so.
func (b *builder) bindTo(in GrantAccess, to rbacv1.Subject) error {
	if b.was.unread(RoleBindingKind, ClusterRoleBindingKind) {
		return fmt.Errorf("bindings could not be read, so a binding can't be planned: ask for list on rolebindings and clusterrolebindings, or grant an access policy")
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

func (b *builder) namespace(ns string, make bool) error {
	if ns == "" || slices.Contains(b.ix.names, ns) {
		return nil
	}
	if strings.HasSuffix(ns, "*") {
		return fmt.Errorf("namespace %q: a wildcard goes with access policies only (--level or --policy via an access entry)", ns)
	}
	if !make {
		return fmt.Errorf("namespace %q does not exist: correct the name, or add --create-namespace", ns)
	}
	b.say(Info, NamespaceMade, nil, ns)
	b.step(Step{After: Namespace{In: b.kube(), Name: ns}, Why: WhyNamespace, Args: []string{ns}})
	return nil
}

// role finds the role to bind, or makes it from the person's file. Without a file
// a missing Role gets the rules of the cluster's own edit role, to be accepted by
// code: rights nobody wrote down are not given silently.
func (b *builder) role(in GrantAccess, ref rbacv1.RoleRef, ns string) (Role, error) {
	k := roleKey(b.kube(), ref, ns)
	if have, ok := Get[Role](b.ix.snap.Objects, k); ok {
		if in.RoleObject != nil && !Same(Role{Rules: have.Rules}, Role{Rules: in.RoleObject.Rules}) {
			return Role{}, fmt.Errorf("role %s/%s exists with other rules than the file's: a grant does not change it (kubectl diff -f shows how they differ)", ns, ref.Name)
		}
		if in.Role != "" {
			b.lint(have)
		}
		return have, nil
	}
	if _, gap := b.ix.snap.Gap(b.kube(), k.Kind, k.Name); gap {
		return Role{}, fmt.Errorf("%s %s could not be read, so it can't be bound", k.Kind, k.Name)
	}
	if ref.Kind != string(RoleKind) {
		return Role{}, fmt.Errorf("ClusterRole %q does not exist: see kubectl get clusterroles", ref.Name)
	}
	role := Role{In: b.kube(), Namespace: ns, Name: in.Role}
	if in.RoleObject != nil {
		role.Rules, role.Meta = in.RoleObject.Rules, in.RoleObject.Meta
	} else {
		edit, ok := Get[Role](b.ix.snap.Objects, Key{Realm: b.kube(), Kind: ClusterRoleKind, Name: LevelRole(Edit)})
		if !ok {
			return Role{}, fmt.Errorf("role %s/%s does not exist: give its rules with --role-file FILE", ns, in.Role)
		}
		role.Rules = edit.Rules
		b.say(Confirm, RoleFromEdit, []Key{k}, in.Role)
	}
	b.lint(role)
	b.step(Step{After: role, Why: WhyRole, Args: []string{in.Role}})
	return role, nil
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
