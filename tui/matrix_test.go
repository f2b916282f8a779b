package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

var sizes = []size{{40, 10}, {80, 24}, {120, 40}, {200, 50}}

func TestMatrixAtFourSizes(t *testing.T) {
	for _, s := range sizes {
		t.Run(fmt.Sprintf("%dx%d", s.w, s.h), func(t *testing.T) {
			d := drive(t, &fake{snap: workshop()}, s.w, s.h).keys("down", "right")
			d.golden(fmt.Sprintf("matrix-%dx%d", s.w, s.h))
		})
	}
}

func TestScreensAtFourSizes(t *testing.T) {
	for name, keys := range map[string][]string{
		"why": {"down", "enter"}, "findings": {"f"}, "help": {"?"}, "preview": {"down", "m", "p"}, "grant": {"right", "g"}, "jump": {"n", "c"},
		"filter": {"/", "l", "e", "v", "e", "l", ">", "=", "e", "d", "i", "t"},
	} {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", name, s.w, s.h), func(t *testing.T) {
				d := drive(t, &fake{snap: workshop()}, s.w, s.h).keys(keys...)
				d.fits()
				if s.w < 120 {
					d.golden(fmt.Sprintf("%s-%dx%d", name, s.w, s.h))
				}
			})
		}
	}
}

// The rule between the whole cluster and the namespaces is one straight line, in
// the head and in both lines of a row, wherever the cursor is.
func TestRuleOfTheMatrixIsStraight(t *testing.T) {
	unknown := workshop()
	unknown.Gaps = append(unknown.Gaps, access.Gap{Realm: kubeRealm, Kind: access.ClusterRoleBindingKind, Why: access.Denied})
	for name, s := range map[string]access.Snapshot{"workshop": workshop(), "unknown": unknown, "crowd": crowd(30, 60), "hostile": hostile()} {
		d := drive(t, &fake{snap: s}, 120, 40)
		for _, keys := range [][]string{{"0", "home"}, {"down"}, {"down"}, {"right", "right"}, {"down", "down", "down", "$"}} {
			d.keys(keys...)
			for w := 40; w <= 200; w++ {
				for _, h := range []int{12, 24} { // rows of one line, and of two
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
					m := d.app.stack[0].(matrix)
					g := m.fit(m.size, m.first)
					for i, l := range m.view(m.size, d.app.theme)[:1+min(m.space(m.size.h), len(m.rows)*g.lines)] {
						before, _, ok := strings.Cut(ansi.Strip(l), "│")
						if got := ansi.StringWidth(before) - 1; !ok || got != g.beside() {
							t.Fatalf("%s, %v, %dx%d: the rule is at %d in line %d, should be at %d:\n%s", name, keys, w, h, got, i, g.beside(), d.plain())
						}
					}
				}
			}
		}
	}
}

// No column has blank room while another one is cut or a namespace is hidden that
// would fit there.
func TestWidthGoesToWhatIsCut(t *testing.T) {
	w := survey(workshop(), nil)
	m := newMatrix(w)
	for width := 80; width <= 400; width++ {
		g := m.fit(size{width, 40}, 0)
		used := g.beside() + edge
		for _, c := range g.columns {
			used += c.width
		}
		blank := width - used
		if g.right > 0 {
			blank -= countWidth(g.right)
		}
		ident := pick(g.shape == oneLine, w.wants.whole, w.wants.ident)
		if cut := g.name < w.wants.name.most || g.shape <= twoLine && g.ident < ident.most; blank > 0 && cut {
			t.Errorf("width %d: %d columns are blank while a text is cut: %+v", width, blank, g)
		}
		if g.right > 0 && blank >= nsWidth(m.widths[len(g.columns)], nsMax) {
			t.Errorf("width %d: %d columns are blank and %d namespaces hidden", width, blank, g.right)
		}
	}
	// One long name does not take the room of all the others.
	if g := m.fit(size{200, 50}, 0); g.name < w.wants.name.usual || g.ident < w.wants.user.usual || g.detail < w.wants.detail.usual || g.right > 0 {
		t.Errorf("200 columns: %+v for %+v", g, w.wants)
	}
}

