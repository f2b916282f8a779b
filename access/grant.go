package access

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// grant gives one principal a permission: first what it may (namespaces, roles,
// bindings), then who it is (a mapping), so that access appears whole.
func (b *builder) grant(in GrantAccess) error {
	if err := in.valid(); err != nil {
		return err
	}
	row, _ := b.ix.Row(in.Principal)
	m, mapped := row.Active()
	if _, dead := row.dead(); dead && !mapped {
		if slices.ContainsFunc(row.Mappings, func(m Mapping) bool { return m.Reason == DeadEntryAbove }) {
			return fmt.Errorf("a dead access entry stands over an aws-auth item of %s, which a grant would bring back to life: move the item first (kubectl eks-access migrate %s), or take it away (revoke)", in.Principal, in.Principal)
		}
		if own := b.ix.awsOwn(row); own != "" {
			return errors.New(own)
		}
		b.bury(row)
		row, _ = b.ix.Row(in.Principal)
		m, mapped = row.Active()
	}
	if u, undecided := row.Undecided(); !mapped && undecided {
		return fmt.Errorf("%s may or may not be mapped already (%s): nothing is granted on a guess", in.Principal, u.Reason)
	}
	if mapped && nodeItem(m.Identity) {
		return fmt.Errorf("%s is a node role: nodes have what they need, and rights given to it are given to every pod that reaches its credentials", in.Principal)
	}
	switch own := b.ix.awsOwn(row); {
	case own != "":
		return errors.New(own)
	case in.Principal.Partition != b.partition():
		return fmt.Errorf("%s is of the partition %s, and the cluster of %s: no principal crosses partitions", in.Principal, in.Principal.Partition, b.partition())
	}
	b.grantees[in.Principal.ID()] = true
	via, err := b.via(in, m, mapped)
	if err != nil {
		return err
	}
	if mapped && m.Item.Section == awsauth.MapAccounts {
		mapped = false
	}
	if via == ViaEntry && mapped && m.Source == FromAuthMap {
		// An entry would replace the item as a whole: carry it over first, then add.
		if err := b.migrate(Migrate{Principals: []Principal{in.Principal}}); err != nil {
			return err
		}
		row, _ = b.ix.Row(in.Principal)
		if m, mapped = row.Active(); !mapped || m.Source != FromEntry {
			return fmt.Errorf("%s is mapped by aws-auth and can't be moved to an access entry: grant with --via aws-auth", in.Principal)
		}
	}
	if via == ViaEntry {
		return b.grantByEntry(in, m, mapped)
	}
	return b.grantByMap(in, m, mapped)
}

func (in GrantAccess) valid() error {
	n := 0
	for _, set := range []bool{in.Level != None, in.Policy != "", in.ClusterRole != "", in.Role != ""} {
		n += pick(set, 1, 0)
	}
	switch {
	case n != 1:
		return errors.New("a grant needs exactly one of a level, a policy, a cluster role and a role")
	case in.Role != "" && len(in.Namespaces) == 0:
		return fmt.Errorf("role %s lives in a namespace: say which with --namespace", in.Role)
	case in.Principal.Kind != RolePrincipal && in.Principal.Kind != UserPrincipal:
		return fmt.Errorf("%s is a %s: access is granted to IAM roles and users", in.Principal, in.Principal.Kind)
	case in.Policy != "" && in.Via == ViaAuthMap:
		return fmt.Errorf("access policy %s goes with an access entry, not with aws-auth", in.Policy)
	}
	if err := in.names(); err != nil {
		return err
	}
	if p, ok := PolicyNamed(in.Policy); in.Policy != "" && ok && !p.ByCustomer() {
		return fmt.Errorf("access policy %s is reserved for AWS (%s): it can't be associated by customers", p.Name, p.Assignable)
	}
	return nil
}

// via decides where the mapping is or will be.
func (b *builder) via(in GrantAccess, m Mapping, mapped bool) (Via, error) {
	mode := b.ix.snap.Mode()
	via := in.Via
	if via == "" || via == ViaAuto {
		switch {
		case in.Policy != "":
			via = ViaEntry
		case mapped:
			via = Via(m.Source)
		case mode.Entries():
			via = ViaEntry
		default:
			via = ViaAuthMap
		}
	}
	switch {
	case via != ViaEntry && via != ViaAuthMap:
		return "", fmt.Errorf("via %q: want auto, access-entry or aws-auth", via)
	case via == ViaEntry && !mode.Entries():
		return "", fmt.Errorf("access entries don't count while the cluster is in mode %s: use --via aws-auth, or switch first with migrate", mode)
	case via == ViaAuthMap && !mode.ConfigMap():
		return "", fmt.Errorf("aws-auth is not read in mode %s: use --via access-entry", mode)
	case via == ViaAuthMap && mapped && m.Source == FromEntry:
		return "", fmt.Errorf("%s has an access entry, which hides any aws-auth item: use --via access-entry", in.Principal)
	}
	return via, nil
}

