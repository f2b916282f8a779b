package report

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Event is one line of progress: "2/9 ✓ access entry  eks-workshop-admins".
func Event(p access.Plan, e access.Event) Line {
	head, title := strconv.Itoa(e.Step+1), ""
	if e.Step >= 0 && e.Step < len(p.Steps) {
		head, title = stepNumber(p, e.Step), string(p.Steps[e.Step].Sign())+" "+StepTitle(p.Steps[e.Step])
	}
	detail := ""
	if e.Detail != "" {
		detail = ": " + e.Detail
	}
	switch e.State {
	case access.Waiting:
		if e.Whole {
			return say(Note, e.Detail)
		}
		return say(Note, head, " … ", title, "  waits", detail)
	case access.Started:
		return say(Plain, head, " → ", title, detail)
	case access.Done:
		return say(Good, head, " ✓ ", title, detail)
	case access.Skipped:
		return say(Note, head, " = ", title, "  was done already", detail)
	case access.Failed:
		cause := ""
		if e.Err != nil {
			cause = ": " + Error(e.Err)[0].Text
		}
		return say(Bad, head, " ✗ ", title, detail, cause)
	}
	return say(Plain, head, " ", string(e.State), " ", title, detail)
}

// Outcome is the end: what was done, the proof, what could not be proven, where the
// journal is, and what now.
func Outcome(p access.Plan, o access.Outcome) []Line {
	out := []Line{summary(p, o)}
	if o.Stopped != nil && o.Stopped.Err != nil {
		out = append(out, indent("  ", Error(o.Stopped.Err))...)
	}
	states := map[access.ProofState]int{}
	for _, pr := range o.Proofs {
		states[pr.State]++
	}
	readBack := o.ReadBack > 0 && len(o.Drift) == 0
	if len(o.Proofs) > 0 || readBack {
		head := "Proof"
		if len(o.Proofs) > 0 {
			head += "  " + proofCount(states, len(o.Proofs))
		}
		out = append(out, Line{}, say(Title, head))
		if readBack {
			out = append(out, say(Good, "  ✓ ", pick(o.ReadBack == 1, "the object", "all "+strconv.Itoa(o.ReadBack)+" objects"), " that the plan is about ", pick(o.ReadBack == 1, "reads", "read"), " back as planned"))
		}
		for _, pr := range o.Proofs {
			l := Proof(pr)
			out = append(out, indent("  ", []Line{l})...)
		}
	}
	if len(o.Drift) > 0 {
		out = append(out, Line{}, say(Title, "Not as planned"))
		for _, d := range o.Drift {
			out = append(out, indent("  ", driftLines(d))...)
		}
	}
	return append(out, now(p, o, states)...)
}

func summary(p access.Plan, o access.Outcome) Line {
	counts := Count(o.Done, "step", "steps") + " done"
	if o.Skipped > 0 {
		counts += ", " + strconv.Itoa(o.Skipped) + " done already"
	}
	if o.Stopped == nil {
		if len(p.Steps) == 0 {
			return say(Good, "✓ nothing to do")
		}
		if len(o.Drift) > 0 || slices.ContainsFunc(o.Proofs, func(p access.Proof) bool { return p.State == access.Disproven }) {
			return say(Bad, "✗ ", counts, ", but not everything is as planned")
		}
		return say(Good, "✓ ", counts)
	}
	at := "at step " + strconv.Itoa(o.Stopped.Step+1)
	if i := o.Stopped.Step; i >= 0 && i < len(p.Steps) {
		at = fmt.Sprintf("at step %s, %c %s", stepNumber(p, i), p.Steps[i].Sign(), StepTitle(p.Steps[i]))
	}
	return say(Bad, "✗ stopped ", at, "; ", counts)
}

func proofCount(states map[access.ProofState]int, all int) string {
	text := fmt.Sprintf("%d of %d proven", states[access.Proven], all)
	if n := states[access.Disproven]; n > 0 {
		text += fmt.Sprintf(", %d not so", n)
	}
	if n := all - states[access.Proven] - states[access.Disproven]; n > 0 {
		text += fmt.Sprintf(", %d not provable from here", n)
	}
	return text
}

// driftLines show the object as the change that would mend it.
func driftLines(d access.Drift) []Line {
	s := access.Step{Before: d.Have, After: d.Want}
	if d.Have == nil && d.Want == nil {
		return nil
	}
	head := objectName(pick(d.Want != nil, d.Want, d.Have))
	switch {
	case d.Have == nil:
		return []Line{say(Bad, head, " is not there")}
	case d.Want == nil:
		return []Line{say(Bad, head, " is still there")}
	}
	return append([]Line{say(Bad, head, " is not as planned; to be so:")}, indent("  ", StepFields(s))...)
}

// now says what is left to do. What left no journal, as in a demo, can neither be gone
// on with nor be taken back.
func now(p access.Plan, o access.Outcome, states map[access.ProofState]int) []Line {
	var out []Line
	undo := "kubectl eks-access undo"
	var conflict *access.Conflict
	anew := o.Stopped != nil && errors.As(o.Stopped.Err, &conflict) && len(p.From) > 0
	if o.Journal != "" {
		out = append(out, say(Note, "journal  ", o.Journal))
		undo += " " + shell(journalID(o.Journal))
	}
	switch {
	case anew && o.Journal != "":
		out = append(out, say(Plain, "now      plan the rest anew, from what is there now: kubectl eks-access resume --replan, or take back what was done: ", undo))
	case anew:
		out = append(out, say(Plain, "now      no step was done; plan it anew, from what is there now: run the command again (apply -f with --replan)"))
	case o.Stopped != nil && o.Done+o.Skipped > 0 && o.Journal != "":
		out = append(out, say(Plain, "now      go on (what is done is skipped): kubectl eks-access resume, or take it back: ", undo))
	case o.Stopped != nil && o.Done+o.Skipped == 0:
		out = append(out, say(Plain, "now      no step was done; run the same command again when the cause is gone"))
	case states[access.Disproven] > 0 || len(o.Drift) > 0:
		out = append(out, say(Plain, "now      look at what is not so above", pick(o.Journal == "", "", ", or take it back: "+undo)))
	case o.Done > 0 && o.Journal != "":
		out = append(out, say(Note, "undo     ", undo))
	}
	if len(out) > 0 {
		out = append([]Line{{}}, out...)
	}
	return out
}

// journalID is what history calls a change: the name of its journal's file.
func journalID(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// trimmed are the lines of a foreign text that hold something.
func trimmed(text string) []string {
	var out []string
	for _, l := range block(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
