package tui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// ink is one style, ready to be put around text that has no line breaks.
type ink struct{ on, off string }

func (i ink) of(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// inks are the styles for text on one background.
type inks struct {
	text, strong, dim, accent ink
	add, del, change, proof   ink
	warn, bad, good           ink
	full, admin, edit, view   ink
	some                      ink
}

// theme owns every style there is. Meaning is never in the colour alone: the
// plain screen is the coloured one without its escape sequences.
type theme struct {
	inks
	row   inks // on the row under the cursor
	cell  ink  // the cell under the cursor
	badge ink
	ascii bool
	plain bool // no styles at all, nothing that moves
}

// shade is one colour: for a terminal with 16, with 256 and with all colours, on a
// dark and on a light background. The 16 are the person's own palette.
type shade struct{ base, dark256, light256, dark, light string }

var (
	greyShade   = shade{"8", "245", "242", "#8b919c", "#69707c"}
	accentShade = shade{"6", "74", "25", "#64b5d9", "#0d6e9c"}
	redShade    = shade{"1", "210", "124", "#ee8090", "#b3243d"}
	orangeShade = shade{"5", "173", "130", "#dd9a6a", "#a4520c"}
	yellowShade = shade{"3", "179", "94", "#d9bb6c", "#876500"}
	greenShade  = shade{"2", "114", "28", "#8fc587", "#2c7332"}
	tealShade   = shade{"6", "109", "30", "#7cb9b5", "#1e7471"}
	rowShade    = shade{"", "236", "254", "#2a3038", "#e6ebf1"}
)

// newTheme makes the styles for a background and for what the terminal can show.
// A profile without colour (NO_COLOR) keeps bold and reverse.
func newTheme(dark bool, profile colorprofile.Profile, o Options) *theme {
	t := &theme{ascii: o.ASCII, plain: o.Plain}
	if o.Plain || profile == colorprofile.NoTTY {
		return t
	}
	p := painter{dark, profile}
	t.inks = p.inks(lipgloss.NewStyle())
	t.row = t.inks
	back := lipgloss.NewStyle()
	if profile >= colorprofile.ANSI256 {
		back = back.Background(p.colour(rowShade))
		t.row = p.inks(back)
	}
	t.cell = p.ink(back.Bold(true).Reverse(true))
	t.badge = p.ink(lipgloss.NewStyle().Reverse(true))
	return t
}

type painter struct {
	dark    bool
	profile colorprofile.Profile
}

func (p painter) colour(s shade) color.Color {
	switch {
	case p.profile < colorprofile.ANSI:
		return lipgloss.NoColor{}
	case p.profile == colorprofile.ANSI:
		return lipgloss.Color(s.base)
	case p.profile == colorprofile.ANSI256:
		return lipgloss.Color(pick(p.dark, s.dark256, s.light256))
	}
	return lipgloss.Color(pick(p.dark, s.dark, s.light))
}

// ink turns a style into the sequences around its text.
func (p painter) ink(s lipgloss.Style) ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return ink{on, off}
}

func (p painter) inks(base lipgloss.Style) inks {
	fg := func(s shade) ink { return p.ink(base.Foreground(p.colour(s))) }
	bold := func(s shade) ink { return p.ink(base.Bold(true).Foreground(p.colour(s))) }
	return inks{
		text: p.ink(base), strong: p.ink(base.Bold(true)), dim: fg(greyShade), accent: fg(accentShade),
		add: fg(greenShade), del: fg(redShade), change: fg(yellowShade), proof: fg(accentShade),
		warn: fg(yellowShade), bad: bold(redShade), good: fg(greenShade),
		full: bold(redShade), admin: fg(orangeShade), edit: fg(yellowShade), view: fg(greenShade), some: fg(tealShade),
	}
}

// line is the style of a line of a report.
func (i inks) line(k report.Kind) ink {
	switch k {
	case report.Title:
		return i.strong
	case report.Add:
		return i.add
	case report.Del:
		return i.del
	case report.Change:
		return i.change
	case report.Prove:
		return i.proof
	case report.Note:
		return i.dim
	case report.Warn:
		return i.warn
	case report.Bad:
		return i.bad
	case report.Good:
		return i.good
	}
	return i.text
}

// level is the style of a cell: its letter says the same.
func (i inks) level(c access.Cell) ink {
	if !c.InForce || c.Level == access.None && len(c.Depends) == 0 {
		return i.dim
	}
	switch c.Level {
	case access.Full:
		return i.full
	case access.Admin:
		return i.admin
	case access.Edit:
		return i.edit
	case access.View:
		return i.view
	}
	return i.some
}

// asciiGlyphs replaces what we draw with by ASCII of the same width, so that a
// layout is the same in both.
var asciiGlyphs = strings.NewReplacer(
	"─", "-", "━", "=", "│", "|", "┬", "+", "┴", "+", "├", "+", "┤", "+", "╭", "+", "╮", "+", "╰", "+", "╯", "+",
	"▌", ">", "●", "*", "◐", "*", "◆", "#", "○", "o", "→", ">", "←", "<", "↑", "^", "↓", "v", "◂", "<", "▸", ">", "▾", "v",
	"…", "~", "·", ".", "–", "-", "—", "-", "✓", "v", "✗", "x", "▲", "!", "△", "!", "⟨", "<", "⟩", ">", "×", "x", "−", "-", "▏", "|", "’", "'", "“", `"`, "”", `"`,
)

func (t *theme) glyphs(s string) string {
	if t.ascii {
		return asciiGlyphs.Replace(s)
	}
	return s
}
