package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// focus is the part of the preview that the arrows move in.
type focus uint8

const (
	onSteps focus = iota
	onDetail
	onDeltas
	onFindings
	focusCount
)

// plan preview: what will be done, for whom it changes what, and what must be
// accepted before.
type previewed struct {
	head     string
	wishes   []wish // none: an undo, or a plan that is resumed
	plan     access.Plan
	do       access.Plan // what is applied
	said     []report.Line
	anew     *anew // how it is planned again, where somebody else's change stands in the way
	ready    bool
	err      error
	cluster  string
	deltas   []report.Line
	findings []access.Finding // worst first
	accepted map[int]bool     // findings, by number; never changed in place

	size   size
	focus  focus
	cursor [focusCount]int
	raw    bool
}

func newPreview(ws []wish, cluster string) previewed {
	return previewed{head: pick(len(ws) == 0, "Undo", "Preview"), wishes: ws, cluster: cluster}
}

func (p previewed) take(msg planned) previewed {
	p.plan, p.do, p.said, p.err, p.ready = msg.plan, msg.do, msg.said, msg.err, true
	switch {
	case len(p.do.Steps) == 0:
		p.do = p.plan
	case len(p.plan.Steps) == 0:
		p.said = append(slices.Clone(p.said), report.EndIsLeft())
	}
	p.accepted, p.cursor, p.focus = nil, [focusCount]int{}, onSteps
	if p.plan.Refused() || len(p.plan.Steps) == 0 {
		p.focus = onFindings // that is all there is to look at
	}
	p.deltas = report.Deltas(p.plan)
	p.findings = slices.Clone(p.plan.Findings)
	slices.SortStableFunc(p.findings, func(a, b access.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return p
}

// boxes explain the boxes before the findings, those that there are.
func (p previewed) boxes() string {
	var out []string
	put := func(text string, is func(access.Finding) bool) {
		if slices.ContainsFunc(p.findings, func(f access.Finding) bool { return f.Severity == access.Confirm && is(f) }) {
			out = append(out, text)
		}
	}
	if !p.plan.Refused() {
		put("[ ] space accepts", func(f access.Finding) bool { return !byAsking(f) })
		put("[a] a asks for it", byAsking)
	}
	return strings.Join(out, "  ")
}

// byTyping reports whether a finding is accepted by typing the cluster's name.
func byTyping(f access.Finding) bool { return f.Code == access.OneWayMode }

// byAsking reports whether a finding is accepted with the last question: that a plan is
// another one than before was just seen.
func byAsking(f access.Finding) bool { return byTyping(f) || f.Code == access.MadeAnew }

// open are the findings that still have to be accepted by a key.
func (p previewed) open() int {
	n := 0
	for i, f := range p.findings {
		if f.Severity == access.Confirm && !byAsking(f) && !p.accepted[i] {
			n++
		}
	}
	return n
}

// stuck reports whether what somebody else changed is in the way of a plan that can be
// made again.
func (p previewed) stuck() bool { return p.ready && p.anew != nil && conflicts(p.err) }

// blocked says why the plan can't be applied now, "" when it can.
func (p previewed) blocked() string {
	switch {
	case !p.ready:
		return "the plan is being made"
	case p.err != nil:
		return "there is no plan"
	case len(p.do.Steps) == 0:
		return "there is nothing to do"
	case p.plan.Refused():
		for _, f := range p.findings {
			if f.Severity == access.Refuse {
				text, _ := report.Finding(f)
				return "refused: " + text
			}
		}
	case p.open() > 0:
		return "accept " + report.Count(p.open(), "point", "points") + " first"
	}
	return ""
}

// nextOpen moves to the first finding that still has to be accepted.
func (p previewed) nextOpen() previewed {
	p.focus = onFindings
	for i, f := range p.findings {
		if f.Severity == access.Confirm && !byAsking(f) && !p.accepted[i] {
			p.cursor[onFindings] = i
			break
		}
	}
	return p
}

func (p previewed) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		p.size = msg.size
		return p, nil
	case planned:
		return p.take(msg), hush{}
	case settled:
		p.said = append(slices.Clone(p.said), msg.said...)
		return p, nil
	}
	do, off := p.keys().press(msg)
	switch do {
	case "":
		return p, off
	case doBack:
		return p, back{}
	case doHelp:
		return p, help{}
	case doRaw:
		p.raw = !p.raw
		p.cursor[onDetail] = 0
	case doFocus:
		p.focus = (p.focus + 1) % focusCount
	case doUnfocus:
		p.focus = (p.focus + focusCount - 1) % focusCount
	case doAccept:
		return p.accept(), nil
	case doWrite:
		return p, write{p.plan}
	case doAnew:
		return p, *p.anew
	case doExport:
		plan := p.plan
		return p, offer{plan: &plan}
	case doDiscard:
		return p, many{discard{}, back{}, say{"the basket is empty: b, then u brings it back"}}
	case doTarget:
		return p.retarget()
	case doApply:
		if p.open() > 0 {
			return p.nextOpen(), say{p.blocked() + ": space accepts, then a applies"}
		}
		return p, p.apply()
	default:
		p.cursor[p.focus] = clamp(step(p.cursor[p.focus], do, p.size.h/3, p.total()), 0, max(p.total()-1, 0))
		if p.focus == onSteps {
			p.cursor[onDetail] = 0
		}
	}
	return p, nil
}

