package report

import "github.com/eks-access/kubectl-eks-access/access"

// PastRow is a change in the columns of a screen.
type PastRow struct {
	Kind                              Kind
	When, Who, What, Outcome, Cluster string
}

// Past are changes in columns. Times are UTC, as in HistoryTable.
func Past(cs []PastChange) []PastRow {
	out := make([]PastRow, len(cs))
	for i, c := range cs {
		out[i] = PastRow{Kind: c.kind(), When: moment(c.Began, "2006-01-02 15:04"), Who: Safe(c.who()), What: Safe(c.what()),
			Outcome: Safe(c.outcome()), Cluster: Safe(c.Cluster.Name)}
		if c.Began == nil {
			out[i].What = Safe(c.ID) // the name of its file is all there is to tell it by
		}
	}
	return out
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
	}
	if len(c.Undoes) > 0 {
		undo = "an undo is not taken back: make the change again"
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
