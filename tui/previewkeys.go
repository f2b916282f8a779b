package tui

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

const (
	doApply   action = "apply"
	doWrite   action = "write"
	doRaw     action = "raw"
	doTarget  action = "target"
	doFocus   action = "focus"
	doUnfocus action = "unfocus"
	doAccept  action = "accept"
)

func (p previewed) keys() keymap {
	blocked := p.blocked()
	if p.ready && p.open() > 0 && !p.plan.Refused() {
		blocked = "" // the key goes to what is missing
	}
	some := p.ready && p.err == nil
	if p.ready && !some {
		return p.without(blocked)
	}
	k := keymap{
		bind(doApply, "a", "a", "apply", "apply exactly this plan").unless(blocked == "", blocked),
		bind(doRaw, "d", "d", pick(p.raw, "fields", "diff"), "the unified diff of the real objects, or their fields").unless(some, "there is no plan"),
		bind(doFocus, "tab", "tab", "part", "the next part: steps, detail, permissions, what to know before you say yes"),
		bind(doWrite, "w", "w", "write", "write the plan to a file for apply -f, whose name is asked").unless(some && len(p.plan.Steps) > 0, "there is no plan to write"),
		bind(doExport, "e", "e", "export", "the plan as Terraform, CloudFormation and others, instead of applying it").
			unless(some && len(p.plan.Steps) > 0, "there is no plan to export").unless(!p.plan.Refused(), "a refused plan is not exported"),
		more(doUnfocus, "shift+tab", "⇧tab", "the part before"),
	}
	if p.open() > 0 || len(p.accepted) > 0 {
		accept := bind(doAccept, "space", "space", "accept", "accept the point under the cursor, or take it back").
			unless(!p.plan.Refused(), "a refused plan is not accepted").unless(p.focus == onFindings, "a goes to what must be accepted")
		accept.foot = !p.plan.Refused()
		k = slices.Insert(k, 1, accept)
	}
	if p.stuck() {
		k = append(keymap{anewKey()}, k...)
	}
	return append(append(append(k, p.basketKeys()...), moves()...), helpKey(), backKey())
}

// without are the keys where no plan can be made: what to do about it. The key that
// applies is none of them, and pressed it says why.
func (p previewed) without(why string) keymap {
	k := keymap{more(doApply, "a", "a", "apply the plan").unless(false, why)}
	if p.stuck() {
		k = append(k, anewKey())
	}
	return append(append(append(k, p.basketKeys()...), moves()...), helpKey(), backKey())
}

// basketKeys are about the wishes that the plan is, or would be, made of.
func (p previewed) basketKeys() keymap {
	var k keymap
	if anyMigrates(p.wishes) {
		far := slices.ContainsFunc(p.wishes, func(w wish) bool { m, ok := w.intent.(access.Migrate); return ok && m.To == access.APIMode })
		k = append(k, bind(doTarget, "t", "t", pick(far, "not to API", "on to API"), "the mode that the migration ends in: API_AND_CONFIG_MAP, or on to API, in which aws-auth does not count").unless(p.ready, "the plan is being made"))
	}
	if len(p.wishes) > 0 {
		k = append(k, more(doDiscard, "c", "c", "empty the basket and go back"))
	}
	return k
}
