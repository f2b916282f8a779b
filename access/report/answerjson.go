package report

import (
	"github.com/eks-access/kubectl-eks-access/access"
)

// AccessAnswer is what `can-i -o json` prints. A field, once there, stays.
type AccessAnswer struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Principal  ListPrincipal      `json:"principal"`
	Answer     access.Verdict     `json:"answer"`         // yes, no, conditional or unknown
	When       []access.Condition `json:"when,omitempty"` // of a conditional one: any is enough
	Mappings   []ListMapping      `json:"mappings"`
	Checks     []AnswerCheck      `json:"checks"` // all must be yes
}

// AnswerCheck is one request with its answer.
type AnswerCheck struct {
	Request access.Request `json:"request"`
	Answer  access.Verdict `json:"answer"`
	Reasons []AnswerReason `json:"reasons"`
	Misses  []AnswerMiss   `json:"misses,omitempty"`
	Unknown []ListGap      `json:"unknown"`
}

// AnswerReason is one grant that allows something.
type AnswerReason struct {
	Subject string            `json:"subject,omitempty"` // "Group devs"
	Binding *access.Key       `json:"binding,omitempty"`
	Role    *access.Key       `json:"role,omitempty"`
	Policy  string            `json:"policy,omitempty"`
	Scope   string            `json:"scope"` // a namespace or a policy's pattern; "" is the whole cluster
	Rule    *access.Rule      `json:"rule,omitempty"`
	When    *access.Condition `json:"when,omitempty"`
	Message string            `json:"message"`
}

// AnswerMiss is a nearest miss.
type AnswerMiss struct {
	Differs access.Part  `json:"differs"`
	Has     []string     `json:"has"`
	Reason  AnswerReason `json:"reason"`
	Message string       `json:"message"`
}

// AnswerData is the JSON form of a reply.
func AnswerData(ix *access.Index, r Reply) AccessAnswer {
	v, when := r.Verdict()
	out := AccessAnswer{APIVersion: access.APIVersion, Kind: "AccessAnswer", Principal: listPrincipal(r.Principal),
		Answer: v, When: when, Mappings: []ListMapping{}, Checks: []AnswerCheck{}}
	for i, c := range r.Checks {
		if i == 0 {
			for _, m := range c.Answer.Row.Mappings {
				out.Mappings = append(out.Mappings, listMapping(ix, m))
			}
		}
		check := AnswerCheck{Request: c.Request, Answer: c.Answer.Verdict, Reasons: []AnswerReason{}, Unknown: gapsOf(c.Answer.Unknown)}
		for j, g := range c.Answer.Grants {
			check.Reasons = append(check.Reasons, reason(g, &c.Answer.Rules[j]))
		}
		for _, m := range c.Misses {
			check.Misses = append(check.Misses, AnswerMiss{m.Differs, m.Has, reason(m.Grant, &m.Rule), Safe(miss(m, c.Request))})
		}
		out.Checks = append(out.Checks, check)
	}
	return out
}

func reason(g access.Grant, rule *access.Rule) AnswerReason {
	r := AnswerReason{Subject: g.Subject, Policy: g.Policy, Scope: g.Scope + g.Pattern, Rule: rule, When: g.When, Message: Safe(through(g))}
	if g.Policy == "" && len(g.Via) == 2 {
		r.Binding, r.Role = &g.Via[0], &g.Via[1]
	}
	return r
}

func listPrincipal(p access.Principal) ListPrincipal {
	return ListPrincipal{p.ARN, p.Kind, p.Account, p.Name, p.PermissionSet()}
}

func gapsOf(gs []access.Gap) []ListGap {
	out := []ListGap{}
	for _, g := range gs {
		out = append(out, ListGap{g.Realm, g.Kind, g.Why, g.Detail, g.Name, Gap(g)})
	}
	return out
}
