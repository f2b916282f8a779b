package iam

import (
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/eks-access/kubectl-eks-access/access"
)

// reading hands parts over one at a time and gathers what could not be read.
type reading struct {
	realm access.Realm
	me    access.Principal
	seen  func(access.Snapshot)

	mu   sync.Mutex
	gaps []access.Gap
}

func (r *reading) say(part access.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	part.Realms = []access.Realm{r.realm}
	if len(part.Gaps) == 0 {
		part.Gaps = []access.Gap{{Realm: r.realm, Kind: access.IAMPrincipalKind, Why: access.Loading}}
	}
	r.seen(part)
}

func (r *reading) missed(p access.Principal, err error) {
	g := access.Gap{Realm: r.realm, Kind: access.IAMPrincipalKind, Name: p.ID(), Why: access.Denied, Detail: err.Error()}
	var u *unread
	if errors.As(err, &u) {
		g.Why = u.why
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps = append(r.gaps, g)
}

// finish ends the loading. If nobody could be read for one and the same reason,
// that is one gap over all, and not one for each.
func (r *reading) finish(asked int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	gaps := r.gaps
	same := len(gaps) == asked && len(gaps) > 0
	for _, g := range gaps {
		same = same && g.Why == gaps[0].Why
	}
	if same {
		gaps[0].Name = ""
		gaps = gaps[:1]
	}
	r.seen(access.Snapshot{Realms: []access.Realm{r.realm}, Gaps: gaps})
}

// live is the fact under an ARN that IAM answered.
func (r *reading) live(arn string, id *string, created *time.Time) (access.IAMPrincipal, error) {
	p, err := access.ParsePrincipal(arn)
	if err != nil {
		return access.IAMPrincipal{}, &unread{why: access.Broken, text: "IAM's answer can't be read: " + err.Error()}
	}
	return access.IAMPrincipal{In: r.realm, ARN: p.ARN, ID: p.ID(), UniqueID: aws.ToString(id), Created: aws.ToTime(created)}, nil
}
