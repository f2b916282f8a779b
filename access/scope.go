package access

import (
	"fmt"
	"slices"
	"strings"
)

// ChangeScope says where an access policy of a principal counts: there, and nowhere else.
type ChangeScope struct {
	Principal  Principal
	Policy     string
	Namespaces []string // none: the whole cluster
}

func (in ChangeScope) words() string {
	return fmt.Sprintf("change %s: %s %s", in.Principal, PolicyName(in.Policy), pick(len(in.Namespaces) == 0, "in the whole cluster", "in "+strings.Join(in.Namespaces, ", ")))
}
func (in ChangeScope) about() []Principal { return []Principal{in.Principal} }

// changeScope replaces the scope in one call: associating again does that, and what is
// in both scopes is never missing (EKS API reference, AssociateAccessPolicy).
func (b *builder) changeScope(in ChangeScope) error {
	row, m, _, err := b.entryOf(in.Principal)
	if err != nil {
		return err
	}
	if err := (GrantAccess{Namespaces: in.Namespaces}).names(); err != nil {
		return err
	}
	if own := b.ix.awsOwn(row); own != "" {
		return fmt.Errorf("%s", own)
	}
	name := PolicyName(in.Policy)
	i := slices.IndexFunc(b.ix.Policies(m), func(a PolicyAssociation) bool { return PolicyName(a.Policy) == name })
	if i < 0 {
		return fmt.Errorf("%s has no access policy %s: give it with grant", row.Principal, name)
	}
	had := b.ix.Policies(m)[i]
	is := had
	is.Scope = PolicyScope{Cluster: len(in.Namespaces) == 0, Namespaces: set(in.Namespaces)}
	b.scoped(in.Namespaces)
	id := row.Principal.ID()
	b.grantees[id], b.forgone[id] = true, true
	if !Same(had, is) {
		b.step(Step{Before: had, After: is, Why: WhyScope, Args: []string{name, scopeWords(is.Scope)}})
	}
	b.proofs = append(b.proofs, reads(row.Principal, is)...)
	return nil
}

// scoped says what is worth knowing of the namespaces that a policy is scoped to.
func (b *builder) scoped(namespaces []string) {
	for _, ns := range namespaces {
		switch {
		case strings.HasSuffix(ns, "*"):
			b.say(Info, WildcardScope, nil, ns)
		case !slices.Contains(b.ix.names, ns):
			b.say(Warn, NamespaceAbsent, nil, ns)
		}
	}
}

// scopeWords are a scope's namespaces, "" for the whole cluster.
func scopeWords(s PolicyScope) string { return strings.Join(s.Namespaces, ", ") }
