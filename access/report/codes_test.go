package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// constant is a code as its file declares it.
type constant struct {
	name, value, comment string
}

// declared reads the string constants of a Go file, with the comment beside each.
func declared(t *testing.T, file string) []constant {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out []constant
	for _, d := range parsed.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, s := range group.Specs {
			v := s.(*ast.ValueSpec)
			if len(v.Values) != 1 {
				continue
			}
			lit, ok := v.Values[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, constant{v.Names[0].Name, value, strings.TrimSpace(v.Comment.Text())})
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s declares no codes", file)
	}
	return out
}

// codes are the constants of type Code in a file.
func codes(t *testing.T, file string) []constant {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	typed := map[string]bool{}
	ast.Inspect(source, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
				typed[v.Names[0].Name] = true
			}
		}
		return true
	})
	var out []constant
	for _, c := range declared(t, file) {
		if typed[c.name] {
			out = append(out, c)
		}
	}
	return out
}

func TestEveryCodeHasWords(t *testing.T) {
	for _, c := range codes(t, "../finding.go") {
		if strings.HasPrefix(c.name, "Why") {
			if whys[access.Code(c.value)] == "" {
				t.Errorf("%s (%s): no reason of a step", c.name, c.value)
			}
		} else if s, _ := findings(access.Code(c.value)); s.text == "" {
			t.Errorf("%s (%s): no words of a finding", c.name, c.value)
		}
	}
	for _, c := range codes(t, "../inspect_roads.go") {
		if powerWords[access.Code(c.value)] == "" {
			t.Errorf("%s (%s): no words of a power", c.name, c.value)
		}
	}
	for _, c := range codes(t, "../mapping.go") {
		if reasons[access.Code(c.value)] == "" {
			t.Errorf("%s (%s): no words of a reason", c.name, c.value)
		}
	}
	for _, c := range codes(t, "../snapshot.go") {
		if gapWords[access.Code(c.value)] == "" {
			t.Errorf("%s (%s): no words of a gap", c.name, c.value)
		}
	}
	for _, c := range declared(t, "../awsauth/awsauth.go") {
		if strings.HasPrefix(c.name, "Drop") && dropped[c.value] == "" {
			t.Errorf("%s (%s): no words for why an item is left out", c.name, c.value)
		}
	}
}

// The other way round: words for a code that is gone say nothing to anybody.
func TestNoWordsWithoutACode(t *testing.T) {
	have := map[string]bool{}
	for _, file := range []string{"../finding.go", "../inspect_roads.go", "../mapping.go", "../snapshot.go", "../awsauth/awsauth.go"} {
		for _, c := range declared(t, file) {
			have[c.value] = true
		}
	}
	check := func(code string) {
		if !have[code] {
			t.Errorf("words for %q, which no code is", code)
		}
	}
	for c, e := range clusterFindings {
		check(string(c))
		if e.why == "" {
			t.Errorf("%s has no explanation", c)
		}
	}
	for c, e := range planFindings {
		check(string(c))
		if e.why == "" {
			t.Errorf("%s has no explanation", c)
		}
	}
	for _, table := range []map[access.Code]string{whys, reasons, gapWords, onTheWay, powerWords} {
		for c := range table {
			check(string(c))
		}
	}
	for c := range dropped {
		check(c)
	}
}

func TestEveryObjectHasAName(t *testing.T) {
	for _, c := range declared(t, "../objects.go") {
		if strings.HasSuffix(c.name, "Kind") && unread[access.Kind(c.value)].what == "" {
			t.Errorf("%s (%s): a gap in it has no words", c.name, c.value)
		}
	}
}

func TestEveryStateHasAWord(t *testing.T) {
	for _, s := range []access.MappingState{access.Active, access.Shadowed, access.Unmatchable, access.Dormant, access.Dead, access.Undecided} {
		if stateWords[s] == "" {
			t.Errorf("state %q has no word", s)
		}
	}
}

var slot = regexp.MustCompile(`\{(?:[a-z]?(\d)|P|k|K|w|W|R|D)(?:\|[A-Z ]+)?\}`)

// A sentence uses only the arguments that the code's comment lists, so that no "?"
// is ever read.
func TestSentencesUseTheirArguments(t *testing.T) {
	for _, c := range codes(t, "../finding.go") {
		args, _, _ := strings.Cut(c.comment, ":")
		args, _, _ = strings.Cut(args, ".")
		n := 0
		if strings.TrimSpace(args) != "" {
			n = strings.Count(args, ",") + 1
		}
		s, _ := findings(access.Code(c.value))
		for _, text := range []string{s.text, s.fix, whys[access.Code(c.value)], onTheWay[access.Code(c.value)]} {
			for _, m := range slot.FindAllStringSubmatch(text, -1) {
				if i, err := strconv.Atoi(m[1]); err == nil && i >= n {
					t.Errorf("%s: %q uses argument %d of %d (%s)", c.name, text, i, n, c.comment)
				}
			}
			if rest := slot.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
				t.Errorf("%s: %q has a slot that means nothing", c.name, text)
			}
		}
	}
}
