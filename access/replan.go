package access

import (
	"errors"
	"slices"
	"strconv"
)

// ErrNoIntents says that a plan does not tell what it was made of: it takes something
// back, or an earlier release wrote it.
var ErrNoIntents = errors.New("the plan does not say what it was made from, so it can't be made again by itself")

// Replan makes a plan of the same intents anew, for the cluster as it is now. stopped
// are the plans that were begun, the latest first, each of which went on with the next:
// what they did is found and left as it is, finished, or taken away again, so that the
// end is the one that was meant. What is so already is left out.
//
// Nobody has seen the new plan, so it asks for a yes of its own.
func Replan(s Snapshot, stopped ...Plan) (Plan, error) {
	if len(stopped) == 0 || len(stopped[0].From) == 0 {
		return Plan{}, ErrNoIntents
	}
	b := newBuilder(s)
	b.begun = &unfinished{latest: stopped[0]}
	for _, p := range stopped {
		b.begun.steps = append(b.begun.steps, p.Steps...)
	}
	b.left = b.begun.bridges()
	return b.build(s, stopped[0].From)
}

// madeAnew asks for the yes, and says why the plan is another one.
func (b *builder) madeAnew() {
	if b.begun == nil || len(b.plan.Steps) == 0 {
		return
	}
	was := b.begun.latest.Steps
	fresh := 0
	for _, st := range b.plan.Steps {
		if !slices.ContainsFunc(was, func(o Step) bool { return Same(o.Before, st.Before) && Same(o.After, st.After) }) {
			fresh++
		}
	}
	var about []Key
	var conflict *Conflict
	if _, err := Remaining(b.was.snap, was); errors.As(err, &conflict) {
		about = []Key{conflict.Key}
	}
	b.givenAgain()
	b.say(Confirm, MadeAnew, about, strconv.Itoa(fresh), strconv.Itoa(len(b.plan.Steps)))
}

// givenAgain asks for each entry and policy that somebody has taken away since the stopped
// plan had given it, and that the new one gives.
func (b *builder) givenAgain() {
	gone := b.begun.takenBack(b.was.snap.Objects)
	for _, st := range b.plan.Steps {
		k, arn, what := st.Key(), "", ""
		switch o := st.After.(type) {
		case AccessEntry:
			arn, what = o.Principal, "an access entry"
		case PolicyAssociation:
			arn, what = o.Principal, PolicyName(o.Policy)
		}
		if p, err := ParsePrincipal(arn); err == nil && st.Before == nil && slices.Contains(gone, k) {
			b.say(Confirm, GivenAgain, []Key{k}, p.String(), what)
		}
	}
}

// rest is what of an intent is still to do when a plan is made again; false when
// nothing is. For a first plan it is the whole: there a wish that is so already may be
// a mistake, and its error says so.
func (b *builder) rest(in Intent) (Intent, bool) {
	if b.begun == nil {
		return in, true
	}
	switch in := in.(type) {
	case Migrate:
		return b.restOfMigrate(in)
	case GrantAccess:
		return b.likewise(in), true
	case SwitchMode:
		return in, slices.Index(order, b.ix.snap.Mode()) < slices.Index(order, in.To)
	case RevokeAccess:
		return in, b.revocable(in)
	case ChangeIdentity:
		row, _ := b.ix.Row(in.Principal)
		if m, ok := row.Active(); ok {
			in.Drop = slices.DeleteFunc(slices.Clone(in.Drop), func(g string) bool { return !slices.Contains(m.Identity.Groups, g) })
		}
		return in, in.Username != "" || len(in.Add)+len(in.Drop) > 0
	}
	return in, true
}

// restOfMigrate leaves out whom aws-auth does not name any more. To name nobody would
// mean everybody.
func (b *builder) restOfMigrate(in Migrate) (Intent, bool) {
	if len(in.Principals) == 0 {
		return in, true
	}
	in.Principals = slices.DeleteFunc(slices.Clone(in.Principals), func(p Principal) bool {
		row, _ := b.ix.Row(p)
		return !slices.ContainsFunc(row.Mappings, func(m Mapping) bool { return m.Source == FromAuthMap })
	})
	if len(in.Principals) == 0 && in.To == APIMode {
		b.switchTo = APIMode
	}
	return in, len(in.Principals) > 0
}

// revocable reports whether something of what an intent takes away is still there.
func (b *builder) revocable(in RevokeAccess) bool {
	row, ok := b.ix.Row(in.Principal)
	m, active := row.Active()
	switch {
	case !ok || in.everything():
		return ok
	case in.Policy != "":
		had, _ := Get[PolicyAssociation](b.ix.snap.Objects, PolicyAssociation{In: b.eks(), Principal: m.From.Name, Policy: PolicyARN(b.partition(), PolicyName(in.Policy))}.Key())
		return had.Principal != "" && (len(in.Namespaces) == 0 || slices.ContainsFunc(in.Namespaces, func(ns string) bool { return slices.Contains(had.Scope.Namespaces, ns) }))
	case !active:
		return false
	}
	return slices.ContainsFunc(m.Identity.subjects(), func(sub subject) bool {
		return slices.ContainsFunc(b.ix.rbac.bindingsOf(sub), func(bd Binding) bool {
			return bd.Role.Name == in.Role+in.ClusterRole && (bd.Role.Kind == string(RoleKind)) == (in.Role != "") && (len(in.Namespaces) == 0 || slices.Contains(in.Namespaces, bd.Namespace))
		})
	})
}
