package tui

import (
	"slices"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// What a filter by level or namespace keeps is what the cells say, cell by cell.
func TestSpansAreTheCells(t *testing.T) {
	unread := workshop()
	unread.Gaps = append(unread.Gaps, access.Gap{Realm: kubeRealm, Kind: access.RoleBindingKind, Why: access.Denied})
	for name, s := range map[string]access.Snapshot{"workshop": workshop(), "sessions": sessions(), "unread": unread, "tiny": scale.Of("tiny", 7).Snapshot(), "crowd": crowd(40, 9)} {
		w := survey(s, nil)
		spans := spansOf(access.NewIndex(s))
		for _, text := range []string{"ns:", "ns:a", "ns:e level>=edit", "ns:o level<=some", "ns:carts", "ns:c level=none", "level>=view", "level=none", "ns:team-1"} {
			f := parseFilter(text)
			var want []int
			for i, l := range w.lines {
				if slow(w, l, f) {
					want = append(want, i)
				}
			}
			if got := f.rows(w, spans); !slices.Equal(got, want) {
				t.Errorf("%s, %s: rows %v, want %v", name, text, got, want)
			}
		}
	}
}

// slow asks every cell.
func slow(w *world, l line, f filter) bool {
	if len(f.ns) == 0 {
		var top, some access.Level
		for _, ns := range append([]string{""}, w.ix.Namespaces()...) {
			c := w.ix.Cell(l.row, ns)
			top, some = max(top, c.Level), max(some, inSomeSession(c))
		}
		return f.level(top) || some > top && f.level(some)
	}
	return slices.ContainsFunc(f.namespaces(w.ix.Namespaces()), func(ns string) bool {
		c := w.ix.Cell(l.row, ns)
		if f.level != nil {
			some := inSomeSession(c)
			return f.level(c.Level) || some > c.Level && f.level(some)
		}
		return c.Level > access.None || len(c.Unknown) > 0 || len(c.Depends) > 0
	})
}

func inSomeSession(c access.Cell) access.Level {
	var out access.Level
	for _, d := range c.Depends {
		out = max(out, d.Level)
	}
	return out
}
