package access

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// carried is an aws-auth mapping on its way to an access entry.
type carried struct {
	principal Principal
	entry     AccessEntry // without the bridge group
	masters   bool        // needs AmazonEKSClusterAdminPolicy, cluster scope, and a bridge to it
	resumed   string      // the bridge group it still wears after a stopped migration
	subjects  []movedSubject
	items     []Mapping // to retire: the one in force and its duplicates
}

// movedSubject is a subject name that an entry can't carry and the one that stands
// beside it in every binding from now on. The old one stays: who else arrives under
// it (a certificate, an OIDC user, another template) can't be known.
type movedSubject struct{ kind, old, new string }

// reservedPrefixes may not begin an entry's user name (EKS user guide, "Create
// access entries").
var reservedPrefixes = []string{"system:", "eks:", "aws:", "amazon:", "iam:"}

func reserved(name string) bool {
	return slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// carriedOver translates the mapping in force into an entry, or says why it can't.
func (b *builder) carriedOver(r Row, m Mapping, named Principal) (carried, bool) {
	no := func(reason, value string) (carried, bool) {
		b.say(Warn, NotMigratable, []Key{m.From}, r.Principal.String(), reason, value)
		return carried{}, false
	}
	if m.Principal.Kind != RolePrincipal && m.Principal.Kind != UserPrincipal {
		return no("principal-kind", string(m.Principal.Kind))
	}
	arn, ok := b.realARN(m.Principal, named)
	if !ok {
		return carried{}, false
	}
	p, err := ParsePrincipal(arn)
	if err != nil {
		return no("not-an-arn", arn)
	}
	if p.ServiceLinked() {
		return no("service-linked-role", arn)
	}
	c := carried{principal: p, entry: AccessEntry{In: b.eks(), Principal: arn, Type: StandardType}}
	user, value := b.carryUser(&c, m)
	if value != "" {
		return no("template", value)
	}
	c.entry.Username = user
	for _, g := range m.Identity.Groups {
		switch {
		case g == Masters:
			c.masters = true
			b.say(Info, MastersToPolicy, nil, p.String())
		case g == "" || g == "system:authenticated": // nothing, or what everyone gets anyway
		case strings.Contains(g, "{{"):
			return no("template", g)
		case strings.HasPrefix(g, "system:"):
			fresh := b.unbound(rbacv1.GroupKind, "kube:"+g, g)
			c.subjects = append(c.subjects, movedSubject{rbacv1.GroupKind, g, fresh})
			c.entry.Groups = append(c.entry.Groups, fresh)
		default:
			c.entry.Groups = append(c.entry.Groups, g)
		}
	}
	renamed := len(c.subjects) > 0 || user != m.Identity.User && m.Identity.User != ""
	if renamed && b.was.unread(RoleBindingKind, ClusterRoleBindingKind) {
		return no("bindings-unread", m.Identity.User)
	}
	c.entry.Groups = set(c.entry.Groups)
	for _, o := range r.Mappings {
		if o.Source == FromAuthMap && (o.State == Active || o.State == Shadowed) && o.Item.Section != awsauth.MapAccounts {
			c.items = append(c.items, o)
		}
	}
	return c, true
}

// carryUser returns the user name for the entry, and the template that an entry
// can't hold if there is one. A name that EKS refuses is replaced by a near one,
// which stands beside the old one in every binding before the entry exists.
func (b *builder) carryUser(c *carried, m Mapping) (user, unkept string) {
	old := m.Identity.User
	prefix, suffix, templated := template(old)
	if plain := strings.NewReplacer("{{SessionName}}", "", "{{SessionNameRaw}}", "").Replace(old); strings.Contains(plain, "{{") {
		return "", old
	}
	switch {
	case old == "":
		b.say(Info, NameEmpty, []Key{m.From}, c.principal.String())
		return "", ""
	case reserved(old):
		user = b.unbound(rbacv1.UserKind, "kube:"+old, old)
	case templated && !strings.Contains(prefix, ":"):
		user = prefix + ":" + old[len(prefix):] // {{SessionName}} needs a colon somewhere before it
	default:
		return old, ""
	}
	if !templated {
		c.subjects = append(c.subjects, movedSubject{rbacv1.UserKind, old, user})
		return user, ""
	}
	front := strings.TrimSuffix(user, old[len(prefix):])
	sessions := b.ix.rbac.sessionsOf(old)
	for _, name := range slices.Sorted(maps.Keys(sessions)) {
		c.subjects = append(c.subjects, movedSubject{rbacv1.UserKind, name, front + sessions[name] + suffix})
	}
	return user, ""
}

// unbound is a name that gives nothing of its own: no binding knows it, unless
// beside the old name or where a stopped plan put it.
func (b *builder) unbound(kind, name, old string) string {
	beside := func(bd Binding) bool {
		return old != "" && slices.ContainsFunc(bd.Subjects, func(s rbacv1.Subject) bool { return s.Kind == kind && s.Name == old })
	}
	for n, free := 2, name; ; n++ {
		if !slices.ContainsFunc(b.ix.rbac.bindingsOf(subject{kind, free}), func(bd Binding) bool { return !beside(bd) && !b.begun.bound(bd.Key(), subject{kind, free}) }) {
			return free
		}
		free = name + "-" + strconv.Itoa(n)
	}
}

// carry adds the steps that give: subjects, the entry with all its rights at once,
// the policy. It remembers what must be proven and taken away later.
func (b *builder) carry(c carried, group string) {
	for _, mv := range c.subjects {
		b.besideSubject(c.principal, mv)
	}
	now := c.entry // as it is until the policy is in force
	switch {
	case c.resumed != "":
		group = c.resumed
		c.entry.Groups = offBridge(now.Groups)
	case c.masters && group != "":
		now.Groups = set(append(slices.Clone(now.Groups), group))
		b.step(Step{After: now, Why: WhyEntryBridged, Args: []string{c.principal.String()}})
	case c.masters:
		b.step(Step{After: now, Why: WhyEntryOpen, Args: []string{c.principal.String()}})
	default:
		b.step(Step{After: now, Why: WhyEntry, Args: []string{c.principal.String()}})
	}
	var policies []PolicyAssociation
	if c.masters {
		admin := PolicyAssociation{In: b.eks(), Principal: now.Principal, Policy: PolicyARN(b.partition(), ClusterAdminPolicy), Scope: PolicyScope{Cluster: true}}
		if had := b.live(admin.Key()); !Same(had, admin) {
			b.step(Step{Before: had, After: admin, Why: WhyPolicy, Args: []string{ClusterAdminPolicy, ""}})
		}
		policies = append(policies, admin)
		if group != "" {
			b.bridges = append(b.bridges, bridged{group, now.Key(), reads(c.principal, admin)})
		}
	}
	proof := b.prove(c.principal, c.entry, policies)
	b.proofs = append(b.proofs, proof...)
	for i, m := range c.items {
		b.retire = append(b.retire, retired{item: m.Item, who: c.principal, first: pick(i == 0, proof, nil)})
	}
}
