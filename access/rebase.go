package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// errTheirs says that somebody else has changed the very item that a step is about.
var errTheirs = errors.New("the item is somebody else's now")

func theirs(it awsauth.Item) error { return fmt.Errorf("%s %s: %w", it.Section, it.ARN, errTheirs) }

// Rebase is steps with their edits of aws-auth made anew on the text as it is now: item by
// item, so that what somebody else has written since stays. Items are put back at the end
// of their list. It serves to take a change back; the error is that of an item which
// somebody else has changed too, or of a text that can't be edited.
func Rebase(s Snapshot, steps []Step) ([]Step, error) {
	now, ok := s.AuthMap()
	if !slices.ContainsFunc(steps, func(st Step) bool { return st.Key().Kind == AuthMapKind }) {
		return steps, nil
	}
	if !ok {
		return nil, errTheirs
	}
	var out []Step
	for n, st := range steps {
		if st.Key() != now.Key() {
			out = append(out, st)
			continue
		}
		was, before := st.Before.(AuthMap)
		if !before || !awsauth.Parse(now.Data).Readable() {
			return nil, errTheirs // deleted as a whole, or nobody knows what is in it
		}
		// One that was made as a whole stays, with what others have put into it.
		is, _ := st.After.(AuthMap)
		data, err := replayed(now.Data, was.Data, is.Data, endings(steps[n:], st.Key()))
		if err != nil {
			return nil, err
		}
		if maps.Equal(data, now.Data) {
			continue // it is so already
		}
		st.Before, st.After = now, AuthMap{In: now.In, Data: data}
		now.Data = data
		out = append(out, st)
	}
	return out, nil
}

// endings are the texts that steps leave, one after the other.
func endings(steps []Step, k Key) []map[string]string {
	var out []map[string]string
	for _, st := range steps {
		if st.Key() == k {
			is, _ := st.After.(AuthMap)
			out = append(out, is.Data)
		}
	}
	return out
}

// replayed makes the changes from one text to another in a third. What stands there as a
// later step leaves it (ends: of this step and of those after it) is done.
func replayed(data, was, is map[string]string, ends []map[string]string) (map[string]string, error) {
	gone, come := itemsOnly(was, is), itemsOnly(is, was)
	done := map[string]bool{} // as the text was first: what this step itself changes is not
	for _, it := range slices.Concat(gone, come) {
		at := itemsAt(data, it)
		alike := func(in map[string]string) bool { return slices.EqualFunc(at, itemsAt(in, it), sameItem) }
		done[foldText(it.ARN)] = it.ARN != "" && !alike(was) && slices.ContainsFunc(ends, alike)
	}
	came := func(it awsauth.Item) bool { return done[foldText(it.ARN)] }
	gone, come = slices.DeleteFunc(gone, came), slices.DeleteFunc(come, came)
	for _, it := range gone {
		i := slices.IndexFunc(come, func(c awsauth.Item) bool { return alikeARN(c, it) })
		at := itemsAt(data, it)
		switch have := slices.ContainsFunc(at, func(o awsauth.Item) bool { return sameItem(o, it) }); {
		case i >= 0: // changed in place
			new := come[i]
			come = slices.Delete(come, i, i+1)
			if len(at) == 1 && sameItem(at[0], new) {
				continue
			}
			if len(at) != 1 || !have {
				return nil, theirs(it)
			}
			var err error
			if data, err = awsauth.Replace(data, at[0], new); err != nil {
				return nil, err
			}
		case have:
			n := slices.IndexFunc(at, func(o awsauth.Item) bool { return sameItem(o, it) })
			if rest := slices.Delete(slices.Clone(at), n, n+1); len(rest) > 0 {
				// One of theirs must not come in force by that.
				w := winner(rest)
				if !sameItem(w, it) && !sameItem(w, winner(at)) && !slices.ContainsFunc(itemsAt(is, it), func(o awsauth.Item) bool { return sameItem(o, w) }) {
					return nil, theirs(it)
				}
			}
			var err error
			if data, err = awsauth.Remove(data, at[n]); err != nil {
				return nil, err
			}
		case len(at) > 0:
			return nil, theirs(it)
		}
	}
	base := data
	for _, it := range come {
		at, want := itemsAt(base, it), itemsAt(is, it)
		same := slices.DeleteFunc(slices.Clone(come), func(o awsauth.Item) bool { return !sameARN(o, it) })
		switch {
		case slices.EqualFunc(at, want, sameItem):
			continue // they are there, in this order
		case !slices.EqualFunc(slices.Concat(at, same), want, sameItem), it.SSO:
			return nil, theirs(it)
		}
		var err error
		if data, err = awsauth.Add(data, it); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// itemsOnly are the items of one text that another has not; of two alike, one each.
func itemsOnly(of, than map[string]string) []awsauth.Item {
	other := counting(than)
	return slices.DeleteFunc(counting(of), func(it awsauth.Item) bool {
		i := slices.IndexFunc(other, func(o awsauth.Item) bool { return sameItem(o, it) })
		if i >= 0 {
			other = slices.Delete(other, i, i+1)
		}
		return i >= 0
	})
}

// itemsAt are the items of a text that are about the same principal.
func itemsAt(data map[string]string, it awsauth.Item) []awsauth.Item {
	return slices.DeleteFunc(counting(data), func(o awsauth.Item) bool { return !sameARN(o, it) })
}

// counting are the items of a text without those that the authenticator leaves out.
func counting(data map[string]string) []awsauth.Item {
	return slices.DeleteFunc(awsauth.Parse(data).Items, func(it awsauth.Item) bool { return it.Dropped != "" })
}

// winner is the one in force of items of one ARN, in the order of the text.
func winner(items []awsauth.Item) awsauth.Item {
	w := items[len(items)-1]
	for _, it := range items {
		if it.Section == awsauth.MapRoles {
			w = it
		}
	}
	return w
}

// alikeARN: the authenticator lowers the ARNs of items before it compares them
// (aws-iam-authenticator pkg/mapper/configmap).
func alikeARN(a, b awsauth.Item) bool { return a.Section == b.Section && sameARN(a, b) }

// sameARN: a role may stand in mapUsers and a user in mapRoles, which is searched first.
func sameARN(a, b awsauth.Item) bool {
	return (a.Section == awsauth.MapAccounts) == (b.Section == awsauth.MapAccounts) && strings.EqualFold(a.ARN, b.ARN)
}

// sameItem reports whether two items give the same; the order of groups does not count.
func sameItem(a, b awsauth.Item) bool {
	return a.Section == b.Section && a.ARN == b.ARN && a.Username == b.Username && slices.Equal(set(a.Groups), set(b.Groups)) && a.SSO == b.SSO && a.Dropped == b.Dropped
}
