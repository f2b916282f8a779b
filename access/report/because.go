package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Because answers "why this cell?". The first line is the answer in one sentence,
// the second its chain; then all mappings, all permissions with their rules, and
// what is not known. Namespace "" is the whole cluster.
func Because(ix *access.Index, r access.Row, namespace string) []Line {
	c := ix.Cell(r, namespace)
	b := because{ix, r, namespace, c}
	out := []Line{b.answer(), say(Plain, "  because  ", strings.Join(b.chain(), "  →  "))}
	out = append(out, Line{}, say(Title, "Mappings"))
	for _, m := range r.Mappings {
		out = append(out, indent("  ", mappingLines(m))...)
	}
	if len(r.Mappings) == 0 {
		out = append(out, say(Note, "  none"))
	}
	if m, ok := b.mapping(); ok {
		out = append(out, Line{}, say(Title, "Permissions ", in(namespace), pick(m.State == access.Active, "", ", if the mapping counts")))
		out = append(out, indent("  ", b.permissions(m))...)
	}
	if len(c.Unknown) > 0 {
		out = append(out, Line{}, say(Title, "Not known"))
		for _, g := range c.Unknown {
			out = append(out, say(Warn, "  ", Gap(g)))
		}
	}
	return out
}

type because struct {
	ix        *access.Index
	row       access.Row
	namespace string
	cell      access.Cell
}

func in(namespace string) string {
	if namespace == "" {
		return "in the whole cluster"
	}
	return "in " + word(namespace)
}

// mapping is the one whose permissions count, or may count.
func (b because) mapping() (access.Mapping, bool) {
	if m, ok := b.row.Active(); ok {
		return m, true
	}
	return b.row.Undecided()
}

// mayDo says what a level guarantees; whoever has it may have more, so no sentence
// says what it leaves out.
var mayDo = [...]string{
	access.None:  "may do nothing",
	access.Some:  "may do some things (Some)",
	access.View:  "may read (View)",
	access.Edit:  "may read and change workloads (Edit)",
	access.Admin: "may change workloads and who may use them (Admin)",
	access.Full:  "may do everything (Full)",
}

func (b because) answer() Line {
	at := "cluster"
	if b.namespace != "" {
		at = word(b.namespace)
	}
	head := at + " · " + Name(b.row.Principal) + " "
	c := b.cell
	switch {
	case len(b.row.Mappings) == 0:
		return say(Bad, head, "has no mapping to this cluster")
	case !c.InForce:
		return say(Bad, head, "may do nothing: none of its mappings is in force")
	case c.Level == access.None && loading(c):
		return say(Note, head, "is not known yet: still loading")
	case c.Level == access.None && len(c.Unknown) > 0:
		if m, ok := b.mapping(); ok && m.State != access.Active {
			return say(Warn, head, "is unknown: ", reasonOf(m))
		}
		return say(Warn, head, "is unknown: ", Gap(c.Unknown[0]))
	case c.Node && c.Level <= access.Some:
		return say(Plain, head, "is a node: the Node authorizer decides what it may do")
	}
	text := mayDo[c.Level]
	if len(c.Unknown) > 0 {
		text = strings.Replace(text, "may ", "may at least ", 1) + "; not everything could be read"
	}
	if len(c.Depends) > 0 {
		text += "; more " + Condition(c.Depends[0].Condition)
		if n := len(c.Depends) - 1; n > 0 {
			text += ", and for " + Count(n, "other session", "other sessions")
		}
	}
	return say(pick(c.Level == access.None, Note, Plain), head, text)
}

func (b because) chain() []string {
	m, ok := b.row.Active()
	if !ok {
		m, ok = deciding(b.row)
		if !ok {
			return []string{"neither an access entry nor an aws-auth item names it"}
		}
		return []string{place(m), State(m), reasonOf(m)}
	}
	out := []string{place(m)}
	if m.Identity.Super() {
		return append(out, "group "+access.Masters, "allowed before any rule is asked")
	}
	g, more, ok := b.decisive(m)
	switch {
	case ok:
		out = append(out, links(g)...)
		if text := b.empty(g); text.Text != "" {
			out[len(out)-1] += ", " + strings.TrimLeft(text.Text, " ")
		}
	case b.cell.Node:
		return append(out, "group system:nodes", "the Node authorizer")
	default:
		nothing := "no binding" + pick(m.Source == access.FromEntry, " and no access policy", "") + " gives it anything "
		if len(b.cell.Unknown) > 0 {
			nothing = "nothing that could be read gives it anything "
		}
		return append(out, identity(m), nothing+in(b.namespace))
	}
	if more > 0 {
		out[len(out)-1] += " (and " + Count(more, "more grant", "more grants") + ")"
	}
	return out
}

