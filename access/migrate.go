package access

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// migrate gives every chosen principal an access entry that may do what its
// aws-auth mapping may, and remembers the item for removal. What can't be moved is
// a finding, and the rest goes on.
func (b *builder) migrate(in Migrate) error {
	to := cmp.Or(in.To, BothMode)
	if to != BothMode && to != APIMode {
		return fmt.Errorf("migrate to mode %q: want %s or %s", to, BothMode, APIMode)
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
		if c, ok := b.judge(r.row, r.named); ok {
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
	entry, _ := Get[AccessEntry](b.was.snap.Objects, m.From)
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
		b.say(Warn, BridgeLeft, []Key{m.From}, r.Principal.String())
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

// nodeItem recognises the items of worker nodes, Fargate and hybrid nodes by the
// groups and names that the EKS user guide gives them ("Create access entries").
func nodeItem(id Identity) bool {
	return id.Node() || slices.ContainsFunc(id.Groups, func(g string) bool {
		return g == "system:bootstrappers" || g == "system:node-proxier" || g == "eks:kube-proxy-windows"
	})
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

// takeAway adds the steps that remove, in the order that locks nobody out: groups
// of the bridge, the bridge, people's items, nodes' items, the mode.
func (b *builder) takeAway() error {
	b.closeBridges()
	for sort := replaced; sort <= ofNode; sort++ {
		if err := b.retireItems(sort); err != nil {
			return err
		}
	}
	b.dropAll()
	if b.switchTo == "" || b.ix.snap.Mode() == b.switchTo {
		return nil
	}
	return b.switchMode(b.switchTo)
}

// retireItems removes all items of one sort in one edit, after every proof.
func (b *builder) retireItems(sort retirement) error {
	var first []Expect
	var who []string
	var items, taken []awsauth.Item
	am, _, err := b.authMap()
	if err != nil {
		return err
	}
	for _, r := range b.retire {
		if r.sort != sort {
			continue
		}
		// What gives may have moved the item's line, but not its place in the list; an
		// edit before this one has moved up what stood below the items it took.
		place := r.item.Index - b.takenAbove(r.item)
		for _, it := range b.ix.parsed.Items {
			if it.Section == r.item.Section && it.ARN == r.item.ARN && it.Index == place {
				items, taken = append(items, it), append(taken, r.item)
			}
		}
		first = append(first, r.first...)
		who = append(who, r.who.String())
	}
	if len(items) == 0 {
		return nil
	}
	data, err := awsauth.Remove(am.Data, items...)
	if err != nil {
		return fmt.Errorf("remove from aws-auth: %w", err)
	}
	b.step(Step{Before: am, After: AuthMap{In: am.In, Data: data}, First: first, Why: pick(sort == revoked, WhyRevokeItem, WhyRetire), Args: set(who)})
	b.taken = append(b.taken, taken...)
	return nil
}

// takenAbove is how many items above this one the plan has removed so far.
func (b *builder) takenAbove(it awsauth.Item) int {
	above := map[int]bool{}
	for _, t := range b.taken {
		if t.Section == it.Section && t.Index < it.Index {
			above[t.Index] = true
		}
	}
	return len(above)
}
