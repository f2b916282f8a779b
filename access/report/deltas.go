package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Deltas is what changes for whom: how many a plan reaches, then losers, then who gains.
// What is lost is told rule by rule; of a gain, the first. A plan file of an earlier
// release does not tell how many it reaches.
func Deltas(p access.Plan) []Line {
	if i := p.Impact; i != (access.Impact{}) {
		return append([]Line{say(pick(i.Lose+i.Gain == 0, Good, Plain), reach(p))}, gainsAndLosses(p)...)
	}
	out := gainsAndLosses(p)
	if keep := keepers(p); len(keep) > 0 {
		out = append(out, say(Good, and(keep, 5), pick(len(keep) == 1, "  keeps exactly what it has", "  keep exactly what they have")))
	}
	return append(out, say(Note, "everyone else  unchanged"))
}

func gainsAndLosses(p access.Plan) []Line {
	var lose, gain []Line
	for _, d := range p.Deltas {
		switch {
		case login(d) && len(d.Lost) > 0:
			lose = append(lose, say(Bad, Name(d.Principal), "  can't even ask what it may do any more, ", in(d.Namespace)))
		case login(d):
			gain = append(gain, say(Note, Name(d.Principal), "  can log in and ask what it may do, ", in(d.Namespace)))
		case loses(d):
			lose = append(lose, deltaLines(Bad, d)...)
		default:
			gain = append(gain, deltaLines(Change, d)...)
		}
	}
	return append(lose, gain...)
}

// keepers are those whom the steps are about and who keep exactly what they have.
func keepers(p access.Plan) []string {
	changed := map[string]bool{}
	for _, d := range p.Deltas {
		changed[d.Principal.ID()] = true
	}
	var out []string
	for _, q := range principals(p) {
		if !changed[q.ID()] {
			out = append(out, Name(q))
		}
	}
	return out
}

// reach is how many principals lose, gain and keep what. Where nobody loses or gains, that
// all keep what they have says so.
func reach(p access.Plan) string {
	i := p.Impact
	var parts []string
	if i.Lose+i.Gain > 0 {
		parts = append(parts, pick(i.Lose == 0, "nobody loses anything", Count(i.Lose, "principal loses", "principals lose")+" something"))
		if i.Gain > 0 || len(gainless(p)) == 0 { // the headline names those who gain nothing
			parts = append(parts, pick(i.Gain == 0, "nobody gains anything", Count(i.Gain, "gains", "gain")+" something"))
		}
	}
	keep := keepers(p)
	n := max(i.Keep, len(keep))
	if named := keep[:min(len(keep), 5)]; len(named) == 0 {
		keep = []string{pick(len(parts) > 0, itoa(n), Count(n, "principal", "principals"))}
	} else if n > len(named) {
		keep = append(slices.Clone(named), Count(n-len(named), "other", "others"))
	}
	if n > 0 {
		parts = append(parts, and(keep, len(keep))+pick(n == 1, " keeps exactly what it has", " keep exactly what they have"))
	}
	return Safe(strings.Join(parts, "; "))
}

const gainsShown = 10

func deltaLines(k Kind, d access.Delta) []Line {
	out := []Line{say(k, fmt.Sprintf("%s  %s → %s  %s%s", Name(d.Principal), Level(d.Was), Level(d.Is), in(d.Namespace), session(d)))}
	out = append(out, ruleLines(Del, "  - ", telling(d.Lost))...)
	gained := ruleLines(Add, "  + ", telling(d.Gained))
	if more := len(gained) - gainsShown; more > 1 {
		gained = append(gained[:gainsShown], say(Note, "    and ", Count(more, "more rule", "more rules"), "; -o json has them all"))
	}
	return append(out, gained...)
}

// session says whose a delta is that only some sessions have.
func session(d access.Delta) string {
	if d.When == nil {
		return ""
	}
	return ", " + Condition(*d.When)
}

// login reports whether a delta is no more than being let in: what every
// authenticated caller may, in one direction.
func login(d access.Delta) bool {
	return d.Was == d.Is && len(telling(d.Lost)) == 0 && len(telling(d.Gained)) == 0 && (len(d.Lost) == 0) != (len(d.Gained) == 0)
}

// telling leaves out what every authenticated caller may do by default.
func telling(rules []access.Rule) []access.Rule {
	return slices.DeleteFunc(slices.Clone(rules), access.Everyones)
}
