package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Reply is the answer to `can-i`: one principal, and requests that must all be
// allowed. A kubectl command can need several.
type Reply struct {
	Principal access.Principal
	Checks    []Check
	Meant     string // what the words were taken to mean, where that is not plain
}

// Check is one request with its answer, and the nearest misses of one that is not yes.
type Check struct {
	Request access.Request
	Answer  access.Answer
	Misses  []access.Miss
}

// Verdict is the answer as a whole, with the conditions of a conditional one.
func (r Reply) Verdict() (access.Verdict, []access.Condition) {
	as := make([]access.Answer, len(r.Checks))
	for i, c := range r.Checks {
		as[i] = c.Answer
	}
	return access.Together(as...)
}

// conditionsSaid is how many conditions a line names.
const conditionsSaid = 3

// AnswerLine is the answer in a word: "yes", "no", "unknown", or "yes, when the
// session name is alice".
func AnswerLine(r Reply) Line {
	v, when := r.Verdict()
	return say(verdictKind(v), verdict(v, when))
}

func verdict(v access.Verdict, when []access.Condition) string {
	if v == access.Maybe {
		return "yes, " + conditions(when)
	}
	return string(v)
}

func verdictKind(v access.Verdict) Kind {
	switch v {
	case access.Yes:
		return Good
	case access.No:
		return Bad
	}
	return Warn
}

// conditions joins conditions: any of them is enough.
func conditions(cs []access.Condition) string {
	var out []string
	for i, c := range cs {
		if i == conditionsSaid {
			out = append(out, Count(len(cs)-i, "other session", "other sessions"))
			break
		}
		out = append(out, Condition(c))
	}
	return strings.Join(out, ", or ")
}

// Undecided says, beside an answer that is not known, what keeps it from being so.
func Undecided(r Reply) []Line {
	var out []Line
	for _, c := range r.Checks {
		if c.Answer.Verdict != access.Unknown && c.Answer.Verdict != access.Maybe {
			continue
		}
		for _, g := range c.Answer.Unknown {
			if l := say(Warn, "? ", Gap(g)); !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// AnswerWhy explains an answer: the mapping, what it makes of the principal, what
// allows it and by which rule; or what is missing, and what is not known.
func AnswerWhy(r Reply) []Line {
	out := mappingWhy(r)
	if r.Meant != "" {
		out = append(out, fact("asked", r.Meant))
	}
	for _, c := range r.Checks {
		v := verdict(c.Answer.Verdict, c.Answer.When())
		out = append(out, Line{}, say(Title, request(c.Request), ": ", v))
		out = append(out, checkWhy(c)...)
	}
	return out
}

// fact is a line of an explanation, its subject in a column of its own.
func fact(what, text string) Line { return say(Plain, pad(what, 10), text) }

func mappingWhy(r Reply) []Line {
	out := []Line{fact("principal", pick(r.Principal.ARN == "", Name(r.Principal), r.Principal.ARN))}
	var row access.Row
	if len(r.Checks) > 0 {
		row = r.Checks[0].Answer.Row
	}
	if len(row.Mappings) == 0 {
		return append(out, fact("mapping", "none: neither an access entry nor an aws-auth item names it"))
	}
	for _, m := range row.Mappings {
		text := place(m) + ", " + State(m)
		if m.Reason != "" {
			text += ": " + reasonOf(m)
		}
		out = append(out, fact("mapping", text))
		if m.State == access.Active || m.State == access.Undecided {
			out = append(out, fact("identity", identity(m)))
		}
	}
	return out
}

func checkWhy(c Check) []Line {
	var out []Line
	a := c.Answer
	for i, g := range a.Grants {
		out = append(out, fact("through", through(g)))
		if g.When != nil {
			out = append(out, fact("", Condition(*g.When)))
		}
		if g.Subject != "Group "+access.Masters {
			out = append(out, fact("rule", Rule(a.Rules[i])))
		}
	}
	switch {
	case a.Verdict == access.No && a.Mapping.State == "" && len(a.Row.Mappings) > 0:
		out = append(out, fact("missing", "none of its mappings is in force"))
	case a.Verdict == access.No && a.Mapping.State == "":
		out = append(out, fact("missing", "a mapping: the cluster does not let it in"))
	case a.Verdict == access.No:
		out = append(out, fact("missing", "no rule "+pick(c.Request.URL == "", "that counts "+in(c.Request.Namespace), "of it")+" allows it"))
	}
	for _, m := range c.Misses {
		out = append(out, fact("nearest", miss(m, c.Request)+", by "+through(m.Grant)))
	}
	for _, g := range a.Unknown {
		out = append(out, say(Warn, pad("unknown", 10), Gap(g)))
	}
	return out
}

// through is the chain of a grant: group devs → RoleBinding a/devs → ClusterRole edit.
func through(g access.Grant) string {
	parts := links(g)
	if g.Subject == "Group "+access.Masters && len(g.Via) == 0 {
		parts = append(parts, "allowed before any rule is asked")
	}
	return strings.Join(parts, " → ")
}

// namesSaid is how many names a sentence lists.
const namesSaid = 6

// miss says what it may do instead.
func miss(m access.Miss, q access.Request) string {
	has := slices.Clone(m.Has)
	for i, h := range has {
		switch {
		case h == "*":
			has[i] = "all"
		case h == "" && m.Differs == access.OtherGroup:
			has[i] = "core"
		default:
			has[i] = word(h)
		}
	}
	these := and(has, namesSaid)
	switch m.Differs {
	case access.OtherNamespace:
		return "it may in " + pick(len(m.Has) == 1, "", Count(len(m.Has), "namespace", "namespaces")+": ") + these
	case access.OtherVerb:
		return "it may " + these + pick(q.URL == "", " the same", " this URL") + ", not " + word(q.Verb)
	case access.OtherGroup:
		return "the rule is for " + word(q.Resource) + " in the API group " + these + ", and these are in " + pick(q.Group == "", "core", word(q.Group))
	case access.OtherResource:
		return "it may do it to " + these
	case access.OtherName:
		return "it may do it to those named " + these + pick(q.Name == "", ", not to all", "")
	}
	return "it may " + word(q.Verb) + " " + these
}
