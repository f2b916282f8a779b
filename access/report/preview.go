package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/eks-access/kubectl-eks-access/access"
)

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
	if len(p.Steps) > 0 {
		out = append(out, Line{}, say(Title, "Steps"))
		for i := range p.Steps {
			out = append(out, stepLines(p, i, raw)...)
		}
		out = append(out, Line{}, say(Title, "Permissions"))
		out = append(out, indent("  ", Deltas(p))...)
		out = append(out, endProof(p)...)
	}
	if len(p.Findings) > 0 {
		out = append(out, Line{}, say(Title, "Before you say yes"))
		out = append(out, indent("  ", findingLines(p.Findings))...)
	}
	return out
}

// endProof lists what must hold in the end; what a step waits for is shown there.
func endProof(p access.Plan) []Line {
	if len(p.Expect) == 0 {
		return nil
	}
	shown, again, open := map[string]bool{}, 0, 0
	for _, s := range p.Steps {
		for _, e := range s.First {
			shown[Expect(e)] = true
		}
	}
	out := []Line{{}, say(Title, "Proven at the end")}
	for _, e := range p.Expect {
		text := Expect(e)
		switch {
		case shown[text] && provable(p, e):
			again++
			continue
		case shown[text]:
			open++
			continue
		}
		shown[text] = true
		out = append(out, Promise(p, "  ", e))
	}
	if again > 0 {
		out = append(out, say(Prove, "  ✓ ", Count(again, "proof", "proofs"), " of the steps above, once more"))
	}
	if open > 0 {
		out = append(out, say(Warn, "  ? ", strconv.Itoa(open), " of the steps above ", pick(open == 1, "is", "are"), " not provable from here"))
	}
	return out
}

// Promise is an expectation before it is asked: what can't be asked from here has no tick.
func Promise(p access.Plan, lead string, e access.Expect) Line {
	if provable(p, e) {
		return say(Prove, lead, "✓ ", Expect(e))
	}
	return say(Warn, lead, "? not provable from here: ", Expect(e))
}

// provable goes by the plan's own finding, which says of whom rights can't be asked.
func provable(p access.Plan, e access.Expect) bool {
	return !e.Policies || !slices.ContainsFunc(p.Findings, func(f access.Finding) bool {
		return f.Code == access.NotProvable && slices.Equal(f.Args, []string{e.Principal.String()})
	})
}

func stepLines(p access.Plan, i int, raw bool) []Line {
	s := p.Steps[i]
	kind := map[byte]Kind{'+': Add, '-': Del, '~': Change}[s.Sign()]
	out := []Line{say(kind, fmt.Sprintf("%3d %c ", i+1, s.Sign()), StepTitle(s))}
	if s.Settle {
		out = append(out, say(Note, "      first wait until what was written before counts"))
	}
	for _, e := range s.First {
		out = append(out, Promise(p, "      first ", e))
	}
	out = append(out, indent("      ", pick(raw, StepDiff, StepFields)(s))...)
	return append(out, say(Note, "      why   ", StepWhy(s)), say(Note, "      call  ", StepCall(s)))
}

// stepNumber is "2/9".
func stepNumber(p access.Plan, i int) string {
	return strconv.Itoa(i+1) + "/" + strconv.Itoa(len(p.Steps))
}
