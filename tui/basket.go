package tui

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// wish is one thing in the basket.
type wish struct {
	intent access.Intent // of one principal; a migration may be of all
	rules  string        // path of the file of a grant's role
}

// migration is the wish to migrate one principal, or with none every mapping in force.
func migration(to access.Mode, ps ...access.Principal) wish {
	return wish{intent: access.Migrate{To: to, Principals: ps}}
}

// principal is whom the wish is about; false: about all.
func (w wish) principal() (access.Principal, bool) {
	switch in := w.intent.(type) {
	case access.GrantAccess:
		return in.Principal, true
	case access.RevokeAccess:
		return in.Principal, true
	case access.ChangeIdentity:
		return in.Principal, true
	case access.ChangeScope:
		return in.Principal, true
	case access.ChangeType:
		return in.Principal, true
	case access.Remake:
		return in.Principal, true
	case access.Migrate:
		if len(in.Principals) > 0 {
			return in.Principals[0], true
		}
	}
	return access.Principal{}, false
}

// id is that principal's, "" for all.
func (w wish) id() string {
	if p, ok := w.principal(); ok {
		return p.ID()
	}
	return ""
}

func (w wish) migrates() bool { _, yes := w.intent.(access.Migrate); return yes }

// words say the wish in a few words.
func (w wish) words() string {
	text := report.Intent(w.intent)
	if w.rules != "" {
		text += " with the rules of " + report.Safe(w.rules)
	}
	return text
}

// key tells whether two wishes are one. The words leave out how something is granted,
// and which rules a role has; nobody is migrated twice, in whatever way.
func (w wish) key() [2]string {
	text := w.words()
	switch w.intent.(type) {
	case access.Migrate:
		text = "migrate"
	case access.GrantAccess, access.MakeRole, access.BindRole:
		all, _ := access.EncodeIntent(w.intent) // of plain values, which JSON has
		text += "\x00" + string(all)
	}
	return [2]string{w.id(), text}
}

// intents are the wishes in the core's words: one migration for all that migrate alike,
// since they share its steps; what gives, in the order it was wished; then what takes.
// The switch to the mode in which aws-auth does not count is the migration's own last
// step, when there is one.
func intents(ws []wish) []access.Intent {
	var out, gives, takes []access.Intent
	var migrations []access.Migrate
	last := false
	for _, w := range ws {
		switch in := w.intent.(type) {
		case access.Migrate:
			migrations = joining(migrations, in)
		case access.RevokeAccess:
			takes = append(takes, in)
		case access.SwitchMode:
			if in.To == access.APIMode {
				last = true
			} else {
				out = append(out, in)
			}
		default:
			gives = append(gives, in)
		}
	}
	for _, m := range migrations {
		m.To = pick(last, access.APIMode, m.To)
		out = append(out, m)
	}
	out = append(append(out, gives...), takes...)
	if last && len(migrations) == 0 {
		out = append(out, access.SwitchMode{To: access.APIMode})
	}
	return out
}

// joining adds a migration to those of the same kind. With none named it is of all.
func joining(ms []access.Migrate, in access.Migrate) []access.Migrate {
	for i, m := range ms {
		if m.NodeType != in.NodeType || m.Subjects != in.Subjects {
			continue
		}
		ms[i].To = in.To
		if len(m.Principals) == 0 || len(in.Principals) == 0 {
			ms[i].Principals = nil
		} else {
			ms[i].Principals = slices.Concat(m.Principals, in.Principals)
		}
		return ms
	}
	return append(ms, in)
}

