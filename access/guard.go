package access

import (
	"slices"
	"strconv"
)

// Guard walks every prefix of a plan and requires, of each: whoever had a right
// before and is meant to have it after has it now; nobody has more than before and
// after together; nodes stay; somebody can still administer the cluster. With keep,
// these principals must also keep everything in the end. A breach is Refuse, or
// Confirm where it hurts only the caller.
//
// A prefix is checked for the principals its last step touched: the others are as
// they were in the prefix before.
func Guard(s Snapshot, p Plan, keep []Principal) []Finding { return guardFrom(NewIndex(s), p, keep) }

func guardFrom(was *Index, p Plan, keep []Principal) []Finding {
	end := was.fork()
	for _, st := range p.Steps {
		end.advance(st)
	}
	s := was.snap
	g := guard{was: was, end: end, caller: s.Caller.Kube.ID(), window: map[string]bool{}, compare: newComparison()}
	for _, k := range keep {
		g.keep = append(g.keep, k.ID())
	}
	for _, st := range p.Steps {
		if who, open := opens(st); open {
			g.window[who.ID()] = true
			g.say(Confirm, NoBridge, st, who.String())
		}
	}
	at, admins := was.fork(), map[string]bool{}
	for _, r := range was.Rows() {
		if id := r.Principal.ID(); administers(was, id) {
			admins[id] = true
		}
	}
	administered := len(admins) > 0
	for i, st := range p.Steps {
		for _, id := range at.advance(st) {
			g.check(i, st, at, id)
			delete(admins, id)
			if administers(at, id) {
				admins[id] = true
			}
		}
		if administered && len(admins) == 0 && !hidesCreator(st) {
			g.say(Refuse, NoAdminLeft, st, strconv.Itoa(i+1))
		}
	}
	return g.found
}

type guard struct {
	was, end *Index
	caller   string
	keep     []string
	window   map[string]bool
	compare  *comparison
	found    []Finding
}

func (g *guard) say(sev Severity, code Code, st Step, args ...string) {
	f := Finding{Code: code, Severity: sev, About: []Key{st.Key()}, Args: args}
	if !slices.ContainsFunc(g.found, func(o Finding) bool { return o.Code == f.Code && slices.Equal(o.Args, f.Args) }) {
		g.found = append(g.found, f)
	}
}

// hidesCreator: the first switch takes the creator out of our sight, not out of the
// cluster: EKS makes an entry for it (EKS user guide, "Access entries").
func hidesCreator(st Step) bool {
	was, ok := st.Before.(AuthMode)
	return ok && was.Mode == ConfigMapMode
}

// opens reports whether a step leaves its principal without rights until the next
// ones are done, for want of a bridge. The step says so itself, so that a plan file
// and an undo ask for the same yes.
func opens(st Step) (who Principal, open bool) {
	if st.Why != WhyEntryOpen && (st.Why != WhyUndo || !slices.Contains(st.Args, string(WhyEntryOpen))) {
		return Principal{}, false
	}
	who, err := ParsePrincipal(st.Key().Name)
	return who, err == nil
}

func (g *guard) check(i int, st Step, now *Index, id string) {
	if id == creatorID {
		return // the mode hides or shows the creator; EKS keeps it an administrator
	}
	a, c, z := g.was.effective(id), now.effective(id), g.end.effective(id)
	name := a.principal.String()
	if a.h != nil && nodeItem(a.mapping.Identity) && a.mapping.State == Active && (c.h == nil || !nodeMapping(c.mapping)) {
		g.say(Refuse, NodesLose, st, name, strconv.Itoa(i+1))
		return
	}
	if c.alike(a) {
		return // the same sources give the same rights everywhere
	}
	for _, ns := range set(slices.Concat([]string{""}, a.scopes(), c.scopes(), z.scopes())) {
		before, here, after := a.in(ns), c.in(ns), z.in(ns)
		gone := g.compare.beyond(before, here)
		kept := after
		if slices.Contains(g.keep, id) {
			kept = before
		}
		if len(gone) > 0 && !g.window[id] {
			if lost := covered(gone, kept.rules()); len(lost) > 0 {
				g.say(Refuse, LosesAccess, st, name, strconv.Itoa(i+1), ns, ruleWords(lost))
			}
		}
		if id == g.caller && len(gone) > 0 {
			g.say(Confirm, CallerLoses, st, name, strconv.Itoa(i+1), ns, ruleWords(gone))
		}
		if more := g.compare.beyond(here, slices.Concat(before, after)); len(more) > 0 {
			g.say(Refuse, GainsMeanwhile, st, name, strconv.Itoa(i+1), ns, ruleWords(more))
		}
	}
}

// nodeMapping reports whether a node role still logs in as a node: by its aws-auth
// item, or by an entry of a node type.
func nodeMapping(m Mapping) bool {
	if m.Source == FromEntry {
		return m.Type != StandardType
	}
	return nodeItem(m.Identity)
}

// administers reports whether a principal in force may do everything.
func administers(ix *Index, id string) bool {
	r, ok := ix.row(id)
	return ok && ix.Cell(r, "").Level == Full
}
