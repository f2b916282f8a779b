package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// History is what `history -o json` prints: changes, the last written first. A field,
// once there, stays.
type History struct {
	APIVersion string       `json:"apiVersion"`
	Kind       string       `json:"kind"`
	Items      []PastChange `json:"items"`
	Older      int          `json:"older"`  // left out by --limit
	Others     int          `json:"others"` // of other clusters, left out without --all
}

// PastChange is one change: who, when, which cluster, what, and how it ended.
type PastChange struct {
	ID       string       `json:"id"`
	Began    *time.Time   `json:"began"` // null when it can't be read
	Last     *time.Time   `json:"last"`  // when it was written last
	Caller   string       `json:"caller"`
	Cluster  PastCluster  `json:"cluster"`
	Intents  []string     `json:"intents"`
	Undoes   []string     `json:"undoes,omitempty"`   // IDs
	UndoneBy string       `json:"undoneBy,omitempty"` // ID
	GoesOn   []string     `json:"goesOn,omitempty"`   // IDs: it was planned anew after a conflict
	GoneOnBy string       `json:"goneOnBy,omitempty"` // ID
	State    string       `json:"state"`              // done, stopped, interrupted, running, damaged, untouched
	Steps    int          `json:"steps"`
	Done     int          `json:"done"`
	Stopped  *PastStop    `json:"stopped,omitempty"`
	Damage   string       `json:"damage,omitempty"`
	Runs     []PastRunner `json:"runs"`
	Digest   string       `json:"digest,omitempty"`
	Journal  string       `json:"journal"` // its path
}

// PastCluster is the cluster a change was made for.
type PastCluster struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

// PastStop is where a change stopped, and why.
type PastStop struct {
	Step  int    `json:"step"` // counted from 1, as in the preview
	Error string `json:"error"`
}

// PastRunner is who ran a change.
type PastRunner struct {
	At     time.Time `json:"at"`
	Caller string    `json:"caller,omitempty"`
	By     string    `json:"by"` // "alice on laptop"
	PID    int       `json:"pid"`
}

// PastDetail is what `history show -o json` prints.
type PastDetail struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	PastChange
	Plan   *access.Plan `json:"plan"` // null when it can't be read
	Events []PastEvent  `json:"events"`
}

// PastEvent is something that happened to a step.
type PastEvent struct {
	At     time.Time        `json:"at"`
	Step   int              `json:"step"` // counted from 1
	State  access.StepState `json:"state"`
	Detail string           `json:"detail,omitempty"`
	Error  string           `json:"error,omitempty"`
}

// HistoryTable is the history as columns. Times are UTC, as the IDs are, so that two
// people in two places see the same.
func HistoryTable(h History, wide, clusters bool, width int) []Line {
	head := []string{"ID", "WHEN (UTC)", "WHO", "WHAT", "OUTCOME"}
	if clusters || wide {
		head = slices.Insert(head, 1, "CLUSTER")
	}
	if wide {
		head = append(head, "RUN BY", "JOURNAL")
	}
	rows := []tableRow{{Title, head}}
	for _, c := range h.Items {
		cells := []string{c.ID, moment(c.Began, "2006-01-02 15:04"), c.who(), c.what(), c.outcome()}
		if wide {
			cells[2] = c.Caller
		}
		if clusters || wide {
			cells = slices.Insert(cells, 1, pick(wide, c.Cluster.ARN, c.Cluster.Name))
		}
		if wide {
			cells = append(cells, c.runners(), c.Journal)
		}
		rows = append(rows, tableRow{c.kind(), cells})
	}
	return columns(rows, width, historyColumns)
}

// historyColumns: an ID is copied, so it stays whole, and it tells when.
var historyColumns = map[string]column{
	"WHEN (UTC)": {least: 16, spare: 1},
	"WHO":        {least: 12, cut: middle, spare: 2},
	"WHAT":       {least: 20},
	"CLUSTER":    {least: 12, cut: middle},
	"OUTCOME":    {least: 14},
}

