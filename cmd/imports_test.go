package cmd

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/eks-access/kubectl-eks-access"

// allowed says what each package may import beyond the standard library: the
// table of ARCHITECTURE.md. A trailing /... stands for everything below.
var allowed = map[string][]string{
	"access": {
		module + "/access/awsauth", "k8s.io/api/rbac/v1",
		"k8s.io/apimachinery/pkg/apis/meta/v1", "k8s.io/apimachinery/pkg/labels", "k8s.io/component-helpers/auth/rbac/validation",
	},
	"access/awsauth": {"go.yaml.in/yaml/v2", "go.yaml.in/yaml/v3", "sigs.k8s.io/yaml"},
	"access/archive": {
		module + "/access", module + "/access/awsauth", "k8s.io/api/authentication/v1", "k8s.io/api/core/v1", "k8s.io/api/rbac/v1",
		"k8s.io/apimachinery/pkg/apis/meta/v1", "sigs.k8s.io/yaml",
	},
	"access/report": {module + "/access", module + "/access/archive", "github.com/charmbracelet/x/ansi", "github.com/rogpeppe/go-internal/diff", "sigs.k8s.io/yaml"},
	"access/export": {
		module + "/access", module + "/access/awsauth", module + "/access/report", "github.com/hashicorp/hcl/v2", "github.com/hashicorp/hcl/v2/hclsyntax",
		"github.com/hashicorp/hcl/v2/hclwrite", "github.com/zclconf/go-cty/cty", "go.yaml.in/yaml/v3", "k8s.io/api/rbac/v1",
	},
	"access/live": {module + "/access", "golang.org/x/sync/errgroup"},
	"access/eks":  {module + "/access", "github.com/aws/..."},
	"access/iam":  {module + "/access", "github.com/aws/...", "golang.org/x/sync/errgroup"},
	"access/kube": {module + "/access", "k8s.io/..."},
	"access/sim":  {"go.yaml.in/yaml/v3", "sigs.k8s.io/yaml"},
	"tui":         {module + "/access", module + "/access/report", "charm.land/...", "github.com/charmbracelet/..."},
}

// never are packages that would let a core package act, by the first word of a path.
var never = map[string][]string{
	"access":         {"context", "os", "net", "log", "time/tzdata"},
	"access/awsauth": {"context", "os", "net", "log"},
	"access/archive": {"context", "os", "net", "log"},
	"access/export":  {"context", "os", "net", "log"},
	"access/report":  {"os", "net", "log"},
	"access/live":    {"net"},
	"tui":            {"net"},
}

type goPackage struct {
	ImportPath string
	Standard   bool
	GoFiles    []string
	Imports    []string
}

// packages lists the module's packages and all that they import.
func packages(t *testing.T) (ours []goPackage, standard map[string]bool) {
	t.Helper()
	c := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,GoFiles,Imports", "./...")
	c.Dir = ".."
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	standard = map[string]bool{}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		standard[p.ImportPath] = p.Standard
		if strings.HasPrefix(p.ImportPath, module+"/") {
			ours = append(ours, p)
		}
	}
	return ours, standard
}

func TestImportsPointOneWay(t *testing.T) {
	ours, standard := packages(t)
	seen := map[string]bool{}
	for _, p := range ours {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		rules, ruled := allowed[name]
		seen[name] = true
		for _, in := range p.Imports {
			if in == module+"/cmd" && name != "cmd/kubectl-eks_access" {
				t.Errorf("%s imports cmd, which nobody may but its main", name)
			}
			if !ruled {
				continue
			}
			if word, _, _ := strings.Cut(in, "/"); standard[in] && slices.Contains(never[name], word) {
				t.Errorf("%s imports %s: it may not act", name, in)
			}
			if !standard[in] && !slices.ContainsFunc(rules, func(r string) bool {
				prefix, below := strings.CutSuffix(r, "...")
				return in == r || below && strings.HasPrefix(in, prefix)
			}) {
				t.Errorf("%s may not import %s", name, in)
			}
		}
		if strings.HasPrefix(name, "access") && !ruled && len(p.GoFiles) > 0 {
			t.Errorf("%s has no rule: say in this table what it may import", name)
		}
	}
	for _, name := range []string{"access", "access/archive", "access/export", "access/report", "access/live", "access/eks", "access/iam", "access/kube", "access/sim", "tui"} {
		if !seen[name] {
			t.Errorf("%s was not looked at: this test reads the wrong folder", name)
		}
	}
}

// opens names the packages that reach outside: one file of cmd may name them.
var opens = []string{"access/eks", "access/iam", "access/kube", "access/sim"}

func TestOneFileOpensTheWorld(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, f := range files {
		if f == "env.go" || strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range opens {
			if strings.Contains(string(text), `"`+module+"/"+o+`"`) {
				t.Errorf("%s imports %s: only env.go opens the world", f, o)
			}
		}
	}
}

// mostLines is how long a file may be; a longer one says why in its first comment,
// with the word "lines".
const mostLines = 400

func TestFilesStayShort(t *testing.T) {
	looked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		if n := strings.Count(string(text), "\n"); n > mostLines && !reason(string(text)) {
			t.Errorf("%s has %d lines and does not say why in its first comment", path, n)
		}
		return nil
	})
	if err != nil || looked < 50 {
		t.Fatalf("%d files, error %v", looked, err)
	}
}

// reason reports whether the comment before the package clause, or the first one
// after it, explains the file's length.
func reason(text string) bool {
	i := strings.Index(text, "//")
	if i < 0 {
		return false
	}
	comment := text[i:]
	for j, l := range strings.SplitAfter(comment, "\n") {
		if !strings.HasPrefix(l, "//") {
			comment = strings.Join(strings.SplitAfter(comment, "\n")[:j], "")
			break
		}
	}
	return strings.Contains(comment, "lines")
}
