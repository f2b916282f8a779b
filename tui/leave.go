package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// interrupt is Ctrl-C: it stops a running plan, closes a prompt, and leaves. What is
// staged is asked about once; pressed at the question, it is the answer.
func (a *app) interrupt() tea.Cmd {
	top := a.stack[len(a.stack)-1]
	if a.running != nil {
		return a.leave()
	}
	if a.asksToQuit() {
		return tea.Quit
	}
	if _, floats := top.(dialog); floats {
		a.pop()
		return nil
	}
	if f, ok := top.(footed); ok && f.foot(a.size.w, a.theme) != "" {
		return a.top(tea.KeyPressMsg{Code: tea.KeyEscape})
	}
	return a.quit()
}

// leave quits. A plan that is being applied stops after its step first; asked
// again, the screen goes at once and the journal keeps what was done.
func (a *app) leave() tea.Cmd {
	if a.running == nil || a.leaving {
		return tea.Quit
	}
	a.leaving = true
	a.running.cancel()
	a.notice = "leaving after this step; ctrl+c again leaves now"
	return a.tell(stopped{})
}

// quit leaves; what is staged and would be lost is asked about.
func (a *app) quit() tea.Cmd {
	if len(a.basket) == 0 && a.draft == "" {
		return tea.Quit
	}
	var lines []report.Line
	if n := len(a.basket); n > 0 {
		lines = append(lines, report.Line{Kind: report.Warn, Text: report.Count(n, "staged change is", "staged changes are") + " not applied, and quitting drops " + pick(n == 1, "it:", "them:")})
	}
	for _, w := range a.basket {
		lines = append(lines, report.Line{Text: w.words()})
	}
	if a.draft != "" {
		lines = append(lines, report.Line{Kind: report.Warn, Text: "a file with a mistake was not taken into the basket, and quitting drops it"})
	}
	return a.push(ask{title: "Quit?", lines: lines, yes: "quit", no: "stay", then: gone{}})
}
