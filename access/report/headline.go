package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Headline is a plan in one line: who loses first, in words.
func Headline(p access.Plan) string {
	if len(p.Steps) == 0 {
		return "nothing to do"
	}
	var parts []string
	if p.Refused() {
		parts = append(parts, "refused")
	}
	lost, gained := losses(p), gains(p)
	if len(lost) > 0 {
		parts = append(parts, and(lost, 2))
	}
	if n := len(principals(p)); n > 0 {
		parts = append(parts, Count(n, "principal", "principals"))
	}
	parts = append(parts, Count(len(p.Steps), "step", "steps"))
	if len(gained) > 0 {
		parts = append(parts, and(gained, 2))
	}
	if none := gainless(p); len(none) > 0 {
		parts = append(parts, and(none, 2)+pick(len(none) == 1, " gains", " gain")+" nothing")
	}
	if len(lost) == 0 {
		parts = append(parts, "nobody loses anything")
	}
	return Safe(strings.Join(parts, " · "))
}

// losses says who loses what: in the end by comparison, on the way by the guard.
func losses(p access.Plan) []string {
	out := perPrincipal(p.Deltas, "loses", loses, func(d access.Delta) string { return what(d.Was, d.Is) })
	said := map[string]bool{}
	for _, d := range p.Deltas {
		said[d.Principal.ID()] = said[d.Principal.ID()] || loses(d)
	}
	for _, f := range p.Findings {
		text, ok := onTheWay[f.Code]
		if !ok {
			continue
		}
		id := string(f.Code)
		if len(f.Args) > 0 {
			q, _ := access.ParsePrincipal(f.Args[0])
			id = q.ID()
		}
		if !said[id] {
			said[id] = true
			out = append(out, fill(text, access.Finding{Args: f.Args}))
		}
	}
	return out
}

var onTheWay = map[access.Code]string{
	access.LosesAccess: "{p0} loses access at step {1}",
	access.CallerLoses: "you lose access at step {1}",
	access.NodesLose:   "the nodes of {p0} lose access at step {1}",
	access.NoBridge:    "{p0} is without rights for some seconds",
	access.LeftInMap:   "{p0} loses its aws-auth mapping",
}

func gains(p access.Plan) []string {
	return perPrincipal(p.Deltas, "gains", gainsSome, func(d access.Delta) string { return what(d.Is, d.Was) })
}

// gainless are those whom the plan grants something that they have already. Where not
// everything could be read, nobody knows.
func gainless(p access.Plan) []string {
	if slices.ContainsFunc(p.Findings, func(f access.Finding) bool { return f.Code == access.Unseen }) {
		return nil
	}
	gained := map[string]bool{}
	for _, d := range p.Deltas {
		gained[d.Principal.ID()] = gained[d.Principal.ID()] || len(d.Gained) > 0 || d.Is > d.Was
	}
	var out []string
	for _, in := range p.From {
		g, ok := in.(access.GrantAccess)
		if policy, _ := access.PolicyNamed(g.Policy); g.Policy != "" && !policy.Known() {
			continue
		}
		if ok && !gained[g.Principal.ID()] && !slices.Contains(out, Name(g.Principal)) {
			out = append(out, Name(g.Principal))
		}
	}
	return out
}

func loses(d access.Delta) bool     { return len(d.Lost) > 0 || d.Is < d.Was }
func gainsSome(d access.Delta) bool { return (len(d.Gained) > 0 || d.Is > d.Was) && !login(d) }

// perPrincipal says once per principal what comes or goes: in words for one scope,
// counted for several unless the whole cluster is among them. Deltas are sorted by principal.
func perPrincipal(ds []access.Delta, verb string, is func(access.Delta) bool, what func(access.Delta) string) []string {
	var out []string
	n, last, everywhere := 0, "", false
	for _, d := range ds {
		if !is(d) {
			continue
		}
		if id := d.Principal.ID(); id != last || len(out) == 0 {
			n, last, everywhere = 0, id, false
			out = append(out, "")
		}
		everywhere = everywhere || d.Namespace == "" && !login(d)
		if n++; n == 1 {
			out[len(out)-1] = Name(d.Principal) + " " + verb + " " + what(d) + " " + in(d.Namespace)
		} else {
			where := Count(n, "scope", "scopes")
			if everywhere {
				where = "the whole cluster"
			}
			out[len(out)-1] = Name(d.Principal) + " " + verb + " permissions in " + where
		}
	}
	return out
}

// what names the level that comes or goes; within one level it is some permissions.
func what(have, other access.Level) string {
	if have == other || have == access.None {
		return "some permissions"
	}
	return Level(have)
}

// principals are those that the steps or the deltas are about, sorted by ID.
func principals(p access.Plan) []access.Principal {
	found := map[string]access.Principal{}
	add := func(q access.Principal) {
		if q.Kind != access.UnknownPrincipal && q.Kind != "" {
			found[q.ID()] = q
		}
	}
	for _, s := range p.Steps {
		for _, o := range []access.Object{s.Before, s.After} {
			switch o := o.(type) {
			case access.AccessEntry:
				q, _ := access.ParsePrincipal(o.Principal)
				add(q)
			case access.PolicyAssociation:
				q, _ := access.ParsePrincipal(o.Principal)
				add(q)
			}
		}
		if s.Before != nil || s.After != nil {
			gone, come := itemChanges(s)
			for _, m := range slices.Concat(gone, come) {
				add(m.Principal)
			}
		}
	}
	for _, d := range p.Deltas {
		add(d.Principal)
	}
	out := make([]access.Principal, 0, len(found))
	for _, q := range found {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b access.Principal) int { return strings.Compare(a.ID(), b.ID()) })
	return out
}
