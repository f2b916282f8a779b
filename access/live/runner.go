package live

import (
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Runner is who runs a plan: a caller of AWS, by a process of somebody on a machine.
type Runner struct {
	At     time.Time `json:"at"`
	Caller string    `json:"caller,omitempty"` // ARN, as sts GetCallerIdentity told it
	Login  string    `json:"login,omitempty"`
	Host   string    `json:"host,omitempty"`
	PID    int       `json:"pid"`
	// Journal is the ID of the journal under way, in the lock of a cluster only; ""
	// while nothing is changed yet.
	Journal string `json:"journal,omitempty"`
}

// runner is this process.
func runner(at time.Time, caller access.Caller) Runner {
	r := Runner{At: at.UTC(), Caller: caller.AWS.ARN, PID: os.Getpid()}
	if u, err := user.Current(); err == nil {
		r.Login = u.Username
	}
	r.Host, _ = os.Hostname() // without a name it is not told
	return r
}

// String is for people: "alice on laptop (process 4711)".
func (r Runner) String() string {
	var parts []string
	if r.Login != "" {
		parts = append(parts, r.Login)
	}
	if r.Host != "" {
		parts = append(parts, "on "+r.Host)
	}
	if len(parts) == 0 {
		parts = append(parts, "somebody")
	}
	return strings.Join(parts, " ")
}
