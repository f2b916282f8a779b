package sim

import (
	"net/http"
	"strings"
)

// caller is who holds an access key.
type caller struct {
	key     string
	arn     arn
	id      string // unique id of the role or user
	deny    []string
	expired bool
}

// admit makes a key known, and the principal behind it, if it is not in IAM yet.
func (b *Bench) admit(c Caller) {
	a, err := parseARN(c.ARN)
	if err != nil {
		return // Parse refuses such a world; one made by hand has a key nobody knows
	}
	b.callers[c.Key] = &caller{key: c.Key, arn: a, id: b.account(a.account).admit(a), deny: c.Deny, expired: c.Expired}
}

func (b *Bench) callerOf(key string) *caller {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.callers[key]
}

// userID is what STS calls the caller: a session is its role's id and the session's name.
func (c *caller) userID() string {
	if s := c.arn.session(); s != "" {
		return c.id + ":" + s
	}
	return c.id
}

// may refuses an action that the world denies to the caller, in AWS's words.
func (c *caller) may(action, resource string) *refusal {
	for _, d := range c.deny {
		if prefix, wild := strings.CutSuffix(d, "*"); d == action || wild && strings.HasPrefix(action, prefix) {
			code := "AccessDeniedException"
			if !strings.HasPrefix(action, "eks:") {
				code = "AccessDenied"
			}
			return refuse(http.StatusForbidden, code, "User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
				c.arn, action, resource, action)
		}
	}
	return nil
}
