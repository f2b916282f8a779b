package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Contrast is what two principals may do, side by side: who they are, then scope by
// scope what only A may (-) and what only B may (+). Where a terminal of that width has
// no room for both, they stand below each other; width 0 is none.
func Contrast(c access.Contrast, a, b string, width int) []Line {
	rows := []tableRow{{Title, []string{"", "A", "B"}}}
	for _, f := range facts(c, a, b) {
		rows = append(rows, tableRow{pick(f.a == f.b, Note, Plain), []string{f.what, f.a, f.b}})
	}
	out := columns(rows, 0, nil)
	if width > 0 && slices.ContainsFunc(out, func(l Line) bool { return Width(l.Text) > width }) {
		out = stacked(rows)
	}
	for _, d := range alike(c.Deltas) {
		out = append(out, Line{}, say(Title, d.where(), "  ", "A ", Level(d.Was), ", B ", Level(d.Is)))
		if len(d.Lost)+len(d.Gained) == 0 {
			out = append(out, say(Note, "  the same rules"))
		}
		out = append(out, ruleLines(Del, "  - ", d.Lost)...)
		out = append(out, ruleLines(Add, "  + ", d.Gained)...)
	}
	out = append(out, sessionLines(c)...)
	out = append(out, contrastEnd(c)...)
	for i, s := range []access.Standing{c.A, c.B} {
		for _, g := range s.Unknown {
			out = append(out, say(Warn, "? ", pick(i == 0, "A: ", "B: "), Gap(g)))
		}
	}
	return out
}

// stacked has each fact of both in lines of their own.
func stacked(rows []tableRow) []Line {
	var out []Line
	for _, r := range rows[1:] {
		below := strings.Repeat(" ", Width(r.cells[0]))
		out = append(out, say(r.kind, pad(r.cells[0]+" A", 17), r.cells[1]), say(r.kind, pad(below+" B", 17), r.cells[2]))
	}
	return out
}

func contrastEnd(c access.Contrast) []Line {
	switch {
	case !c.Equal() && len(c.Deltas) > 0:
		return []Line{{}, say(Note, "- only A may, + only B may")}
	case !c.Equal():
		return []Line{{}, say(Note, "they differ in who gets in, or in what some sessions may")}
	case !c.Known():
		return []Line{{}, say(Warn, "they may do the same, as far as is known")}
	}
	return []Line{{}, say(Good, "they may do the same")}
}

type sideBySide struct{ what, a, b string }

func facts(c access.Contrast, a, b string) []sideBySide {
	out := []sideBySide{{"principal", Name(c.A.Row.Principal), Name(c.B.Row.Principal)}}
	if a != b {
		out = append(out, sideBySide{"cluster", word(a), word(b)})
	}
	of := func(what string, f func(access.Standing) string) { out = append(out, sideBySide{what, f(c.A), f(c.B)}) }
	of("mapping", func(s access.Standing) string {
		if s.Mapping.State == "" {
			return pick(len(s.Row.Mappings) == 0, "none", "none in force")
		}
		return place(s.Mapping) + pick(s.Mapping.State == access.Active, "", ", "+State(s.Mapping))
	})
	of("user", func(s access.Standing) string {
		return pick(s.Mapping.State == "", "–", word(s.Mapping.Identity.User))
	})
	of("groups", func(s access.Standing) string { return list(s.Mapping.Identity.Groups) })
	of("policies", func(s access.Standing) string {
		var names []string
		for _, p := range s.Policies {
			names = append(names, word(access.PolicyName(p.Policy))+" ("+scope(p.Scope)+")")
		}
		return pick(len(names) == 0, "–", strings.Join(names, ", "))
	})
	of("cluster level", func(s access.Standing) string { return CellWord(s.Cell) })
	return out
}

// sessionLines are what some sessions of either have, where the two differ in it.
func sessionLines(c access.Contrast) []Line {
	lines := func(s access.Standing) []string {
		var out []string
		for _, g := range s.Some {
			out = append(out, Condition(*g.When)+" "+in(g.Scope)+": "+through(g))
		}
		return out
	}
	a, b := lines(c.A), lines(c.B)
	var out []Line
	for _, l := range a {
		if !slices.Contains(b, l) {
			out = append(out, say(Del, "  - ", l))
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			out = append(out, say(Add, "  + ", l))
		}
	}
	if len(out) > 0 {
		out = append([]Line{{}, say(Title, "some sessions only")}, out...)
	}
	return out
}

// ContrastData is what `compare -o json` prints. A field, once there, stays.
type ContrastData struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Equal      bool            `json:"equal"`
	Known      bool            `json:"known"` // nothing that could not be read could make a difference
	A          ContrastSide    `json:"a"`
	B          ContrastSide    `json:"b"`
	Deltas     []ContrastDelta `json:"deltas"`
}

// ContrastSide is one of the two.
type ContrastSide struct {
	Cluster   string         `json:"cluster"`
	Principal ListPrincipal  `json:"principal"`
	Mappings  []ListMapping  `json:"mappings"`
	Level     string         `json:"level"` // in the whole cluster
	Sessions  []AnswerReason `json:"sessions"`
	Unknown   []ListGap      `json:"unknown"`
}

// ContrastDelta is one scope in which they differ.
type ContrastDelta struct {
	Namespace string        `json:"namespace"`
	A         access.Level  `json:"a"`
	B         access.Level  `json:"b"`
	OnlyA     []access.Rule `json:"onlyA"`
	OnlyB     []access.Rule `json:"onlyB"`
}

// ContrastJSON is the JSON form of a contrast of two principals of these indexes.
func ContrastJSON(c access.Contrast, a, b *access.Index) ContrastData {
	side := func(ix *access.Index, s access.Standing) ContrastSide {
		out := ContrastSide{Cluster: clusterName(ix), Principal: listPrincipal(s.Row.Principal), Mappings: []ListMapping{},
			Level: listAccess(s.Cell, "").Level, Sessions: []AnswerReason{}, Unknown: gapsOf(s.Unknown)}
		for _, m := range s.Row.Mappings {
			out.Mappings = append(out.Mappings, listMapping(ix, m))
		}
		for _, g := range s.Some {
			out.Sessions = append(out.Sessions, reason(g, nil))
		}
		return out
	}
	out := ContrastData{APIVersion: access.APIVersion, Kind: "Contrast", Equal: c.Equal(), Known: c.Known(),
		A: side(a, c.A), B: side(b, c.B), Deltas: []ContrastDelta{}}
	for _, d := range c.Deltas {
		out.Deltas = append(out.Deltas, ContrastDelta{d.Namespace, d.Was, d.Is, orEmpty(d.Lost), orEmpty(d.Gained)})
	}
	return out
}

func clusterName(ix *access.Index) string {
	if r := ix.Snapshot().Realm("eks"); r != "" {
		return r.Name()
	}
	return ix.Snapshot().Realm("kube").Name()
}