// HistoryRest is what stands beside the table.
func HistoryRest(h History, cluster string) []Line {
	var out []Line
	if len(h.Items) == 0 {
		where := pick(cluster == "", "", " of "+cluster)
		out = append(out, say(Note, "no change", where, " is recorded for this user on this machine"))
	}
	if h.Older > 0 {
		out = append(out, say(Note, Count(h.Older, "older one", "older ones"), ": --limit 0 shows all"))
	}
	if h.Others > 0 {
		out = append(out, say(Note, Count(h.Others, "change", "changes"), " of other clusters: --all shows them too"))
	}
	return out
}

// HistoryDetail is one change with its steps, and the command that goes on from there.
func HistoryDetail(d PastDetail) []Line {
	out := PastLines(d)
	if next := d.next(); next != "" {
		out = append(out, Line{}, say(Note, pad("now", 10), next))
	}
	return out
}

// PastLines are one change with its steps.
func PastLines(d PastDetail) []Line {
	c := d.PastChange
	out := []Line{say(Title, c.ID, "  ", c.what()), {}}
	fact := func(k Kind, name, text string) { out = append(out, say(k, pad(name, 10), text)) }
	fact(Plain, "cluster", strings.TrimSpace(c.Cluster.Name+"  "+c.Cluster.ARN))
	fact(Plain, "planned", "by "+c.who()+"  "+c.Caller)
	for i, r := range c.Runs {
		text := moment(&r.At, time.DateTime) + " UTC, " + r.By
		if r.Caller != "" && r.Caller != c.Caller {
			text += " as " + r.Caller
		}
		fact(Plain, pick(i == 0, "began", "went on"), text)
	}
	if c.Last != nil {
		fact(c.kind(), pick(c.State == "running", "now", "ended"), moment(c.Last, time.DateTime)+" UTC, "+c.outcome())
	}
	if c.Damage != "" {
		out = append(out, say(Bad, pad("damaged", 10), c.Damage))
	}
	if c.UndoneBy != "" {
		fact(Plain, "undone by", c.UndoneBy)
	}
	if len(c.GoesOn) > 0 {
		fact(Plain, "goes on", "with "+strings.Join(c.GoesOn, ", ")+", planned anew")
	}
	if c.GoneOnBy != "" {
		fact(Plain, "went on", "in "+c.GoneOnBy+", planned anew")
	}
	fact(Note, "journal", c.Journal)
	if d.Plan != nil {
		out = append(out, Line{}, say(Title, "Steps"))
		out = append(out, d.steps()...)
	}
	return out
}

// steps are the plan's, each with the last that happened to it.
func (d PastDetail) steps() []Line {
	last := map[int]PastEvent{}
	for _, ev := range d.Events {
		if was, ok := last[ev.Step]; ok && was.State == access.Done && ev.State == access.Skipped {
			continue // a later run found it done
		}
		last[ev.Step] = ev
	}
	var out []Line
	for i, st := range d.Plan.Steps {
		title := string(st.Sign()) + " " + StepTitle(st)
		ev, ok := last[i+1]
		if !ok {
			out = append(out, say(Note, "  ", stepNumber(*d.Plan, i), " · ", title, "  not begun"))
			continue
		}
		l := Event(*d.Plan, access.Event{Step: i, State: ev.State, Detail: ev.Detail})
		text := l.Text + "  " + moment(&ev.At, time.TimeOnly)
		if ev.State == access.Started {
			text += ", and no word after it"
		}
		out = append(out, say(l.Kind, "  ", text))
		if ev.Error != "" {
			for _, e := range trimmed(inWords(ev.Error)) {
				out = append(out, say(Bad, "      ", e))
			}
		}
	}
	return out
}

func (c PastChange) next() string {
	id := shell(c.ID)
	switch {
	case c.UndoneBy != "", c.State == "damaged", c.State == "untouched":
		return ""
	case c.GoneOnBy != "":
		return "kubectl eks-access undo " + shell(c.GoneOnBy) + " (it takes back both)"
	case c.State == "running":
		return "it is under way: wait until it ends"
	case c.State == "done" && len(c.Undoes) > 0:
		return ""
	case c.State == "done":
		return "kubectl eks-access undo " + id
	case len(c.Undoes) > 0:
		return "kubectl eks-access resume " + id
	}
	return "kubectl eks-access resume " + id + ", or undo " + id
}

// who is the caller as people say it: a session with its role.
func (c PastChange) who() string {
	if _, session, ok := strings.Cut(c.Caller, ":assumed-role/"); ok {
		return session
	}
	p, err := access.ParsePrincipal(c.Caller)
	if err != nil {
		return pick(c.Caller == "", "–", c.Caller)
	}
	return Name(p)
}

