package live

import (
	"errors"
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Refused is a plan that may not run: nothing was read or changed for it.
type Refused struct {
	Reason string        // what is wrong and what to do
	Codes  []access.Code // findings that forbid it, or that were not accepted
}

func (r *Refused) Error() string {
	if len(r.Codes) == 0 {
		return r.Reason
	}
	words := make([]string, len(r.Codes))
	for i, c := range r.Codes {
		words[i] = string(c)
	}
	return r.Reason + ": " + strings.Join(words, ", ")
}

// check says whether a person said yes to exactly this plan and to every finding
// that asks for it.
func check(p access.Plan, a access.Accepted) error {
	if p.Refused() {
		return &Refused{"the plan is not safe and can't be accepted", p.Refusals()}
	}
	if a.Digest != p.Digest() {
		return &Refused{Reason: "what was accepted is not this plan: preview it again"}
	}
	missing := p.Unaccepted(a.Codes)
	if len(missing) > 0 {
		return &Refused{"accept each of these by its code first", missing}
	}
	for i, s := range p.Steps {
		if err := sound(s); err != nil {
			return &Refused{Reason: fmt.Sprintf("step %d: %v", i+1, err)}
		}
	}
	return nil
}

// sound refuses a step that a hand-made plan could hold but no builder makes.
func sound(s access.Step) error {
	switch {
	case s.Before == nil && s.After == nil:
		return errors.New("it is about nothing")
	case s.Before != nil && s.After != nil && s.Before.Key() != s.After.Key():
		return errors.New("it is about two objects")
	}
	return nil
}
