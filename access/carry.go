package access

import (
	"cmp"
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
// beside it in every binding from now on. The old one stays, unless it is asked for: who
// else arrives under it (a certificate, an OIDC user, another template) can't be known.
type movedSubject struct {
	kind, old, new string
	goes           bool
}

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
	c := carried{principal: p, entry: b.anew(AccessEntry{In: b.eks(), Principal: arn, Type: StandardType})}
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
			c.subjects = append(c.subjects, movedSubject{kind: rbacv1.GroupKind, old: g, new: fresh})
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
	prefix, _, templated := template(old)
	if plain := strings.NewReplacer("{{SessionName}}", "", "{{SessionNameRaw}}", "").Replace(old); strings.Contains(plain, "{{") {
		return "", old
	}
	switch {
	case old == "":
		// The entry's default is a name that some binding may know, and the item gave none.
		b.say(Info, NameEmpty, []Key{m.From}, c.principal.String())
		own := DefaultUsername(c.principal)
		return b.free("", func(n string) string { return pick(n == "", "", "kube"+n+":"+own) }, own), ""
	case reserved(old):
		user = b.free(old, func(n string) string { return "kube" + n + ":" + old }, "")
	case templated && !strings.Contains(prefix, ":"): // {{SessionName}} needs a colon somewhere before it
		user = b.free(old, func(n string) string { return prefix + n + ":" + old[len(prefix):] }, "")
	default:
		return old, ""
	}
	if !templated {
		c.subjects = append(c.subjects, movedSubject{kind: rbacv1.UserKind, old: old, new: user})
		return user, ""
	}
	sessions := b.ix.rbac.sessionsOf(old)
	if len(placeholder.FindAllString(old, -1)) > 1 && len(sessions) > 0 {
		return "", old // what several variables of one session are, its condition does not tell
	}
	for _, name := range slices.Sorted(maps.Keys(sessions)) {
		c.subjects = append(c.subjects, movedSubject{kind: rbacv1.UserKind, old: name, new: placeholder.ReplaceAllLiteralString(user, sessions[name])})
	}
	return user, ""
}

// free tries names until one gives nothing of its own: no binding knows it, nor what a
// session makes of it, unless beside the old name, where a stopped plan put it. An empty
// name stands for the one that EKS gives then.
func (b *builder) free(old string, name func(n string) string, given string) string {
	for n := 1; ; n++ {
		user := name(pick(n == 1, "", "-"+strconv.Itoa(n)))
		known := cmp.Or(user, given)
		_, _, templated := template(known)
		if !templated && b.unbound(rbacv1.UserKind, known, old) == known {
			return user
		}
		if templated && !slices.ContainsFunc(b.ix.rbac.renderings(subject{rbacv1.UserKind, known}), func(r rendering) bool {
			return slices.ContainsFunc(b.ix.rbac.bindingsOf(r.as), func(bd Binding) bool { return !namesToo(bd, old, r.when) })
		}) {
			return user
		}
	}
}

// namesToo reports whether a binding names what the template becomes for the same session.
func namesToo(bd Binding, tmpl string, when Condition) bool {
	return slices.ContainsFunc(bd.Subjects, func(s rbacv1.Subject) bool {
		c, ok := renders(tmpl, s.Name)
		return ok && s.Kind == rbacv1.UserKind && c == when
	})
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

// unbindRenamed takes names out of bindings that entries could not carry on, where no
// principal that can be listed arrives under them any more, in whatever state its mapping
// is. Names of service accounts, of nodes and of the cluster's own bindings stay: others
// arrive under them.
func (b *builder) unbindRenamed() {
	for _, mv := range b.renamed {
		sub := subject{mv.kind, mv.old}
		bound := b.ix.rbac.bindingsOf(sub)
		own := slices.ContainsFunc([]string{"eks:", "system:serviceaccount", "system:node"}, func(p string) bool { return strings.HasPrefix(sub.name, p) })
		if own || b.comes(sub) || slices.ContainsFunc(bound, func(bd Binding) bool { return foreign(subject{name: bd.Name}) }) {
			continue
		}
		for _, bd := range bound {
			b.unbind = append(b.unbind, unbinding{bd.Key(), sub})
		}
	}
}

// comes reports whether some principal has a mapping that makes it this subject, or may.
func (b *builder) comes(sub subject) bool {
	for _, m := range b.ix.Mappings() {
		if slices.Contains(m.Identity.subjects(), sub) || slices.ContainsFunc(m.Identity.templates(), func(t subject) bool { return t.kind == sub.kind && t.becomes(sub.name) }) {
			return true
		}
	}
	return false
}
