package tui

import (
	"fmt"
	"maps"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// picked are the marked lines, or the current one.
func (m matrix) picked() []line {
	var out []line
	for _, l := range m.w.lines {
		if m.marks[l.id] {
			out = append(out, l)
		}
	}
	if l, ok := m.current(); ok && len(out) == 0 {
		out = []line{l}
	}
	return out
}

// migrate puts the picked principals into the basket; if all are in it, out of it.
func (m matrix) migrate() effect {
	var add []wish
	in, left := true, 0
	for _, l := range m.picked() {
		if !migratable(l) {
			left++
			continue
		}
		add = append(add, migration(access.BothMode, l.row.Principal))
		in = in && m.migrating[l.id]
	}
	if in {
		return discard{add}
	}
	said := report.Count(len(add), "migration", "migrations") + " in the basket: p previews"
	if left > 0 {
		said += fmt.Sprintf("  (%d without an aws-auth mapping left out)", left)
	}
	return many{collect{add}, say{said}}
}

// migratable reports whether there is an aws-auth mapping to migrate.
func migratable(l line) bool {
	return slices.ContainsFunc(l.row.Mappings, func(m access.Mapping) bool { return m.Source == access.FromAuthMap })
}

// moves reports whether a migration of every mapping is about the row: nodes, whole
// accounts and what lets nobody in stay as they are.
func (m matrix) moves(l line) bool {
	active, ok := l.row.Active()
	switch {
	case !ok, active.Principal.Kind == access.AccountPrincipal:
		return false
	case active.Source == access.FromEntry: // the items under it go
		return slices.ContainsFunc(l.row.Mappings, func(m access.Mapping) bool { return m.Source == access.FromAuthMap && m.State == access.Shadowed })
	}
	return !m.w.ix.Cell(l.row, "").Node
}

func (m matrix) allMarks() map[string]bool {
	marks := maps.Clone(m.marks)
	if marks == nil {
		marks = map[string]bool{}
	}
	all := true
	for _, i := range m.rows {
		all = all && marks[m.w.lines[i].id]
	}
	for _, i := range m.rows {
		if all {
			delete(marks, m.w.lines[i].id)
		} else {
			marks[m.w.lines[i].id] = true
		}
	}
	return marks
}

func toggled(marks map[string]bool, id string) map[string]bool {
	out := maps.Clone(marks)
	if out == nil {
		out = map[string]bool{}
	}
	if out[id] {
		delete(out, id)
	} else {
		out[id] = true
	}
	return out
}

// unmark takes all marks away when one of them has served: the next key would be about
// whom the last one was meant for.
func (m matrix) unmark(who map[string]bool) matrix {
	for id := range m.marks {
		if who[id] {
			m.marks = nil
			break
		}
	}
	return m
}

// unchangeable says why nothing of the picked row is changed in place, "" when something
// can be.
func (m matrix) unchangeable() string {
	ls := m.picked()
	if len(ls) != 1 {
		return "one principal at a time: esc clears the marks"
	}
	if len(alterations(m.w.ix, ls[0].row)) == 0 {
		return "no mapping of it is in force"
	}
	return ""
}

// nextMode is the authentication mode after this one; EKS goes one step at a time and
// forward only ("Change authentication mode").
func (m matrix) nextMode() access.Mode {
	switch m.w.mode {
	case access.ConfigMapMode:
		return access.BothMode
	case access.BothMode:
		return access.APIMode
	}
	return ""
}

func (m matrix) noMode() string {
	return pick(m.w.mode == access.APIMode, "mode API is the last one: EKS never goes back", "the mode is not known")
}

// switchMode puts the switch to the next mode into the basket, or takes it out.
func (m matrix) switchMode() effect {
	w := wish{intent: access.SwitchMode{To: m.nextMode()}}
	if slices.ContainsFunc(m.basket.wishes, func(o wish) bool { return o.key() == w.key() }) {
		return many{discard{[]wish{w}}, say{"the mode stays as it is"}}
	}
	return stage{w}
}
