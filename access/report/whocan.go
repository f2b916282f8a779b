package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// WhoCan is the whole answer of `who-can`: what -o json prints. A field, once there,
// stays.
type WhoCan struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Request    access.Request `json:"request"`
	Anywhere   bool           `json:"anywhere"` // asked for all namespaces: each item says where
	Items      []WhoCanItem   `json:"items"`    // yes and conditional
	Undecided  []WhoCanItem   `json:"undecided"`
	Others     []WhoCanOther  `json:"others"` // subjects of bindings that no IAM principal becomes
	Gaps       []ListGap      `json:"gaps"`   // behind which there may be more principals
}

// WhoCanItem is one principal that may.
type WhoCanItem struct {
	Principal  ListPrincipal         `json:"principal"`
	Answer     access.Verdict        `json:"answer"`
	Source     access.Source         `json:"source"`
	State      access.MappingState   `json:"state"`
	Everywhere bool                  `json:"everywhere,omitempty"`
	Namespaces []string              `json:"namespaces,omitempty"`
	Patterns   []string              `json:"patterns,omitempty"` // match namespaces that don't exist yet, too
	When       []access.Condition    `json:"when,omitempty"`     // of a conditional one: any is enough
	Sessions   []access.SessionReach `json:"sessions,omitempty"` // asked anywhere: where else some sessions may
	Reasons    []AnswerReason        `json:"reasons"`
	More       int                   `json:"more,omitempty"` // reasons beside, asked anywhere
	Unknown    []ListGap             `json:"unknown,omitempty"`

	named access.Principal
}

// WhoCanOther is a subject that bindings name.
type WhoCanOther struct {
	Kind       string       `json:"kind"`
	Namespace  string       `json:"namespace,omitempty"`
	Name       string       `json:"name"`
	Everywhere bool         `json:"everywhere,omitempty"`
	Namespaces []string     `json:"namespaces,omitempty"`
	Reason     AnswerReason `json:"reason"`
}

// WhoCanIn is the answer for one namespace, or for the whole cluster.
func WhoCanIn(ix *access.Index, q access.Request) WhoCan {
	out := whoCan(ix, q, false)
	for _, a := range ix.WhoCan(q) {
		it := WhoCanItem{Principal: listPrincipal(a.Row.Principal), Answer: a.Verdict, Source: a.Mapping.Source, State: a.Mapping.State,
			Reasons: []AnswerReason{}, named: a.Row.Principal}
		if a.Verdict == access.Maybe {
			it.When = a.When()
		}
		for i, g := range a.Grants {
			it.Reasons = append(it.Reasons, reason(g, &a.Rules[i]))
		}
		out.add(it, a.Unknown)
	}
	return out
}

// WhoCanAnywhere is the answer for all namespaces.
func WhoCanAnywhere(ix *access.Index, q access.Request) WhoCan {
	out := whoCan(ix, q, true)
	for _, r := range ix.WhoCanAnywhere(q) {
		it := WhoCanItem{Principal: listPrincipal(r.Row.Principal), Answer: r.Verdict, Source: r.Mapping.Source, State: r.Mapping.State,
			Everywhere: r.Everywhere, Namespaces: r.Places.Names(), Patterns: r.Patterns, Sessions: r.Sessions, Reasons: []AnswerReason{}, More: r.More, named: r.Row.Principal}
		if r.Verdict == access.Maybe {
			it.When = r.When
		}
		if len(r.Grant.Rules) > 0 {
			it.Reasons = append(it.Reasons, reason(r.Grant, ruleFor(r.Grant, q)))
		}
		out.add(it, r.Unknown)
	}
	return out
}

// ruleFor is the first rule of a grant that allows a request.
func ruleFor(g access.Grant, q access.Request) *access.Rule {
	i := slices.IndexFunc(g.Rules, func(r access.Rule) bool { return access.Allows(r, q) })
	if i < 0 {
		return nil
	}
	return &g.Rules[i]
}

func whoCan(ix *access.Index, q access.Request, anywhere bool) WhoCan {
	// The creator of a CONFIG_MAP cluster has a row of its own.
	hidden := slices.DeleteFunc(ix.Hidden(), func(g access.Gap) bool { return g.Why == access.HiddenCreator })
	out := WhoCan{APIVersion: access.APIVersion, Kind: "WhoCan", Request: q, Anywhere: anywhere,
		Items: []WhoCanItem{}, Undecided: []WhoCanItem{}, Others: []WhoCanOther{}, Gaps: gapsOf(hidden)}
	for _, b := range ix.Beside(q, anywhere) {
		out.Others = append(out.Others, WhoCanOther{b.Kind, b.Namespace, b.Name, b.Everywhere, b.Namespaces, reason(b.Grant, ruleFor(b.Grant, q))})
	}
	return out
}

func (w *WhoCan) add(it WhoCanItem, unknown []access.Gap) {
	if it.Answer == access.Unknown {
		it.Unknown = gapsOf(unknown)
		w.Undecided = append(w.Undecided, it)
		return
	}
	if it.Answer == access.Maybe && len(unknown) > 0 {
		it.Unknown = gapsOf(unknown)
	}
	w.Items = append(w.Items, it)
}

