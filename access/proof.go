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

// question is a request that the first telling rule allows.
func question(rules []Rule, ns string) (Request, bool) {
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
		return q, true
	}
	return Request{}, false
}
