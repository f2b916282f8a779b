package access

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// migrate gives every chosen principal an access entry that may do what its
// aws-auth mapping may, and remembers the item for removal. What can't be moved is
// a finding, and the rest goes on.
func (b *builder) migrate(in Migrate) error {
	to := cmp.Or(in.To, BothMode)
	if to != BothMode && to != APIMode {
		return fmt.Errorf("migrate to mode %q: want %s or %s", to, BothMode, APIMode)
	}
	if in.NodeType != "" && len(in.Principals) == 0 {
		return errors.New("a node type goes with the node roles that it is for: name them, self-managed and Karpenter's only")
	}
	if _, _, err := b.authMap(); err != nil {
		return err
	}
	rows, err := b.chosen(in.Principals)
	if err != nil {
		return err
	}
	if b.ix.snap.Mode() == ConfigMapMode {
		if err := b.switchMode(BothMode); err != nil {
			return err
		}
	}
	b.left = append(b.left, b.ownBridge(rows))
	var moves []carried
	for _, r := range rows {
		id := r.row.Principal.ID()
		if b.moved[id] || b.emptied[id] {
			continue // another change of the plan does it, or takes all it has
		}
		b.moved[id] = true
		if in.NodeType != "" {
			if err := b.asNode(r, in.NodeType); err != nil {
				return err
			}
			continue
		}
		if c, ok := b.judge(r.row, r.named); ok {
			for i := range c.subjects {
				c.subjects[i].goes = in.Subjects
			}
			moves = append(moves, c)
		}
	}
	group := b.openBridge(moves)
	for _, c := range moves {
		b.carry(c, group)
	}
	if to == APIMode {
		b.switchTo = APIMode
	}
	return nil
}

// asNode moves a row that the person says is of self-managed nodes.
func (b *builder) asNode(r choice, kind string) error {
	m, ok := r.row.Active()
	switch {
	case ok && m.Source == FromEntry:
		_, ok := b.judge(r.row, r.named)
		if ok {
			return fmt.Errorf("%s is on the bridge of a migration that was stopped: finish that one first", r.row.Principal)
		}
		return nil
	case !ok || m.Source != FromAuthMap || !nodeItem(m.Identity):
		return fmt.Errorf("%s has no aws-auth item of nodes in force: a node type is for those", r.row.Principal)
	}
	return b.carryNode(r.row, m, r.named, kind)
}

// choice is a row to migrate, and the principal as the person wrote it.
type choice struct {
	row   Row
	named Principal
}

func (b *builder) chosen(named []Principal) ([]choice, error) {
	var out []choice
	if len(named) == 0 {
		for _, r := range b.ix.Rows() {
			if !b.begun.gave(r.Principal) && slices.ContainsFunc(r.Mappings, func(m Mapping) bool { return m.Source == FromAuthMap && m.State != Unmatchable }) {
				out = append(out, choice{row: r})
			}
		}
		return out, nil
	}
	for _, p := range named {
		r, ok := b.ix.Row(p)
		if !ok || !slices.ContainsFunc(r.Mappings, func(m Mapping) bool { return m.Source == FromAuthMap }) {
			return nil, fmt.Errorf("%s has no mapping in aws-auth: nothing to migrate. Give it access with grant", p)
		}
		out = append(out, choice{r, p})
	}
	return out, nil
}

// ownBridge is the name this very migration gives its bridge: where a stopped run
// left it, its principals still have their masters items, since those go last.
func (b *builder) ownBridge(rows []choice) string {
	var arns []string
	for _, r := range rows {
		for _, m := range r.row.Mappings {
			if e, ok := r.row.Active(); ok && m.Source == FromAuthMap && m.Identity.Super() && e.Source == FromEntry {
				arns = append(arns, e.From.Name)
			}
		}
	}
	return bridgeGroup(b.plan.Cluster.ARN, arns)
}

// judge decides what becomes of one row: carried over, or a finding.
func (b *builder) judge(r Row, named Principal) (carried, bool) {
	if m, ok := r.Active(); ok {
		switch {
		case m.Source == FromEntry:
			return b.alreadyEntry(r, m)
		case m.Principal.Kind == AccountPrincipal:
			b.say(Warn, AccountNotMapped, []Key{m.From}, m.Principal.Account)
			return carried{}, false
		case nodeItem(m.Identity):
			b.say(Info, NodeLeft, []Key{m.From}, r.Principal.String())
			return carried{}, false
		}
		return b.carriedOver(r, m, named)
	}
	if u, ok := r.Undecided(); ok && u.Reason == DeadEntryAbove && named.ARN != "" && !nodeItem(u.Identity) && b.ix.awsOwn(r) == "" && b.alive(r.Principal) {
		// Whether it counts beneath a dead entry is not documented: asked for by name, the
		// entry goes, and from then on the item counts for sure.
		b.bury(r)
		r, _ = b.ix.Row(r.Principal)
		if m, ok := r.Active(); ok && m.Source == FromAuthMap {
			b.revived(m)
			return b.carriedOver(r, m, named)
		}
	}
	for _, m := range r.Mappings {
		switch m.State {
		case Dead:
			b.say(Info, AlreadyDead, []Key{m.From}, r.Principal.String(), string(m.Reason))
		case Undecided, Unmatchable, Dormant:
			b.say(Warn, NotMigratable, []Key{m.From}, r.Principal.String(), string(m.Reason), m.Item.ARN)
		}
	}
	return carried{}, false
}

