package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// progress is a plan being applied, step by step.
type progress struct {
	task     apply
	state    []stepNow
	now      time.Time
	stopping bool
	size     size
}

// stepNow is where one step is.
type stepNow struct {
	state      access.StepState // "" before its turn
	from, to   time.Time
	waitingFor string
	err        error
}

const doStop action = "stop"

func newProgress(task apply) progress {
	return progress{task: task, state: make([]stepNow, len(task.plan.Steps))}
}

func (p progress) keys() keymap {
	why := ""
	if p.stopping {
		why = "stopping after this step"
	}
	return keymap{bind(doStop, "esc q", "esc", "stop after this step", "stop when the current step is done; nothing is cut in half").unless(why == "", why), helpKey()}
}

func (p progress) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		p.size = msg.size
		return p, nil
	case beat:
		p.now = msg.at
		return p, nil
	case happened:
		return p.take(msg), nil
	case ended:
		return newProof(p.task, msg), hush{}
	case stopped:
		p.stopping = true
		return p, nil
	}
	do, off := p.keys().press(msg)
	switch do {
	case doHelp:
		return p, help{}
	case doStop:
		return p, open{ask{title: "Stop after this step?", yes: "stop", no: "go on", then: stop{}, lines: []report.Line{
			{Text: "The step that is running is finished first. Nobody loses access where the plan stops; it can be resumed or undone."}}}}
	}
	return p, off
}

func (p progress) take(msg happened) progress {
	p.state = append([]stepNow{}, p.state...)
	p.now = msg.at
	for _, e := range msg.events {
		if e.Step < 0 || e.Step >= len(p.state) {
			continue
		}
		st := &p.state[e.Step]
		if st.from.IsZero() {
			st.from = msg.at
		}
		st.state, st.err, st.waitingFor = e.State, e.Err, ""
		switch e.State {
		case access.Waiting:
			st.waitingFor = report.Safe(e.Detail)
		case access.Done, access.Skipped, access.Failed:
			st.to = msg.at
		}
	}
	return p
}

func (p progress) finished() int {
	n := 0
	for _, s := range p.state {
		if s.state == access.Done || s.state == access.Skipped {
			n++
		}
	}
	return n
}

// turning is in more fonts than the spinners made of dots.
var turning = [...]string{"◐", "◓", "◑", "◒"}

// frame is the spinner's picture: it turns with the clock of the beats.
func (p progress) frame(t *theme) string {
	if t.plain || t.ascii {
		return ">"
	}
	return turning[int(p.now.UnixMilli()/100)%len(turning)]
}

func (p progress) view(s size, t *theme) []string {
	steps := p.task.plan.Steps
	done := p.finished()
	title := fmt.Sprintf("%d of %d steps", done, len(steps))
	head := " " + t.strong.of(pick(p.task.undo, "Undoing", "Applying")) + "  " + t.text.of(title)
	if p.stopping {
		head += "  " + t.warn.of("stopping after this step")
	}
	out := []string{head, " " + p.bar(clamp(s.w-2, 4, 60), done, t), ""}
	var body []string
	on := 0
	for i, st := range steps {
		if p.state[i].state != "" {
			on = len(body)
		}
		body = append(body, p.step(i, st, min(s.w, 110), t)...)
	}
	rows := max(s.h-len(out), 1)
	return append(out, tail(body, on, rows)...)
}

func (p progress) bar(width, done int, t *theme) string {
	n := 0
	if len(p.state) > 0 {
		n = width * done / len(p.state)
	}
	return t.accent.of(strings.Repeat("━", n)) + t.dim.of(strings.Repeat("─", width-n))
}

func (p progress) step(i int, st access.Step, width int, t *theme) []string {
	now := p.state[i]
	sign, ink, took := "·", t.dim, ""
	switch now.state {
	case access.Started, access.Waiting:
		sign, ink = p.frame(t), t.text
		took = elapsed(p.now.Sub(now.from))
	case access.Done:
		sign, ink, took = "✓", t.good, elapsed(now.to.Sub(now.from))
	case access.Skipped:
		sign, ink, took = "✓", t.dim, "done already"
	case access.Failed:
		sign, ink, took = "✗", t.bad, elapsed(now.to.Sub(now.from))
	}
	text := stepTitle(i, len(p.state), st)
	w := max(width-6-report.Width(took), 4)
	out := []string{"  " + ink.of(sign+" "+pad(text, w)) + " " + t.dim.of(took)}
	if now.waitingFor != "" {
		out = append(out, t.dim.of(report.Cut("      "+now.waitingFor, width)))
	}
	if now.err != nil {
		for _, l := range report.Error(now.err) {
			for _, part := range wrap(l.Text, max(width-8, 8)) {
				out = append(out, "      "+t.line(l.Kind).of(part))
			}
		}
	}
	return out
}

func elapsed(d time.Duration) string {
	switch {
	case d < 0:
		return ""
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Truncate(time.Second).String()
}
