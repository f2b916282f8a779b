package access

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// RevokeAccess takes access from one principal: a policy, a role, or, when none is
// named, all of it.
type RevokeAccess struct {
	Principal   Principal
	Policy      string
	ClusterRole string
	Role        string
	Namespaces  []string // of the policy's scope or the bindings; none: wherever it is
	// Subjects takes the names out of bindings, too, under which no other principal
	// arrives. Certificates and other issuers may bring somebody under them all the same.
	Subjects bool
}

func (in RevokeAccess) words() string {
	what := pick(in.everything(), "all access", strings.TrimSpace(in.Policy+in.ClusterRole+in.Role))
	return fmt.Sprintf("revoke %s of %s %s", what, in.Principal, pick(len(in.Namespaces) == 0, "everywhere", "in "+strings.Join(in.Namespaces, ", ")))
}

func (in RevokeAccess) everything() bool {
	return in.Policy == "" && in.ClusterRole == "" && in.Role == ""
}

// revoke takes away what is named. Whoever else loses by it is said and must be
// accepted; Guard keeps everybody else as they are.
func (b *builder) revoke(in RevokeAccess) error {
	row, ok := b.ix.Row(in.Principal)
	switch {
	case !ok:
		return fmt.Errorf("%s has no mapping here: there is nothing to revoke", in.Principal)
	case in.everything() && len(in.Namespaces) > 0:
		return fmt.Errorf("a namespace alone can't be taken back: say which policy or role of %s", in.Principal)
	}
	for _, m := range row.Mappings {
		if m.State != Dead && m.State != Unmatchable && nodeItem(m.Identity) {
			return fmt.Errorf("%s is a node role: without it its nodes leave the cluster. Remove it with kubectl when its last node is gone", row.Principal)
		}
	}
	if own := b.ix.awsOwn(row); own != "" {
		return errors.New(own)
	}
	b.forgone[row.Principal.ID()] = true
	switch {
	case in.Policy != "":
		return b.revokePolicy(in, row)
	case in.everything():
		return b.revokeAll(in, row)
	}
	return b.revokeRole(in, row)
}

// revokeAll removes the aws-auth items first and the entry after them: without the
// entry an item that it shadowed would come back to life.
func (b *builder) revokeAll(in RevokeAccess, row Row) error {
	if m, ok := row.Active(); ok && row.Principal.Kind != AccountPrincipal {
		b.say(Confirm, RevokesAll, []Key{m.From}, row.Principal.String())
	}
	for _, m := range row.Mappings {
		switch {
		case m.Source == FromEntry:
			entry, _ := Get[AccessEntry](b.was.snap.Objects, m.From)
			if entry.Type == "" {
				return fmt.Errorf("the access entry of %s could not be read (%s)", row.Principal, EntriesUnread)
			}
			for _, a := range b.ix.Policies(m) {
				b.drop = append(b.drop, dropped{key: a.Key(), who: row.Principal})
			}
			b.drop = append(b.drop, dropped{key: entry.Key(), who: row.Principal})
		case m.Item.Section == awsauth.MapAccounts && row.Principal.Kind == AccountPrincipal:
			b.say(Confirm, AccountLoses, []Key{m.From}, row.Principal.Account)
			b.retire = append(b.retire, retired{item: m.Item, who: row.Principal, sort: revoked})
		case m.Item.Section == awsauth.MapAccounts:
			return fmt.Errorf("%s is let in by mapAccounts, with everybody of account %s: one principal can't be taken out of it", row.Principal, row.Principal.Account)
		case m.Source == FromAuthMap:
			b.retire = append(b.retire, retired{item: m.Item, who: row.Principal, sort: revoked})
		case m.Source == FromCreator:
			return fmt.Errorf("the cluster's creator is nowhere to be revoked: switch to access entries first, which shows it as one")
		}
	}
	for _, m := range b.was.Mappings() {
		if m.Item.Section == awsauth.MapAccounts && m.State == Active && m.Principal.Account == row.Principal.Account && m.Principal.Kind == AccountPrincipal && row.Principal.Kind != AccountPrincipal {
			b.say(Confirm, AccountLetsIn, []Key{m.From}, row.Principal.String(), m.Principal.Account)
		}
	}
	b.leaveNames(in, row)
	return nil
}

// leaveNames says which names stay in bindings although nobody that can be listed
// arrives under them any more, or takes them out.
func (b *builder) leaveNames(in RevokeAccess, row Row) {
	others, templates := map[subject]bool{}, []subject{}
	for _, r := range b.ix.Rows() {
		if b.emptied[r.Principal.ID()] {
			continue // by this intent, or by another one of the plan
		}
		for _, m := range r.Mappings {
			for _, s := range m.Identity.subjects() {
				others[s] = true
			}
			templates = append(templates, m.Identity.templates()...)
		}
	}
	var own []subject
	for _, m := range row.Mappings {
		for _, s := range m.Identity.subjects() {
			others[s] = others[s] || slices.ContainsFunc(templates, func(t subject) bool { return t.kind == s.kind && t.becomes(s.name) })
			if !others[s] && !slices.Contains(own, s) && !strings.HasPrefix(s.name, "system:") && len(b.ix.rbac.named[s]) > 0 {
				own = append(own, s)
			}
		}
	}
	for _, s := range own {
		bound := b.ix.rbac.bindingsOf(s)
		if !in.Subjects {
			b.say(Info, NameLeftBound, nil, s.kind, s.name, strconv.Itoa(len(bound)))
			continue
		}
		for _, bd := range bound {
			b.unbind = append(b.unbind, unbinding{bd.Key(), s})
		}
	}
}

