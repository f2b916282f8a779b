package tui

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// applied is the last plan that began to change something, and what it takes to
// undo it. A step that was started may be done although its answer was lost, and
// one that was skipped was done by the run before: both count.
type applied struct {
	plan    access.Plan
	begun   map[int]bool
	journal string // of the last run
}

// begins reports whether a step in this state may have changed something.
func begins(s access.StepState) bool {
	return s == access.Started || s == access.Done || s == access.Skipped
}

// remember keeps what can be undone. A plan that is resumed adds to what it did before.
func (a *app) remember(p access.Plan, msg ended) {
	if len(msg.begun) == 0 {
		return
	}
	if a.last == nil || a.last.plan.Digest() != p.Digest() {
		a.last = &applied{plan: p, begun: map[int]bool{}}
	}
	a.last.journal = msg.outcome.Journal
	for _, i := range msg.begun {
		a.last.begun[i] = true
	}
}

// undo shows the way back, from the cluster as it is now: it is read first.
func (a *app) undo() tea.Cmd {
	if a.last == nil {
		a.notice = "u: nothing was applied in this session; H shows what was before"
		return nil
	}
	if a.last.journal != "" && a.o.History != nil {
		a.cut(1)
		return a.again(again{id: a.last.journal, undo: true}) // with what it went on with
	}
	steps, err := a.last.inverse()
	if err != nil && len(steps) == 0 {
		a.notice = report.Safe(err.Error())
		return nil
	}
	a.cut(1)
	a.whole = false
	var read tea.Cmd
	if !a.busy {
		read = a.reload()
	}
	return tea.Batch(a.push(newPreview(nil, a.world.cluster.Name)), read,
		a.plan(planFor{steps: steps, journal: a.last.journal, oneWay: errors.Is(err, access.ErrOneWay)}))
}

func (l applied) inverse() ([]access.Step, error) {
	var begun []access.Step
	for i, st := range l.plan.Steps {
		if l.begun[i] {
			begun = append(begun, st)
		}
	}
	return access.Inverse(begun)
}

// backwards makes the plan of an undo: the steps that are not taken back yet. What
// somebody else changed since is an *access.Conflict, unless it could not be read.
func backwards(s access.Snapshot, do planFor) (access.Plan, error) {
	left, err := access.Remaining(s, do.steps)
	if err != nil {
		if _, unread := access.BuildSteps(s, nil); unread != nil {
			return access.Plan{}, unread
		}
		return access.Plan{}, err
	}
	p, err := access.BuildSteps(s, left)
	if do.journal != "" {
		p.Intents, p.Undoes = slices.Concat(p.Intents, []string{"undo " + do.journal}), []string{do.journal}
	}
	return p, err
}
