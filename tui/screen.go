package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type size struct{ w, h int }

// screen is one page or dialog. It is pure: update says what it wants as an
// effect, view draws what it holds. Only app acts.
type screen interface {
	update(msg tea.Msg) (screen, effect)
	view(s size, t *theme) []string // at most s.h lines of at most s.w columns
	keys() keymap
}

// dialog is a screen that floats over the one below it.
type dialog interface {
	screen
	heading() string
}

// effect is a wish of a screen, as plain data.
type effect interface{ effect() }

type (
	open   struct{ screen screen } // on top of this one
	back   struct{}                // to the screen below
	home   struct{ msg tea.Msg }   // to the matrix, with something to tell it or nothing
	quit   struct{}                // asks when a basket would be lost
	gone   struct{}                // leaves
	help   struct{}                // the keys of this screen
	answer struct{ msg tea.Msg }   // close this dialog and tell the screen below
	say    struct{ text string }   // one line at the foot, until the next key
	hush   struct{}                // this screen opened by itself: let typed-ahead keys die

	reload  struct{}
	rank    struct{}                // which namespaces differ most: ranked
	measure struct{}                // what every row may do where: measured
	compare struct{ ids [2]string } // what two principals may, side by side: contrasted
	collect struct{ wishes []wish } // into the basket
	discard struct{ wishes []wish } // out of the basket; none: all of it
	preview struct{}                // the basket as one plan: planned
	review  struct{ wishes []wish } // these wishes as one plan, without the basket
	undo    struct{}                // the last applied plan, backwards: planned
	revise  struct{ wishes []wish } // plan again with these instead: planned
	weigh   struct{ wishes []wish } // what would this do: weighed
	apply   struct {
		plan     access.Plan
		accepted access.Accepted
		undo     bool
	}
	copied struct{ text string } // into the terminal's clipboard
	stop   struct{}              // the running plan, after this step
	edit   struct{}              // the basket as a file, in the person's editor
	regain struct{ forth bool }  // the basket as it was before, or after that
	stage  struct{ wish wish }   // into the basket, unless what would be in it then is refused
	write  struct{ plan access.Plan }
	recall struct{} // what was changed before: recalled
	again  struct { // go on with it, or take it back: planned
		id   string // or the journal's path
		undo bool
		anew *anew // when it can't be gone on with
	}
	anew struct { // plan the wishes of a stopped plan again: planned
		plan    access.Plan
		journal string // "": it has changed nothing
	}
	offer struct { // the screen of exports: of a plan, or of what exists
		plan *access.Plan
		who  []access.Principal // none: all
	}
	export struct { // exported
		format string
		plan   *access.Plan
		who    []access.Principal
	}
	naming struct { // how the file of a text is called: save
		format, cluster, text string
		plan                  bool
	}
	save struct{ path, text string } // saved
	many []effect
)

func (open) effect()    {}
func (back) effect()    {}
func (home) effect()    {}
func (quit) effect()    {}
func (gone) effect()    {}
func (help) effect()    {}
func (answer) effect()  {}
func (say) effect()     {}
func (hush) effect()    {}
func (reload) effect()  {}
func (rank) effect()    {}
func (measure) effect() {}
func (compare) effect() {}
func (collect) effect() {}
func (discard) effect() {}
func (preview) effect() {}
func (review) effect()  {}
func (undo) effect()    {}
func (revise) effect()  {}
func (weigh) effect()   {}
func (apply) effect()   {}
func (stop) effect()    {}
func (edit) effect()    {}
func (regain) effect()  {}
func (stage) effect()   {}
func (copied) effect()  {}
func (write) effect()   {}
func (recall) effect()  {}
func (again) effect()   {}
func (anew) effect()    {}
func (offer) effect()   {}
func (export) effect()  {}
func (naming) effect()  {}
func (save) effect()    {}
func (many) effect()    {}

// Messages to screens. Answers of tasks carry their number: app drops the stale ones.
type (
	resized struct{ size size }
	loaded  struct {
		world *world
		busy  bool // more is coming
		err   error
	}
	basketed struct {
		wishes []wish
		before bool // there is one to be brought back
		after  bool // this one was, and there is one after it
	}
	ranked     struct{ names []string }
	contrasted struct {
		of  *access.Index // of the world in which they were compared
		ids [2]string
		c   access.Contrast
	}
	measured struct {
		of    *access.Index // of the world that was measured
		spans []span
	}
	planned struct {
		task int
		snap access.Snapshot
		plan access.Plan
		do   access.Plan   // what is applied, when it is not the plan itself: the whole of one that is resumed
		said []report.Line // what else there is to know
		anew *anew         // what it was planned again from
		err  error
	}
	settled struct { // nothing was left of a change that was planned anew
		said []report.Line
	}
	tried struct { // what would be in the basket with one wish more
		task int
		wish wish
		plan access.Plan
		err  error
	}
	recalled struct {
		past []Past
		err  error
	}
	reminder string // that a change stands halfway
	weighed  struct {
		task int
		snap access.Snapshot
		plan access.Plan
		err  error
	}
	exported struct {
		task   int
		format string
		text   string
		lines  []string // as a terminal may show it
		width  int      // of the longest
		err    error
	}
	saved struct {
		path string
		err  error
	}
	happened struct {
		task   int
		events []access.Event
		at     time.Time
	}
	ended struct {
		task    int
		outcome access.Outcome
		begun   []int // steps that this run did, or may have done, or found done
		err     error
		at      time.Time
	}
	beat struct {
		task int
		at   time.Time
	}
	stopped struct{} // the stop was passed on
	spent   struct { // of these principals something was put into the basket, or is applied
		who map[string]bool
	}
	reveal struct { // the row of a principal, and a namespace
		id        string
		namespace string
	}
	chosen struct{ items []string } // what a picker was closed with
	posed  struct{ of question }    // what an inquiry was closed with
)
