package cmd

import (
	"errors"

	"github.com/eks-access/kubectl-eks-access/access"
)

// outcome is how a change ended, for scripts.
type outcome struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Cluster    outcomeCluster   `json:"cluster"`
	Digest     string           `json:"digest"` // of the plan
	State      string           `json:"state"`  // nothing-to-do, done, stopped, failed
	Steps      int              `json:"steps"`
	Done       int              `json:"done"`
	Skipped    int              `json:"skipped"` // they were done already
	Stopped    *outcomeStop     `json:"stopped"`
	Proofs     []outcomeProof   `json:"proofs"`
	Drift      []outcomeDrift   `json:"drift"`
	Findings   []access.Finding `json:"findings"`
	Journal    string           `json:"journal"`
	Error      string           `json:"error,omitempty"`
}

type outcomeCluster struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

type outcomeStop struct {
	Step   int        `json:"step"` // counted from 1, as in the preview
	About  access.Key `json:"about"`
	State  string     `json:"state"`
	Detail string     `json:"detail,omitempty"`
	Error  string     `json:"error,omitempty"`
	// Conflict is what was expected and what somebody else has made of it.
	Conflict *outcomeDrift `json:"conflict,omitempty"`
}

type outcomeProof struct {
	Expect access.Expect     `json:"expect"`
	State  access.ProofState `json:"state"`
	Detail string            `json:"detail,omitempty"`
}

type outcomeDrift struct {
	Want rawObject `json:"want"`
	Have rawObject `json:"have"`
}

// rawObject is an object with its kind, or null.
type rawObject struct{ o access.Object }

func (r rawObject) MarshalJSON() ([]byte, error) { return access.EncodeObject(r.o) }

func newOutcome(p access.Plan, o access.Outcome, err error) outcome {
	out := outcome{
		APIVersion: access.APIVersion, Kind: "Outcome", Cluster: outcomeCluster{p.Cluster.Name, p.Cluster.ARN},
		Digest: p.Digest(), State: "done", Steps: len(p.Steps), Done: o.Done, Skipped: o.Skipped,
		Proofs: []outcomeProof{}, Drift: []outcomeDrift{}, Findings: append([]access.Finding{}, p.Findings...), Journal: o.Journal,
	}
	for _, pr := range o.Proofs {
		out.Proofs = append(out.Proofs, outcomeProof(pr))
	}
	for _, d := range o.Drift {
		out.Drift = append(out.Drift, outcomeDrift{rawObject{d.Want}, rawObject{d.Have}})
	}
	switch st := o.Stopped; {
	case st != nil:
		out.State = "stopped"
		out.Stopped = &outcomeStop{Step: st.Step + 1, State: string(st.State), Detail: st.Detail}
		if st.Step >= 0 && st.Step < len(p.Steps) {
			out.Stopped.About = p.Steps[st.Step].Key()
		}
		if st.Err != nil {
			out.Stopped.Error = st.Err.Error()
		}
		var theirs *access.Conflict
		if errors.As(st.Err, &theirs) {
			out.Stopped.Conflict = &outcomeDrift{rawObject{theirs.Want}, rawObject{theirs.Have}}
		}
	case err != nil:
		out.State = "failed"
	case len(p.Steps) == 0:
		out.State = "nothing-to-do"
	}
	if err != nil {
		out.Error = err.Error()
	}
	return out
}