func (b *builder) grantByEntry(in GrantAccess, m Mapping, mapped bool) error {
	name := cmp.Or(in.Policy, LevelPolicy(in.Level))
	if err := entryNames(in); err != nil {
		return err
	}
	var entry, had AccessEntry
	if mapped {
		had, _ = Get[AccessEntry](b.ix.snap.Objects, m.From)
		entry = had
		if in.Username != "" && in.Username != had.Username {
			return fmt.Errorf("%s has the user name %q already; bindings may name it, so a grant does not change it", in.Principal, had.Username)
		}
	} else {
		arn, err := b.grantee(in.Principal)
		if err != nil {
			return err
		}
		entry = b.anew(AccessEntry{In: b.eks(), Principal: arn, Type: StandardType, Username: cmp.Or(in.Username, b.accountName(in.Principal))})
	}
	p, err := ParsePrincipal(entry.Principal)
	if err != nil {
		return err
	}
	entry.Groups = set(append(slices.Clone(had.Groups), in.Groups...))
	id := Identity{User: cmp.Or(entry.Username, DefaultUsername(p)), Groups: entry.Groups}
	if name == "" {
		to, fresh := b.bindSubject(in, id, p)
		entry.Groups = set(append(slices.Clone(entry.Groups), fresh...))
		id.Groups = entry.Groups
		if err := b.bindTo(in, to); err != nil {
			return err
		}
	}
	switch {
	case !mapped:
		b.step(Step{After: entry, Why: WhyEntry, Args: []string{p.String()}})
	case !Same(had, entry):
		b.step(Step{Before: had, After: entry, Why: WhyGroups, Args: []string{p.String(), strings.Join(entry.Groups, ", ")}})
	}
	b.sharedName(p, id)
	var policies []PolicyAssociation
	if name != "" {
		a, err := b.associate(p, name, in.Namespaces, in.CreateNamespaces)
		if err != nil {
			return err
		}
		policies = append(policies, a)
	}
	b.proofs = append(b.proofs, b.prove(p, entry, policies)...)
	b.proofs = append(b.proofs, b.elsewhere(p)...)
	return nil
}

// associate adds a policy's scope: the API replaces a scope, so the union is sent
// (EKS API reference, AssociateAccessPolicy).
func (b *builder) associate(p Principal, name string, namespaces []string, make bool) (PolicyAssociation, error) {
	name = PolicyName(name)
	listed := Of[AccessPolicy](b.ix.snap.Objects)
	if len(listed) > 0 && !slices.ContainsFunc(listed, func(a AccessPolicy) bool { return a.Name == name }) {
		return PolicyAssociation{}, fmt.Errorf("EKS has no access policy %q here: see aws eks list-access-policies", name)
	}
	a := PolicyAssociation{In: b.eks(), Principal: p.ARN, Policy: PolicyARN(b.partition(), name), Scope: PolicyScope{Cluster: len(namespaces) == 0, Namespaces: set(namespaces)}}
	had, exists := Get[PolicyAssociation](b.ix.snap.Objects, a.Key())
	if exists && had.Scope.Cluster {
		return had, nil
	}
	if exists && !a.Scope.Cluster {
		a.Scope.Namespaces = set(append(a.Scope.Namespaces, had.Scope.Namespaces...))
	}
	for _, ns := range namespaces {
		if make && !strings.HasSuffix(ns, "*") {
			if err := b.namespace(ns, true); err != nil {
				return PolicyAssociation{}, err
			}
		}
	}
	b.scoped(namespaces)
	if known, ok := PolicyNamed(name); !ok || !known.Known() {
		b.say(Warn, PolicyUnknown, nil, name, p.String())
	}
	scope := scopeWords(a.Scope)
	switch {
	case !exists:
		b.step(Step{After: a, Why: WhyPolicy, Args: []string{name, scope}})
	case !Same(had, a):
		b.step(Step{Before: had, After: a, Why: WhyPolicyScope, Args: []string{name, scope}})
	}
	return a, nil
}

