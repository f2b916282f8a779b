package tui

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// grant is the form of a grant. It asks only for what can't be derived, with the
// harmless answer chosen, and says at every change what the grant would do.
type grant struct {
	w      *world
	size   size
	at     formField
	asking formField // what the picker above was opened for

	who      []string // ARNs
	kind     permissionKind
	level    access.Level
	name     string // of the policy or role
	whole    bool
	spaces   []string
	via      access.Via
	rules    field // path of the role's file
	user     field
	group    field
	effect   weighed // what it would do
	weighing bool
	adding   bool  // into the basket, when it is known what it would do
	wrong    error // in what was typed as a principal
}

// formField is a line of the form.
type formField uint8

const (
	whoField formField = iota
	kindField
	nameField
	rulesField // of a role only
	whereField
	viaField
	userField
	groupField
	previewField
	addField
	fieldCount
)

// permissionKind is how the permission is named.
type permissionKind uint8

const (
	byLevel permissionKind = iota
	byPolicy
	byClusterRole
	byRole
	kindCount
)

var kindNames = [kindCount]string{"level", "access policy", "cluster role", "role"}

var vias = []access.Via{access.ViaAuto, access.ViaEntry, access.ViaAuthMap}

const (
	doNext   action = "next"
	doPrev   action = "previous"
	doChange action = "change"
	doOther  action = "change back"
	doEnter  action = "enter"
	doAdd    action = "add"
)

// newGrant starts with view in the namespace under the cursor: the least that is
// of use. Nothing is granted on the whole cluster unless it is chosen.
func newGrant(w *world, picked []line, namespace string) grant {
	g := grant{w: w, level: access.View, via: access.ViaAuto}
	for _, l := range picked {
		if grantable(l.row.Principal) {
			g.who = append(g.who, l.row.Principal.ARN)
		}
	}
	if namespace != "" {
		g.spaces = []string{namespace}
	}
	return g
}

// grantable reports whether a mapping can be made for the principal.
func grantable(p access.Principal) bool {
	return p.Kind == access.RolePrincipal || p.Kind == access.UserPrincipal
}

func (g grant) typing() bool { return g.at == rulesField || g.at == userField || g.at == groupField }

func (g grant) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		first := g.size == size{}
		g.size = msg.size
		if first {
			return g.weigh()
		}
		return g, nil
	case weighed:
		g.effect, g.weighing = msg, false
		if g.adding {
			next, e := g.add()
			return next, stagedLate(e)
		}
		return g, nil
	case chosen:
		return g.chose(msg.items).weigh()
	}
	g.adding = false
	do, off := g.keys().press(msg)
	if off != nil {
		return g, off
	}
	switch do {
	case "":
		return g.write(msg)
	case doBack:
		return g, back{}
	case doHelp:
		return g, help{}
	case doNext:
		return g.move(1), nil
	case doPrev:
		return g.move(-1), nil
	case doChange:
		return g.change(1)
	case doOther:
		return g.change(-1)
	case doEnter:
		return g.enter()
	case doPreview:
		ws, _ := g.wishes()
		return g, review{ws}
	case doAdd:
		return g.add()
	}
	return g, nil
}

// add puts the wishes into the basket, as soon as it is known that a plan can be made.
func (g grant) add() (screen, effect) {
	ws, err := g.wishes()
	if err != nil {
		return g, say{err.Error()}
	}
	if g.adding = g.weighing; g.adding {
		return g, say{tryingFirst}
	}
	return g, staging(ws, g.effect)
}

// fields are the lines of the form as it is now.
func (g grant) fields() []formField {
	var out []formField
	for f := range fieldCount {
		if f != rulesField || g.kind == byRole {
			out = append(out, f)
		}
	}
	return out
}

func (g grant) move(by int) grant {
	fs := g.fields()
	g.at = fs[(slices.Index(fs, g.at)+by+len(fs))%len(fs)]
	return g
}

// write gives a key to the text under the cursor.
func (g grant) write(msg tea.Msg) (screen, effect) {
	var ok bool
	switch g.at {
	case rulesField:
		g.rules, ok = g.rules.update(msg)
	case userField:
		g.user, ok = g.user.update(msg)
	case groupField:
		g.group, ok = g.group.update(msg)
	}
	if !ok {
		return g, nil
	}
	return g.weigh()
}

// change goes to the next choice of a field that has a few.
func (g grant) change(by int) (screen, effect) {
	switch g.at {
	case kindField:
		g.kind = permissionKind((int(g.kind) + by + int(kindCount)) % int(kindCount))
		g.name = ""
	case nameField:
		if g.kind != byLevel {
			return g.enter()
		}
		g.level = access.Level(clamp(int(g.level)+by, int(access.View), int(access.Full)))
	case whereField:
		g.whole = !g.whole
	case viaField:
		i := slices.Index(vias, g.via)
		g.via = vias[(i+by+len(vias))%len(vias)]
	}
	return g.weigh()
}

// enter opens the list of a field, or does what its line says.
func (g grant) enter() (screen, effect) {
	g.asking = g.at
	switch g.at {
	case whoField:
		picked := g.who
		if len(picked) == 1 {
			picked = nil // another one is meant instead, not beside
		}
		return g, open{newPicker("Who: choose, or type an ARN", g.principals(), picked, several, "new principal")}
	case nameField:
		switch g.kind {
		case byPolicy:
			return g, open{newPicker("Access policy", policies(), nil, one, "")}
		case byClusterRole:
			return g, open{newPicker("Cluster role", g.roles(true), nil, one, "")}
		case byRole:
			return g, open{newPicker("Role in each namespace", g.roles(false), nil, one, "not there yet")}
		}
	case whereField:
		return g, open{newPicker("Namespaces", g.w.ix.Namespaces(), g.spaces, several, "will be created")}
	case previewField:
		ws, err := g.wishes()
		if err != nil {
			return g, say{err.Error()}
		}
		return g, review{ws}
	case addField:
		return g.add()
	}
	return g.move(1), nil
}

func (g grant) chose(items []string) grant {
	switch g.asking {
	case whoField:
		g.wrong = nil
		for _, it := range items {
			if p, err := access.ParsePrincipal(it); err != nil {
				g.wrong = err
			} else if !grantable(p) {
				g.wrong = errors.New("access is granted to a role or a user")
			}
		}
		if g.wrong != nil || len(items) == 0 {
			return g // to be chosen again
		}
		g.who = items
	case nameField:
		g.name = items[0]
	case whereField:
		g.spaces, g.whole = items, false
	}
	return g.move(1)
}

// weigh asks what the grant would do, when it is whole.
func (g grant) weigh() (screen, effect) {
	ws, err := g.wishes()
	if err != nil {
		g.weighing = false
		return g, nil
	}
	g.weighing = true
	return g, weigh{ws}
}