// What colour says is said without it too: the plain screen is the coloured one
// without its colours.
func TestPlainScreenIsTheColouredOneWithoutColour(t *testing.T) {
	for _, keys := range [][]string{{}, {"down", "space", "right"}, {"down", "m", "p", "d"}, {"down", "enter"}, {"f"}, {"g"}, {"?"}, {"x"}, {"i"}, {"right", "x", "ctrl+b", "S", "b"}} {
		d := drive(t, &fake{snap: workshop()}, 120, 40).keys(keys...)
		coloured := d.app.draw()
		if !strings.Contains(coloured, "\x1b[") {
			t.Fatal("the coloured screen has no colour")
		}
		for _, p := range []colorprofile.Profile{colorprofile.NoTTY, colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256} {
			for _, dark := range []bool{true, false} {
				d.app.profile, d.app.dark = p, dark
				d.app.paint()
				got := d.app.draw()
				if diff := cmp.Diff(ansi.Strip(coloured), ansi.Strip(got)); diff != "" {
					t.Errorf("%v %v:\n%s", keys, p, diff)
				}
				if p == colorprofile.NoTTY && strings.Contains(got, "\x1b") {
					t.Errorf("%v: styles without a terminal", keys)
				}
				if p == colorprofile.ASCII && (strings.Contains(got, "[3") || strings.Contains(got, "[9") || strings.Contains(got, ";38")) {
					t.Errorf("%v: colours in spite of NO_COLOR", keys)
				}
			}
		}
	}
}

func TestASCIIHasTheSameLayout(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("down", "m", "p")
	wide := strings.Split(d.plain(), "\n")
	d.app.o.ASCII = true
	d.app.paint()
	for i, l := range strings.Split(d.plain(), "\n") {
		for _, r := range strings.ReplaceAll(l, rowEnd, " ") {
			if r > 0x7e {
				t.Errorf("line %d holds %q: %s", i+1, r, l)
			}
		}
		if ansi.StringWidth(l) != ansi.StringWidth(wide[i]) {
			t.Errorf("line %d is %d wide, was %d", i+1, ansi.StringWidth(l), ansi.StringWidth(wide[i]))
		}
	}
}

func TestHostileNamesStayInTheirCells(t *testing.T) {
	for _, s := range sizes {
		d := drive(t, &fake{snap: hostile()}, s.w, s.h)
		d.fits()
		for range 12 {
			d.keys("down")
			d.fits()
			d.keys("enter")
			d.fits()
			d.keys("esc", "right")
		}
		d.keys("f").fits()
	}
}

func TestTooSmallIsOneSentence(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 30, 5).sees("needs a terminal")
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.sees("IAM PRINCIPAL")
	d.send(tea.WindowSizeMsg{Width: 39, Height: 40})
	d.sees("needs a terminal")
}

func TestResizingAnywhereFits(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40)
	for _, keys := range [][]string{{}, {"down", "m", "p"}, {"esc", "g"}, {"esc", "n"}, {"esc", "enter"}, {"esc", "f"}, {"esc", "?"}} {
		d.keys(keys...)
		for w := 40; w <= 210; w += 17 {
			for h := 10; h <= 60; h += 7 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				d.fits()
			}
		}
	}
}

