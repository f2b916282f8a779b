package access

import (
	"errors"
	"fmt"
)

// Accepted is what a person said yes to: exactly this plan, and these findings.
type Accepted struct {
	Digest string
	Codes  []Code
}

// StepState is where a step is on its way.
type StepState string

const (
	Waiting StepState = "waiting" // for a proof, or for a write to be visible
	Started StepState = "started" // about to write; journalled first
	Done    StepState = "done"
	Skipped StepState = "skipped" // it was done already
	Failed  StepState = "failed"
)

// Event is something that happened to a step (numbered from 0). A Waiting event's
// Detail says what it waits for.
type Event struct {
	Step   int
	State  StepState
	Detail string
	Whole  bool // it is about the whole plan, which does not wait for it
	Err    error
}

// Proof is an expectation and what was seen.
type Proof struct {
	Expect Expect
	State  ProofState
	Detail string // the server's reason, or why it can't be proven from here
}

// ProofState is the answer to an expectation.
type ProofState string

const (
	Proven     ProofState = "proven"
	Disproven  ProofState = "disproven"
	Unprovable ProofState = "unprovable" // never shown as ok
)

// ErrNoDryRun says that a server can't try a change.
var ErrNoDryRun = errors.New("it can't be tried by a dry run")

// Drift is an object that is not what the plan said it would be.
type Drift struct{ Want, Have Object }

// Outcome is how an Apply ended.
type Outcome struct {
	Done, Skipped int
	Stopped       *Event // the step it stopped at, nil when all are done
	Proofs        []Proof
	Drift         []Drift
	ReadBack      int    // how many objects of the plan are as their last step leaves them
	Journal       string // where the journal is, "" when none was kept
}

// Conflict is a live object that is neither what a step starts from nor what it leads to.
type Conflict struct {
	Key        Key
	Want, Have Object
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("%s %s was changed by somebody else since the preview", c.Key.Kind, c.Key.Name)
}

// Forbidden is a refusal by a server: who may not do what. Detail says
// why and how to get it.
type Forbidden struct {
	Who, Action, Detail string
}

func (f *Forbidden) Error() string {
	return fmt.Sprintf("%s may not %s: %s", f.Who, f.Action, f.Detail)
}