// alive reports whether IAM has the principal.
func (b *builder) alive(p Principal) bool {
	fact, known := Get[IAMPrincipal](b.was.snap.Objects, Key{Realm: IAMRealm(p.Account), Kind: IAMPrincipalKind, Name: p.ID()})
	return known && !fact.Gone
}

// revived asks for what an item gives from now on that a dead entry may have kept from
// counting. Before and after can't tell: before, it was not known.
func (b *builder) revived(m Mapping) {
	for _, ns := range append([]string{""}, b.ix.Scopes(m)...) {
		if rules := slices.DeleteFunc(slices.Clone(b.ix.Rules(m, ns)), Everyones); len(rules) > 0 {
			b.say(Confirm, ItemRevived, []Key{m.From}, m.Principal.String(), ns, ruleWords(rules))
			return
		}
	}
}

// alreadyEntry: the entry is in force, so the items under it only wait for its
// deletion to come back to life. They go; what they said more is shown. An entry
// that a stopped migration left on its bridge is finished.
func (b *builder) alreadyEntry(r Row, m Mapping) (carried, bool) {
	var items []Mapping
	for _, o := range r.Mappings {
		if o.Source == FromAuthMap && o.State == Shadowed {
			items = append(items, o)
		}
	}
	if len(items) == 0 {
		return carried{}, false
	}
	entry, _ := Get[AccessEntry](b.ix.snap.Objects, m.From)
	if entry.Type == "" {
		b.say(Warn, NotMigratable, []Key{m.From}, r.Principal.String(), string(EntriesUnread), "")
		return carried{}, false
	}
	node := nodeItem(items[0].Identity)
	if node && entry.Type == StandardType {
		b.say(Warn, NodeLeft, []Key{m.From}, r.Principal.String())
		return carried{}, false
	}
	b.say(Info, AlreadyEntry, []Key{m.From}, r.Principal.String())
	if !node && narrower(b.was, m, items[len(items)-1]) {
		b.say(Warn, EntryNarrower, []Key{m.From}, r.Principal.String())
	}
	settled := entry // as it is when the items go: off any bridge
	settled.Groups = offBridge(entry.Groups)
	for _, o := range items {
		b.retire = append(b.retire, retired{item: o.Item, who: r.Principal, sort: pick(node, ofNode, replaced), first: reads(r.Principal, settled)})
	}
	masters := slices.ContainsFunc(items, func(m Mapping) bool { return m.Identity.Super() })
	if left := slices.IndexFunc(entry.Groups, isBridge); left >= 0 {
		// Only our own bridge, from a mapping that says so still, is gone on with.
		group := entry.Groups[left]
		if masters && Same(b.live(b.bridge(group).Key()), b.bridge(group)) {
			return carried{principal: r.Principal, entry: entry, masters: true, resumed: group}, true
		}
		b.say(Warn, OnBridge, []Key{m.From}, r.Principal.String())
		for i := range b.retire {
			if b.retire[i].who.ID() == r.Principal.ID() {
				b.retire[i].first = reads(r.Principal, entry)
			}
		}
	}
	return carried{}, false
}

// narrower reports whether the aws-auth item gave something that the entry does not.
func narrower(ix *Index, entry, item Mapping) bool {
	for _, ns := range append([]string{""}, ix.Scopes(item)...) {
		if len(uncovered(ix.Rules(item, ns), ix.Rules(entry, ns))) > 0 {
			return true
		}
	}
	return false
}

// realARN finds the ARN an entry needs: the real one, with a role's path. A name
// is resolved in its own account only; the same name elsewhere is somebody else.
func (b *builder) realARN(p, named Principal) (arn string, ok bool) {
	s := b.was.snap
	fact, known := Get[IAMPrincipal](s.Objects, Key{Realm: IAMRealm(p.Account), Kind: IAMPrincipalKind, Name: p.ID()})
	switch {
	case known && fact.Gone:
		b.say(Info, AlreadyDead, nil, p.String(), string(PrincipalGone))
	case known:
		return fact.ARN, true
	case named.ARN != "" && !named.FromSession():
		// The person says which; nobody here can check it, and EKS may not either.
		b.say(Confirm, ARNAsWritten, nil, named.ARN)
		return named.ARN, true
	case s.Caller.AWS.Account != "" && p.Account != s.Caller.AWS.Account:
		b.say(Warn, ForeignAccount, nil, p.String(), p.Account)
	default:
		why := "not asked"
		if g, ok := s.Gap(IAMRealm(p.Account), IAMPrincipalKind, p.ID()); ok {
			why = cmp.Or(g.Detail, string(g.Why))
		}
		b.say(Warn, UnresolvedARN, nil, p.String(), why)
	}
	return "", false
}
