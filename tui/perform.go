package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// perform does what a screen asks for.
func (a *app) perform(e effect) tea.Cmd {
	switch e := e.(type) {
	case nil:
		return nil
	case many:
		var cmds []tea.Cmd
		for _, one := range e {
			cmds = append(cmds, a.perform(one))
		}
		return tea.Batch(cmds...)
	case open:
		return a.push(e.screen)
	case back:
		a.pop()
	case home:
		a.cut(1)
		if e.msg != nil {
			return a.top(e.msg)
		}
	case answer:
		a.pop()
		return a.top(e.msg)
	case help:
		return a.push(newHelp(a.stack[len(a.stack)-1]))
	case say:
		a.notice = report.Safe(e.text)
	case copied:
		a.notice = report.Safe("copied, where the terminal allows it: " + e.text)
		return tea.SetClipboard(e.text)
	case hush:
		return a.hush()
	case quit:
		return a.quit()
	case gone:
		return tea.Quit
	case reload:
		return a.reload()
	case rank:
		own := a.world.ix.Clone()
		return func() tea.Msg { return ranked{names: differing(own)} }
	case measure:
		return a.measure()
	case compare:
		return a.compare(e.ids)
	case collect:
		return tea.Batch(a.fill(with(a.basket, e.wishes...)), a.tell(spent{wished(e.wishes)}))
	case discard:
		return a.fill(without(a.basket, e.wishes))
	case regain:
		return a.regain(e.forth)
	case stage:
		return a.stage(e.wish)
	case edit:
		return a.edit()
	case preview:
		a.whole = true
		return a.show(a.basket)
	case review:
		a.whole = false
		return a.show(e.wishes)
	case revise:
		if a.whole {
			a.basket = slices.Clone(e.wishes)
		}
		return a.plan(planFor{wishes: e.wishes})
	case weigh:
		return a.weigh(e.wishes)
	case undo:
		return a.undo()
	case apply:
		return a.apply(e)
	case stop:
		if a.running != nil {
			a.running.cancel()
		}
		return a.tell(stopped{})
	case write:
		return a.write(e.plan)
	case recall:
		return a.recall()
	case again:
		return a.again(e)
	case anew:
		return a.anew(e)
	case offer:
		if len(a.o.Exports.Formats) == 0 {
			a.notice = "e: nothing can be exported here"
			return nil
		}
		return a.push(newExports(a.o.Exports.Formats, e.plan, e.who, a.world.cluster.Name))
	case export:
		return a.export(e)
	case naming:
		return a.push(newSaveAs(a.o.Exports.Name(e.format, e.cluster, e.plan), e.text))
	case save:
		return func() tea.Msg {
			path, err := a.o.Exports.Save(e.path, e.text)
			return saved{path, err}
		}
	default:
		panic(fmt.Sprintf("effect %T", e))
	}
	return nil
}

// compare puts two side by side; as with measure, one answer is made at a time.
func (a *app) compare(ids [2]string) tea.Cmd {
	if a.comparing {
		return nil
	}
	a.comparing = true
	ix, own := a.world.ix, a.world.ix.Clone()
	return func() tea.Msg { return contrastOf(ix, own, ids) }
}

// measure answers for every row once. One answer is made at a time; who still needs
// it for a newer world asks again.
func (a *app) measure() tea.Cmd {
	if a.measuring {
		return nil
	}
	a.measuring = true
	ix, own := a.world.ix, a.world.ix.Clone()
	return func() tea.Msg { return measured{ix, spansOf(own)} }
}

func (a *app) push(s screen) tea.Cmd {
	a.stack = append(slices.Clone(a.stack), s)
	return a.top(resized{a.body()})
}

func (a *app) pop() {
	a.cut(max(len(a.stack)-1, 1))
}

// cut leaves the screens above the first n. What is made for a screen that is left
// is made no longer.
func (a *app) cut(n int) {
	a.stack = slices.Clone(a.stack[:n])
	if a.asking != nil && a.askingAt >= n {
		a.asking.cancel()
		a.planning, a.later = 0, nil
	}
	if a.judging != nil && a.judgeAt >= n {
		a.judging.cancel()
		a.weighing, a.heavy = 0, nil
	}
}