// WhoCanTable is the answer in columns; the first line is its head. Width 0 cuts nothing.
func WhoCanTable(w WhoCan, wide bool, width int) []Line {
	head := []string{"PRINCIPAL", "VIA"}
	if w.Anywhere {
		head = append(head, "WHERE")
	}
	when := slices.ContainsFunc(w.Items, func(it WhoCanItem) bool { return it.when() != "" })
	if when {
		head = append(head, "WHEN")
	}
	rows := []tableRow{{Title, append(head, "THROUGH")}}
	for _, it := range w.Items {
		cells := []string{pick(wide && it.Principal.ARN != "", it.Principal.ARN, Name(it.named)), via(it.Source, it.State)}
		if w.Anywhere {
			everywhere, namespaces := it.places()
			cells = append(cells, where(everywhere, namespaces, it.Patterns, wide))
		}
		if when {
			cells = append(cells, it.when())
		}
		rows = append(rows, tableRow{pick(it.Answer == access.Maybe, Warn, Plain), append(cells, it.through(wide))})
	}
	if len(w.Items) == 0 {
		return []Line{say(Note, "no IAM principal may "+w.asked())}
	}
	return columns(rows, width, whoCanColumns)
}

var whoCanColumns = map[string]column{
	"PRINCIPAL": {least: 24, cut: middle},
	"VIA":       {least: 12, spare: 1},
	"WHERE":     {least: 24},
	"THROUGH":   {least: 24},
}

func (w WhoCan) asked() string {
	if w.Anywhere {
		return strings.TrimSuffix(request(w.Request), " "+in("")) + " in any namespace"
	}
	return request(w.Request)
}

// when says which sessions may, or, of whom every session may somewhere, which may more.
func (it WhoCanItem) when() string {
	if it.Answer == access.Maybe || it.Everywhere || len(it.Sessions) == 0 {
		return conditions(it.When)
	}
	var more []access.Condition
	for _, s := range it.Sessions {
		more = append(more, s.Condition)
	}
	return "more " + conditions(more)
}

// places are where it may; of a conditional answer, where some session may.
func (it WhoCanItem) places() (everywhere bool, namespaces []string) {
	if it.Answer != access.Maybe {
		return it.Everywhere, it.Namespaces
	}
	for _, s := range it.Sessions {
		everywhere = everywhere || s.Everywhere
		namespaces = append(namespaces, s.Namespaces...)
	}
	return everywhere, sortedSet(namespaces)
}

func (it WhoCanItem) through(all bool) string {
	var parts []string
	for i, r := range it.Reasons {
		if i > 0 && !all {
			break
		}
		parts = append(parts, r.Message)
	}
	text := strings.Join(parts, "; ")
	if more := it.More + len(it.Reasons) - len(parts); more > 0 {
		text += " (and " + Count(more, "other", "others") + ")"
	}
	return text
}

// placesSaid is how many namespaces a line of a table begins with.
const placesSaid = 40

// where says in which places: the whole cluster, or how many namespaces and which.
func where(everywhere bool, namespaces, patterns []string, all bool) string {
	if everywhere {
		return "whole cluster"
	}
	names := append(words(patterns), words(namespaces)...)
	if len(names) == 0 {
		return "–"
	}
	more := ""
	if !all && len(names) > placesSaid {
		names, more = names[:placesSaid], ", …"
	}
	text := strings.Join(names, ", ") + more
	if n := len(namespaces); n > 1 {
		text = itoa(n) + " namespaces: " + text
	}
	return text
}

// WhoCanRest is what stands below the table: who could not be decided and why, and who
// else bindings let do it. Wide names all of them.
func WhoCanRest(w WhoCan, wide bool, width int) []Line {
	var out []Line
	for _, g := range w.undecided() {
		out = append(out, say(Warn, "? could not be decided for "+Count(len(g.names), "principal", "principals")+": "+g.why))
		names := strings.Join(g.names, ", ")
		if !wide {
			names = and(g.names, namesSaid)
		}
		out = append(out, say(Warn, "    "+names))
	}
	for _, g := range w.Gaps {
		out = append(out, say(Warn, "? there may be more principals: "+g.Message))
	}
	if len(w.Others) > 0 {
		var kinds []string
		for _, k := range []struct{ kind, one, many string }{{"ServiceAccount", "service account", "service accounts"}, {"Group", "group", "groups"}, {"User", "user", "users"}} {
			if n := len(slices.DeleteFunc(slices.Clone(w.Others), func(o WhoCanOther) bool { return o.Kind != k.kind })); n > 0 {
				kinds = append(kinds, Count(n, k.one, k.many))
			}
		}
		out = append(out, say(Note, "i beside them bindings let in "+and(kinds, 3)+" that no IAM principal becomes"+pick(wide, ":", "; -o wide names them")))
		if wide {
			out = append(out, columns(w.others(), width, nil)...)
		}
	}
	return out
}

func (w WhoCan) others() []tableRow {
	rows := []tableRow{{Title, []string{"KIND", "NAME", "WHERE", "THROUGH"}}}
	for _, o := range w.Others {
		name := word(o.Name)
		if o.Namespace != "" {
			name = word(o.Namespace) + "/" + name
		}
		rows = append(rows, tableRow{Note, []string{o.Kind, name, where(o.Everywhere, o.Namespaces, nil, true), o.Reason.Message}})
	}
	return rows
}

// doubt is one reason for which principals could not be decided.
type doubt struct {
	why   string
	names []string
}

// undecided groups those who could not be decided by the reason: one list that could
// not be read leaves thousands open.
func (w WhoCan) undecided() []doubt {
	var out []doubt
	at := map[string]int{}
	for _, it := range w.Undecided {
		var why []string
		for _, g := range it.Unknown {
			if !slices.Contains(why, g.Message) {
				why = append(why, g.Message)
			}
		}
		text := strings.Join(why, "; ")
		i, ok := at[text]
		if !ok {
			i = len(out)
			at[text] = i
			out = append(out, doubt{why: text})
		}
		out[i].names = append(out[i].names, cmp.Or(Name(it.named), it.Principal.ARN))
	}
	return out
}
