package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// PastRow is a change in the columns of a screen.
type PastRow struct {
	Kind                              Kind
	When, Who, What, Outcome, Cluster string
}

// Past are changes in columns. Times are UTC, as in HistoryTable.
func Past(cs []PastChange) []PastRow {
	out := make([]PastRow, len(cs))
	for i, c := range cs {
		out[i] = PastRow{Kind: c.kind(), When: moment(c.Began, "2006-01-02 15:04"), Who: Safe(c.who()), What: Safe(shortened(c.what())),
			Outcome: Safe(c.outcome()), Cluster: Safe(c.Cluster.Name)}
		if c.Began == nil {
			out[i].What = Safe(c.ID) // the name of its file is all there is to tell it by
		}
	}
	return out
}

// PastRuns says who ran a change, and when; "" of one that can't be read.
func PastRuns(c PastChange) string {
	if c.Began == nil {
		return ""
	}
	out := "by " + c.who()
	if c.UndoneBy != "" {
		out = "undone by " + c.UndoneBy + "  " + out
	}
	if runners := c.runners(); runners != "" {
		out += ", " + runners
	}
	out += "  " + moment(c.Began, time.DateTime) + " to " + moment(c.Last, time.TimeOnly)
	if len(c.Runs) > 1 {
		out += "  in " + Count(len(c.Runs), "run", "runs")
	}
	return Safe(out)
}

// shortened has the names of principals instead of their ARNs: a column is narrow, and
// the ARNs stand in the change itself.
func shortened(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		bare := strings.TrimRight(w, ",;:")
		if !strings.HasPrefix(bare, "arn:") {
			continue
		}
		if p, err := access.ParsePrincipal(bare); err == nil {
			words[i] = Name(p) + w[len(bare):]
		}
	}
	return strings.Join(words, " ")
}

// Ended says why a change can neither be gone on with nor be taken back: resume and
// undo, "" where it can.
func (c PastChange) Ended() (resume, undo string) {
	switch {
	case c.State == "running":
		return "it is under way: wait until it ends", "it is under way: wait until it ends"
	case c.State == "damaged":
		return "its journal can't be read", "its journal can't be read"
	case c.State == "untouched":
		return "nothing was changed", "nothing was changed"
	case c.UndoneBy != "":
		return Safe("it was taken back by " + c.UndoneBy), Safe("it was taken back by " + c.UndoneBy)
	case c.GoneOnBy != "":
		return Safe("it was planned anew: " + c.GoneOnBy + " goes on with it"), Safe("undo " + c.GoneOnBy + ": it takes back both")
	}
	if c.State == "done" {
		resume = "it is done"
	}
	return resume, undo
}

// OneWayStays says what an undo leaves as it is.
func OneWayStays() Line {
	return say(Warn, "▲ ", access.ErrOneWay.Error(), "; all else is taken back")
}

// EndIsLeft says what is left to do for a change whose steps are all done, and whose
// journal does not say so.
func EndIsLeft() Line {
	return say(Note, "every step is done already: what is left is to prove the end, and to note it in the journal")
}

// CutOffJustNow says why a change does not begin at once.
func CutOffJustNow(left time.Duration) Line {
	return say(Note, "waits ", left.Round(100*time.Millisecond).String(), ": a run was cut off in the middle of a write, which may not show yet")
}

// Halfway reports whether a change was left in the middle of it, and nothing has ended it since.
func (c PastChange) Halfway() bool {
	return (c.State == "stopped" || c.State == "interrupted") && c.UndoneBy == "" && c.GoneOnBy == ""
}

// LeftHalfway is the remark about changes to this cluster that stand halfway, the last
// written first; false where there is none.
func LeftHalfway(cs []PastChange) (Line, bool) {
	left := slices.DeleteFunc(slices.Clone(cs), func(c PastChange) bool { return !c.Halfway() })
	if len(left) == 0 {
		return Line{}, false
	}
	c := left[0]
	more := ""
	if n := len(left) - 1; n > 0 {
		more = "; " + Count(n, "earlier one stands", "earlier ones stand") + " so, too: kubectl eks-access history"
	}
	return say(Warn, "▲ a change to this cluster stands halfway: ", c.ID, ", ", fmt.Sprintf("%d of %s done", c.Done, Count(c.Steps, "step", "steps")),
		" (", c.State, "); go on or take it back: ", c.next(), more), true
}

// Halfway is LeftHalfway on a screen, in a few words.
func Halfway(cs []PastChange) (Line, bool) {
	i := slices.IndexFunc(cs, PastChange.Halfway)
	if i < 0 {
		return Line{}, false
	}
	return say(Warn, "▲ a change stands halfway, ", strconv.Itoa(cs[i].Done), " of ", Count(cs[i].Steps, "step", "steps"), " done: H resumes or undoes it"), true
}

// inWords is an error as a journal holds it, with our own wish to stop in words.
func inWords(text string) string {
	return strings.ReplaceAll(text, context.Canceled.Error(), "stopped by Ctrl-C")
}
