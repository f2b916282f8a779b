package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// matrix is the home screen: principals × identities × namespaces.
type matrix struct {
	w      *world
	size   size
	busy   bool
	err    error
	basket []wish

	typed  field // the filter
	typing bool
	f      filter
	spans  []span   // of w; nil: not measured
	rows   []int    // lines that pass the filter
	names  []string // namespaces that pass it, in their order
	widths []int    // of names
	order  []string // all namespaces by difference; nil: by name

	cursor int // among rows
	top    int
	col    int // 0: the whole cluster, then names[col-1]
	first  int // namespace at the left edge
	pane   pane
	asked  string          // the last question about everybody
	marks  map[string]bool // by principal; never changed in place
}

func newMatrix(w *world) matrix {
	m := matrix{w: w, busy: true}
	return m.sift()
}

func (m matrix) current() (line, bool) {
	if m.cursor < len(m.rows) {
		return m.w.lines[m.rows[m.cursor]], true
	}
	return line{}, false
}

// namespace is the one under the cursor, "" for the whole cluster.
func (m matrix) namespace() string {
	if m.col > 0 && m.col <= len(m.names) {
		return m.names[m.col-1]
	}
	return ""
}

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

func (m matrix) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		m.size = msg.size
		return m.settle(), nil
	case loaded:
		m = m.load(msg)
		return m, m.measures()
	case measured:
		if msg.of != m.w.ix {
			return m, m.measures()
		}
		m.spans = msg.spans
		return m.sift(), nil
	case basketed:
		m.basket = msg.wishes
		return m, nil
	case ranked:
		m.order = msg.names
		m.col, m.first = min(m.col, 1), 0
		return m.sift(), say{"namespaces where rows differ come first; = again sorts by name"}
	case reveal:
		if msg.namespace != "" {
			m = m.goTo([]string{msg.namespace})
		}
		return m.seek(func(l line) bool { return l.id == msg.id }), nil
	case posed:
		m.asked = msg.of.String()
		return m, open{newWho(m.w, msg.of)}
	case chosen:
		return m.goTo(msg.items), nil
	}
	do, off := m.keys().press(msg)
	if off != nil {
		return m, off
	}
	if m.typing && do == "" {
		if f, ok := m.typed.update(msg); ok {
			m.typed = f
			m.f = parseFilter(f.String())
			m.cursor, m.top = 0, 0
			return m.sift(), m.measures()
		}
		return m, nil
	}
	return m.do(do)
}

func (m matrix) do(do action) (screen, effect) {
	switch do {
	case doUp, doDown, doPageUp, doPage, doTop, doBottom, doLeft, doRight, doFirst, doLast:
		return m.move(do), nil
	case doPane, doPaneBack:
		m.pane = (m.pane + 1) % paneCount
	case doMark:
		l, _ := m.current()
		m.marks = toggled(m.marks, l.id)
		return m.move(doDown), nil
	case doMarkAll:
		m.marks = m.allMarks()
	case doFilter:
		m.typing = true
	case doKeep:
		m.typing = false
	case doClear:
		if m.f.text != "" || m.typing {
			l, _ := m.current()
			m.typing, m.typed, m.f = false, field{}, filter{}
			return m.sift().follow(l.id), nil
		}
		m.marks = nil
	case doRank:
		if m.order == nil {
			return m, rank{}
		}
		m.order, m.first = nil, 0
		return m.sift(), nil
	case doJump:
		return m, open{newPicker("Go to a namespace", m.names, nil, one, "")}
	case doCompare:
		two := m.picked()
		return m, open{newContrast(m.w, two[0], two[1], m.namespace())}
	case doWho:
		return m, open{newInquiry(cmp.Or(m.asked, firstQuestion), m.namespace(), kindsOf(m.w.ix.Snapshot()))}
	case doWhy:
		l, _ := m.current()
		return m, open{newWhy(m.w, l, m.namespace())}
	case doMigrate:
		e := m.migrate()
		m.marks = nil
		return m, e
	case doAll:
		return m, many{collect{[]wish{{to: access.BothMode}}}, say{"every mapping in force is in the basket: p previews"}}
	case doGrant:
		return m, open{newGrant(m.w, m.picked(), m.namespace())}
	case doPreview:
		return m, preview{}
	case doFindings:
		return m, open{newFindings(m.w)}
	case doDiscard:
		return m, many{discard{}, say{"the basket is empty"}}
	case doReload:
		return m, reload{}
	case doUndo:
		return m, undo{}
	case doHelp:
		return m, help{}
	case doQuit:
		return m, quit{}
	}
	return m, nil
}

