package live

import (
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Unseen is the moment from which everything can be read that runs on this cluster wrote
// before they were cut off, where the snapshot was read before that: what EKS shows lags
// some seconds behind what was written, and a plan made from before would leave it out.
// Zero: the snapshot shows all. What a run saw itself, or waited for in vain, is no matter.
func Unseen(past []Past, s access.Snapshot, propagation time.Duration) (until time.Time) {
	c, _ := s.Cluster()
	for _, p := range past {
		if p.Damage != nil || p.Running != nil || !p.Plan.Cluster.Is(c) || !p.cutOff() {
			continue
		}
		if at := p.Last.Add(propagation); s.At.Before(at) {
			until = later(until, at)
		}
	}
	return until
}

// cutOff reports whether a step was begun, and nothing tells how that ended.
func (j Journal) cutOff() bool {
	for i, state := range j.States {
		if j.tried[i] && (state == access.Started || state == access.Waiting) {
			return true
		}
	}
	return false
}
