package access

import (
	"cmp"
	"slices"
)

// done ends a plan: what there is to say of it, who gains and loses by it, what proves it,
// and what the guard says of every prefix.
func (b *builder) done(s Snapshot, keep []Principal) (Plan, error) {
	if b.broken != nil {
		return Plan{}, b.broken
	}
	p := b.plan
	if len(p.Steps) == 0 {
		if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Severity >= Warn }) {
			b.say(Info, NothingToDo, nil)
		}
	} else if c := p.Cluster; otherEndpoint(s, c) {
		// The two halves may be of two clusters: an item would go in one, its entry come in the other.
		b.say(Confirm, EndpointDiffers, []Key{c.Key()}, s.Server, c.Endpoint)
	}
	for _, st := range p.Steps {
		if n, ok := st.Before.(Namespace); ok && st.After == nil {
			b.say(Warn, NamespaceGoes, []Key{n.Key()}, n.Name)
		}
	}
	if len(p.Steps) > 0 && s.Mode() == ConfigMapMode {
		b.say(Info, CreatorStays, nil)
	}
	b.owners()
	b.unseen()
	p.Deltas = Compare(b.was, b.ix)
	p.Impact = impact(p.Deltas, b.was)
	b.beyond()
	if keep == nil {
		p.Expect = append(p.Expect, b.proofs...)
	} else {
		b.gains()
		var err error
		if p.Expect, err = b.current(); err != nil {
			return Plan{}, err
		}
	}
	for _, e := range b.changes(p.Deltas) {
		if !slices.ContainsFunc(p.Expect, func(o Expect) bool {
			return o.Object == nil && o.Request == e.Request && o.Principal.ID() == e.Principal.ID()
		}) {
			p.Expect = append(p.Expect, e)
		}
	}
	for _, e := range p.Expect {
		if e.Policies && e.Principal.ID() != s.Caller.Kube.ID() {
			b.say(Info, NotProvable, nil, e.Principal.String())
		}
	}
	p.Findings = append(p.Findings, guardFrom(b.was, *p, keep)...)
	sortFindings(p.Findings)
	p.Findings = slices.CompactFunc(p.Findings, func(x, y Finding) bool { return x.Code == y.Code && slices.Equal(x.Args, y.Args) })
	return *p, nil
}

func sortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Code, y.Code), slices.Compare(x.Args, y.Args))
	})
}

// unseen says what could not be read and would have counted: the comparison of
// before and after is only as good as what was seen.
func (b *builder) unseen() {
	if len(b.plan.Steps) == 0 {
		return
	}
	for _, g := range b.was.snap.Gaps {
		if g.Kind != PolicyKind && g.Kind != IAMPrincipalKind {
			b.say(Warn, Unseen, nil, string(g.Kind), g.Name, g.Detail)
		}
	}
}

// gains says who gets more than was asked for: anyone but the principals that a
// grant names. Without a grant nobody may gain.
func (b *builder) gains() {
	for _, d := range b.plan.Deltas {
		more := slices.DeleteFunc(slices.Clone(d.Gained), Everyones)
		if len(more) == 0 || b.grantees[d.Principal.ID()] {
			continue
		}
		b.say(pick(len(b.grantees) == 0, Refuse, Confirm), OthersGain, nil, d.Principal.String(), d.Namespace, ruleWords(more))
	}
}

// beyond says who gets more than the caller has: whoever may write entries or aws-auth
// may hand out anything, and no API server checks it.
func (b *builder) beyond() {
	m, ok := b.was.caller()
	if !ok {
		b.yoursUnknown()
		return
	}
	said := map[string]bool{}
	for _, d := range b.plan.Deltas {
		id := d.Principal.ID()
		if said[id] || len(d.Gained) == 0 {
			continue
		}
		if more := slices.DeleteFunc(uncovered(d.Gained, b.was.Rules(m, d.Namespace)), Everyones); len(more) > 0 {
			said[id] = true
			b.say(Warn, BeyondYou, nil, d.Principal.String(), d.Namespace, ruleWords(more))
		}
	}
}

// yoursUnknown says of whom it can't be told, because the API server did not say who we are.
func (b *builder) yoursUnknown() {
	var who []string
	for _, d := range b.plan.Deltas {
		if len(slices.DeleteFunc(slices.Clone(d.Gained), Everyones)) > 0 {
			who = append(who, d.Principal.String())
		}
	}
	if who = set(who); len(who) > 0 {
		b.say(Info, YoursUnknown, nil, who...)
	}
}
