package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Headline is a plan in one line: who loses first, in words.
func Headline(p access.Plan) string {
	if len(p.Steps) == 0 {
		return "nothing to do"
	}
	var parts []string
	if p.Refused() {
		parts = append(parts, "refused")
	}
	lost, gained := losses(p), gains(p)
	if len(lost) > 0 {
		parts = append(parts, and(lost, 2))
	}
	if n := len(principals(p)); n > 0 {
		parts = append(parts, Count(n, "principal", "principals"))
	}
	parts = append(parts, Count(len(p.Steps), "step", "steps"))
	if len(gained) > 0 {
		parts = append(parts, and(gained, 2))
	}
	if len(lost) == 0 {
		parts = append(parts, "nobody loses anything")
	}
	return Safe(strings.Join(parts, " · "))
}

// losses says who loses what: in the end by comparison, on the way by the guard.
func losses(p access.Plan) []string {
	var out []string
	for _, d := range p.Deltas {
		if len(d.Lost) > 0 || d.Is < d.Was {
			out = append(out, Name(d.Principal)+" loses "+what(d.Was, d.Is)+" "+in(d.Namespace))
		}
	}
	for _, f := range p.Findings {
		text, ok := onTheWay[f.Code]
		if text = fill(text, f.Args, nil); ok && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

var onTheWay = map[access.Code]string{
	access.LosesAccess:      "{p0} loses access at step {1}",
	access.CallerLoses:      "you lose access at step {1}",
	access.NodesLose:        "the nodes of {p0} lose access at step {1}",
	access.NoBridge:         "{p0} is without rights for some seconds",
	access.LeftInMap:        "{p0} loses its aws-auth mapping",
}

func gains(p access.Plan) []string {
	var out []string
	for _, d := range p.Deltas {
		if len(d.Gained) > 0 || d.Is > d.Was {
			out = append(out, Name(d.Principal)+" gains "+what(d.Is, d.Was)+" "+in(d.Namespace))
		}
	}
	return out
}

// what names the level that comes or goes; within one level it is some permissions.
func what(have, other access.Level) string {
	if have == other || have == access.None {
		return "some permissions"
	}
	return Level(have)
}

// principals are those that the steps or the deltas are about, sorted by ID.
func principals(p access.Plan) []access.Principal {
	found := map[string]access.Principal{}
	add := func(q access.Principal) {
		if q.Kind != access.UnknownPrincipal && q.Kind != "" {
			found[q.ID()] = q
		}
	}
	for _, s := range p.Steps {
		for _, o := range []access.Object{s.Before, s.After} {
			switch o := o.(type) {
			case access.AccessEntry:
				q, _ := access.ParsePrincipal(o.Principal)
				add(q)
			case access.PolicyAssociation:
				q, _ := access.ParsePrincipal(o.Principal)
				add(q)
			}
		}
		if s.Before != nil || s.After != nil {
			gone, come := itemChanges(s)
			for _, m := range slices.Concat(gone, come) {
				add(m.Principal)
			}
		}
	}
	for _, d := range p.Deltas {
		add(d.Principal)
	}
	out := make([]access.Principal, 0, len(found))
	for _, q := range found {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b access.Principal) int { return strings.Compare(a.ID(), b.ID()) })
	return out
}

// Deltas is what changes for whom: losers first, then who gains, then who keeps
// exactly what it has.
func Deltas(p access.Plan) []Line {
	var lose, gain []Line
	changed := map[string]bool{}
	for _, d := range p.Deltas {
		changed[d.Principal.ID()] = true
		head := fmt.Sprintf("%s  %s → %s  %s", Name(d.Principal), Level(d.Was), Level(d.Is), in(d.Namespace))
		rules := append(ruleLines(Del, "  - ", d.Lost), ruleLines(Add, "  + ", d.Gained)...)
		if len(d.Lost) > 0 || d.Is < d.Was {
			lose = append(append(lose, say(Bad, head)), rules...)
		} else {
			gain = append(append(gain, say(Change, head)), rules...)
		}
	}
	out := append(lose, gain...)
	for _, q := range principals(p) {
		if !changed[q.ID()] {
			out = append(out, say(Good, Name(q), "  keeps exactly what it has"))
		}
	}
	return append(out, say(Note, "everyone else  unchanged"))
}

// Preview is the whole preview for a pipe or a prompt; raw shows unified diffs
// instead of fields.
func Preview(p access.Plan, raw bool) []Line {
	head := "Preview  " + Headline(p)
	if p.Cluster.Name != "" {
		head += "  ·  " + word(p.Cluster.Name)
	}
	out := []Line{say(Title, head)}
	for _, text := range p.Intents {
		out = append(out, say(Note, "  ", text))
	}
	out = append(out, Line{}, say(Title, "Steps"))
	for i, s := range p.Steps {
		out = append(out, stepLines(i, s, raw)...)
	}
	out = append(out, Line{}, say(Title, "Permissions"))
	out = append(out, indent("  ", Deltas(p))...)
	if len(p.Expect) > 0 {
		out = append(out, Line{}, say(Title, "Then proven"))
		for _, e := range p.Expect {
			out = append(out, say(Prove, "  ✓ ", Expect(e)))
		}
	}
	if len(p.Findings) > 0 {
		out = append(out, Line{}, say(Title, "Before you say yes"))
		out = append(out, indent("  ", findingLines(p.Findings))...)
	}
	return out
}

func stepLines(i int, s access.Step, raw bool) []Line {
	var out []Line
	for _, e := range s.First {
		out = append(out, say(Prove, "      ✓ first prove: ", Expect(e)))
	}
	if s.Settle {
		out = append(out, say(Note, "      wait until the access policies are in force"))
	}
	kind := map[byte]Kind{'+': Add, '-': Del, '~': Change}[s.Sign()]
	out = append(out, say(kind, fmt.Sprintf("%3d %c ", i+1, s.Sign()), StepTitle(s)))
	out = append(out, indent("      ", pick(raw, StepDiff, StepFields)(s))...)
	return append(out, say(Note, "      why   ", StepWhy(s)), say(Note, "      call  ", StepCall(s)))
}

// findingLines show the worst first; the sort keeps the order within a severity.
func findingLines(fs []access.Finding) []Line {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b access.Finding) int { return int(b.Severity) - int(a.Severity) })
	var out []Line
	for _, f := range fs {
		text, fix := Finding(f)
		out = append(out, say(severityKind(f.Severity), severitySign[f.Severity], " ", text))
		if fix != "" {
			out = append(out, say(Note, "    ", fix))
		}
	}
	return out
}

var severitySign = [...]string{access.Info: "i", access.Warn: "▲", access.Confirm: "!", access.Refuse: "✗"}

func severityKind(s access.Severity) Kind {
	return [...]Kind{access.Info: Note, access.Warn: Warn, access.Confirm: Warn, access.Refuse: Bad}[s]
}

// stepNumber is "2/9".
func stepNumber(p access.Plan, i int) string {
	return strconv.Itoa(i+1) + "/" + strconv.Itoa(len(p.Steps))
}
