package access

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// errTheirs says that somebody else has changed the very item that a step is about.
var errTheirs = errors.New("the item is somebody else's now")

// Rebase is steps with their edits of aws-auth made anew on the text as it is now: item by
// item, so that what somebody else has written since stays. Items are put back at the end
// of their list. It serves to take a change back; the error is that of an item which
// somebody else has changed too, or of a text that can't be edited.
func Rebase(s Snapshot, steps []Step) ([]Step, error) {
	now, ok := s.AuthMap()
	if !ok {
		return nil, errTheirs
	}
	var out []Step
	for _, st := range steps {
		if st.Key() != now.Key() {
			out = append(out, st)
			continue
		}
		was, before := st.Before.(AuthMap)
		is, after := st.After.(AuthMap)
		if !before || !after {
			return nil, errTheirs // made or deleted as a whole
		}
		data, err := replayed(now.Data, was.Data, is.Data)
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

// replayed makes the changes from one text to another in a third.
func replayed(data, was, is map[string]string) (map[string]string, error) {
	gone, come := itemsOnly(was, is), itemsOnly(is, was)
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
				return nil, errTheirs
			}
			var err error
			if data, err = awsauth.Replace(data, at[0], new); err != nil {
				return nil, err
			}
		case have:
			var err error
			if data, err = awsauth.Remove(data, at[slices.IndexFunc(at, func(o awsauth.Item) bool { return sameItem(o, it) })]); err != nil {
				return nil, err
			}
		case len(at) > 0:
			return nil, errTheirs
		}
	}
	base := data
	for _, it := range come {
		at := itemsAt(base, it)
		same := slices.DeleteFunc(slices.Clone(come), func(o awsauth.Item) bool { return !alikeARN(o, it) })
		switch {
		case slices.EqualFunc(at, same, sameItem):
			continue // they are there, in this order
		case len(at) > 0, it.SSO, it.Dropped != "":
			return nil, errTheirs
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
	other := awsauth.Parse(than).Items
	return slices.DeleteFunc(slices.Clone(awsauth.Parse(of).Items), func(it awsauth.Item) bool {
		i := slices.IndexFunc(other, func(o awsauth.Item) bool { return sameItem(o, it) })
		if i >= 0 {
			other = slices.Delete(other, i, i+1)
		}
		return i >= 0
	})
}

// itemsAt are the items of a text that are about the same principal.
func itemsAt(data map[string]string, it awsauth.Item) []awsauth.Item {
	return slices.DeleteFunc(slices.Clone(awsauth.Parse(data).Items), func(o awsauth.Item) bool { return !alikeARN(o, it) })
}

// alikeARN: the authenticator lowers the ARNs of items before it compares them
// (aws-iam-authenticator pkg/mapper/configmap).
func alikeARN(a, b awsauth.Item) bool {
	return a.Section == b.Section && strings.EqualFold(a.ARN, b.ARN)
}

func sameItem(a, b awsauth.Item) bool {
	return a.Section == b.Section && a.ARN == b.ARN && a.Username == b.Username && slices.Equal(a.Groups, b.Groups) && a.SSO == b.SSO && a.Dropped == b.Dropped
}