func TestFilter(t *testing.T) {
	w := survey(workshop(), nil)
	for text, want := range map[string]string{
		"admin":                   "eks-workshop-admins platform-admin",
		"wrkshpadmns":             "eks-workshop-admins",
		"via:aws-auth":            "eks-workshop-admins eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA ghost orders-oncall",
		"via:entry admin":         "platform-admin",
		"account:2109":            "EKSDeveloper ⟨permission set⟩",
		"unmatchable":             "ghost",
		"level>=edit ns:orders":   "eks-workshop-admins github-actions-deploy orders-oncall platform-admin",
		"level=view":              "security-audit EKSDeveloper ⟨permission set⟩",
		"level>admin":             "eks-workshop-admins platform-admin",
		"ns:carts carts-d":        "carts-developers",
		"system:masters":          "eks-workshop-admins",
		"no-such-principal-at-al": "",
	} {
		f := parseFilter(text)
		var got []string
		for _, i := range f.rows(w, spansOf(w.ix)) {
			got = append(got, w.lines[i].name)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	if f := parseFilter("level>=boss"); f.bad == "" {
		t.Error("a level that does not exist is not said")
	}
	if got := parseFilter("ns:cat").namespaces(w.ix.Namespaces()); len(got) != 1 || got[0] != "catalog" {
		t.Errorf("namespaces %v", got)
	}
}

func TestFilterByKeysKeepsItsCount(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("/").text("oncall").sees("1 of 9", "orders-oncall").lacks("security-audit")
	d.keys("enter").sees("1 of 9", "/oncall").keys("esc").sees("security-audit").lacks("/oncall")
	d.keys("/").text("zzz").sees("no principal matches")
}

func TestMarksGoIntoTheBasketTogether(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("a").sees("9 marked").keys("m")
	d.sees("basket 4", "5 without an aws-auth mapping left out").lacks("marked")
	d.keys("m").sees("m: there is no aws-auth mapping to migrate")
	d.keys("E").lacks("basket 4").keys("p").sees("p: the basket is empty")
	d.keys("down", "m").sees("basket 1").keys("right").sees("m don't migrate").keys("m").lacks("basket 1")
}

func TestCursorStaysOnItsPrincipalWhenMoreArrive(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "down", "right", "right")
	l, _ := d.app.stack[0].(matrix).current()
	f.snap.Objects = f.snap.Objects.With(access.AccessEntry{In: eksRealm, Principal: roleARN("aaa-first"), Type: access.StandardType})
	f.snap.Objects = f.snap.Objects.With(access.Namespace{In: kubeRealm, Name: "aaa"})
	d.keys("r")
	m := d.app.stack[0].(matrix)
	if now, _ := m.current(); now.id != l.id || m.namespace() != "catalog" {
		t.Errorf("cursor on %s, %s", now.id, m.namespace())
	}
}

func TestReadingAgainMovesNothing(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 120, 40).keys("down", "down", "right")
	was := d.plain()
	d.app.reload() // nobody runs its commands: the answer is the test's
	d.app.Update(surveyed{task: d.app.loading.task, snap: f.Empty(), reading: waiting(f.Empty())})
	got := d.sees("reading entries").plain()
	if _, rows, _ := strings.Cut(was, "\n"); !strings.HasSuffix(got, rows) {
		t.Errorf("rows moved while they were read again:\n%s", got)
	}
}

func TestNamespacesScrollSidewaysUnderAFixedHead(t *testing.T) {
	d := drive(t, &fake{snap: crowd(30, 60)}, 120, 40)
	for range 40 {
		d.keys("right")
		m := d.app.stack[0].(matrix)
		d.sees("IAM PRINCIPAL", "CLUSTER", m.namespace())
	}
	d.keys("0").sees("carts").keys("$").sees("ui")
}

func TestDifferencesFirst(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("=")
	if got := d.app.stack[0].(matrix).names[3]; got != "orders" {
		t.Errorf("%s is fourth", got)
	}
	d.keys("=")
	if got := d.app.stack[0].(matrix).names[3]; got != "default" {
		t.Errorf("%s is fourth", got)
	}
}

func TestPanesOfANarrowScreen(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 50, 16).keys("down").sees("CLUSTER").lacks("KUBERNETES")
	d.keys("]").sees("KUBERNETES", "cluster-admin").lacks("CLUSTER")
	d.keys("[").sees("CLUSTER")
}

func TestGapsAreAQuietLine(t *testing.T) {
	s := workshop()
	s.Gaps = append(s.Gaps, access.Gap{Realm: eksRealm, Kind: access.EntryKind, Why: access.Denied, Detail: "ask for eks:ListAccessEntries"})
	d := drive(t, &fake{snap: s}, 120, 40).sees("? ", "eks:ListAccessEntries")
	d.keys("f").sees("eks:ListAccessEntries")
}

func TestLoadingSaysHowFar(t *testing.T) {
	s := workshop()
	for i := range 40 {
		s.Gaps = append(s.Gaps, access.Gap{Realm: eksRealm, Kind: access.EntryKind, Name: fmt.Sprint(i), Why: access.Loading})
	}
	if got := waiting(s); got != "entries 0/40" {
		t.Errorf("%q", got)
	}
	if got := waiting(workshop()); got != "" {
		t.Errorf("%q", got)
	}
}

func TestHelpSaysWhyAKeyIsOff(t *testing.T) {
	drive(t, &fake{snap: workshop()}, 120, 50).keys("?").sees("empty: m migrates, g grants, x revokes)", "this cell: the chain")
}
