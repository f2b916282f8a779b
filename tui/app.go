package tui

import (
	"cmp"
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// app is the only tea.Model: it routes messages to screens, does what they ask for,
// and is the only place that makes a tea.Cmd.
type app struct {
	ctx     context.Context
	backend Backend
	o       Options
	now     func() time.Time
	after   func(time.Duration, tea.Msg) tea.Cmd
	exec    func(tea.ExecCommand, tea.ExecCallback) tea.Cmd // gives the terminal away for a while

	size    size
	dark    bool
	profile colorprofile.Profile
	theme   *theme
	stack   []screen // the matrix first, the screen with the keys last
	notice  string
	hushed  int       // number of the timer after which keys count again; 0: they count
	loud    time.Time // when they count at the latest

	snap   access.Snapshot
	world  *world
	busy   bool
	read   bool // the cluster was read to the end once
	err    error
	basket []wish
	shed   [][]wish // the baskets before this one, the last one last
	left   [][]wish // and those that it was brought back from
	draft  string   // a text of changes with a mistake in it

	trial     *job[access.Plan] // the wish that is being tried
	measuring bool              // what rows may do where
	comparing bool              // two principals
	tasks     int
	loading   *job[part]
	planning  int               // task of the plan that is awaited
	later     *planFor          // to be planned when the cluster has been read
	whole     bool              // the plan awaited is the whole basket
	weighing  int               // task of the grant that is being weighed; 0: none
	heavy     []wish            // to be weighed next
	asking    *job[access.Plan] // the plan that is being made, and the screen it is for
	askingAt  int
	judging   *job[access.Plan] // the same for the grant that is being weighed
	judgeAt   int
	exporting int // task of the text that is being made
	running   *job[access.Event]
	applying  apply // what is running
	reminded  bool  // of changes that stand halfway
	leaving   bool  // quit when the running plan has stopped
	last      *applied
}

// planFor is what a plan is asked for: wishes, or the steps of an undo.
type planFor struct {
	task    int
	wishes  []wish
	steps   []access.Step
	journal string // that the undo takes back
	oneWay  bool   // it has to leave the authentication mode as it is
	again   again  // a change of the history
	anew    *anew  // a plan that is stopped
}

const (
	restTime = 350 * time.Millisecond // keys typed ahead come faster than this
	longRest = time.Second            // and who types on and on is heard after this
	beatTime = 100 * time.Millisecond
)

func newApp(ctx context.Context, b Backend, o Options) *app {
	a := &app{ctx: ctx, backend: b, o: o, now: time.Now, exec: tea.Exec, dark: true, profile: colorprofile.TrueColor}
	a.after = func(d time.Duration, msg tea.Msg) tea.Cmd {
		return tea.Tick(d, func(time.Time) tea.Msg { return msg })
	}
	a.snap = b.Empty()
	a.world = survey(a.snap, nil)
	a.stack = []screen{newMatrix(a.world)}
	a.paint()
	return a
}

func (a *app) paint() { a.theme = newTheme(a.dark, a.profile, a.o) }

// Init asks for the background and starts to read; the first frame waits for neither.
func (a *app) Init() tea.Cmd {
	if a.o.Plain {
		return a.reload()
	}
	return tea.Batch(tea.RequestBackgroundColor, a.reload())
}

func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.size = size{msg.Width, msg.Height}
		return a, a.tell(resized{a.body()})
	case tea.ColorProfileMsg:
		a.profile = msg.Profile
		a.paint()
	case tea.BackgroundColorMsg:
		a.dark = msg.IsDark()
		a.paint()
	case tea.KeyPressMsg:
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.hushed == 0 && !a.small() {
			return a, a.top(msg)
		}
	case rested:
		if msg.task == a.hushed {
			a.hushed = 0
		}
	default:
		return a, a.result(msg)
	}
	return a, nil
}

func (a *app) key(msg tea.KeyPressMsg) tea.Cmd {
	a.notice = ""
	if a.small() {
		return a.smallKey(msg.String())
	}
	if msg.String() == "ctrl+c" {
		return a.interrupt()
	}
	if a.hushed != 0 {
		if a.now().Before(a.loud) {
			return a.pause() // until they rest
		}
		a.hushed = 0
	}
	return a.top(msg)
}