func (b *builder) grantByMap(in GrantAccess, m Mapping, mapped bool) error {
	am, exists, err := b.authMap()
	if err != nil {
		return err
	}
	if mapped && m.Item.Section == awsauth.MapAccounts {
		mapped = false // let in by its account: an item of its own keeps the name it has there
	}
	p := in.Principal
	if mapped {
		p = m.Principal
	} else if arn, err := b.grantee(p); err != nil {
		return err
	} else if p, err = ParsePrincipal(arn); err != nil {
		return err
	}
	item := awsauth.Item{Section: awsauth.MapRoles, ARN: p.Canonical(), Username: cmp.Or(in.Username, p.Canonical()), Groups: set(in.Groups)}
	if p.Kind == UserPrincipal {
		item.Section = awsauth.MapUsers
	}
	if mapped {
		item.Username, item.Groups = m.Identity.User, set(append(slices.Clone(m.Identity.Groups), in.Groups...))
		if in.Username != "" && in.Username != m.Identity.User {
			return fmt.Errorf("%s has the user name %q already; bindings may name it, so a grant does not change it", p, m.Identity.User)
		}
	}
	id := Identity{User: item.Username, Groups: item.Groups}
	if !(in.Level == Full && len(in.Namespaces) == 0 && id.Super()) {
		to, fresh := b.bindSubject(in, id, p)
		item.Groups = set(append(slices.Clone(item.Groups), fresh...))
		id.Groups = item.Groups
		if err := b.bindTo(in, to); err != nil {
			return err
		}
	}
	switch {
	case !mapped:
		data, err := awsauth.Add(am.Data, item)
		if err != nil {
			return fmt.Errorf("add to aws-auth: %w", err)
		}
		b.step(Step{Before: pick[Object](exists, am, nil), After: AuthMap{In: am.In, Data: data}, Why: WhyMapping, Args: []string{p.String()}})
	case !slices.Equal(item.Groups, m.Identity.Groups):
		item.Section = m.Item.Section
		item.ARN = m.Item.ARN
		data, err := awsauth.Replace(am.Data, m.Item, item)
		if err != nil {
			return fmt.Errorf("change aws-auth: %w", err)
		}
		b.step(Step{Before: am, After: AuthMap{In: am.In, Data: data}, Why: WhyMapping, Args: []string{p.String()}})
	}
	b.sharedName(p, id)
	if row, ok := b.ix.Row(p); ok {
		if now, ok := row.Active(); ok {
			b.proofs = append(b.proofs, b.ask(now)...)
			b.proofs = append(b.proofs, b.elsewhere(p)...)
		}
	}
	return nil
}

// grantee is the real ARN of a principal that is to be mapped for the first time.
func (b *builder) grantee(p Principal) (string, error) {
	fact, known := Get[IAMPrincipal](b.was.snap.Objects, Key{Realm: IAMRealm(p.Account), Kind: IAMPrincipalKind, Name: p.ID()})
	switch {
	case p.ServiceLinked():
		return "", fmt.Errorf("%s is a service-linked role: EKS takes entries for it from its own service only", p)
	case known && fact.Gone:
		return "", fmt.Errorf("IAM has no %s %q in account %s: create it first, or correct the name", p.Kind, p.Name, p.Account)
	case known:
		return fact.ARN, nil
	case p.FromSession():
		return "", fmt.Errorf("%s is a session: its role's path is not known. Give the role's full ARN (aws iam get-role --role-name %s)", p, p.Name)
	}
	b.say(Warn, ARNAsWritten, nil, p.ARN)
	return p.ARN, nil
}

// bindSubject is whom a binding names: the group asked for, else the user. Where
// every session has a user name of its own, a fresh group is made up that no binding
// knows and the mapping carries from now on; a group that the principal shares with
// others is never bound unless the person names it.
func (b *builder) bindSubject(in GrantAccess, id Identity, p Principal) (to rbacv1.Subject, fresh []string) {
	to = rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind}
	switch {
	case len(in.Groups) > 0:
		to.Name = in.Groups[0]
	case b.ownGroup(id, p) != "":
		to.Name = b.ownGroup(id, p)
	case id.User != "" && !strings.Contains(id.User, "{{"):
		to.Kind, to.Name = rbacv1.UserKind, id.User
	default:
		to.Name = b.unbound(rbacv1.GroupKind, groupPrefix+p.Name, "")
		fresh = []string{to.Name}
	}
	return to, fresh
}

// ownGroup is a group that an earlier grant made up for the principal, if nobody else
// is in it; "" when there is none.
func (b *builder) ownGroup(id Identity, p Principal) string {
	for _, g := range id.Groups {
		if strings.HasPrefix(g, groupPrefix+p.Name) && slices.Equal(b.ix.holding([]subject{{rbacv1.GroupKind, g}}), []string{p.ID()}) {
			return g
		}
	}
	return ""
}

// groupPrefix begins the groups that we make up.
const groupPrefix = "eks-access:"

// accountName is the user name under which a principal logs in that only mapAccounts
// lets in, where bindings name it: a mapping of its own must keep it. "" otherwise.
func (b *builder) accountName(p Principal) string {
	row, _ := b.ix.Row(p)
	if m, ok := row.Active(); ok && m.Item.Section == awsauth.MapAccounts {
		return m.Identity.User
	}
	return ""
}
