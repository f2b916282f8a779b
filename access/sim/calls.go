package sim

import (
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Call is one request to the bench with its answer.
type Call struct {
	Time      time.Time
	Service   string // eks, iam, sts, kubernetes; as signed
	Operation string // CreateAccessEntry; "list clusterroles", "dry-run create roles"; empty if unknown
	Method    string
	Path      string // escaped, as sent
	Query     url.Values
	Body      []byte
	Status    int    // 0 before the answer is made, or if it was dropped
	Code      string // of the error: AWS's, or the reason of a Kubernetes Status
	Answer    []byte
	Caller    string // ARN, for kubernetes the user name; empty if unknown
}

// Fault is what goes wrong with a call. The zero value is no fault.
type Fault struct {
	// Status, Code and Message make an error answer in the service's own form.
	Status  int
	Code    string
	Message string
	// Drop closes the connection before anything is done.
	Drop bool
	// Lose does what was asked, and then closes the connection.
	Lose bool
	// Delay comes before everything else.
	Delay time.Duration
}

// Calls lists what was asked so far, in the order of the answers.
func (b *Bench) Calls() []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Break asks f about every following call before its answer is made. f may be
// called concurrently, and must not call the bench. Nil mends everything.
func (b *Bench) Break(f func(Call) *Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
}

// faultOf asks the fault function, outside the lock.
func (b *Bench) faultOf(c Call) Fault {
	b.mu.Lock()
	f := b.fault
	b.mu.Unlock()
	if f == nil {
		return Fault{}
	}
	if fault := f(c); fault != nil {
		return *fault
	}
	return Fault{}
}

func (b *Bench) note(c Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, c)
}

// broken tells whether the fault is an error answer, and status its status.
func (f Fault) broken() bool { return f.Status != 0 || f.Code != "" }

func (f Fault) status() int {
	if f.Status == 0 {
		return http.StatusBadRequest
	}
	return f.Status
}
