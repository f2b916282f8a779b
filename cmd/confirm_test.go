package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// person is a terminal on which somebody types, on a demo's cluster.
func person(types string) (e *env, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	e = &env{in: strings.NewReader(types), out: out, err: err, terminal: true,
		width: func() int { return 0 }, getenv: func(string) string { return "" }}
	e.open = e.openWorld
	return e, out, err
}

func TestAPersonIsAsked(t *testing.T) {
	for name, tc := range map[string]struct {
		args  string
		types string
		code  int
		says  string // on stderr
		ends  string // on stdout
	}{
		"yes":                  {"migrate --demo", "y\n", 0, "Apply 6 steps to eks-workshop? [y/N] ", "✓ 6 steps done"},
		"no":                   {"migrate --demo", "n\n", 2, "not applied; nothing was changed", ""},
		"enter alone is no":    {"migrate --demo", "\n", 2, "not applied; nothing was changed", ""},
		"end of input is no":   {"migrate --demo", "", 2, "not applied; nothing was changed", ""},
		"the cluster's name":   {"migrate --demo=s1", "dev-cluster\nyes\n", 0, "type the cluster's name (dev-cluster): ", "✓ 7 steps done"},
		"y is no name":         {"migrate --demo=s1", "y\ny\n", 2, "not applied; nothing was changed", ""},
		"accepted before":      {"migrate --demo=s1 --accept one-way-mode", "y\n", 0, "Apply 7 steps to dev-cluster?", "✓ 7 steps done"},
		"the principal's name": {"revoke --demo carts-developers", "carts-developers\nyes\n", 0, "type the principal's name (carts-developers): ", "✓ 3 steps done"},
		"y is no principal":    {"revoke --demo carts-developers", "y\ny\n", 2, "not applied; nothing was changed", ""},
		"nothing is not asked": {"grant --demo role/platform-admin --policy AmazonEKSClusterAdminPolicy", "", 0, "", "nothing to do"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, out, said := person(tc.types)
			if code := run(t.Context(), e, strings.Fields(tc.args)); code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			if !strings.Contains(said.String(), tc.says) {
				t.Errorf("stderr is without %q:\n%s", tc.says, said)
			}
			if !strings.Contains(out.String(), tc.ends) || tc.ends == "" && out.Len() > 0 {
				t.Errorf("stdout is without %q:\n%s", tc.ends, out)
			}
		})
	}
}

// Two doors that never open again want two yeses, in the order in which they shut.
func TestEachOneWayDoorIsAskedFor(t *testing.T) {
	p := access.Plan{Cluster: access.Cluster{Name: "prod"}, Steps: []access.Step{{}}, Findings: []access.Finding{
		{Code: access.LeftInMap, Severity: access.Confirm, Args: []string{"a"}}, {Code: access.LeftInMap, Severity: access.Confirm, Args: []string{"b"}},
		{Code: access.OneWayMode, Severity: access.Confirm, Args: []string{"API_AND_CONFIG_MAP", "API"}},
		{Code: access.OneWayMode, Severity: access.Confirm, Args: []string{"CONFIG_MAP", "API_AND_CONFIG_MAP"}}}}
	for types, yes := range map[string]bool{
		"left-in-aws-auth\nprod\nprod\ny\n": true,
		"left-in-aws-auth\nprod\ny\n":       false,
		"prod\nprod\ny\n":                   false,
	} {
		e, _, said := person(types)
		if err := ask(t.Context(), e, p, p.Confirms()); (err == nil) != yes {
			t.Errorf("%q: %v", types, err)
		}
		first, second := strings.Index(said.String(), "goes from CONFIG_MAP"), strings.Index(said.String(), "goes from API_AND_CONFIG_MAP")
		if yes && (first < 0 || second < first) {
			t.Errorf("asked for in this order:\n%s", said)
		}
	}
}

func TestAStopAtThePromptChangesNothing(t *testing.T) {
	e, out, said := person("")
	typing, hold := io.Pipe()
	defer hold.Close()
	e.in = typing
	ctx, cancel := context.WithCancel(t.Context())
	e.err = watcher{said, "[y/N]", cancel}
	if code := run(ctx, e, []string{"migrate", "--demo"}); code != exitError || out.Len() > 0 {
		t.Errorf("exit code %d, stdout %q", code, out)
	}
	if !strings.Contains(said.String(), "stopped; nothing was changed") {
		t.Errorf("stderr:\n%s", said)
	}
}

func TestAStopDuringAChangeEndsBetweenSteps(t *testing.T) {
	e, out, said := person("")
	ctx, cancel := context.WithCancel(t.Context())
	e.err = watcher{said, "2/6 →", cancel} // the second step is about to be written
	if code := run(ctx, e, []string{"migrate", "--demo", "--yes"}); code != exitMidway {
		t.Errorf("exit code %d, want %d", code, exitMidway)
	}
	for _, words := range []string{"stopped at step 3/6", "2 steps done", "it was stopped from here"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("stdout is without %q:\n%s", words, out)
		}
	}
	for _, words := range []string{"context canceled", "eks-access undo", "eks-access resume"} { // a demo has no second process
		if strings.Contains(out.String(), words) {
			t.Errorf("stdout has %q:\n%s", words, out)
		}
	}
}

// watcher calls do when words are written.
type watcher struct {
	to    io.Writer
	words string
	do    func()
}

func (w watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.words) {
		w.do()
	}
	return w.to.Write(p)
}

func TestColourOnlyWhereItIsWanted(t *testing.T) {
	line := report.Line{Kind: report.Bad, Text: "x"}
	if got := paint(line, true); got != "\x1b[1;31mx\x1b[0m" {
		t.Errorf("painted %q", got)
	}
	e, out, said := person("")
	e.painted.out, e.painted.err = true, true
	if code := run(t.Context(), e, []string{"list", "--demo", "--no-color"}); code != 0 || strings.Contains(out.String()+said.String(), "\x1b") {
		t.Errorf("exit code %d with --no-color:\n%s%s", code, out, said)
	}
}

// failing is a stdout that can't be written to.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAFullDiskIsAnError(t *testing.T) {
	e, _, said := person("")
	e.out = failing{errors.New("no space left on device")}
	if code := run(t.Context(), e, []string{"list", "--demo"}); code != exitError || !strings.Contains(said.String(), "no space left") {
		t.Errorf("exit code %d, stderr:\n%s", code, said)
	}
}

// A namespace that is nearly there is doubted before the question, too: the preview
// between the two may be long.
func TestADoubtStandsBeforeTheQuestion(t *testing.T) {
	e, _, said := person("n\n")
	run(t.Context(), e, strings.Fields("grant orders-oncall --level view -n cart --demo"))
	doubt := "▲ there is no namespace cart; did you mean carts?\n"
	if got := said.String(); strings.Count(got, doubt) != 2 || !strings.Contains(got, doubt+"Apply 1 step to eks-workshop? [y/N] ") {
		t.Errorf("stderr:\n%s", got)
	}
	e, _, said = person("n\n")
	run(t.Context(), e, strings.Fields("grant orders-oncall --level view -n shop --demo"))
	if got := said.String(); strings.Contains(got, "did you mean") {
		t.Errorf("stderr:\n%s", got)
	}
}