// total is the length of the list that the arrows move in.
func (p previewed) total() int {
	switch p.focus {
	case onSteps:
		return len(p.plan.Steps)
	case onDetail:
		return len(p.detail())
	case onDeltas:
		return len(p.deltas)
	}
	return len(p.findings)
}

func (p previewed) accept() previewed {
	i := p.cursor[onFindings]
	if i >= len(p.findings) || p.findings[i].Severity != access.Confirm || byAsking(p.findings[i]) {
		return p
	}
	p.accepted = maps.Clone(p.accepted)
	if p.accepted == nil {
		p.accepted = map[int]bool{}
	}
	p.accepted[i] = !p.accepted[i]
	return p
}

// retarget plans the migration again, to the other mode.
func (p previewed) retarget() (screen, effect) {
	p.wishes = slices.Clone(p.wishes)
	for i, w := range p.wishes {
		if m, ok := w.intent.(access.Migrate); ok {
			m.To = pick(m.To == access.APIMode, access.BothMode, access.APIMode)
			p.wishes[i].intent = m
		}
	}
	p.ready = false
	return p, revise{p.wishes}
}

// apply asks once more for exactly what was shown, so that no single key changes a
// cluster. Each door that never opens again asks for the cluster's name; the findings
// have them by mode, so the first to go through stands last.
func (p previewed) apply() effect {
	yes := apply{p.do, access.Accepted{Digest: p.do.Digest(), Codes: p.plan.Confirms()}, p.head == "Undo"}
	var doors effect
	for _, f := range p.findings {
		if byTyping(f) {
			text, fix := sentence(f)
			then, does := pick[effect](doors == nil, yes, doors), pick(doors == nil, "apply", "next")
			doors = open{ask{title: "This can't be taken back", yes: does, no: "back",
				lines: []report.Line{{Kind: report.Warn, Text: text}, {Kind: report.Note, Text: fix}}, word: p.cluster, then: then}}
		}
	}
	if doors != nil {
		return doors
	}
	return open{ask{title: "Apply to " + report.Safe(p.cluster) + "?", yes: "apply", no: "back",
		lines: []report.Line{pick(len(p.plan.Steps) > 0, report.Line{Text: report.Headline(p.plan)}, report.EndIsLeft())}, then: yes}}
}

// detail is the selected step: its object, why it is there, what must hold first.
func (p previewed) detail() []report.Line {
	i := p.cursor[onSteps]
	if i >= len(p.plan.Steps) {
		return nil
	}
	st := p.plan.Steps[i]
	out := report.StepFields(st)
	if p.raw {
		out = report.StepDiff(st)
	}
	out = append(slices.Clone(out), report.Line{}, report.Line{Kind: report.Note, Text: "call  " + report.StepCall(st)},
		report.Line{Kind: report.Note, Text: "why   " + report.StepWhy(st)})
	for _, e := range st.First {
		out = append(out, report.Promise(p.plan, "first ", e))
	}
	return out
}

// stepTitle is a step in a list: its number, sign and object.
func stepTitle(i, of int, s access.Step) string {
	return fmt.Sprintf("%*d %c %s", len(fmt.Sprint(of)), i+1, s.Sign(), report.StepTitle(s))
}