// page is the number of the screen that is under the dialogs.
func (a *app) page() int {
	n := len(a.stack) - 1
	for n > 0 {
		if _, floats := a.stack[n].(dialog); !floats {
			break
		}
		n--
	}
	return n
}

// hush drops keys until none came for a while: what was typed before a screen
// opened by itself was not meant for it.
func (a *app) hush() tea.Cmd {
	a.loud = a.now().Add(longRest)
	return a.pause()
}

func (a *app) pause() tea.Cmd {
	a.tasks++
	a.hushed = a.tasks
	return a.after(min(restTime, a.loud.Sub(a.now())), rested{a.hushed})
}

func (a *app) reload() tea.Cmd {
	if a.loading != nil {
		a.loading.cancel()
	}
	a.tasks++
	a.loading = newJob[part](a.ctx, a.tasks)
	a.busy = true
	return tea.Batch(load(a.loading, a.backend), listen(a.loading, a.world.ix.Clone(), a.read, 0), a.tell(loaded{busy: true}))
}

// show opens a preview of wishes; the plan comes later.
func (a *app) show(ws []wish) tea.Cmd {
	return tea.Batch(a.push(newPreview(ws, a.world.cluster.Name)), a.plan(planFor{wishes: ws}))
}

// plan makes the plan, after the read that is going on: a plan on facts that are
// being read would be a plan on half of them.
func (a *app) plan(p planFor) tea.Cmd {
	a.tasks++
	a.planning, p.task = a.tasks, a.tasks
	if a.asking != nil {
		a.asking.cancel()
	}
	a.asking, a.askingAt = newJob[access.Plan](a.ctx, a.tasks), a.page()
	if a.busy {
		a.later = &p
		return nil
	}
	return a.make(p)
}

func (a *app) make(p planFor) tea.Cmd {
	j, b, read, s, h := a.asking, a.backend, a.o.ReadRole, a.snap, a.o.History
	return func() tea.Msg {
		defer j.begin()()
		msg := planned{task: p.task, snap: s}
		switch {
		case p.again.id != "", p.anew != nil:
			return h.proposed(j.ctx, p, msg)
		case len(p.wishes) == 0:
			msg.plan, msg.err = backwards(s, p)
			if p.oneWay {
				msg.said = []report.Line{report.OneWayStays()}
			}
			return msg
		}
		known, made, err := build(j.ctx, b, read, s, p.wishes)
		return planned{task: p.task, snap: known, plan: made, err: err}
	}
}

// weigh makes the plan of a grant that is being written. One is made at a time;
// the newest question waits, those before it are forgotten.
func (a *app) weigh(ws []wish) tea.Cmd {
	if a.weighing != 0 {
		a.heavy = ws
		return nil
	}
	a.tasks++
	a.weighing = a.tasks
	a.judging, a.judgeAt = newJob[access.Plan](a.ctx, a.tasks), a.page()
	j, b, read, s := a.judging, a.backend, a.o.ReadRole, a.snap
	return func() tea.Msg {
		defer j.begin()()
		known, p, err := build(j.ctx, b, read, s, ws)
		return weighed{j.task, known, p, err}
	}
}

func (a *app) apply(do apply) tea.Cmd {
	if a.running != nil {
		return nil
	}
	a.tasks++
	a.running, a.applying = newJob[access.Event](a.ctx, a.tasks), do
	a.cut(1)
	return tea.Batch(a.tell(spent{concerned(do.plan)}), a.push(newProgress(do)), carryOut(a.running, a.backend, do, a.now), hear(a.running), a.beat())
}

func (a *app) beat() tea.Cmd {
	return a.after(beatTime, beat{task: a.running.task})
}

// write asks how the file of a plan is called.
func (a *app) write(p access.Plan) tea.Cmd {
	if a.o.PlanFile == nil || a.o.Exports.Save == nil {
		a.notice = "w: plans can't be written here"
		return nil
	}
	name, text, err := a.o.PlanFile(p)
	if err != nil {
		a.notice = "the plan can't be written: " + report.Safe(err.Error())
		return nil
	}
	s := newSaveAs(name, text)
	if p.Refused() {
		s.warn = "this plan is refused: apply -f refuses it, too"
	}
	return a.push(s)
}
