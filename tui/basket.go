package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// wish is one thing in the basket: a grant, or a migration when there is none.
type wish struct {
	principal access.Principal // of a migration; none: every mapping in force
	grant     *access.GrantAccess
	rules     string      // path of the file of a grant's role
	to        access.Mode // of a migration
}

// id is the principal that the wish is about, "" for all.
func (w wish) id() string {
	if w.grant != nil {
		return w.grant.Principal.ID()
	}
	if w.principal.ARN == "" {
		return ""
	}
	return w.principal.ID()
}

// words say the wish in a few words.
func (w wish) words() string {
	if w.grant == nil {
		what := "every mapping"
		if w.principal.ARN != "" {
			what = report.Name(w.principal)
		}
		return "migrate " + what
	}
	g := w.grant
	where := "the whole cluster"
	if len(g.Namespaces) > 0 {
		where = report.Safe(strings.Join(g.Namespaces, ", "))
	}
	what := report.Safe(permission(*g))
	if w.rules != "" {
		what += " of " + report.Safe(w.rules)
	}
	return "grant " + report.Name(g.Principal) + " " + what + " on " + where
}

// permission is what a grant gives, in a word.
func permission(g access.GrantAccess) string {
	switch {
	case g.Policy != "":
		return access.PolicyName(g.Policy)
	case g.ClusterRole != "":
		return g.ClusterRole
	case g.Role != "":
		return g.Role
	}
	return g.Level.String()
}

// intents are the wishes in the core's words: one migration for all that migrate,
// since they share its steps, then the grants in the order they were wished.
func intents(ws []wish) []access.Intent {
	var out []access.Intent
	var m access.Migrate
	migrates, all := false, false
	for _, w := range ws {
		if w.grant != nil {
			continue
		}
		migrates = true
		m.To = w.to
		if w.principal.ARN == "" {
			all = true
		}
		m.Principals = append(m.Principals, w.principal)
	}
	if all {
		m.Principals = nil
	}
	if migrates {
		out = append(out, m)
	}
	for _, w := range ws {
		if w.grant != nil {
			out = append(out, *w.grant)
		}
	}
	return out
}

// with adds wishes. A second wish to migrate a principal is no second wish, and a
// second equal grant neither.
func with(ws []wish, add ...wish) []wish {
	out := slices.Clone(ws)
	known := map[[2]string]bool{}
	for _, w := range ws {
		known[[2]string{w.id(), w.words()}] = true
	}
	for _, w := range add {
		if k := [2]string{w.id(), w.words()}; !known[k] {
			known[k] = true
			out = append(out, w)
		}
	}
	return out
}

// without drops the migrations of these principals; of nobody: empties the basket.
func without(ws []wish, ids []string) []wish {
	if len(ids) == 0 {
		return nil
	}
	drop := map[string]bool{}
	for _, id := range ids {
		drop[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ws), func(w wish) bool { return w.grant == nil && drop[w.id()] })
}

// wished are the principals of wishes, "" when one is about all.
func wished(ws []wish) map[string]bool {
	out := map[string]bool{}
	for _, w := range ws {
		out[w.id()] = true
	}
	return out
}

// migrating are the principals whose migration is wished.
func migrating(ws []wish) map[string]bool {
	out := map[string]bool{}
	for _, w := range ws {
		if w.grant == nil {
			out[w.id()] = true
		}
	}
	return out
}

func anyMigrates(ws []wish) bool {
	return slices.ContainsFunc(ws, func(w wish) bool { return w.grant == nil })
}

// strangers are the principals of grants that the snapshot knows nothing of: IAM
// is asked about them before a plan is made.
func strangers(s access.Snapshot, ws []wish) []access.Principal {
	var out []access.Principal
	for _, w := range ws {
		if w.grant == nil {
			continue
		}
		p := w.grant.Principal
		k := access.Key{Realm: access.IAMRealm(p.Account), Kind: access.IAMPrincipalKind, Name: p.ID()}
		if s.Objects.At(k) == nil && !slices.ContainsFunc(out, func(o access.Principal) bool { return o.ID() == p.ID() }) {
			out = append(out, p)
		}
	}
	return out
}
