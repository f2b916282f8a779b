package report

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

// docs/codes.md is the words of the program: make docs writes it.
func TestCodesPageIsInStep(t *testing.T) {
	const file = "../../docs/codes.md"
	page := CodesPage()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(have), page); d != "" {
		t.Errorf("docs/codes.md is stale, make docs writes it:\n%s", d)
	}
	for _, c := range codes(t, "../finding.go") {
		code := access.Code(c.value)
		if strings.HasPrefix(c.name, "Why") {
			continue
		}
		if n := strings.Count(page, "\n### "+c.value+"\n"); n != 1 {
			t.Errorf("%s stands %d times on the page", c.value, n)
		}
		lines, ok := Explain(code)
		if !ok || len(lines) < 3 {
			t.Errorf("%s is not explained: %v", c.value, lines)
		}
	}
	if strings.Contains(page, "?.") || strings.Contains(page, "..\n") || strings.Contains(page, "{") && !strings.Contains(page, "{{SessionName}}") {
		t.Error("a sentence of the page is broken")
	}
	if strings.Contains(page, "…") {
		t.Error("something on the page has no name")
	}
	if _, ok := Explain("no-such-code"); ok {
		t.Error("a code that is none of ours is explained")
	}
}

// said are the severities with which the core's source says each code where it names
// both: say(Warn, X, ...), say(pick(..., Warn, Info), X, ...) and Finding{Code: X, Severity: Warn}.
func said(t *testing.T) map[string][]access.Severity {
	t.Helper()
	names := map[string]access.Severity{"Info": access.Info, "Warn": access.Warn, "Confirm": access.Confirm, "Refuse": access.Refuse}
	out := map[string][]access.Severity{}
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	note := func(code ast.Expr, sev ast.Node) {
		id, ok := code.(*ast.Ident)
		if !ok || sev == nil {
			return
		}
		ast.Inspect(sev, func(n ast.Node) bool {
			if s, ok := n.(*ast.Ident); ok {
				if v, ok := names[s.Name]; ok && !slices.Contains(out[id.Name], v) {
					out[id.Name] = append(out[id.Name], v)
				}
			}
			return true
		})
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "say" && len(n.Args) > 1 {
					note(n.Args[1], n.Args[0])
				}
			case *ast.CompositeLit:
				fields := map[string]ast.Expr{}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if k, ok := kv.Key.(*ast.Ident); ok {
							fields[k.Name] = kv.Value
						}
					}
				}
				if fields["Code"] != nil && fields["Severity"] != nil {
					note(fields["Code"], fields["Severity"])
				}
			}
			return true
		})
	}
	return out
}

func TestSeveritiesAreThoseOfTheSource(t *testing.T) {
	from := said(t)
	known := 0
	for _, c := range codes(t, "../finding.go") {
		if strings.HasPrefix(c.name, "Why") {
			continue
		}
		have := severities[access.Code(c.value)]
		if len(have) == 0 || !slices.IsSortedFunc(have, func(a, b access.Severity) int { return int(b) - int(a) }) {
			t.Errorf("%s: severities %v, want the worst first", c.value, have)
		}
		if len(from[c.name]) > 0 {
			known++
		}
		for _, s := range from[c.name] {
			if !slices.Contains(have, s) {
				t.Errorf("%s is said with %s, and the table has %v", c.value, s, have)
			}
		}
		for _, s := range have {
			if len(from[c.name]) > 0 && !slices.Contains(from[c.name], s) {
				t.Errorf("%s is not said with %s", c.value, s)
			}
		}
	}
	if known < 60 {
		t.Errorf("the source tells the severity of %d codes only", known)
	}
}

// Whoever is asked for a yes is told what to check, by a command or a flag.
func TestConfirmsTellWhatToCheck(t *testing.T) {
	for c, sevs := range severities {
		if !slices.Contains(sevs, access.Confirm) {
			continue
		}
		s, _ := findings(c)
		fix := generic(s.fix)
		if !strings.Contains(fix, "--") && !slices.ContainsFunc(atoms(fix), func(a atom) bool { return a.command }) {
			t.Errorf("%s: %q", c, fix)
		}
	}
}
