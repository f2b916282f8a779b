package access

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// order is that of the authentication modes: EKS allows each step only once, forward,
// and never a skip (EKS user guide, "Change authentication mode").
var order = []Mode{ConfigMapMode, BothMode, APIMode}

// setMode arrives at a mode: at API last, when all that the plan takes away is proven
// and gone, since from there on aws-auth is nothing to fall back to.
func (b *builder) setMode(to Mode) error {
	if to != APIMode || b.ix.snap.Mode() == APIMode {
		return b.switchMode(to)
	}
	b.switchTo = APIMode
	return b.switchMode(BothMode)
}

// switchMode adds the steps from the present mode to another, one at a time.
func (b *builder) switchMode(to Mode) error {
	from, want := slices.Index(order, b.ix.snap.Mode()), slices.Index(order, to)
	switch {
	case want < 0:
		return fmt.Errorf("authentication mode %q: want %s or %s", to, BothMode, APIMode)
	case want < from:
		return fmt.Errorf("the cluster is in mode %s and can't go back to %s: EKS switches forward only", order[from], to)
	}
	for ; from < want; from++ {
		was, is := AuthMode{b.eks(), order[from]}, AuthMode{b.eks(), order[from+1]}
		b.say(Confirm, OneWayMode, []Key{is.Key()}, string(was.Mode), string(is.Mode))
		b.step(Step{Before: was, After: is, Why: WhyMode, Args: []string{string(was.Mode), string(is.Mode)}})
	}
	return nil
}

// leftInMap asks, before aws-auth stops counting, for everyone whom it still lets in, or
// may let in. Who is proven to be gone loses nothing: nobody arrives by that item.
func (b *builder) leftInMap() {
	for _, m := range b.ix.Mappings() {
		maybe := m.State == Active || m.State == Undecided || m.Reason == SSOMatcher
		switch {
		case m.Source != FromAuthMap || !maybe:
			continue
		case m.Item.Section == awsauth.MapAccounts && m.Principal.Kind == AccountPrincipal:
			b.say(Confirm, AccountLoses, []Key{m.From}, m.Principal.Account)
		default:
			// An sso matcher names no ARN, and whether EKS has its gate open nobody says.
			who := cmp.Or(m.Principal.String(), "sso, line "+strconv.Itoa(m.Line()))
			b.say(pick(nodeItem(m.Identity), Refuse, Confirm), LeftInMap, []Key{m.From}, who)
		}
		b.forgone[m.Principal.ID()] = true
	}
}

// strand asks for everyone whom an undo puts back into an aws-auth that is not read any
// more: it takes the entry away that replaced their item, and nothing lets them in then.
func (b *builder) strand() {
	if b.ix.snap.Mode() != APIMode {
		return
	}
	for _, st := range b.plan.Steps {
		e, entry := st.Before.(AccessEntry)
		p, err := ParsePrincipal(e.Principal)
		if !entry || st.After != nil || st.Why != WhyUndo || err != nil || b.ix.inForce(p.ID()).State == Active {
			continue
		}
		row, _ := b.ix.Row(p)
		if i := slices.IndexFunc(row.Mappings, func(m Mapping) bool { return m.Source == FromAuthMap && m.State == Dormant }); i >= 0 {
			m := row.Mappings[i]
			b.say(pick(nodeItem(m.Identity), Refuse, Confirm), LeftInMap, []Key{m.From}, p.String())
		}
	}
}

// inPlace expects every entry to be there that lets in somebody whom aws-auth names:
// in mode API there is nothing behind it.
func (b *builder) inPlace() []Expect {
	var out []Expect
	seen := map[Key]bool{}
	for _, m := range b.ix.Mappings() {
		if m.Source != FromAuthMap || m.Reason != EntryWins {
			continue
		}
		now := b.ix.inForce(m.Principal.ID())
		if e, ok := Get[AccessEntry](b.ix.snap.Objects, now.From); ok && e.Type != "" && !seen[e.Key()] {
			seen[e.Key()] = true
			out = append(out, reads(now.Principal, e)...)
		}
	}
	return out
}
