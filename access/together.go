package access

import (
	"fmt"
	"slices"
)

// together refuses intents of one plan that can't all be had, before any of them is
// planned, and notes who loses all access: everything else goes around them.
func (b *builder) together(intents []Intent) error {
	for i, in := range intents {
		r, ok := in.(RevokeAccess)
		if !ok || !r.everything() {
			continue
		}
		b.emptied[r.Principal.ID()] = true
		for j, other := range intents {
			if _, again := other.(RevokeAccess); i != j && !again && slices.ContainsFunc(other.about(), func(p Principal) bool { return p.ID() == r.Principal.ID() }) {
				return fmt.Errorf("%s, and %s: one plan can't do both. Leave one of them out", in.words(), other.words())
			}
		}
	}
	return nil
}

// current brings what must hold up to date. A later intent of the same plan may change
// the object that an earlier one made, or whom its principal becomes; what is asked is
// how things are at that step, or in the end.
func (b *builder) current() ([]Expect, error) {
	now := map[Key]Object{}
	at := func(k Key) Object {
		if o, touched := now[k]; touched {
			return o
		}
		return b.was.snap.Objects.At(k)
	}
	for i, st := range b.plan.Steps {
		first, err := renewed(st.First, at)
		if err != nil {
			return nil, err
		}
		b.plan.Steps[i].First = first
		now[st.Key()] = st.After
	}
	out, err := renewed(append(b.plan.Expect, b.proofs...), at)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(out, b.outdated), nil
}

// renewed are expectations with the objects as they are then; each once.
func renewed(es []Expect, at func(Key) Object) ([]Expect, error) {
	var out []Expect
	seen := map[Key]bool{}
	for _, e := range es {
		if e.Object != nil {
			k := e.Object.Key()
			if e.Object = at(k); e.Object == nil {
				return nil, fmt.Errorf("one change of the plan needs the %s of %s, and another takes it away: leave one of them out", k.Kind, e.Principal)
			}
			if seen[k] {
				continue
			}
			seen[k] = true
		}
		out = append(out, e)
	}
	return out, nil
}

// outdated reports whether a right that was asked for on the way is one that the plan,
// as a whole, does not give: the comparison of before and after says so.
func (b *builder) outdated(e Expect) bool {
	m := b.ix.inForce(e.Principal.ID())
	if e.Object != nil || m.State != Active {
		return false
	}
	yes, _, unknown := b.ix.Can(m, e.Request)
	return yes != e.Want && len(unknown) == 0
}
