package tui

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// revoke is the form of what is taken from the picked principals. It begins with the
// least that can be meant: what counts in the namespace under the cursor, there only.
type revoke struct {
	w      *world
	who    []line
	from   []taking // what all of them have; all access last
	at     revokeField
	chosen int // of from
	spaces []string
	names  bool // out of bindings, too
	asking revokeField
	size   size

	effect   weighed // what it would do
	weighing bool
	adding   bool // into the basket, when that is known
}

// revokeField is a line of the form.
type revokeField uint8

const (
	takeField revokeField = iota
	fromField             // where it is taken
	namesField
	revokePreview
	revokeAdd
)

// newRevoke begins with what a grant gives, or what there is in a namespace, "" for
// the whole cluster.
func newRevoke(w *world, who []line, namespace string, of *access.Grant) revoke {
	r := revoke{w: w, who: who, from: common(w.ix, who)}
	i := slices.IndexFunc(r.from, func(t taking) bool { return slices.Contains(t.spaces, namespace) })
	if i < 0 {
		i = slices.IndexFunc(r.from, func(t taking) bool { return t.whole })
	}
	if of != nil {
		i = slices.IndexFunc(r.from, func(t taking) bool { return t.gives(*of) })
		namespace = of.Scope
		if of.Policy != "" {
			namespace = of.Pattern
		}
	}
	r.chosen = max(i, 0)
	return r.narrow(namespace)
}

// gives reports whether a grant comes from what can be taken.
func (t taking) gives(g access.Grant) bool {
	if g.Policy != "" {
		return t.sort == takePolicy && t.name == g.Policy
	}
	sort, name, ok := bound(g)
	return ok && t.sort == sort && t.name == name
}

// narrow keeps to one namespace, where there is something to keep to.
func (r revoke) narrow(namespace string) revoke {
	r.spaces = nil
	if t := r.taking(); t.divisible() && slices.Contains(t.spaces, namespace) {
		r.spaces = []string{namespace}
	}
	return r
}

func (r revoke) taking() taking { return r.from[r.chosen] }

// fields are the lines of the form as it is now.
func (r revoke) fields() []revokeField {
	out := []revokeField{takeField}
	if r.taking().divisible() {
		out = append(out, fromField)
	}
	if r.taking().sort == takeAll {
		out = append(out, namesField)
	}
	return append(out, revokePreview, revokeAdd)
}

// wishes are one for each principal, with the namespaces in which it has it.
func (r revoke) wishes() ([]wish, error) {
	t := r.taking()
	var out []wish
	for _, l := range r.who {
		in := t.of(l.row.Principal, r.spaces, r.names)
		if len(r.spaces) > 0 && len(r.who) > 1 {
			own := takings(r.w.ix, l.row)
			had := own[slices.IndexFunc(own, t.alike)].spaces
			in.Namespaces = slices.DeleteFunc(in.Namespaces, func(ns string) bool { return !slices.Contains(had, ns) })
			if len(in.Namespaces) == 0 {
				continue
			}
		}
		out = append(out, wish{intent: in})
	}
	if len(out) == 0 {
		return nil, errors.New("none of them has it there")
	}
	return out, nil
}

func (r revoke) keys() keymap {
	k := formKeys(nil, r.enters())
	if r.at < revokePreview {
		k = append(k, changeKeys()...)
	}
	return append(k, more(doHelp, "?", "?", "the keys that work here"), formBack())
}

// enters is what Enter does on the field under the cursor.
func (r revoke) enters() string {
	switch r.at {
	case revokePreview:
		return enterPreview
	case revokeAdd:
		return enterAdd
	}
	return pick(r.at == namesField, "change", enterChoose)
}

func (r revoke) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		first := r.size == size{}
		r.size = msg.size
		if first {
			return r.weigh()
		}
		return r, nil
	case weighed:
		r.effect, r.weighing = msg, false
		if r.adding {
			next, e := r.ends(revokeAdd)
			return next, stagedLate(e)
		}
		return r, nil
	case chosen:
		return r.chose(msg.items).weigh()
	}
	r.adding = false
	do, off := r.keys().press(msg)
	switch do {
	case "":
		return r, off
	case doBack:
		return r, back{}
	case doHelp:
		return r, help{}
	case doNext:
		return r.move(1), nil
	case doPrev:
		return r.move(-1), nil
	case doChange:
		return r.change(1).weigh()
	case doOther:
		return r.change(-1).weigh()
	case doPreview:
		return r.ends(revokePreview)
	case doAdd:
		return r.ends(revokeAdd)
	}
	return r.enter()
}

func (r revoke) move(by int) revoke {
	fs := r.fields()
	r.at = fs[(slices.Index(fs, r.at)+by+len(fs))%len(fs)]
	return r
}

// change goes to the next choice of a field.
func (r revoke) change(by int) revoke {
	switch r.at {
	case takeField:
		n := len(r.from)
		was := r.spaces
		r.chosen = (r.chosen + by + n) % n
		if r.spaces = nil; len(was) == 1 {
			r = r.narrow(was[0])
		}
	case fromField:
		if r.spaces == nil {
			r.spaces = r.taking().spaces[:1]
		} else {
			r.spaces = nil
		}
	case namesField:
		r.names = !r.names
	}
	return r
}

// enter opens the list of a field, or does what its line says.
func (r revoke) enter() (screen, effect) {
	r.asking = r.at
	switch r.at {
	case takeField:
		var items []string
		for _, t := range r.from {
			items = append(items, t.words())
		}
		return r, open{newPicker("Take away", items, nil, one, "")}
	case fromField:
		return r, open{newPicker("Namespaces to take it in", r.taking().spaces, r.spaces, several, "")}
	case namesField:
		return r.change(1).weigh()
	}
	return r.ends(r.at)
}

// ends previews the wishes, or puts them into the basket.
func (r revoke) ends(at revokeField) (screen, effect) {
	ws, err := r.wishes()
	if err != nil {
		return r, say{err.Error()}
	}
	if at == revokePreview {
		return r, review{ws}
	}
	if r.adding = r.weighing; r.adding {
		return r, say{tryingFirst}
	}
	return r, staging(ws, r.effect)
}

func (r revoke) chose(items []string) revoke {
	switch r.asking {
	case takeField:
		if i := slices.IndexFunc(r.from, func(t taking) bool { return t.words() == items[0] }); i >= 0 {
			r.chosen, r.spaces = i, nil
		}
	case fromField:
		if len(items) == 0 {
			return r // which would mean everywhere
		}
		r.spaces = slices.Sorted(slices.Values(items))
		if len(items) == len(r.taking().spaces) && !r.taking().whole {
			r.spaces = nil
		}
	}
	return r.move(1)
}

// weigh asks what it would do.
func (r revoke) weigh() (screen, effect) {
	ws, err := r.wishes()
	if err != nil {
		r.weighing = false
		return r, nil
	}
	r.weighing = true
	return r, weigh{ws}
}
