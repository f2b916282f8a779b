package cmd

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// heldTogether is what a line may be too wide for: one word, or one command to copy,
// behind the signs and the label of its line.
var heldTogether = regexp.MustCompile(`^(?:\S{1,4} +){0,2}(?:[a-zA-Z:-]+ +)?(?:[(]?(?:kubectl|aws) [^;]*|--accept \S+|"[^"]*"\S*|\S+(?: ⟨permission set⟩\S*)?)$`)

// On a terminal no line of prose runs over the edge, tables fit, and what is copied stays
// in one piece; elsewhere every line is as it always was.
func TestOutputFitsTheTerminal(t *testing.T) {
	for _, args := range []string{
		"list --demo", "list --demo -n carts,nowhere", "list --demo --findings", "list --demo=s5 --findings", "list --demo=s1",
		"migrate --demo --dry-run", "migrate --demo=s1 --dry-run", "migrate --demo --to API --dry-run", "migrate --demo=s1 --yes",
		"revoke carts-developers --demo --dry-run", "grant orders-oncall --level view --demo --dry-run", "migrate --demo --yes",
		"grant nobody-here --level view --demo", "list nobody-here --demo", "explain", "plan -f ../examples/changes.yaml --demo",
		"can-i carts-developers delete pods -n carts --why --demo", "who-can get secrets -A --demo", "compare carts-developers EKSDeveloper --demo",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			e, plainOut, plainErr := person("")
			run(t.Context(), e, strings.Fields(args))
			for _, width := range []int{60, 80, 120, 200} {
				e, out, said := person("")
				e.width = func() int { return width }
				e.errWidth = e.width
				run(t.Context(), e, strings.Fields(args))
				for _, l := range strings.Split(out.String()+said.String(), "\n") {
					if report.Width(l) > width && !heldTogether.MatchString(strings.TrimSpace(l)) {
						t.Errorf("%d columns on %d: %q", report.Width(l), width, l)
					}
				}
				for _, arn := range arns.FindAllString(plainErr.String(), -1) {
					if !strings.Contains(said.String(), arn) {
						t.Errorf("on %d columns stderr has no %q in one piece", width, arn)
					}
				}
			}
			for _, l := range strings.Split(plainOut.String(), "\n") {
				if strings.Contains(l, "-o wide has all") {
					t.Errorf("without a terminal something is left out: %q", l)
				}
			}
		})
	}
}

var arns = regexp.MustCompile(`arn:aws:[^\s,;)\]]+`)

// What has no terminal is not wrapped, beside one that has.
func TestEachStreamHasItsOwnWidth(t *testing.T) {
	e, out, said := person("")
	e.errWidth = func() int { return 60 }
	run(t.Context(), e, strings.Fields("list --demo"))
	if !strings.Contains(out.String(), "AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085/{{SessionName}}") {
		t.Errorf("stdout is cut:\n%s", out)
	}
	for _, l := range strings.Split(said.String(), "\n") {
		if report.Width(l) > 60 && !heldTogether.MatchString(strings.TrimSpace(l)) {
			t.Errorf("%d columns: %q", report.Width(l), l)
		}
	}
}

// Help fits, too: its paragraphs are filled anew, its commands and files stay as they are.
func TestHelpFitsTheTerminal(t *testing.T) {
	plain, _, _ := person("")
	for _, c := range append(newRoot(plain, running).Commands(), newRoot(plain, running)) {
		for _, width := range []int{60, 80} {
			e, out, _ := person("")
			e.width = func() int { return width }
			args := append(strings.Fields(strings.TrimPrefix(c.CommandPath(), "kubectl eks-access")), "--help")
			if code := run(t.Context(), e, args); code != 0 || out.Len() == 0 {
				t.Fatalf("%v: exit code %d", args, code)
			}
			words := func(s string) string {
				return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), ",", "") // a command on a line of its own has none
			}
			whole := words(out.String())
			for _, l := range strings.Split(out.String(), "\n") {
				if report.Width(l) > width && !strings.HasPrefix(l, "  ") && !strings.HasPrefix(l, `Use "kubectl`) {
					t.Errorf("%v: %d columns on %d: %q", args, report.Width(l), width, l)
				}
			}
			for _, l := range strings.Split(c.Long, "\n") {
				if !strings.Contains(whole, words(l)) {
					t.Errorf("%v on %d columns is without %q", args, width, l)
				}
			}
		}
	}
}

// Who names no namespace is told in which it was asked, beside the answer; in a script
// nothing is said.
func TestWhereItWasAsked(t *testing.T) {
	for args, want := range map[string]string{
		"who-can get secrets --demo":          "asked in the namespace default, since no other is named; -n NAMESPACE asks in another, -A in all",
		"can-i dana get pods --demo":          "asked in the namespace default, since no other is named; -n NAMESPACE asks in another, --why gives the reasons",
		"can-i dana get pods --demo --why":    "asked in the namespace default, since no other is named; -n NAMESPACE asks in another\n",
		"can-i dana get pods --demo -q":       "",
		"who-can get secrets --demo -n carts": "",
		"who-can get secrets --demo -A":       "",
		"who-can get nodes --demo":            "",
		"who-can get /metrics --demo":         "",
		"who-can get namespaces carts --demo": "",
	} {
		e, out, said := person("")
		run(t.Context(), e, strings.Fields(args))
		if got := said.String(); strings.Contains(got, "asked in") != (want != "") || !strings.Contains(got, want) || strings.Contains(out.String(), "asked in") {
			t.Errorf("%s: stderr has %q, want %q", args, got, want)
		}
		e, _, said = person("")
		e.terminal = false
		if run(t.Context(), e, strings.Fields(args)); strings.Contains(said.String(), "asked in") {
			t.Errorf("%s without a terminal: %q", args, said)
		}
	}
	e, _, said := person("")
	open := e.open
	e.open = func(ctx context.Context, t target) (*world, error) {
		w, err := open(ctx, t)
		w.space = "carts"
		return w, err
	}
	run(t.Context(), e, strings.Fields("who-can get secrets --demo"))
	if !strings.Contains(said.String(), "asked in the namespace carts, the context's; ") {
		t.Errorf("stderr has %q", said)
	}
}
