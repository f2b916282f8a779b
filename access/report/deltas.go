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
	for _, a := range alike(p.Deltas) {
		switch d := a.Delta; {
		case login(d) && len(d.Lost) > 0:
			lose = append(lose, say(Bad, Name(d.Principal), "  can't even ask what it may do any more, ", a.where()))
		case login(d):
			gain = append(gain, say(Note, Name(d.Principal), "  can log in and ask what it may do, ", a.where()))
		case loses(d):
			lose = append(lose, deltaLines(Bad, a)...)
		default:
			gain = append(gain, deltaLines(Change, a)...)
		}
	}
	return append(lose, gain...)
}

// deltas are one delta in several namespaces.
type deltas struct {
	access.Delta
	namespaces []string
}

// where names every namespace: who is to lose something is told of each.
func (d deltas) where() string {
	if d.Namespace == "" {
		return in("")
	}
	return "in " + and(words(d.namespaces), len(d.namespaces))
}

// alike puts the namespaces together in which a principal loses and gains the same, where
// the first of them stands; the rules are told once.
func alike(ds []access.Delta) []deltas {
	var out []deltas
	at := map[string]int{}
	for _, d := range ds {
		key := fmt.Sprintf("%q %t %d %d %q %q %s", d.Principal.ID(), d.Namespace == "", d.Was, d.Is, d.Lost, d.Gained, session(d))
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key], out = i, append(out, deltas{Delta: d})
		}
		out[i].namespaces = append(out[i].namespaces, d.Namespace)
	}
	return out
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

func deltaLines(k Kind, a deltas) []Line {
	d := a.Delta
	out := []Line{say(k, fmt.Sprintf("%s  %s → %s  %s%s", Name(d.Principal), Level(d.Was), Level(d.Is), a.where(), session(d)))}
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
