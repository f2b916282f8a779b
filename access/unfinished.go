package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// unfinished is what plans began that were stopped, and whose rest is planned anew. Names
// that we made up (a bridge, a group for one principal) are known again by their steps;
// such a name elsewhere is somebody else's.
type unfinished struct {
	latest Plan
	steps  []Step // of all of them
}

// bridges are the groups of the plans' bridges.
func (u *unfinished) bridges() []string {
	var out []string
	for _, st := range u.steps {
		if k := st.Key(); k.Kind == ClusterRoleBindingKind && isBridge(k.Name) {
			out = append(out, k.Name)
		}
	}
	return set(out)
}

// bound reports whether a step of the plans put the subject into this binding.
func (u *unfinished) bound(k Key, sub subject) bool {
	return u != nil && slices.ContainsFunc(u.steps, func(st Step) bool {
		return st.Key() == k && slices.ContainsFunc(subjectsOnly(st.After, st.Before), func(s rbacv1.Subject) bool { return subjectOf(s, k.Namespace) == sub })
	})
}

// left reports whether an entry is as some step of the plans left it.
func (u *unfinished) left(e AccessEntry) bool {
	return slices.ContainsFunc(u.steps, func(st Step) bool { return st.Key() == e.Key() && Same(st.After, e) })
}

// takenBack are the objects that the last plan made and that are gone, without a step of
// it: a later step is done, and steps are done in their order.
func (u *unfinished) takenBack(os Objects) []Key {
	steps, last := u.latest.Steps, -1
	chains := chainsOf(steps)
	for i := range chains {
		if c := &chains[i]; c.locate(os.At(c.key), steps) {
			last = max(last, c.sure())
		}
	}
	var out []Key
	for _, c := range chains {
		if os.At(c.key) != nil {
			continue
		}
		was := Object(nil) // as the steps up to the last one left it
		for _, i := range c.steps {
			if i <= last {
				was = steps[i].After
			}
		}
		if was != nil {
			out = append(out, c.key)
		}
	}
	return out
}

// moved are the entries that the plans made of aws-auth items, in their order; super
// those of administrators, who get a policy after it.
func (u *unfinished) moved() (all, super []Key) {
	for _, st := range u.steps {
		k := st.Key()
		if st.Before != nil || k.Kind != EntryKind || slices.Contains(all, k) {
			continue
		}
		all = append(all, k)
		if st.Why == WhyEntryBridged || st.Why == WhyEntryOpen {
			super = append(super, k)
		}
	}
	return all, super
}

// gave reports whether the plans gave somebody an item of aws-auth who had none, and
// that is where it was meant to stay; or an entry in the place of a dead one, which now
// stands over an item that they meant to leave.
func (u *unfinished) gave(p Principal) bool {
	if u == nil {
		return false
	}
	if dead, _ := u.away(WhyDead, p); dead.Principal != "" {
		return !slices.ContainsFunc(u.steps, func(st Step) bool {
			return st.Why == WhyRetire && slices.ContainsFunc(st.Args, func(arn string) bool { return sameID(arn, p) })
		})
	}
	if all, _ := u.moved(); slices.ContainsFunc(all, func(k Key) bool { return sameID(k.Name, p) }) {
		return false
	}
	return slices.ContainsFunc(u.steps, func(st Step) bool {
		was, _ := st.Before.(AuthMap)
		return st.Why == WhyMapping && len(st.Args) > 0 && sameID(st.Args[0], p) &&
			!slices.ContainsFunc(awsauth.Parse(was.Data).Items, func(it awsauth.Item) bool { return sameID(it.ARN, p) })
	})
}

func sameID(arn string, p Principal) bool {
	q, err := ParsePrincipal(arn)
	return err == nil && q.ID() == p.ID()
}

// subjectsOnly are the subjects of a binding that another state of it does not have.
func subjectsOnly(o, than Object) []rbacv1.Subject {
	is, _ := o.(Binding)
	was, _ := than.(Binding)
	return slices.DeleteFunc(slices.Clone(is.canon().(Binding).Subjects), func(s rbacv1.Subject) bool {
		return slices.Contains(was.canon().(Binding).Subjects, s)
	})
}

// likewise grants in the way in which the plans began to, also if the principal has been
// given an access entry since: a level by the role of that name if they bound it.
func (b *builder) likewise(in GrantAccess) GrantAccess {
	if in.Via == ViaEntry || in.Policy != "" {
		return in
	}
	if m := b.ix.inForce(in.Principal.ID()); m.State == Active && m.Source == FromEntry {
		in.Via = ViaAuto
	}
	bound, own := false, b.arrivesAs(in.Principal)
	for _, st := range b.begun.steps {
		switch o := st.After.(type) {
		case PolicyAssociation:
			if in.Level != None && sameID(o.Principal, in.Principal) && PolicyName(o.Policy) == LevelPolicy(in.Level) {
				return in
			}
		case Binding:
			bound = bound || in.Level != None && st.Why == WhyBind && o.Role.Name == LevelRole(in.Level) &&
				slices.ContainsFunc(subjectsOnly(st.After, st.Before), func(s rbacv1.Subject) bool { return slices.Contains(own, subjectOf(s, o.Namespace)) })
		}
	}
	if bound {
		in.Level, in.ClusterRole = None, LevelRole(in.Level)
	}
	return in
}

