package access

import (
	"slices"
	"strconv"
	"strings"
)

// Trial is what a server says of a step that it was asked to try and not to make.
type Trial struct {
	Step    int
	Err     error // its refusal; nil: it would make the change
	Untried Code  // EKSHasNone, NeedsSteps or WebhookOnly; "" when the server could say
	Detail  string
}

// Tried is a plan with what trials say of it: refusals one by one, the rest summed up.
func Tried(p Plan, trials []Trial) Plan {
	out := slices.Clone(p.Findings)
	untried, detail := map[Code][]string{}, map[Code]string{}
	n := 0
	for _, t := range trials {
		number := strconv.Itoa(t.Step + 1)
		switch {
		case t.Err != nil:
			n++
			out = append(out, Finding{Code: ServerRefuses, Severity: Refuse, About: []Key{p.Steps[t.Step].Key()}, Args: []string{number, t.Err.Error()}})
		case t.Untried != "":
			untried[t.Untried], detail[t.Untried] = append(untried[t.Untried], number), t.Detail
		default:
			n++
		}
	}
	if len(trials) > 0 {
		out = append(out, Finding{Code: ServerTried, Severity: Info, Args: []string{strconv.Itoa(n), strconv.Itoa(len(trials))}})
	}
	for _, why := range []Code{EKSHasNone, NeedsSteps, WebhookOnly} {
		if steps := untried[why]; len(steps) > 0 {
			args := []string{strings.Join(steps, ", ")}
			if why == WebhookOnly {
				args = append(args, detail[why])
			}
			out = append(out, Finding{Code: why, Severity: Info, Args: args})
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) })
	p.Findings = out
	return p
}
