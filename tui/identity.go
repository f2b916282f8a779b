package tui

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// identity is the form of whom a principal becomes in Kubernetes.
type identity struct {
	w        *world
	who      line
	mapping  access.Mapping // in force
	at       identityField
	user     field
	groups   []string
	effect   weighed // what it would do
	weighing bool
	size     size
}

// identityField is a line of the form.
type identityField uint8

const (
	identityUser identityField = iota
	identityGroups
	identityPreview
	identityAdd
	identityFields
)

// newIdentity starts with what there is: nothing changes until something is changed.
func newIdentity(w *world, l line) identity {
	m, _ := l.row.Active()
	return identity{w: w, who: l, mapping: m, groups: slices.Clone(m.Identity.Groups)}
}

// wish is what the form stands for; the error says what is missing.
func (f identity) wish() (wish, error) {
	had := f.mapping.Identity
	in := access.ChangeIdentity{Principal: f.who.row.Principal, Username: strings.TrimSpace(f.user.String())}
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

func (f identity) keys() keymap {
	_, err := f.wish()
	k := formKeys(err)
	if f.at != identityUser {
		k = append(k, more(doHelp, "?", "?", "the keys that work here"))
	}
	return append(k, formBack())
}

func (f identity) update(msg tea.Msg) (screen, effect) {
	switch msg := msg.(type) {
	case resized:
		f.size = msg.size
		return f, nil
	case weighed:
		f.effect, f.weighing = msg, false
		return f, nil
	case chosen:
		f.groups = msg.items
		return f.weigh()
	}
	do, off := f.keys().press(msg)
	switch do {
	case "":
		if typed, ok := f.user.update(msg); ok && off == nil && f.at == identityUser {
			f.user = typed
			return f.weigh()
		}
		return f, off
	case doBack:
		return f, back{}
	case doHelp:
		return f, help{}
	case doNext:
		f.at = (f.at + 1) % identityFields
	case doPrev:
		f.at = (f.at + identityFields - 1) % identityFields
	case doPreview:
		return f.ends(identityPreview)
	case doAdd:
		return f.ends(identityAdd)
	case doEnter:
		switch f.at {
		case identityUser:
			f.at++
		case identityGroups:
			return f, open{newPicker("Groups", f.known(), f.groups, several, "a group that no binding names")}
		default:
			return f.ends(f.at)
		}
	}
	return f, nil
}

// ends previews the wish, or puts it into the basket.
func (f identity) ends(at identityField) (screen, effect) {
	w, err := f.wish()
	if err != nil {
		return f, say{err.Error()}
	}
	if at == identityPreview {
		return f, review{[]wish{w}}
	}
	return f, staging([]wish{w}, f.effect, f.weighing)
}

func (f identity) weigh() (screen, effect) {
	w, err := f.wish()
	if err != nil {
		f.weighing = false
		return f, nil
	}
	f.weighing = true
	return f, weigh{[]wish{w}}
}

// known are the groups that it is in, and those that bindings name but the cluster's
// own: an entry can't carry one that begins with system: (EKS API, CreateAccessEntry).
func (f identity) known() []string {
	out := slices.Clone(f.mapping.Identity.Groups)
	for _, b := range access.Of[access.Binding](f.w.ix.Snapshot().Objects) {
		for _, s := range b.Subjects {
			if s.Kind == "Group" && !strings.HasPrefix(s.Name, "system:") && !strings.HasPrefix(s.Name, "eks:") {
				out = append(out, s.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (f identity) view(s size, t *theme) []string {
	had := f.mapping.Identity
	groups := report.Safe(strings.Join(f.groups, ", "))
	out := form{title: "Change whom " + f.who.name + " becomes", at: int(f.at)}
	out.fields = []formRow{
		{"username", typedText(f.user, f.at == identityUser, fieldRoom(s.w)), unlessTyped(f.user, "as it is: "+pick(had.User == "", "empty", report.Safe(had.User)))},
		{"groups", groups, pick(groups == "", "none;  ↵ choose", "↵ choose")},
		{value: "preview this change"},
		{value: "add to the basket"},
	}
	_, missing := f.wish()
	out.effect = foreseen(missing, f.effect, f.weighing)
	return out.view(s, t)
}