// top gives a message to the screen with the keys.
func (a *app) top(msg tea.Msg) tea.Cmd {
	i := len(a.stack) - 1
	next, e := a.stack[i].update(msg)
	a.stack[i] = next
	return a.perform(e)
}

// tell gives a message to every screen.
func (a *app) tell(msg tea.Msg) tea.Cmd {
	var effects many
	for i, s := range a.stack {
		next, e := s.update(msg)
		a.stack[i] = next
		if e != nil {
			effects = append(effects, e)
		}
	}
	return a.perform(effects)
}

// result takes what a task says. Answers to questions nobody asks any more are dropped.
func (a *app) result(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case surveyed:
		return a.surveyed(msg)
	case planned:
		if msg.task != a.planning {
			return nil
		}
		a.planning = 0
		a.learn(msg.snap)
		return tea.Batch(a.tell(msg), a.settle(msg))
	case tried:
		if a.trial == nil || msg.task != a.trial.task {
			return nil
		}
		return a.tried(msg)
	case edited:
		return a.edited(msg)
	case parsed:
		return a.parsed(msg)
	case weighed:
		if msg.task != a.weighing {
			return nil
		}
		a.learn(msg.snap)
		return a.weighed(msg)
	case ranked:
		return a.tell(msg)
	case contrasted:
		a.comparing = false
		return a.tell(msg)
	case measured:
		a.measuring = false
		return a.tell(msg)
	case reminder:
		if len(a.stack) == 1 { // elsewhere its keys are in the way
			a.notice = cmp.Or(a.notice, string(msg))
		}
	case recalled, settled:
		return a.tell(msg)
	case exported:
		if msg.task != a.exporting {
			return nil
		}
		return a.tell(msg)
	case saved:
		if msg.err == nil {
			a.notice = "written to " + report.Safe(msg.path)
		}
		return a.tell(msg)
	case heard:
		if a.running == nil || msg.task != a.running.task {
			return nil
		}
		return tea.Batch(hear(a.running), a.tell(happened{msg.task, msg.events, a.now()}))
	case beat:
		if a.running == nil || msg.task != a.running.task {
			return nil
		}
		return tea.Batch(a.beat(), a.tell(beat{msg.task, a.now()}))
	case ended:
		if a.running == nil || msg.task != a.running.task {
			return nil
		}
		return a.ended(msg)
	}
	return nil
}

func (a *app) surveyed(msg surveyed) tea.Cmd {
	if a.loading == nil || msg.task != a.loading.task {
		return nil
	}
	if msg.world == nil {
		w := *a.world
		w.reading = msg.reading
		a.world = &w
		return listen(a.loading, a.world.ix.Clone(), a.read, 0)
	}
	a.snap, a.world, a.busy, a.err, a.read = msg.snap, msg.world, !msg.last, msg.err, msg.last
	told := a.tell(loaded{a.world, a.busy, a.err})
	if !msg.last {
		return tea.Batch(listen(a.loading, a.world.ix.Clone(), a.read, msg.took), told)
	}
	a.loading.cancel()
	told = tea.Batch(told, a.remind())
	if later := a.later; later != nil {
		a.later = nil
		return tea.Batch(told, a.make(*later))
	}
	return told
}

// learn keeps what IAM said about new principals, if the cluster was not read
// again since.
func (a *app) learn(s access.Snapshot) {
	if s.At.Equal(a.snap.At) && s.Objects.Len() > a.snap.Objects.Len() {
		a.snap = s
	}
}

func (a *app) weighed(msg weighed) tea.Cmd {
	a.weighing = 0
	if next := a.heavy; next != nil {
		a.heavy = nil
		return a.weigh(next) // what was asked since is the question now
	}
	return a.tell(msg)
}

// ended remembers what can be undone, shows the proof and reads the cluster again.
func (a *app) ended(msg ended) tea.Cmd {
	a.running.cancel()
	a.running = nil
	if a.leaving {
		return tea.Quit
	}
	a.remember(a.applying.plan, msg)
	a.cut(2) // the matrix and the proof: a question that is open has its answer
	var forget tea.Cmd
	if msg.err == nil && msg.outcome.Stopped == nil {
		forget = a.fulfilled()
	}
	return tea.Batch(forget, a.tell(msg), a.reload())
}
