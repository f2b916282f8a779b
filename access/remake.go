package access

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"time"
)

// Remake makes a dead access entry again, as it is. EKS ties an entry to the unique ID of
// its role or user: one that was deleted and made anew does not have it (EKS user guide,
// "Create access entries").
type Remake struct{ Principal Principal }

func (in Remake) words() string {
	return fmt.Sprintf("make the access entry of %s again", in.Principal)
}
func (in Remake) about() []Principal { return []Principal{in.Principal} }

func (b *builder) remake(in Remake) error {
	row, _ := b.ix.Row(in.Principal)
	is, policies := b.begun.away(WhyDead, in.Principal)
	m, dead := row.dead()
	if dead {
		is, _ = Get[AccessEntry](b.ix.snap.Objects, m.From)
		policies = append(policies, b.ix.Policies(m)...)
	}
	if is.Principal == "" {
		return fmt.Errorf("%s has no dead access entry: there is nothing to make again", in.Principal)
	}
	if own := b.was.awsOwn(row); own != "" {
		return errors.New(own)
	}
	was, err := ParsePrincipal(is.Principal)
	if err != nil {
		return err
	}
	if is.Principal, err = b.grantee(was); err != nil {
		return err
	}
	p, err := ParsePrincipal(is.Principal)
	if err != nil {
		return err
	}
	b.bury(row)
	b.grantees[p.ID()] = true
	is.Created = time.Time{}
	is = b.anew(is)
	if !Same(b.live(is.Key()), is) { // a stopped plan may have made it
		b.step(Step{After: is, Why: WhyEntry, Args: []string{p.String()}})
	}
	for i := range policies {
		policies[i].Principal = is.Principal
		if had := b.live(policies[i].Key()); !Same(had, policies[i]) {
			b.step(Step{Before: had, After: policies[i], Why: WhyPolicy, Args: []string{PolicyName(policies[i].Policy), scopeWords(policies[i].Scope)}})
		}
	}
	b.sharedName(p, Identity{User: is.Username, Groups: is.Groups})
	b.proofs = append(b.proofs, b.prove(p, is, policies)...)
	return nil
}

// away are the entry and the policies of a principal that plans took away for this reason,
// and that were stopped: as they were.
func (u *unfinished) away(why Code, p Principal) (e AccessEntry, policies []PolicyAssociation) {
	if u == nil {
		return e, nil
	}
	for _, st := range u.steps {
		if st.Why != why || st.After != nil {
			continue
		}
		switch o := st.Before.(type) {
		case AccessEntry:
			if sameID(o.Principal, p) {
				e = o
			}
		case PolicyAssociation:
			if sameID(o.Principal, p) {
				policies = append(policies, o)
			}
		}
	}
	return e, policies
}

// MadeFor is the tag of an entry that takes the place of a dead one: the unique ID of the
// principal it is made for. Without it the two could be alike, and a plan that was stopped
// could not tell whether it has made the new one yet.
const MadeFor = "eks-access/made-for"

// anew marks an entry if it takes the place of a dead one.
func (b *builder) anew(e AccessEntry) AccessEntry {
	p, err := ParsePrincipal(e.Principal)
	if was, _ := b.begun.away(WhyDead, p); err != nil || !b.buried[e.Key()] && was.Principal != e.Principal {
		return e
	}
	fact, _ := Get[IAMPrincipal](b.was.snap.Objects, Key{Realm: IAMRealm(p.Account), Kind: IAMPrincipalKind, Name: p.ID()})
	e.Tags = maps.Clone(e.Tags)
	if e.Tags == nil {
		e.Tags = map[string]string{}
	}
	e.Tags[MadeFor] = cmp.Or(fact.UniqueID, "unknown")
	return e
}

// dead is the access entry that lets nobody in any more.
func (r Row) dead() (Mapping, bool) {
	for _, m := range r.Mappings {
		if m.Source == FromEntry && m.State == Dead {
			return m, true
		}
	}
	return Mapping{}, false
}

// bury deletes a dead entry with its policies, so that another can be made. It gives
// nothing, so nobody loses; but that it is dead is our reading of two dates or of IAM's
// answer, and it is asked for.
func (b *builder) bury(r Row) {
	m, ok := r.dead()
	if !ok {
		return
	}
	e, _ := Get[AccessEntry](b.ix.snap.Objects, m.From)
	fact, _ := Get[IAMPrincipal](b.was.snap.Objects, Key{Realm: IAMRealm(m.Principal.Account), Kind: IAMPrincipalKind, Name: m.Principal.ID()})
	why := ""
	switch {
	case m.Reason == PrincipalRemade:
		why = fmt.Sprintf("the entry is of %s, its principal of %s", e.Created.UTC().Format(time.DateTime), fact.Created.UTC().Format(time.DateTime))
	case !fact.Gone && fact.ARN != "":
		why = "IAM has " + fact.ARN
	}
	b.say(Confirm, DeadEntry, []Key{m.From}, m.Principal.String(), string(m.Reason), why)
	for _, a := range b.ix.Policies(m) {
		b.step(Step{Before: a, Why: WhyDead, Args: []string{m.Principal.String()}})
	}
	b.step(Step{Before: e, Why: WhyDead, Args: []string{m.Principal.String(), stamp(e)}})
	b.buried[e.Key()] = true
}

// stamp is when EKS made an entry, "" where it does not say.
func stamp(e AccessEntry) string {
	if e.Created.IsZero() {
		return ""
	}
	return e.Created.UTC().Format(time.RFC3339Nano)
}

// Supplanted reports whether what is there is alike, but not what the step is about: a
// dead entry that somebody has made again since lets its principal in.
func (s Step) Supplanted(have Object) bool {
	e, ok := have.(AccessEntry)
	return ok && s.Why == WhyDead && len(s.Args) > 1 && s.Args[1] != "" && stamp(e) != "" && stamp(e) != s.Args[1]
}
