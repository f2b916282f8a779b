package access

import (
	"cmp"
	"slices"
	"strings"
)

// prove asks what shows that an entry is in force: it and its policies read back,
// and a few rights, one per role or policy, that its identity must have.
func (b *builder) prove(p Principal, e AccessEntry, policies []PolicyAssociation) []Expect {
	id := Identity{User: cmp.Or(e.Username, DefaultUsername(p)), Groups: e.Groups}
	out := reads(p, e)
	for _, a := range policies {
		out = append(out, reads(p, a)...)
	}
	m := Mapping{Principal: p, Identity: id, Source: FromEntry, From: e.Key(), Type: e.Type, State: Active}
	return append(out, b.ask(m)...)
}

// reads expects an object to read back as it is.
func reads(p Principal, o Object) []Expect {
	return []Expect{{Principal: p, Object: o, Want: true}}
}

// probes is how many rights are asked for each identity: enough to notice a
// mapping that did not take, few enough to wait for.
const probes = 3

// ask makes questions from what the mapping's identity may do after the steps so
// far: the first request of each grant, widest first.
func (b *builder) ask(m Mapping) []Expect {
	var out []Expect
	for _, ns := range append([]string{""}, b.ix.Scopes(m)...) {
		for _, g := range b.ix.Grants(m, ns) {
			if len(out) == probes {
				return out
			}
			if g.Scope != ns && g.Pattern == "" || isBridgeGrant(g) {
				continue
			}
			if q, ok := question(g.Rules, ns); ok && !slices.ContainsFunc(out, func(e Expect) bool { return e.Request == q }) {
				out = append(out, Expect{Principal: m.Principal, Identity: m.Identity, Request: q, Want: true, Policies: g.Policy != ""})
			}
		}
	}
	return out
}

func isBridgeGrant(g Grant) bool {
	return slices.ContainsFunc(g.Via, func(k Key) bool { return isBridge(k.Name) })
}

// changes asks for what the plan gives and takes, a right of each kind a principal, where
// roles decide: what a policy gives no review shows but the principal's own, and who has no
// mapping any more can't log in to be asked about.
func (b *builder) changes(ds []Delta) []Expect {
	var given, taken []Expect
	asked := func(es []Expect, p Principal) bool {
		return len(es) == probes || slices.ContainsFunc(es, func(e Expect) bool { return e.Principal.ID() == p.ID() })
	}
	for _, d := range ds {
		m, had := b.ix.inForce(d.Principal.ID()), b.was.inForce(d.Principal.ID())
		if d.When != nil || m.State != Active {
			continue
		}
		if q, ok := question(d.Gained, d.Namespace); ok && !asked(given, d.Principal) && byRoles(b.ix.ask(m, q)) {
			given = append(given, Expect{Principal: m.Principal, Identity: m.Identity, Request: q, Want: true})
		}
		if q, ok := question(d.Lost, d.Namespace); ok && !asked(taken, d.Principal) && byRoles(b.was.ask(had, q)) && b.ix.ask(m, q).Verdict == No {
			taken = append(taken, Expect{Principal: m.Principal, Identity: m.Identity, Request: q})
		}
	}
	return append(given, taken...)
}

// byRoles reports whether every session may do it, and no policy has a part in it.
func byRoles(a Answer) bool {
	return a.Verdict == Yes && !slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Policy != "" })
}

// question is a request that the first telling rule allows; one about pods, which everybody
// knows, rather than another.
func question(rules []Rule, ns string) (out Request, ok bool) {
	for _, r := range rules {
		if Everyones(r) || len(r.Resources) == 0 || len(r.Verbs) == 0 || len(r.APIGroups) == 0 || len(r.ResourceNames) > 0 {
			continue
		}
		q := Request{Verb: r.Verbs[0], Group: r.APIGroups[0], Resource: r.Resources[0], Namespace: ns}
		for _, v := range []string{"get", "list"} {
			if slices.Contains(r.Verbs, v) {
				q.Verb = v
				break
			}
		}
		if slices.Contains(r.Resources, "pods") {
			q.Resource = "pods"
			if slices.Contains(r.APIGroups, "") {
				q.Group = ""
			}
		}
		if base, sub, ok := strings.Cut(q.Resource, "/"); ok {
			q.Resource, q.Subresource = base, sub
		}
		if q.Resource == "pods" {
			return q, true
		}
		if !ok {
			out, ok = q, true
		}
	}
	return out, ok
}