// arrivesAs are the subjects as whom a principal arrives, or would by a step of the plans.
func (b *builder) arrivesAs(p Principal) []subject {
	out := b.ix.inForce(p.ID()).Identity.subjects()
	for _, st := range b.begun.steps {
		switch o := st.After.(type) {
		case AccessEntry:
			if sameID(o.Principal, p) {
				out = append(out, Identity{User: o.Username, Groups: o.Groups}.subjects()...)
			}
		case AuthMap:
			for _, it := range awsauth.Parse(o.Data).Items {
				if sameID(it.ARN, p) {
					out = append(out, Identity{User: it.Username, Groups: it.Groups}.subjects()...)
				}
			}
		}
	}
	return out
}

// carryOn goes on with the move that a grant by access entry began with: the entry is
// there, and hides the item that it replaces.
func (b *builder) carryOn(in GrantAccess) error {
	if b.begun == nil {
		return nil
	}
	id := in.Principal.ID()
	row, _ := b.ix.Row(in.Principal)
	m, ok := row.Active()
	all, _ := b.begun.moved()
	hides := slices.ContainsFunc(row.Mappings, func(o Mapping) bool { return o.Source == FromAuthMap && o.State == Shadowed })
	begun := slices.ContainsFunc(b.retire, func(r retired) bool { return r.who.ID() == id })
	if !ok || m.Source != FromEntry || !slices.Contains(all, m.From) || !hides || begun {
		return nil
	}
	return b.migrate(Migrate{Principals: []Principal{in.Principal}})
}

// finish completes what stopped plans left in the middle, after the intents have said
// what they still want: whoever stands on a bridge of theirs, or waits for a policy,
// gets it; names that they made up and that nobody arrives under go.
func (b *builder) finish() {
	if b.begun == nil {
		return
	}
	all, super := b.begun.moved()
	for _, k := range all {
		if e, ok := b.live(k).(AccessEntry); ok && b.was.snap.Objects.At(k) != nil {
			b.followItem(e)
		}
	}
	for _, k := range super {
		if e, ok := b.live(k).(AccessEntry); ok && !slices.ContainsFunc(b.drop, func(d dropped) bool { return d.key == k }) {
			b.finishEntry(e)
		}
	}
	for _, group := range b.begun.bridges() {
		// One that somebody else has put a name into stays theirs; the group leaves it.
		k := b.bridge(group).Key()
		if had, ok := b.live(k).(Binding); ok && !Same(had, b.bridge(group)) && slices.ContainsFunc(had.Subjects, func(s rbacv1.Subject) bool { return s.Name == group }) {
			b.unbind = append(b.unbind, unbinding{k, subject{rbacv1.GroupKind, group}})
		}
	}
	for _, st := range b.begun.steps {
		k := st.Key()
		stale := subjectsOnly(st.After, st.Before)
		if st.Why == WhyUnbind {
			stale = subjectsOnly(st.Before, st.After)
		}
		for _, s := range stale {
			if sub := subjectOf(s, k.Namespace); madeUp(st.Why, sub) {
				b.finishName(k, sub)
			}
		}
	}
}

// followItem looks whether somebody else has changed the item that an entry was made of
// meanwhile. Groups that it was put in are put on the entry, which hides the item and will
// take its place; that it is another one than before is said.
func (b *builder) followItem(e AccessEntry) {
	p, err := ParsePrincipal(e.Principal)
	row, _ := b.ix.Row(p)
	var item Mapping // the last is the one that was in force
	for _, m := range row.Mappings {
		if m.Source == FromAuthMap && m.State == Shadowed {
			item = m
		}
	}
	it, seen := b.begun.item(p)
	was := rendered(p, it)
	if err == nil && item.Source == "" && seen && !b.retiredByUs() {
		b.say(Confirm, ItemGone, []Key{e.Key()}, p.String())
	}
	if err != nil || item.Source == "" || !seen || item.Identity.User == was.User && within(item.Identity.Groups, was.Groups) && within(was.Groups, item.Identity.Groups) {
		return
	}
	b.say(Confirm, ItemGone, []Key{e.Key()}, p.String())
	is := e
	for _, g := range item.Identity.Groups {
		if g != "" && !strings.HasPrefix(g, "system:") && !strings.Contains(g, "{{") && !slices.Contains(was.Groups, g) {
			is.Groups = set(append(slices.Clone(is.Groups), g))
		}
	}
	if !Same(e, is) {
		b.grantees[p.ID()] = true
		b.step(Step{Before: e, After: is, Why: WhyGroups, Args: []string{p.String(), strings.Join(is.Groups, ", ")}})
	}
}

