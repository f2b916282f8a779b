package access

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	g := guard{was: was, end: end, caller: s.Caller.Kube.ID(), keep: map[string]bool{}, window: map[string]bool{}, compare: newComparison(), said: map[string]bool{}}
	for _, k := range keep {
		g.keep[k.ID()] = true
	}
	for _, st := range p.Steps {
		if code, who := opens(st); code != "" {
			g.window[who.ID()] = true
			g.say(Confirm, code, st, who.String())
		}
	}
	at, admins := was.fork(), map[string]bool{}
	for _, r := range was.Rows() {
		if id := r.Principal.ID(); administers(was, id) {
			admins[id] = true
		}
	}
	administered, aside := len(admins) > 0, maps.Clone(admins)
	for i, st := range p.Steps {
		for _, id := range at.advance(st) {
			g.check(i, st, at, id)
			delete(admins, id)
			if administers(at, id) {
				admins[id] = true
			}
			if risks(st) {
				delete(aside, id)
			}
		}
		if administered && len(admins) == 0 && !hidesCreator(st) {
			g.say(Refuse, NoAdminLeft, st, strconv.Itoa(i+1))
		}
		if i == len(p.Steps)-1 {
			g.closed(i, st, at)
		}
	}
	g.aside(p, aside)
	return g.found
}

// closed judges those who were let go through a window once more: in the end they have
// what they are meant to have, like everybody.
func (g *guard) closed(i int, st Step, end *Index) {
	through := slices.Sorted(maps.Keys(g.window))
	clear(g.window)
	for _, id := range through {
		g.check(i, st, end, id)
	}
}

// risks reports whether a step changes who somebody is, or may take a right away. One
// that only gives can't lock anybody out.
func risks(st Step) bool {
	k := st.Key().Kind
	return k == EntryKind || k == AuthModeKind || takes(st)
}

// aside asks when no known administrator stands beside the change: all of them depend
// on what it does. Where the mode hides the creator there is one more, nobody knows who.
func (g *guard) aside(p Plan, aside map[string]bool) {
	delete(aside, creatorID)
	var all []string
	for _, r := range g.was.Rows() {
		if id := r.Principal.ID(); id != creatorID && administers(g.was, id) {
			all = append(all, r.Principal.String())
		}
	}
	if len(aside) > 0 || len(all) == 0 || !slices.ContainsFunc(p.Steps, risks) {
		return
	}
	at := slices.IndexFunc(p.Steps, risks)
	g.say(pick(g.was.snap.Mode() == ConfigMapMode, Warn, Confirm), NoAdminAside, p.Steps[at], set(all)...)
}

type guard struct {
	was, end *Index
	caller   string
	keep     map[string]bool
	window   map[string]bool
	compare  *comparison
	found    []Finding
	said     map[string]bool
}

func (g *guard) say(sev Severity, code Code, st Step, args ...string) {
	if key := string(code) + "\x00" + strings.Join(args, "\x00"); !g.said[key] {
		g.said[key] = true
		g.found = append(g.found, Finding{Code: code, Severity: sev, About: []Key{st.Key()}, Args: args})
	}
}

// hidesCreator: the first switch takes the creator out of our sight, not out of the
// cluster: EKS makes an entry for it (EKS user guide, "Access entries").
func hidesCreator(st Step) bool {
	was, ok := st.Before.(AuthMode)
	return ok && was.Mode == ConfigMapMode
}

// opens is the code of a window that a step opens for its principal, who is without
// rights until the next ones are done: for want of a bridge, or since EKS changes the
// type of no entry. The step says so itself, so that a plan file and an undo ask for
// the same yes.
func opens(st Step) (Code, Principal) {
	why := st.Why
	if why == WhyUndo && len(st.Args) > 0 {
		why = Code(st.Args[0])
	}
	var code Code
	switch why {
	case WhyEntryOpen:
		code = NoBridge
	case WhyRetype:
		code = NodeWindow
	default:
		return "", Principal{}
	}
	who, err := ParsePrincipal(st.Key().Name)
	return pick(err == nil, code, ""), who
}

func (g *guard) check(i int, st Step, now *Index, id string) {
	if id == creatorID {
		return // the mode hides or shows the creator; EKS keeps it an administrator
	}
	a, c, z := g.was.effective(id), now.effective(id), g.end.effective(id)
	name := a.principal.String()
	if a.h != nil && nodeItem(a.mapping.Identity) && a.mapping.State == Active && (c.h == nil || !nodeMapping(c.mapping)) && !g.window[id] {
		g.say(Refuse, NodesLose, st, name, strconv.Itoa(i+1))
		return
	}
	if c.alike(a) {
		return // the same sources give the same rights everywhere
	}
	scopes := []string{st.Key().Namespace}
	if !aboutOneScope(st) || now.accounts() {
		scopes = set(slices.Concat([]string{""}, a.scopes(), c.scopes(), z.scopes()))
	}
	whens := conditionsOf(a, c, z)
	for _, ns := range scopes {
		g.checkScope(i, st, id, ns, nil, a, c, z)
		for _, when := range whens {
			g.checkScope(i, st, id, ns, &when, a, c, z)
		}
	}
}

// aboutOneScope: what a RoleBinding or a Role is about ends at its namespace.
func aboutOneScope(st Step) bool {
	k := st.Key().Kind
	return k == RoleBindingKind || k == RoleKind
}

// checkScope compares what everybody who arrives as the principal has in one scope, or
// what the sessions of one condition have.
func (g *guard) checkScope(i int, st Step, id, ns string, when *Condition, a, c, z effective) {
	name, step := cmp.Or(a.principal.String(), c.principal.String()), strconv.Itoa(i+1) // who is new was nobody
	before, here, after := a.in(ns, when), c.in(ns, when), z.in(ns, when)
	gone := g.compare.beyond(before, here)
	kept := after
	if g.keep[id] {
		kept = before
	}
	if len(gone) > 0 && !g.window[id] {
		if lost := covered(gone, kept.rules()); len(lost) > 0 {
			g.say(Refuse, LosesAccess, st, name, step, ns, ruleWords(lost)+forSession(when))
		}
	}
	if len(gone) > 0 && id == g.caller && g.callers(when) {
		g.say(Confirm, CallerLoses, st, name, step, ns, ruleWords(gone)+forSession(when))
	}
	if more := g.compare.beyond(here, slices.Concat(before, after)); len(more) > 0 {
		g.say(Refuse, GainsMeanwhile, st, name, step, ns, ruleWords(more)+forSession(when))
	}
}

// callers reports whether our own session is, or may be, one of the condition.
func (g *guard) callers(when *Condition) bool {
	session := g.was.snap.Caller.Kube.Session
	return when == nil || session == "" || when.matches(Condition{"SessionNameRaw", session})
}

func forSession(when *Condition) string {
	if when == nil {
		return ""
	}
	return " (" + when.Variable + " " + when.Value + ")"
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
