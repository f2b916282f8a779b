package report

import (
	"iter"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Table is the list as columns, one line for each principal; wide has one for each
// mapping, with everything in full. Width 0 cuts nothing. Of the items no more than
// their words are kept: those of a large cluster are many.
func Table(items iter.Seq[ListItem], wide bool, width int) []Line {
	rows := []tableRow{{Title, narrowHead}}
	if wide {
		rows = []tableRow{{Title, wideHead}}
	}
	for it := range items {
		if wide {
			rows = append(rows, wideRows(it)...)
		} else {
			rows = append(rows, narrowRow(it))
		}
	}
	return columns(rows, width, tableColumns)
}

// tableColumns: who somebody is and what that may do comes first, and through what, since
// that says "dead", too; most identities are the principal's own name again. Names are cut
// in their middle, since a path or an account begins many of them.
var tableColumns = map[string]column{
	"PRINCIPAL":  {least: 26, cut: middle},
	"IDENTITY":   {least: 24, cut: shortIdentity, spare: 1},
	"VIA":        {least: 13, cut: stateOnly},
	"NAMESPACES": {least: 14, cut: fewer},
}

type tableRow struct {
	kind  Kind
	cells []string
}

var (
	narrowHead = []string{"PRINCIPAL", "IDENTITY", "VIA", "CLUSTER", "NAMESPACES"}
	wideHead   = []string{"PRINCIPAL", "USERNAME", "GROUPS", "VIA", "LINE", "TYPE", "POLICIES", "CLUSTER", "NAMESPACES", "REASON"}
)

func narrowRow(it ListItem) tableRow {
	p, _ := access.ParsePrincipal(it.Principal.ARN)
	if it.Principal.Kind == access.CreatorPrincipal {
		p.Kind = it.Principal.Kind
	}
	cells := []string{Name(p), "–", "–", it.cluster(), it.namespaces()}
	if at := it.deciding(); at >= 0 {
		cells[2] = via(it.Mappings[at].Source, it.Mappings[at].State)
		if it.inForce() {
			cells[1] = listIdentity(it.Mappings[at])
		}
	}
	return tableRow{pick(it.inForce(), Plain, Note), cells}
}

func wideRows(it ListItem) []tableRow {
	var out []tableRow
	at := it.deciding()
	for i, m := range it.Mappings {
		arn := it.Principal.ARN
		if it.Principal.Kind == access.CreatorPrincipal {
			arn = it.Principal.Name
		}
		line := ""
		if m.Line > 0 {
			line = m.Section + ":" + itoa(m.Line)
		}
		cells := []string{arn, word(m.Username), strings.Join(words(m.Groups), ","), via(m.Source, m.State), line, m.Type,
			policies(m), "–", "–", m.Message}
		if i == at {
			cells[7], cells[8] = it.cluster(), it.namespaces()
			cells[9] = strings.Join(append(pick(m.Message == "", nil, []string{m.Message}), it.unknown()...), "; ")
		}
		out = append(out, tableRow{pick(m.State == access.Active, Plain, Note), cells})
	}
	return out
}

// deciding is the mapping that the cells come from, as for a row of the index.
// -1 when there is none.
func (it ListItem) deciding() int {
	at := -1
	for i, m := range it.Mappings {
		if at < 0 || rank(m.State) < rank(it.Mappings[at].State) {
			at = i
		}
	}
	return at
}

func rank(s access.MappingState) int {
	switch s {
	case access.Active:
		return 0
	case access.Undecided:
		return 1
	}
	return 2
}

func (it ListItem) inForce() bool {
	at := it.deciding()
	return at >= 0 && rank(it.Mappings[at].State) < 2
}

func (it ListItem) cluster() string {
	if !it.inForce() {
		return "–"
	}
	for _, a := range it.Access {
		if a.Namespace == "" {
			return a.word()
		}
	}
	return "–"
}

func (it ListItem) namespaces() string {
	var parts []string
	for _, a := range it.Access {
		if a.Namespace != "" && it.inForce() {
			parts = append(parts, word(a.Namespace)+":"+a.letter())
		}
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, " ")
}

// unknown is what the cells of an item could not take into account, each once.
func (it ListItem) unknown() []string {
	var out []string
	for _, a := range it.Access {
		for _, u := range a.Unknown {
			if !slices.Contains(out, u) && it.inForce() {
				out = append(out, u)
			}
		}
	}
	return out
}

func (a ListAccess) cell() access.Cell {
	c := access.Cell{InForce: true, Node: a.Node}
	if a.Depends {
		c.Depends = []access.More{{}}
	}
	if a.Level == "unknown" || a.AtLeast {
		c.Unknown = []access.Gap{{}}
	}
	if a.Level != "unknown" {
		_ = c.Level.UnmarshalText([]byte(a.Level)) // the words are Level's own
	}
	return c
}

func (a ListAccess) word() string { return CellWord(a.cell()) }
func (a ListAccess) letter() string {
	return Letter(a.cell()) + pick(a.AtLeast, "+", "")
}

func listIdentity(m ListMapping) string {
	user := word(m.Username)
	if parts := strings.Split(m.Username, "/"); strings.HasPrefix(m.Username, "arn:") && len(parts) > 1 {
		// EKS's default user name is the principal's ARN, which stands beside it.
		user = word("…/" + strings.Join(parts[max(1, len(parts)-2):], "/"))
	}
	switch {
	case m.Username == "" && len(m.Groups) == 0:
		return "–"
	case len(m.Groups) == 0:
		return user
	}
	return user + " " + list(m.Groups)
}

// shortIdentity leaves the principal's own name out, which stands beside it.
func shortIdentity(s string, width int) string {
	if rest, ok := strings.CutPrefix(s, "…/"); ok {
		if _, session, ok := strings.Cut(rest, "/"); ok {
			s = "…/" + session
		}
	}
	return middle(s, width)
}

// stateOnly leaves the source out of a mapping that is not in force: that it is dead counts.
func stateOnly(s string, width int) string {
	if _, state, ok := strings.Cut(s, " ("); ok {
		s = strings.TrimSuffix(state, ")")
	}
	return Cut(s, width)
}

func policies(m ListMapping) string {
	var out []string
	for _, p := range m.Policies {
		text := word(p.Name)
		if p.Scope != "cluster" {
			text += list(p.Namespaces)
		}
		out = append(out, text)
	}
	return strings.Join(out, ",")
}
