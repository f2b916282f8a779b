package tui

import (
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

const (
	doMark     action = "mark"
	doMarkAll  action = "mark all"
	doMigrate  action = "migrate"
	doAll      action = "migrate all"
	doGrant    action = "grant"
	doRevoke   action = "revoke"
	doAlter    action = "alter"
	doMode     action = "mode"
	doBasket   action = "basket"
	doHistory  action = "history"
	doExport   action = "export"
	doDiscard  action = "discard"
	doWhy      action = "why"
	doPreview  action = "preview"
	doFilter   action = "filter"
	doJump     action = "jump"
	doRank     action = "rank"
	doFindings action = "findings"
	doReload   action = "reload"
	doUndo     action = "undo"
	doPane     action = "pane"
	doPaneBack action = "pane back"
	doClear    action = "clear"
	doKeep     action = "keep"
	doFirst    action = "first"
	doLast     action = "last"
)

func (m matrix) keys() keymap {
	_, some := m.current()
	const nobody = "there is no principal under the cursor"
	reading := "still reading the cluster"
	if m.typing {
		return keymap{
			bind(doKeep, "enter", "↵", "keep", "keep the filter"),
			bind(doClear, "esc", "esc", "clear", "clear the filter"),
			more(doUp, "up", "↑", "up"), more(doDown, "down", "↓", "down"),
		}
	}
	l, _ := m.current()
	migrate := bind(doMigrate, "m", "m", "migrate", "migrate to access entries: into the basket, or out of it")
	if some && len(m.marks) == 0 && m.migrating[l.id] {
		migrate.SetHelp("m", "don't migrate")
	}
	compare := bind(doCompare, "c", "c", "compare", "compare two marked principals: what one may and the other may not").
		unless(len(m.marks) == 2, pick(len(m.marks) > 2, "more than two are marked: esc clears the marks", "mark two principals first: space"))
	compare.foot = len(m.marks) == 2
	basket := bind(doBasket, "b", "b", "basket", "what is in the basket: look at it, drop some of it, edit it as a file")
	basket.foot = len(m.basket.wishes) > 0
	why := m.unchangeable()
	k := keymap{
		bind(doMark, "space", "space", "mark", "mark the principal for m, g, x, e and c").unless(some, nobody),
		compare,
		migrate.unless(some, nobody).unless(slices.ContainsFunc(m.picked(), migratable), "there is no aws-auth mapping to migrate"),
		bind(doGrant, "g", "g", "grant", "grant access: to the marked, or to a new principal"),
		bind(doRevoke, "x", "x", "revoke", "revoke access of the marked: a policy, a role, or all of it").unless(some, nobody),
		bind(doPreview, "p", "p", "preview", "preview the basket as one plan").
			unless(len(m.basket.wishes) > 0, nothingStaged).unless(!m.busy, reading),
		basket,
		bind(doWhy, "enter", "↵", "why", "why this cell: the chain of reasons and its rules").unless(some, nobody),
		bind(doWho, "w", "w", "who can", "who else can do something here: a verb and a type"),
		bind(doFilter, "/", "/", "filter", "filter: names, ns:carts, level>=edit, via:aws-auth, dead, account:1112"),
		bind(doJump, "n", "n", "namespace", "go to a namespace").unless(len(m.names) > 0, "no namespaces were read"),
		bind(doFindings, "f", "f", "findings", "what is worth knowing about this cluster"),
		bind(doRank, "=", "=", "differences", "namespaces where rows differ first, or by name again"),
		bind(doReload, "r", "r", "reload", "read the cluster again").unless(!m.busy, reading),
		bind(doExport, "e", "e", "export", "what exists, or what the marked have, as Terraform, CloudFormation and others").unless(!m.busy, reading),
		bind(doHistory, "H", "H", "history", "what was changed from here before: show, resume, undo"),
		more(doAlter, "i", "i", "change in place: user name, groups, where a policy counts; make a dead entry again").unless(some, nobody).unless(why == "", why),
		more(doAll, "M", "M", "migrate every mapping in force"),
		more(doMode, "S", "S", "switch the authentication mode one step: into the basket, or out of it").unless(m.nextMode() != "", m.noMode()).unless(!m.busy, reading),
		more(doDiscard, "E", "E", "empty the basket").unless(len(m.basket.wishes) > 0, nothingStaged),
		more(doUndo, "u", "u", "undo the last applied plan: preview first"),
		more(doMarkAll, "a", "a", "mark all that are shown, or none"),
		more(doLeft, "left h", "← h", "namespace to the left"),
		more(doRight, "right l", "→ l", "namespace to the right"),
		more(doFirst, "0 ^", "0", "to the whole cluster"),
		more(doLast, "$", "$", "to the last namespace"),
	}
	if shapeOf(m.size.w) == panes {
		k = append(keymap{bind(doPane, "] tab", "[ ]", "pane", "the next pane"), more(doPaneBack, "[ shift+tab", "[", "the pane before")}, k...)
	}
	if m.f.text != "" || len(m.marks) > 0 {
		k = append(k, more(doClear, "esc", "esc", "clear the filter, then the marks"))
	}
	for _, b := range moves() {
		if b.do == doTop {
			b = more(doTop, "home", "home", "to the top")
		}
		k = append(k, b)
	}
	return append(k, helpKey(), bind(doQuit, "q", "q", "quit", "leave"))
}

// legend explains the letters of the cells.
func (m matrix) legend() string { return report.Legend() }