// unbinding is a subject that leaves a binding at the end.
type unbinding struct {
	from Key
	sub  subject
}

func (b *builder) revokePolicy(in RevokeAccess, row Row) error {
	m, _ := row.Active()
	name := PolicyName(in.Policy)
	i := slices.IndexFunc(b.ix.Policies(m), func(a PolicyAssociation) bool { return PolicyName(a.Policy) == name })
	if m.Source != FromEntry || i < 0 {
		return fmt.Errorf("%s has no access policy %s: see kubectl eks-access list -o wide", row.Principal, name)
	}
	had := b.ix.Policies(m)[i]
	if had.Scope.Cluster && len(in.Namespaces) > 0 {
		return fmt.Errorf("%s has %s in the whole cluster: no namespace can be taken out of that. Say where it shall be: kubectl eks-access change %s --policy %s --namespace NS", row.Principal, name, row.Principal, name)
	}
	for _, ns := range in.Namespaces {
		if !slices.Contains(had.Scope.Namespaces, ns) {
			return fmt.Errorf("%s has %s in %s, not in %q: a wildcard is taken back as it is written", row.Principal, name, strings.Join(had.Scope.Namespaces, ", "), ns)
		}
	}
	b.drop = append(b.drop, dropped{had.Key(), in.Namespaces, row.Principal})
	return nil
}

// revokeRole takes the subjects of the principal out of the bindings to a role. A
// group is everybody's who is in it: they lose the role, too, and that is asked for.
func (b *builder) revokeRole(in RevokeAccess, row Row) error {
	m, ok := row.Active()
	if !ok {
		return fmt.Errorf("no mapping of %s is in force, so no role reaches it", row.Principal)
	}
	if m.Identity.Super() {
		return fmt.Errorf("%s is in system:masters and may do everything whatever is bound: take the group from it, or revoke all its access", row.Principal)
	}
	found := false
	for _, sub := range m.Identity.subjects() {
		if strings.HasPrefix(sub.name, "system:") || strings.HasPrefix(sub.name, "eks:") {
			continue // these bindings are the cluster's own
		}
		for _, bd := range b.ix.rbac.bindingsOf(sub) {
			kind := pick(in.Role != "", RoleKind, ClusterRoleKind)
			if bd.Role.Kind != string(kind) || bd.Role.Name != in.Role+in.ClusterRole || len(in.Namespaces) > 0 && !slices.Contains(in.Namespaces, bd.Namespace) {
				continue
			}
			found = true
			b.unbind = append(b.unbind, unbinding{bd.Key(), sub})
			for _, id := range b.ix.holding([]subject{sub}) {
				if other := b.ix.principal(id); id != row.Principal.ID() {
					b.forgone[id] = true
					b.say(Confirm, OthersLose, []Key{bd.Key()}, other.String(), sub.name, row.Principal.String())
				}
			}
		}
	}
	if !found {
		return fmt.Errorf("no binding gives %s to %s %s: see kubectl eks-access list %s", in.Role+in.ClusterRole, row.Principal,
			pick(len(in.Namespaces) == 0, "anywhere", "in "+strings.Join(in.Namespaces, ", ")), row.Principal)
	}
	return nil
}

// dropped is a policy or an entry that is revoked, after the items of aws-auth: without
// the entry an item under it would count again.
type dropped struct {
	key        Key
	namespaces []string // of the policy's scope; none: all of it
	who        Principal
}

// dropAll adds the steps of revocations: policies and entries, then subjects. A
// binding that names nobody else goes as a whole.
func (b *builder) dropAll() error {
	for _, d := range b.drop {
		if !Same(b.live(d.key), b.was.snap.Objects.At(d.key)) {
			return fmt.Errorf("one change of the plan gives %s of %s, and another takes it away: say once what shall be left", PolicyName(d.key.Name), d.who)
		}
	}
	for _, d := range b.drop {
		had := b.live(d.key)
		if had == nil {
			continue // two changes of the plan take it
		}
		st := Step{Before: had, Why: WhyRevoke, Args: []string{d.who.String()}}
		if a, ok := had.(PolicyAssociation); ok && len(d.namespaces) > 0 {
			a.Scope.Namespaces = slices.DeleteFunc(slices.Clone(a.Scope.Namespaces), func(ns string) bool { return slices.Contains(d.namespaces, ns) })
			st.After = pick[Object](len(a.Scope.Namespaces) > 0, a, nil)
		}
		b.step(st)
	}
	for _, u := range b.unbind {
		had, ok := Get[Binding](b.ix.snap.Objects, u.from)
		if !ok {
			continue
		}
		is := had
		is.Subjects = slices.DeleteFunc(slices.Clone(had.Subjects), func(s rbacv1.Subject) bool { return subjectOf(s, had.Namespace) == u.sub })
		if len(is.Subjects) == len(had.Subjects) {
			continue
		}
		b.step(Step{Before: had, After: pick[Object](len(is.Subjects) > 0, is, nil), Why: WhyUnbind, Args: []string{u.sub.name}})
	}
	return nil
}
