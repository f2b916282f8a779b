package tui

import (
	"cmp"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// matrix is the home screen: principals × identities × namespaces.
type matrix struct {
	w      *world
	size   size
	busy   bool
	err    error
	basket basketed

	wished, migrating map[string]bool // principals of the basket; "" is all of them

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
		m.basket, m.wished, m.migrating = msg, wished(msg.wishes), migrating(msg.wishes)
		return m, nil
	case spent:
		return m.unmark(msg.who), nil
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
		return m, many{open{newContrast(m.w, two[0], two[1], m.namespace())}, compare{[2]string{two[0].id, two[1].id}}}
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
		return m, many{collect{[]wish{migration(access.BothMode)}}, say{"every mapping in force is in the basket: p previews"}}
	case doGrant:
		return m, open{newGrant(m.w, m.picked(), m.namespace())}
	case doRevoke:
		return m, open{newRevoke(m.w, m.picked(), m.namespace(), nil)}
	case doAlter:
		return m, open{newAlter(m.w, m.picked()[0])}
	case doMode:
		return m, m.switchMode()
	case doBasket:
		return m, open{newStaged(m.basket)}
	case doExport:
		var who []access.Principal
		if len(m.marks) > 0 {
			for _, l := range m.picked() {
				who = append(who, l.row.Principal)
			}
		}
		return m, offer{who: who}
	case doHistory:
		return m, recall{}
	case doPreview:
		return m, preview{}
	case doFindings:
		return m, open{newFindings(m.w)}
	case doDiscard:
		return m, many{discard{}, say{"the basket is empty: b, then u brings it back"}}
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
