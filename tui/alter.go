package tui

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// alter is the form of what is changed in place: whom a principal becomes, where a
// policy of it counts; and of an entry that lets nobody in any more.
type alter struct {
	w       *world
	who     line
	mapping access.Mapping // in force
	from    []alteration
	chosen  int // of from
	at      alterField

	user   field
	groups []string
	whole  bool // the policy counts in the whole cluster
	spaces []string

	effect   weighed // what it would do
	weighing bool
	adding   bool // into the basket, when that is known
	size     size
}

// alteration is something that can be changed.
type alteration struct {
	sort   alterSort
	policy access.PolicyAssociation // of a scope
}

type alterSort uint8

const (
	alterIdentity alterSort = iota
	alterScope
	alterDead
)

// alterField is a line of the form.
type alterField uint8

const (
	alterWhat alterField = iota
	alterUser
	alterGroups
	alterWhere
	alterPreview
	alterAdd
)

// alterations are what can be changed of a row: the identity of its mapping in force, the
// scopes of its policies, an entry that is dead.
func alterations(ix *access.Index, r access.Row) []alteration {
	var out []alteration
	if m, ok := r.Active(); ok {
		out = append(out, alteration{})
		for _, p := range ix.Policies(m) {
			out = append(out, alteration{alterScope, p})
		}
	}
	if slices.ContainsFunc(r.Mappings, func(m access.Mapping) bool { return m.Source == access.FromEntry && m.State == access.Dead }) {
		out = append(out, alteration{sort: alterDead})
	}
	return out
}

// newAlter starts with what there is: nothing changes until something is changed.
func newAlter(w *world, l line) alter {
	m, _ := l.row.Active()
	f := alter{w: w, who: l, mapping: m, from: alterations(w.ix, l.row), groups: slices.Clone(m.Identity.Groups)}
	f.at = f.fields()[0]
	return f
}

func (f alter) now() alteration { return f.from[f.chosen] }

// fields are the lines of the form as it is now.
func (f alter) fields() []alterField {
	var out []alterField
	if len(f.from) > 1 || f.now().sort == alterDead {
		out = append(out, alterWhat)
	}
	switch f.now().sort {
	case alterIdentity:
		out = append(out, alterUser, alterGroups)
	case alterScope:
		out = append(out, alterWhere)
	}
	return append(out, alterPreview, alterAdd)
}

// wish is what the form stands for; the error says what is missing.
func (f alter) wish() (wish, error) {
	switch p := f.who.row.Principal; f.now().sort {
	case alterScope:
		return f.scope(p)
	case alterDead:
		return wish{intent: access.Remake{Principal: p}}, nil
	default:
		return f.identity(p)
	}
}

func (f alter) identity(p access.Principal) (wish, error) {
	had := f.mapping.Identity
	in := access.ChangeIdentity{Principal: p, Username: strings.TrimSpace(f.user.String())}
	if in.Username == had.User {
		in.Username = ""
	}
	for _, g := range f.groups {
		if !slices.Contains(had.Groups, g) {
			in.Add = append(in.Add, g)
		}
	}
	for _, g := range had.Groups {
		if !slices.Contains(f.groups, g) {
			in.Drop = append(in.Drop, g)
		}
	}
	if in.Username == "" && len(in.Add)+len(in.Drop) == 0 {
		return wish{}, errors.New("type another user name, or choose other groups")
	}
	return wish{intent: in}, nil
}

func (f alter) scope(p access.Principal) (wish, error) {
	was := f.now().policy
	in := access.ChangeScope{Principal: p, Policy: access.PolicyName(was.Policy)}
	switch {
	case f.whole:
	case len(f.spaces) == 0: // none would mean everywhere
		return wish{}, errors.New("choose namespaces, or the whole cluster")
	default:
		in.Namespaces = slices.Sorted(slices.Values(f.spaces))
	}
	is := was
	is.Scope = access.PolicyScope{Cluster: f.whole, Namespaces: in.Namespaces}
	if access.Same(was, is) {
		return wish{}, errors.New("choose other namespaces than it has")
	}
	return wish{intent: in}, nil
}

// turn goes to another thing to change, which stands there as it is.
func (f alter) turn(by int) alter {
	n := len(f.from)
	f.chosen = (f.chosen + by + n) % n
	s := f.now().policy.Scope
	f.whole, f.spaces = s.Cluster, s.Namespaces
	return f
}

func (f alter) keys() keymap {
	_, err := f.wish()
	k := formKeys(err, f.enters())
	if f.at == alterWhat || f.at == alterWhere {
		k = append(k, changeKeys()...)
	}
	if f.at != alterUser {
		k = append(k, more(doHelp, "?", "?", "the keys that work here"))
	}
	return append(k, formBack())
}

// enters is what Enter does on the field under the cursor.
func (f alter) enters() string {
	switch f.at {
	case alterGroups, alterWhere:
		return enterChoose
	case alterPreview:
		return enterPreview
	case alterAdd:
		return enterAdd
	}
	return enterNext
}

func (f alter) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		first := f.size == size{}
		if f.size = msg.size; first {
			return f.weigh()
		}
		return f, nil
	case weighed:
		f.effect, f.weighing = msg, false
		if f.adding {
			next, e := f.ends(alterAdd)
			return next, stagedLate(e)
		}
		return f, nil
	case chosen:
		if f.at == alterGroups {
			f.groups = msg.items
			return f.move(1).weigh()
		}
		f.spaces, f.whole = msg.items, false
		if len(f.spaces) > 0 { // else to be chosen again
			f = f.move(1)
		}
		return f.weigh()
	}
	f.adding = false
	do, off := f.keys().press(msg)
	switch do {
	case "":
		if typed, ok := f.user.update(msg); ok && off == nil && f.at == alterUser {
			f.user = typed
			return f.weigh()
		}
		return f, off
	case doBack:
		return f, back{}
	case doHelp:
		return f, help{}
	case doNext:
		return f.move(1), nil
	case doPrev:
		return f.move(-1), nil
	case doChange, doOther:
		if f.at == alterWhere {
			f.whole = !f.whole
		} else {
			f = f.turn(pick(do == doChange, 1, -1))
		}
		return f.weigh()
	case doPreview:
		return f.ends(alterPreview)
	case doAdd:
		return f.ends(alterAdd)
	}
	switch f.at {
	case alterGroups:
		return f, open{newPicker("Groups", f.known(), f.groups, several, "a group that no binding names")}
	case alterWhere:
		return f, open{newPicker("Namespaces", f.places(), f.spaces, several, "not there yet, or a wildcard")}
	case alterPreview, alterAdd:
		return f.ends(f.at)
	}
	return f.move(1), nil
}

func (f alter) move(by int) alter {
	fs := f.fields()
	f.at = fs[(slices.Index(fs, f.at)+by+len(fs))%len(fs)]
	return f
}

// ends previews the wish, or puts it into the basket.
func (f alter) ends(at alterField) (screen, effect) {
	w, err := f.wish()
	if err != nil {
		return f, say{err.Error()}
	}
	if at == alterPreview {
		return f, review{[]wish{w}}
	}
	if f.adding = f.weighing; f.adding {
		return f, say{tryingFirst}
	}
	return f, staging([]wish{w}, f.effect)
}

func (f alter) weigh() (screen, effect) {
	w, err := f.wish()
	if err != nil {
		f.weighing = false
		return f, nil
	}
	f.weighing = true
	return f, weigh{[]wish{w}}
}
