package report

import (
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Deltas is what changes for whom: losers first, then who gains, then who keeps
// exactly what it has. What is lost is told rule by rule; of a gain, the first.
func Deltas(p access.Plan) []Line {
	var lose, gain []Line
	changed := map[string]bool{}
	for _, d := range p.Deltas {
		changed[d.Principal.ID()] = true
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
	out := append(lose, gain...)
	var keep []string
	for _, q := range principals(p) {
		if !changed[q.ID()] {
			keep = append(keep, Name(q))
		}
	}
	if len(keep) > 0 {
		out = append(out, say(Good, and(keep, 5), pick(len(keep) == 1, "  keeps exactly what it has", "  keep exactly what they have")))
	}
	return append(out, say(Note, "everyone else  unchanged"))
}

// Reach is how many principals lose, gain and keep what; "" of a plan file of an earlier
// release, which does not tell.
func Reach(p access.Plan) string {
	i := p.Impact
	if i == (access.Impact{}) {
		return ""
	}
	lose := pick(i.Lose == 0, "nobody loses anything", Count(i.Lose, "principal loses", "principals lose")+" something")
	gain := pick(i.Gain == 0, "nobody gains anything", pick(i.Gain == 1, "1 gains", fmt.Sprint(i.Gain, " gain"))+" something")
	return lose + ", " + gain + ", " + pick(i.Keep == 1, "1 keeps exactly what it has", fmt.Sprint(i.Keep, " keep exactly what they have"))
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