// migrate puts the picked principals into the basket; if all are in it, out of it.
func (m matrix) migrate() effect {
	var ids []string
	var add []wish
	in, wished := true, migrating(m.basket)
	left := 0
	for _, l := range m.picked() {
		if !migratable(l) {
			left++
			continue
		}
		ids = append(ids, l.id)
		add = append(add, wish{principal: l.row.Principal, to: access.BothMode})
		in = in && wished[l.id]
	}
	if in {
		return discard{ids}
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

// load takes a newer world and keeps the cursor on its principal and namespace.
func (m matrix) load(msg loaded) matrix {
	m.busy, m.err = msg.busy, msg.err
	if msg.world == nil {
		return m
	}
	l, had := m.current()
	ns := m.namespace()
	m.w, m.spans = msg.world, nil
	m = m.sift()
	if had && m.cursor != 0 {
		m = m.follow(l.id)
	}
	if i := slices.Index(m.names, ns); i >= 0 {
		m.col = i + 1
	}
	return m.settle()
}

// follow puts the cursor on a principal, if it is there.
func (m matrix) follow(id string) matrix {
	for i, r := range m.rows {
		if m.w.lines[r].id == id {
			m.cursor = i
		}
	}
	return m.settle()
}

// sift applies the filter and the order of namespaces.
func (m matrix) sift() matrix {
	all := m.w.ix.Namespaces()
	if m.order != nil {
		all = ordered(m.order, all)
	}
	m.names = m.f.namespaces(all)
	m.widths = make([]int, len(m.names))
	for i, n := range m.names {
		m.widths[i] = report.Width(report.Safe(n))
	}
	m.rows = m.f.rows(m.w, m.spans)
	return m.settle()
}

// measures asks for what the filter needs to know of every row.
func (m matrix) measures() effect {
	if m.f.places() && m.spans == nil {
		return measure{}
	}
	return nil
}

// ordered are the names in the order of first, then the ones it does not know.
func ordered(first, names []string) []string {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	out := slices.DeleteFunc(slices.Clone(first), func(n string) bool { return !known[n] })
	for _, n := range out {
		delete(known, n)
	}
	for _, n := range names {
		if known[n] {
			out = append(out, n)
		}
	}
	return out
}

// seek puts the cursor on the first row that is meant; a filter that hides it goes.
func (m matrix) seek(meant func(line) bool) matrix {
	find := func(m matrix) int { return slices.IndexFunc(m.rows, func(r int) bool { return meant(m.w.lines[r]) }) }
	at := find(m)
	if at < 0 && m.f.text != "" {
		m.typed, m.f = field{}, filter{}
		m = m.sift()
		at = find(m)
	}
	if at >= 0 {
		m.cursor = at
	}
	return m.settle()
}

func (m matrix) goTo(names []string) matrix {
	for _, n := range names {
		if i := slices.Index(m.names, n); i >= 0 {
			m.col = i + 1
		}
	}
	return m.settle()
}

// count says how much of the whole is shown.
func (m matrix) count() string {
	if m.f.places() && m.spans == nil {
		return fmt.Sprintf("… of %d", len(m.w.lines)) // the answer is being made
	}
	if len(m.rows) == len(m.w.lines) {
		return fmt.Sprint(len(m.rows))
	}
	return fmt.Sprintf("%d of %d", len(m.rows), len(m.w.lines))
}
