package access

import (
	"fmt"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// retired is an aws-auth item to remove, once its principal's new access is proven.
type retired struct {
	item  awsauth.Item
	who   Principal
	sort  retirement
	first []Expect
}

// retirement is why an item goes; each sort has an edit of its own, in this order.
type retirement uint8

const (
	replaced retirement = iota // by an entry of a person or a program
	revoked                    // its principal shall have no access
	ofNode                     // replaced by a node's entry: last
)

// takeAway adds the steps that remove, in the order that locks nobody out: groups
// of the bridge, the bridge, people's items, nodes' items, the mode.
func (b *builder) takeAway() error {
	b.closeBridges()
	for sort := replaced; sort <= ofNode; sort++ {
		if err := b.retireItems(sort); err != nil {
			return err
		}
	}
	b.unbindRenamed()
	if err := b.dropAll(); err != nil {
		return err
	}
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
	am, _, err := b.authMap()
	if err != nil {
		return err
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