// with adds wishes. One that is there already is none. What is taken from a principal
// only grows: less of it has to be dropped first. A second change of an identity or a
// scope takes the place of the first.
func with(ws []wish, add ...wish) []wish {
	out := slices.Clone(ws)
	known := map[[2]string]bool{}
	for _, w := range ws {
		known[w.key()] = true
	}
	for _, w := range add {
		switch w.intent.(type) {
		case access.RevokeAccess, access.ChangeIdentity, access.ChangeScope:
			for i := 0; i < len(out); i++ {
				if joint, ok := w.joined(out[i]); ok {
					delete(known, out[i].key())
					out = slices.Delete(out, i, i+1)
					w, i = joint, i-1
				}
			}
		}
		if !known[w.key()] {
			known[w.key()] = true
			out = append(out, w)
		}
	}
	return out
}

// joined is one wish for this one and one before it, where both would start from the
// same object: the second step would find it changed by the first.
func (w wish) joined(was wish) (wish, bool) {
	if w.id() != was.id() {
		return w, false
	}
	switch in := w.intent.(type) {
	case access.ChangeIdentity:
		_, ok := was.intent.(access.ChangeIdentity)
		return w, ok
	case access.ChangeScope:
		o, ok := was.intent.(access.ChangeScope)
		return w, ok && o.Policy == in.Policy
	case access.RevokeAccess:
		o, ok := was.intent.(access.RevokeAccess)
		switch {
		case !ok:
			return w, false
		case everything(o), everything(in):
			w.intent = access.RevokeAccess{Principal: in.Principal, Subjects: in.Subjects || o.Subjects}
			return w, true
		case in.Policy != o.Policy || in.ClusterRole != o.ClusterRole || in.Role != o.Role:
			return w, false
		}
		if len(in.Namespaces) == 0 || len(o.Namespaces) == 0 {
			in.Namespaces = nil
		} else {
			in.Namespaces = slices.Compact(slices.Sorted(slices.Values(slices.Concat(in.Namespaces, o.Namespaces))))
		}
		w.intent = in
		return w, true
	}
	return w, false
}

func everything(r access.RevokeAccess) bool {
	return r.Policy == "" && r.ClusterRole == "" && r.Role == ""
}

// without drops wishes; with none of them named it empties the basket.
func without(ws, drop []wish) []wish {
	if len(drop) == 0 {
		return nil
	}
	known := map[[2]string]bool{}
	for _, w := range drop {
		known[w.key()] = true
	}
	return slices.DeleteFunc(slices.Clone(ws), func(w wish) bool { return known[w.key()] })
}

// wished are the principals of wishes, "" when one is about all of them.
func wished(ws []wish) map[string]bool {
	out := map[string]bool{}
	for _, w := range ws {
		if id := w.id(); id != "" || w.migrates() {
			out[id] = true
		}
	}
	return out
}

// concerned are the principals that the wishes of a plan name.
func concerned(p access.Plan) map[string]bool {
	out := map[string]bool{}
	for _, in := range p.From {
		if m, ok := in.(access.Migrate); ok {
			for _, who := range m.Principals {
				out[who.ID()] = true
			}
		} else if id := (wish{intent: in}).id(); id != "" {
			out[id] = true
		}
	}
	return out
}

// migrating are the principals whose migration is wished.
func migrating(ws []wish) map[string]bool {
	return wished(slices.DeleteFunc(slices.Clone(ws), func(w wish) bool { return !w.migrates() }))
}

func anyMigrates(ws []wish) bool { return slices.ContainsFunc(ws, wish.migrates) }

// strangers are the principals of grants that the snapshot knows nothing of: IAM
// is asked about them before a plan is made.
func strangers(s access.Snapshot, ws []wish) []access.Principal {
	var out []access.Principal
	for _, w := range ws {
		g, ok := w.intent.(access.GrantAccess)
		if !ok {
			continue
		}
		p := g.Principal
		k := access.Key{Realm: access.IAMRealm(p.Account), Kind: access.IAMPrincipalKind, Name: p.ID()}
		if s.Objects.At(k) == nil && !slices.ContainsFunc(out, func(o access.Principal) bool { return o.ID() == p.ID() }) {
			out = append(out, p)
		}
	}
	return out
}
