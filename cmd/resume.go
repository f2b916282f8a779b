package cmd

import "github.com/eks-access/kubectl-eks-access/access"

// remaining are the steps that are not done yet. On each key the live object must
// be where some step starts or leads to; otherwise somebody else has changed it.
func remaining(s access.Snapshot, steps []access.Step) ([]access.Step, error) {
	var chains []chain
	at := map[access.Key]int{}
	for i, st := range steps {
		k := st.Key()
		if _, ok := at[k]; !ok {
			at[k] = len(chains)
			chains = append(chains, chain{key: k})
		}
		c := &chains[at[k]]
		c.steps = append(c.steps, i)
	}
	done := map[int]bool{}
	last := -1 // the last step that is surely done
	for i := range chains {
		c := &chains[i]
		if !c.locate(s.Objects[c.key], steps) {
			return nil, &access.Conflict{Key: c.key, Want: steps[c.steps[0]].Before, Have: s.Objects[c.key]}
		}
		if c.first == c.latest && c.latest > 0 {
			last = max(last, c.steps[c.latest-1])
		}
	}
	for _, c := range chains {
		n := c.latest
		if c.first != c.latest && c.steps[0] > last {
			// It ends as it began, as a bridge does: absent may be "not made yet" or
			// "taken away again". No later step is done, so it is not made yet.
			n = c.first
		}
		for _, i := range c.steps[:n] {
			done[i] = true
		}
	}
	var left []access.Step
	for i, st := range steps {
		if !done[i] {
			left = append(left, st)
		}
	}
	return left, nil
}

// chain is the steps on one key, and how many of them the live object shows as
// done: at least first, at most latest.
type chain struct {
	key           access.Key
	steps         []int
	first, latest int
}

func (c *chain) locate(have access.Object, steps []access.Step) (found bool) {
	for n := range len(c.steps) + 1 {
		var want access.Object
		if n == 0 {
			want = steps[c.steps[0]].Before
		} else {
			want = steps[c.steps[n-1]].After
		}
		if !reached(have, want) {
			continue
		}
		if !found {
			c.first = n
		}
		c.latest, found = n, true
	}
	return found
}

// reached reports whether a live object is what a step leads to. A plan may leave
// an entry's user name to EKS, which then chooses its default.
func reached(have, want access.Object) bool {
	w, planned := want.(access.AccessEntry)
	h, lives := have.(access.AccessEntry)
	if planned && lives && w.Username == "" {
		if p, err := access.ParsePrincipal(w.Principal); err == nil && h.Username == access.DefaultUsername(p) {
			w.Username = h.Username
			want = w
		}
	}
	return access.Same(have, want)
}
