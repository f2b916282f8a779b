package access

// Remaining are the steps that are not done yet. On each key the live object must
// be where some step starts or leads to; otherwise somebody else has changed it,
// and the error is a *Conflict.
func Remaining(s Snapshot, steps []Step) ([]Step, error) {
	numbers, err := Undone(s, steps)
	var left []Step
	for _, i := range numbers {
		left = append(left, steps[i])
	}
	return left, err
}

// Undone are the numbers of the remaining steps.
func Undone(s Snapshot, steps []Step) ([]int, error) {
	chains := chainsOf(steps)
	done := map[int]bool{}
	last := -1 // the last step that is surely done
	for i := range chains {
		c := &chains[i]
		if !c.locate(s.Objects.At(c.key), steps) {
			return nil, &Conflict{Key: c.key, Want: steps[c.steps[0]].Before, Have: s.Objects.At(c.key)}
		}
		last = max(last, c.sure())
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
	var left []int
	for i := range steps {
		if !done[i] {
			left = append(left, i)
		}
	}
	return left, nil
}

// chain is the steps on one key, and how many of them the live object shows as
// done: at least first, at most latest.
type chain struct {
	key           Key
	steps         []int
	first, latest int
}

// chainsOf are the chains of steps, in the order in which they begin.
func chainsOf(steps []Step) []chain {
	var out []chain
	at := map[Key]int{}
	for i, st := range steps {
		k := st.Key()
		if _, ok := at[k]; !ok {
			at[k] = len(out)
			out = append(out, chain{key: k})
		}
		c := &out[at[k]]
		c.steps = append(c.steps, i)
	}
	return out
}

// sure is the last step of a chain that was located that is done whatever the others say; -1 when none is.
func (c *chain) sure() int {
	if c.first != c.latest || c.latest == 0 {
		return -1
	}
	return c.steps[c.latest-1]
}

// locate finds the states of a chain that the live object may be; false when it is none.
func (c *chain) locate(have Object, steps []Step) (found bool) {
	for n := range len(c.steps) + 1 {
		var want Object
		if n == 0 {
			want = steps[c.steps[0]].Before
		} else {
			want = steps[c.steps[n-1]].After
		}
		if !Same(have, want) || n == 0 && steps[c.steps[0]].Supplanted(have) {
			continue
		}
		if !found {
			c.first = n
		}
		c.latest, found = n, true
	}
	return found
}
