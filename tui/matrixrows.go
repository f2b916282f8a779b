package tui

import (
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

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