// decisive is the grant to name first: the one that is named after the level, else
// the one with most rules. What everybody who logs in has comes last.
func (b because) decisive(m access.Mapping) (best access.Grant, more int, ok bool) {
	weight := func(g access.Grant) int {
		name := g.Policy
		if len(g.Via) > 1 {
			name = g.Via[1].Name
		}
		switch {
		case name != "" && (name == access.LevelRole(b.cell.Level) || name == access.LevelPolicy(b.cell.Level)):
			return 1 << 20
		case everybody(g):
			return 0
		}
		return 1 + len(g.Rules)
	}
	gs := b.ix.Grants(m, b.namespace)
	for _, g := range gs {
		if weight(g) == 0 {
			continue
		}
		if ok {
			more++
		}
		if !ok || weight(g) > weight(best) {
			best, ok = g, true
		}
	}
	return best, more, ok
}

// everybody: the API server puts whoever logs in into this group.
func everybody(g access.Grant) bool { return g.Subject == "Group system:authenticated" }

// links are the parts of a grant's chain, behind the mapping.
func links(g access.Grant) []string {
	if g.Policy != "" {
		to := "whole cluster"
		switch {
		case strings.HasSuffix(g.Pattern, "*"):
			to = "namespaces " + word(g.Pattern) + ", also those made later"
		case g.Pattern != "":
			to = "namespace " + word(g.Pattern)
		}
		return []string{word(g.Policy), to}
	}
	kind, name, _ := strings.Cut(g.Subject, " ")
	out := []string{strings.ToLower(kind) + " " + word(name)}
	for _, k := range g.Via {
		at := word(k.Name)
		if k.Namespace != "" {
			at = word(k.Namespace) + "/" + at
		}
		out = append(out, string(k.Kind)+" "+at)
	}
	return out
}

// identity is what bindings could name. EKS's default user name says nothing that
// the principal does not.
func identity(m access.Mapping) string {
	groups := pick(len(m.Identity.Groups) == 1, "group ", "groups ") + strings.Join(words(m.Identity.Groups), ", ")
	switch {
	case len(m.Identity.Groups) == 0 && m.Identity.User == access.DefaultUsername(m.Principal):
		return "no groups"
	case len(m.Identity.Groups) == 0:
		return "user " + word(m.Identity.User)
	case m.Identity.User == access.DefaultUsername(m.Principal) || m.Identity.User == "":
		return groups
	}
	return "user " + word(m.Identity.User) + ", " + groups
}

func mappingLines(m access.Mapping) []Line {
	kind := map[access.MappingState]Kind{access.Active: Good, access.Undecided: Warn}[m.State]
	if m.State != access.Active && m.State != access.Undecided {
		kind = Note
	}
	head := place(m) + "  " + State(m)
	if m.Reason != "" {
		head += ": " + reasonOf(m)
	}
	out := []Line{say(kind, head)}
	if m.Principal.ARN != "" {
		out = append(out, say(Note, "  principal  ", m.Principal.ARN))
	}
	out = append(out, say(Note, "  username   ", word(m.Identity.User)), say(Note, "  groups     ", list(m.Identity.Groups)))
	return out
}

func (b because) permissions(m access.Mapping) []Line {
	var out []Line
	if m.Identity.Super() {
		return []Line{say(Plain, "group "+access.Masters+"  →  everything, without asking RBAC or access policies")}
	}
	gs := slices.Clone(b.ix.Grants(m, b.namespace))
	slices.SortStableFunc(gs, func(x, y access.Grant) int { return cmp.Compare(order(x), order(y)) })
	for _, g := range gs {
		out = append(out, say(Plain, strings.Join(links(g), "  →  ")))
		if none := b.empty(g); none.Text != "" {
			out = append(out, indent("    ", []Line{none})...)
		}
		out = append(out, ruleLines(Note, "    ", g.Rules)...)
	}
	if b.cell.Node {
		out = append(out, say(Plain, "group system:nodes  →  the Node authorizer: its own Node, and what its pods need"))
	}
	for _, g := range b.ix.Conditional(m, b.namespace) {
		out = append(out, say(Plain, Condition(*g.When), ": ", strings.Join(links(g), "  →  ")))
		out = append(out, ruleLines(Note, "    ", g.Rules)...)
	}
	if len(out) == 0 {
		out = append(out, say(Note, "none"))
	}
	return out
}

func order(g access.Grant) int { return pick(everybody(g), 1, 0) }

// empty says why a grant has no rules to show, and nothing when it has some. A role
// that could not be read is unknown, not empty.
func (b because) empty(g access.Grant) Line {
	switch {
	case g.Unknown != nil:
		return say(Warn, "unknown: ", Gap(*g.Unknown))
	case len(g.Rules) > 0:
		return Line{}
	case len(g.Via) < 2:
		return say(Note, "none of its rules counts here")
	}
	k := g.Via[1]
	s := b.ix.Snapshot()
	if s.Objects.At(k) != nil {
		return say(Note, "which has no rules")
	}
	if _, ok := s.Gap(k.Realm, k.Kind, k.Name); ok {
		return say(Warn, "unknown: the role could not be read")
	}
	return say(Bad, "which does not exist")
}