// PastSummary is a change in a few words, for a list to choose from.
func PastSummary(c PastChange) string { return Safe(Cut(c.what(), 60) + ", " + c.outcome()) }

func (c PastChange) what() string {
	switch {
	case len(c.Undoes) > 0:
		return "undo " + strings.Join(c.Undoes, ", ")
	case len(c.Intents) > 0:
		return strings.Join(c.Intents, "; ")
	}
	return pick(c.Began == nil, "–", Count(c.Steps, "step", "steps"))
}

func (c PastChange) outcome() string {
	at := fmt.Sprintf("%d/%d", c.Done, c.Steps)
	switch {
	case c.UndoneBy != "":
		return "undone"
	case c.GoneOnBy != "":
		return at + " done, went on in " + c.GoneOnBy
	case c.State == "stopped" && c.Stopped != nil:
		return fmt.Sprintf("stopped at %d/%d", c.Stopped.Step, c.Steps)
	case c.State == "interrupted":
		return "interrupted, " + at + " done"
	case c.State == "running":
		return "running, " + at + " done"
	case c.State == "untouched":
		return "nothing was changed"
	}
	return c.State
}

func (c PastChange) kind() Kind {
	switch {
	case c.UndoneBy != "", c.GoneOnBy != "", c.State == "untouched":
		return Note
	case c.State == "stopped", c.State == "interrupted":
		return Warn
	case c.State == "damaged":
		return Bad
	}
	return Plain
}

func (c PastChange) runners() string {
	var out []string
	for _, r := range c.Runs {
		if !slices.Contains(out, r.By) {
			out = append(out, r.By)
		}
	}
	return strings.Join(out, ", ")
}

func moment(t *time.Time, layout string) string {
	if t == nil {
		return "–"
	}
	return t.UTC().Format(layout)
}

// What resume and undo say of journals.

// GoesOn says which journal is gone on with.
func GoesOn(id string, undo bool) Line {
	return say(Note, "goes on with ", id, pick(undo, ", an undo that was interrupted", ""))
}

// DoneAlready says that a change came to its end.
func DoneAlready(id string, at time.Time) Line {
	return say(Note, id, " was done at ", moment(&at, "2006-01-02 15:04"), " UTC: there is nothing to go on with")
}

// NothingToResume says that there is no change of this cluster.
func NothingToResume() Line {
	return say(Note, "no change of this cluster is recorded for this user on this machine: there is nothing to go on with")
}

// NothingLeftOf says that a change that was planned anew has nothing left to do.
func NothingLeftOf(id string) Line {
	return say(Note, id, " has nothing left to do, and is ended; what it did can be taken back: kubectl eks-access undo ", shell(id))
}

// NotAnew says that a new plan for the rest of a change was not agreed to.
func NotAnew() Line {
	return say(Warn, "the new plan was not applied, and nothing more was changed; it can be made again: kubectl eks-access resume --replan")
}

// PartElsewhere says that a change began on another machine.
func PartElsewhere(id string) Line {
	return say(Warn, "▲ ", id, " goes on with a change that is recorded elsewhere: what that one did is not taken back from here")
}

// MapRebased says that a text which somebody else has changed is not put back as it was.
func MapRebased() Line {
	return say(Warn, "▲ aws-auth was changed by somebody else since: what they wrote stays, and the items that the change took out go to the end of their list; the text that was there first is in the journal")
}

// NotBack says that a part of a change can't be taken back, and why.
func NotBack(id string, err error) []Line {
	return append([]Line{say(Warn, "▲ what ", id, " did before is not taken back:")}, indent("  ", Error(err))...)
}

// LeftBefore names an earlier change that was interrupted.
func LeftBefore(id string) Line {
	return say(Note, "an earlier one was interrupted: kubectl eks-access resume ", shell(id))
}

// NothingLeft says that a change left nothing to take back, and which was before it.
func NothingLeft(id, before string) []Line {
	out := []Line{say(Note, "nothing of ", id, " is left to take back")}
	if before != "" {
		out = append(out, say(Note, "the change before it: kubectl eks-access undo ", shell(before)))
	}
	return out
}