// retiredByUs reports whether aws-auth is as a step of the plans left it.
func (b *builder) retiredByUs() bool {
	am, _ := b.was.snap.AuthMap()
	return slices.ContainsFunc(b.begun.steps, func(st Step) bool { return st.Key().Kind == AuthMapKind && Same(st.After, am) })
}

// item is the aws-auth item of a principal as the plans would have taken it out, else as
// they saw it first: they may have changed it themselves before.
func (u *unfinished) item(p Principal) (it awsauth.Item, seen bool) {
	of := func(o Object) (last awsauth.Item, ok bool) {
		am, _ := o.(AuthMap)
		for _, one := range awsauth.Parse(am.Data).Items {
			if one.Dropped == "" && foldText(one.ARN) == foldText(p.Canonical()) { // one with a role's path never counts
				last, ok = one, true
			}
		}
		return last, ok
	}
	for _, st := range u.steps {
		if st.Key().Kind != AuthMapKind {
			continue
		}
		was, had := of(st.Before)
		_, has := of(st.After)
		switch {
		case had && !has:
			return was, true
		case had && !seen:
			it, seen = was, true
		}
	}
	return it, seen
}

// settled reports whether an entry is as the plans left it when it had its policy.
func (u *unfinished) settled(e AccessEntry, policy Key) bool {
	given := slices.IndexFunc(u.steps, func(st Step) bool { return st.Key() == policy && st.After != nil })
	return given >= 0 && slices.ContainsFunc(u.steps[given:], func(st Step) bool { return st.Key() == e.Key() && Same(st.After, e) })
}

// finishEntry gives the entry of an administrator the policy that it waits for, and
// takes it off its bridge. Its rights came from an item that may be gone by now, or the
// policy was there and is gone: that is asked for, since somebody may have taken the
// access away.
func (b *builder) finishEntry(e AccessEntry) {
	p, err := ParsePrincipal(e.Principal)
	worn := slices.IndexFunc(e.Groups, func(g string) bool { return slices.Contains(b.begun.bridges(), g) })
	carried := slices.ContainsFunc(b.bridges, func(br bridged) bool { return br.entry == e.Key() })
	admin := PolicyAssociation{In: b.eks(), Principal: e.Principal, Policy: PolicyARN(b.partition(), ClusterAdminPolicy), Scope: PolicyScope{Cluster: true}}
	had := b.live(admin.Key())
	if err != nil || carried || worn < 0 && (had != nil || !b.begun.left(e)) {
		return
	}
	if !Same(had, admin) {
		if worn < 0 && b.begun.settled(e, admin.Key()) {
			b.say(Confirm, GivenAgain, []Key{e.Key()}, p.String(), ClusterAdminPolicy)
		}
		b.grantees[p.ID()] = true // it has nothing but what it had before the move
		b.step(Step{Before: had, After: admin, Why: WhyPolicy, Args: []string{ClusterAdminPolicy, ""}})
	}
	settled := e
	settled.Groups = offBridge(e.Groups)
	proof := b.prove(p, settled, []PolicyAssociation{admin})
	b.proofs = append(b.proofs, proof...)
	hidden := false
	for i := range b.retire {
		if b.retire[i].who.ID() == p.ID() {
			b.retire[i].first, hidden = pick(hidden, nil, proof), true
		}
	}
	if worn >= 0 {
		b.bridges = append(b.bridges, bridged{e.Groups[worn], e.Key(), reads(p, admin)})
	}
	b.plan.Findings = slices.DeleteFunc(b.plan.Findings, func(f Finding) bool { return f.Code == OnBridge && slices.Contains(f.About, e.Key()) })
	if !hidden {
		b.say(Confirm, ItemGone, []Key{e.Key()}, p.String())
	}
}

// madeUp reports whether a name that a step put into a binding, or took out of it, is
// for us to take out: not one that a person gave.
func madeUp(why Code, sub subject) bool {
	return why == WhySubject || why == WhyUnbind || why == WhyBind && strings.HasPrefix(sub.name, groupPrefix)
}

// finishName takes a name out of a binding, unless somebody arrives under it, or did: an
// entry that has got another name since was meant to.
func (b *builder) finishName(k Key, sub subject) {
	for _, st := range b.begun.steps {
		e, ok := st.After.(AccessEntry)
		id := Identity{User: e.Username, Groups: e.Groups}
		if ok && b.live(e.Key()) != nil && (slices.Contains(id.subjects(), sub) || slices.ContainsFunc(id.templates(), func(t subject) bool { return t.kind == sub.kind && t.becomes(sub.name) })) {
			return
		}
	}
	bd, ok := b.live(k).(Binding)
	u := unbinding{k, sub}
	if ok && slices.ContainsFunc(bd.Subjects, func(s rbacv1.Subject) bool { return subjectOf(s, k.Namespace) == sub }) &&
		len(b.ix.holding([]subject{sub})) == 0 && !slices.Contains(b.unbind, u) {
		b.unbind = append(b.unbind, u)
	}
}
