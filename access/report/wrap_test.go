package report_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func wrapped(ls []report.Line, width int) []report.Line {
	var out []report.Line
	for _, l := range ls {
		out = append(out, report.Wrap(l, width)...)
	}
	return out
}

func TestWrap(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:role/teams/carts-developers"
	for name, tc := range map[string]struct {
		width int
		text  string
		want  string
	}{
		"short enough":         {40, "nothing to do", "nothing to do"},
		"no terminal":          {0, strings.Repeat("word ", 40), strings.Repeat("word ", 40)},
		"under its own text":   {40, "  ! the authentication mode goes from here to there and never goes back", "  ! the authentication mode goes from\n    here to there and never goes back"},
		"under its label":      {40, "      why   an entry replaces the mapping at once", "      why   an entry replaces the\n            mapping at once"},
		"a number and signs":   {44, "6/9 ✓ ~ aws-auth  − line 8 (mapRoles)  eks-workshop-admins", "6/9 ✓ ~ aws-auth  − line 8 (mapRoles)\n                  eks-workshop-admins"},
		"a proof":              {40, "      first ✓ access entry of dev reads back as previewed", "      first ✓ access entry of dev reads\n              back as previewed"},
		"a label too long":     {30, "eks-workshop-administrators  keeps exactly what it has", "eks-workshop-administrators\n  keeps exactly what it has"},
		"an ARN":               {40, "the entry of " + arn + " is dead, and it goes", "the entry of\n" + arn + "\nis dead, and it goes"},
		"a permission set":     {30, "nobody but EKSDeveloper ⟨permission set⟩ may", "nobody but\nEKSDeveloper ⟨permission set⟩\nmay"},
		"a name with blanks":   {30, `the group "ops; rm -rf / or so", and no other`, "the group\n\"ops; rm -rf / or so\", and no\nother"},
		"a command":            {50, "remove it: kubectl eks-access revoke " + arn + "; or make it again: kubectl eks-access change dev --remake", "remove it:\nkubectl eks-access revoke " + arn + "\nor make it again:\nkubectl eks-access change dev --remake"},
		"a command that fits":  {80, "  fix: go on (what is done is skipped): kubectl eks-access resume, or take back all that was done", "  fix: go on (what is done is skipped): kubectl eks-access resume, or take back\n       all that was done"},
		"a quoted argument":    {40, "take it away: kubectl eks-access revoke 'a, b; c (d)' --policy P; or wait", "take it away:\nkubectl eks-access revoke 'a, b; c (d)' --policy P\nor wait"},
		"two commands":         {50, "compare the two: kubectl cluster-info; aws eks describe-cluster --name prod --query cluster.endpoint", "compare the two: kubectl cluster-info;\naws eks describe-cluster --name prod --query cluster.endpoint"},
		"a command inside":     {40, "move the item first (kubectl eks-access migrate dev), or take it away", "move the item first\n(kubectl eks-access migrate dev), or\ntake it away"},
		"kubectl is no order":  {40, "AWS is asked as dev, kubectl talks to the cluster as somebody else", "AWS is asked as dev, kubectl talks to\nthe cluster as somebody else"},
		"a code with its flag": {40, "look at it first; or accept it with --accept no-bridge", "look at it first; or accept it with\n--accept no-bridge"},
		"blanks stay inside":   {30, "it goes from Full → View  in the whole cluster", "it goes from Full → View  in\nthe whole cluster"},
		"a value too wide":     {60, "      - username   " + arn, "      - username\n    " + arn},
		"wider than any line":  {40, "      - username   " + arn + " of old", "      - username   " + arn + "\n                   of old"},
		"a quote without end":  {30, `a "quote that never ends and goes on for long`, "a \"quote that never ends and\ngoes on for long"},
	} {
		t.Run(name, func(t *testing.T) {
			got := report.Wrap(report.Line{Kind: report.Warn, Text: tc.text}, tc.width)
			var texts []string
			for _, l := range got {
				if l.Kind != report.Warn {
					t.Errorf("%q is of another kind", l.Text)
				}
				texts = append(texts, l.Text)
			}
			if d := cmp.Diff(tc.want, strings.Join(texts, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
	table := report.Line{Text: strings.Repeat("cell   ", 30), Whole: true}
	if got := report.Wrap(table, 40); len(got) != 1 || got[0] != table {
		t.Errorf("a row of a table became %v", got)
	}
}

// What is copied: ARNs, our commands, quoted names.
var copied = regexp.MustCompile(`arn:aws:[^\s,;)\]]+|kubectl eks-access (?:[^;,(']|'[^']*')*[^;,(' .]|"[^"]*"`)

// Whatever is said, and however narrow the terminal: no word is lost, what is copied is in
// one piece, and a line is too wide only when it holds nothing that could be broken.
func TestWrappingTearsNothing(t *testing.T) {
	words := func(ls []report.Line) []string {
		var all []string
		for _, l := range ls {
			for _, w := range strings.Fields(l.Text) {
				all = append(all, strings.TrimRight(w, ";,"))
			}
		}
		return all
	}
	ix, fs := troubled(t)
	for name, lines := range map[string][]report.Line{
		"migration": report.Preview(migration(t), false), "grant": report.Preview(grant(t), false), "diff": report.Preview(migration(t), true),
		"findings": report.FindingTable(report.Findings(fs, report.FindingFilter{}), false), "codes": explained(t),
		"list": report.Table(report.ListItems(ix, report.ListOptions{}), false, 0),
	} {
		for width := 20; width < 220; width += 7 {
			got := wrapped(lines, width)
			if d := cmp.Diff(words(lines), words(got)); d != "" {
				t.Fatalf("%s at %d: words\n%s", name, width, d)
			}
			pieces := map[string]int{}
			for _, l := range got {
				for _, p := range copied.FindAllString(l.Text, -1) {
					pieces[p]++
				}
				if bare := strings.TrimSpace(l.Text); !l.Whole && report.Width(l.Text) > width && !atomic.MatchString(bare) {
					t.Errorf("%s: %d columns on %d: %q", name, report.Width(l.Text), width, l.Text)
				}
			}
			for _, l := range lines {
				for _, p := range copied.FindAllString(l.Text, -1) {
					if pieces[p]--; pieces[p] < 0 {
						t.Fatalf("%s at %d: %q was torn", name, width, p)
					}
				}
			}
		}
	}
}

// atomic is what may be too wide: one word or command, behind signs and a label.
var atomic = regexp.MustCompile(`^(?:\d+ |first )?(?:\S{1,2} +){0,2}(?:[A-Za-z:-]+ +)?(?:(?:[(]?(?:kubectl|aws) [^;]*)|\S+|"[^"]*"\S*|--accept \S+|\S+ ⟨permission set⟩\S*)$`)

func explained(t *testing.T) []report.Line {
	var out []report.Line
	for _, c := range report.Codes() {
		lines, ok := report.Explain(c)
		if !ok {
			t.Fatal(c)
		}
		out = append(out, lines...)
	}
	return append(out, report.Error(&access.Conflict{Want: access.Namespace{In: kubeR, Name: "a"}})...)
}

// Foreign text can't make it lose or add anything but blanks.
func TestWrappingForeignText(t *testing.T) {
	bare := strings.NewReplacer(" ", "", ";", "", ",", "", ".", "")
	for seed := range uint64(2000) {
		e := enemy{rand.New(rand.NewPCG(seed, 11))}
		parts := []string{e.s(), "kubectl " + e.s(), e.s() + ": kubectl eks-access " + e.s(), "--accept", e.s(), "⟨" + e.s(), `"` + e.s(), "'" + e.s(), "i  " + e.s(), "(aws eks " + e.s()}
		e.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		line := report.Line{Text: report.Safe(strings.Join(parts, " "))}
		var all strings.Builder
		for _, l := range report.Wrap(line, 20+e.IntN(60)) {
			all.WriteString(l.Text)
		}
		if got, want := bare.Replace(all.String()), bare.Replace(line.Text); got != want {
			t.Fatalf("seed %d: %q became %q", seed, line.Text, all.String())
		}
	}
}
