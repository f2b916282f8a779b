package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// inquiry is the line in which a question about everybody is typed. It answers with
// posed.
type inquiry struct {
	kinds     []kind
	namespace string
	typed     field
	before    string   // of the words
	words     []string // that could stand where the last one is
	cursor    int
	moved     bool // to one of the words
	offered   bool // the text is an offer: what is typed replaces it
	size      size
}

const doComplete action = "complete"

func newInquiry(text, namespace string, ks []kind) inquiry {
	return inquiry{kinds: ks, namespace: namespace, typed: field{}.insert(text), offered: true}.sift()
}

// offers are questions that are often asked: each is a road to more rights, or what
// somebody needs for daily work.
var offers = []string{"get secrets", "get pods", "delete pods", "create pods/exec", "create deployments.apps", "update deployments.apps",
	"create rolebindings." + rbacGroup, "impersonate users", "create serviceaccounts/token", "delete namespaces", "* *"}

func (i inquiry) heading() string { return "Who can …" }

func (i inquiry) sift() inquiry {
	i.cursor, i.moved = 0, false
	if i.offered {
		text := i.typed.String()
		i.before, i.words = "", append([]string{text}, slices.DeleteFunc(slices.Clone(offers), func(o string) bool { return o == text })...)
		return i
	}
	i.before, i.words = complete(i.typed.String(), i.kinds)
	return i
}

// meant is the text with the word that was moved to, or that is not finished,
// completed.
func (i inquiry) meant() string {
	text := i.typed.String()
	if _, bad := parseQuestion(text, i.namespace, i.kinds); (bad != "" || i.moved) && len(i.words) > 0 {
		return i.before + i.words[i.cursor]
	}
	return text
}

func (i inquiry) keys() keymap {
	_, bad := parseQuestion(i.meant(), i.namespace, i.kinds)
	return keymap{
		bind(doTake, "enter", "↵", "ask", "ask").unless(bad == "", bad),
		bind(doComplete, "tab", "tab", "complete", "take the word under the cursor").unless(len(i.words) > 0, "no word begins so"),
		more(doUp, "up ctrl+p", "↑", "up"), more(doDown, "down ctrl+n", "↓", "down"),
		bind(doBack, "esc", "esc", "back", "close, nothing asked"),
	}
}

func (i inquiry) update(msg tea.Msg) (screen, effect) {
	if r, ok := msg.(resized); ok {
		i.size = r.size
		return i, nil
	}
	do, off := i.keys().press(msg)
	switch do {
	case "":
		was := i.typed
		if k, ok := msg.(tea.KeyPressMsg); ok && i.offered && k.Text != "" && off == nil {
			was = field{}
		}
		if f, ok := was.update(msg); ok && off == nil {
			i.typed, i.offered = f, false
			return i.sift(), nil
		}
		if off != nil && i.meant() != i.typed.String() {
			i.typed, i.offered = field{}.insert(i.meant()+" "), false // a verb alone is completed; its type comes next
			return i.sift(), nil
		}
		return i, off
	case doBack:
		return i, back{}
	case doComplete:
		i.typed, i.offered = field{}.insert(i.before+i.words[i.cursor]+" "), false
		return i.sift(), nil
	case doTake:
		q, _ := parseQuestion(i.meant(), i.namespace, i.kinds)
		return i, answer{posed{q}}
	}
	i.cursor = clamp(step(i.cursor, do, 1, len(i.words)), 0, max(len(i.words)-1, 0))
	i.moved = true
	return i, nil
}

func (i inquiry) rows(s size) int { return clamp(s.h-len(i.blank(s))-2, 1, 8) }

// blank is the line between what is typed and the words, where there is room for it.
func (i inquiry) blank(s size) []string { return make([]string, pick(s.h < 8, 0, 1)) }

func (i inquiry) view(s size, t *theme) []string {
	w := clamp(s.w, 10, 60)
	out := []string{t.accent.of("> ") + pick(i.offered, t.dim, t.text).of(pad(i.typed.view(w-2), w-2))}
	q, bad := parseQuestion(i.meant(), i.namespace, i.kinds)
	switch {
	case bad != "":
		out = append(out, t.dim.of(report.Cut(bad, w)))
	case !q.usual():
		out = append(out, t.warn.of(report.Cut(report.Safe(q.request.Verb)+" is an unusual verb: only who may do all, or just that, can", w)))
	default:
		out = append(out, t.strong.of(report.Cut(report.Safe(q.String())+" "+q.place(), w)))
	}
	out = append(out, i.blank(s)...)
	rows, above := i.rows(s), len(out)
	top := window(0, i.cursor, rows, len(i.words))
	for n := top; n < min(top+rows, len(i.words)); n++ {
		in, bar := t.inks, "  "
		if n == i.cursor {
			in, bar = t.row, "▌ "
		}
		out = append(out, in.accent.of(bar)+in.text.of(padRow(report.Safe(i.words[n]), w-2, n == i.cursor)))
	}
	for len(out) < rows+above {
		out = append(out, "")
	}
	return out
}
