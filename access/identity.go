package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// ChangeIdentity changes whom one principal becomes in Kubernetes: its user name,
// its groups. It is changed where it is in force, in place.
type ChangeIdentity struct {
	Principal Principal
	Username  string   // "" keeps it
	Add, Drop []string // groups
}

func (in ChangeIdentity) words() string {
	var what []string
	if in.Username != "" {
		what = append(what, "user name "+in.Username)
	}
	for _, g := range in.Add {
		what = append(what, "+"+g)
	}
	for _, g := range in.Drop {
		what = append(what, "-"+g)
	}
	return fmt.Sprintf("change %s: %s", in.Principal, strings.Join(what, ", "))
}

// changeIdentity never deletes and creates: an update of an entry has no moment
// without rights (EKS API reference, UpdateAccessEntry).
func (b *builder) changeIdentity(in ChangeIdentity) error {
	if in.Username == "" && len(in.Add)+len(in.Drop) == 0 {
		return errors.New("a change needs a user name, or a group to add or to drop")
	}
	if err := (GrantAccess{Username: in.Username, Groups: in.Add, Level: Full}).names(); err != nil {
		return err
	}
	row, _ := b.ix.Row(in.Principal)
	m, ok := row.Active()
	switch {
	case !ok:
		return fmt.Errorf("no mapping of %s is in force: there is nothing to change", in.Principal)
	case nodeItem(m.Identity):
		return fmt.Errorf("%s is a node role: whom its nodes become is fixed", in.Principal)
	case b.ix.awsOwn(row) != "":
		return errors.New(b.ix.awsOwn(row))
	case m.Source == FromCreator, m.Item.Section == awsauth.MapAccounts:
		return fmt.Errorf("%s has no item of its own: give it one with grant", in.Principal)
	}
	for _, g := range in.Drop {
		if !slices.Contains(m.Identity.Groups, g) {
			return fmt.Errorf("%s is not in the group %q: it has %s", in.Principal, g, pick(len(m.Identity.Groups) > 0, strings.Join(m.Identity.Groups, ", "), "no groups"))
		}
	}
	id := row.Principal.ID()
	b.grantees[id], b.forgone[id] = true, true
	groups := set(append(slices.DeleteFunc(slices.Clone(m.Identity.Groups), func(g string) bool { return slices.Contains(in.Drop, g) }), in.Add...))
	user := pick(in.Username != "", in.Username, m.Identity.User)
	if m.Source == FromEntry {
		if err := entryNames(GrantAccess{Username: in.Username, Groups: in.Add}); err != nil {
			return err
		}
		had, _ := Get[AccessEntry](b.ix.snap.Objects, m.From)
		is := had
		is.Username, is.Groups = user, groups
		if !Same(had, is) {
			b.step(Step{Before: had, After: is, Why: WhyGroups, Args: []string{row.Principal.String(), strings.Join(groups, ", ")}})
		}
	} else if err := b.changeItem(m, user, groups); err != nil {
		return err
	}
	b.sharedName(row.Principal, Identity{User: user, Groups: groups})
	if now := b.ix.inForce(id); now.State == Active {
		b.proofs = append(b.proofs, b.ask(now)...)
	}
	return nil
}

func (b *builder) changeItem(m Mapping, user string, groups []string) error {
	am, _, err := b.authMap()
	if err != nil {
		return err
	}
	item := awsauth.Item{Section: m.Item.Section, ARN: m.Item.ARN, Username: user, Groups: groups}
	if user == m.Identity.User && slices.Equal(groups, m.Identity.Groups) {
		return nil
	}
	data, err := awsauth.Replace(am.Data, m.Item, item)
	if err != nil {
		return fmt.Errorf("change aws-auth: %w", err)
	}
	b.step(Step{Before: am, After: AuthMap{In: am.In, Data: data}, Why: WhyMapping, Args: []string{m.Principal.String()}})
	return nil
}
