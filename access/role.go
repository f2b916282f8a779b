package access

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// MakeRole makes a Role or a ClusterRole, or adds what an existing one lacks.
type MakeRole struct {
	Role       Role     // a ClusterRole when it has no namespace and Namespaces are none
	Namespaces []string // of a Role: one in each
	// CreateNamespaces makes the namespaces that do not exist.
	CreateNamespaces bool
}

func (in MakeRole) words() string {
	what := pick(in.cluster(), "ClusterRole ", "Role ") + in.Role.Name
	return "make " + what + pick(in.cluster(), "", " in "+listed(in.Namespaces))
}
func (in MakeRole) about() []Principal { return nil }

func (in MakeRole) cluster() bool { return len(in.Namespaces) == 0 }

func (b *builder) makeRole(in MakeRole) error {
	if in.Role.Name == "" {
		return fmt.Errorf("a role needs a name")
	}
	g := GrantAccess{Role: in.Role.Name, RoleObject: &in.Role, Namespaces: in.Namespaces}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: string(RoleKind), Name: in.Role.Name}
	scopes := in.Namespaces
	if in.cluster() {
		g.Role, g.ClusterRole, ref.Kind, scopes = "", in.Role.Name, string(ClusterRoleKind), []string{""}
	}
	if err := g.names(); err != nil {
		return err
	}
	for _, ns := range set(scopes) {
		if err := b.namespace(ns, in.CreateNamespaces); err != nil {
			return err
		}
		role, err := b.role(g, ref, ns)
		if err != nil {
			return err
		}
		b.beyondCaller(role, ns)
		for _, id := range b.ix.holding(b.boundTo(role.Key())) {
			b.grantees[id] = true // whoever has the role gains what it gets
		}
	}
	return nil
}

// boundTo are the subjects of the bindings to a role.
func (b *builder) boundTo(role Key) []subject {
	var out []subject
	for _, bd := range Of[Binding](b.ix.snap.Objects) {
		if roleKey(bd.In, bd.Role, bd.Namespace) != role {
			continue
		}
		for _, s := range bd.Subjects {
			out = append(out, subjectOf(s, bd.Namespace))
		}
	}
	return out
}

// role finds the role to bind, or makes it from the person's file, or adds what the
// file has beyond it. Without a file a missing Role gets the rules of the cluster's own
// edit role, to be accepted by code: rights nobody wrote down are not given silently.
func (b *builder) role(in GrantAccess, ref rbacv1.RoleRef, ns string) (Role, error) {
	k := roleKey(b.kube(), ref, ns)
	if _, gap := b.ix.snap.Gap(b.kube(), k.Kind, k.Name); gap {
		return Role{}, fmt.Errorf("%s %s could not be read, so it can't be bound or changed", k.Kind, k.Name)
	}
	have, exists := Get[Role](b.ix.snap.Objects, k)
	switch {
	case exists && in.RoleObject != nil:
		return b.extend(have, in.RoleObject.Rules)
	case exists:
		if in.Role != "" {
			b.lint(have)
		}
		return have, nil
	case ref.Kind != string(RoleKind) && in.RoleObject == nil:
		return Role{}, fmt.Errorf("ClusterRole %q does not exist: see kubectl get clusterroles, or give its rules with --role-file FILE", ref.Name)
	}
	role := Role{In: b.kube(), Namespace: k.Namespace, Name: ref.Name}
	if in.RoleObject != nil {
		role.Rules, role.Aggregate, role.Meta = in.RoleObject.Rules, in.RoleObject.Aggregate, in.RoleObject.Meta
	} else {
		edit, ok := Get[Role](b.ix.snap.Objects, Key{Realm: b.kube(), Kind: ClusterRoleKind, Name: LevelRole(Edit)})
		if !ok {
			return Role{}, fmt.Errorf("role %s/%s does not exist: give its rules with --role-file FILE", ns, in.Role)
		}
		role.Rules = edit.Rules
		b.say(Confirm, RoleFromEdit, []Key{k}, in.Role)
	}
	b.lint(role)
	b.step(Step{After: role, Why: WhyRole, Args: []string{role.Name}})
	return role, nil
}

// extend gives an existing role the rules that it lacks. It takes none away: who has the
// role would lose them, and nobody asked for that.
func (b *builder) extend(have Role, rules []Rule) (Role, error) {
	name := pick(have.Namespace == "", "", have.Namespace+"/") + have.Name
	more := uncovered(rules, have.Rules)
	switch extra := uncovered(have.Rules, rules); {
	case len(extra)+len(more) > 0 && !Same(have, b.was.snap.Objects.At(have.Key())):
		return Role{}, fmt.Errorf("two changes of the plan give the role %s different rules: say once which it shall have", name)
	case len(extra) > 0:
		return Role{}, fmt.Errorf("role %s exists and has rules that the file lacks: %s. A grant takes none away: add them to the file, or change the role with kubectl (kubectl diff -f shows how they differ)", name, ruleWords(extra))
	case len(more) == 0:
		b.lint(have)
		return have, nil
	case builtIn(have) || len(have.Aggregate) > 0:
		return Role{}, fmt.Errorf("role %s is the cluster's own, or made of others: the control plane would put it back. Make a role of another name", name)
	}
	is := have
	is.Rules = slices.Clone(rules)
	b.lint(is)
	b.say(Info, RoleExtended, []Key{is.Key()}, name, ruleWords(more))
	b.step(Step{Before: have, After: is, Why: WhyExtend, Args: []string{name}})
	return is, nil
}
