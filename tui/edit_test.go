package tui

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/eks-access/kubectl-eks-access/access"
)

// desk is an editor whose file has an intent on each line; write is who edits.
type desk struct {
	seen  []string // the texts it was opened with
	write func(text string) (string, error)
}

func (e *desk) editing() Editing {
	return Editing{
		Text: func(_ access.Cluster, cs []Change) string {
			out := "# changes\n"
			for _, c := range cs {
				text, _ := access.EncodeIntent(c.Intent)
				out += string(text) + "\n"
			}
			return out
		},
		Read: func(_ *access.Index, text string) (out []Change, ignored int, err error) {
			for i, l := range strings.Split(text, "\n") {
				if l == "" || strings.HasPrefix(l, "#") {
					ignored += strings.Count(l, "# - ")
					continue
				}
				in, err := access.DecodeIntent([]byte(l))
				if err != nil {
					return nil, 0, fmt.Errorf("changes.yaml: line %d: no change: %s\nwrite one", i+1, l)
				}
				out = append(out, Change{Intent: in})
			}
			return out, ignored, nil
		},
		Open: func(text string, _ io.Reader, _ io.Writer) (string, error) {
			e.seen = append(e.seen, text)
			return e.write(text)
		},
	}
}

// last is what the editor was opened with the last time.
func (e *desk) last() string { return e.seen[len(e.seen)-1] }

// edits gives a driver an editor.
func edits(d *driver) *desk {
	e := &desk{}
	d.app.o.Editing = e.editing()
	d.app.exec = func(c tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
		return func() tea.Msg { return done(c.Run()) }
	}
	return e
}

func appended(lines ...string) func(string) (string, error) {
	return func(text string) (string, error) { return text + strings.Join(lines, "\n") + "\n", nil }
}

const (
	makeTest = `{"kind":"namespace","namespaces":["test"]}`
	bindTest = `{"kind":"bind","groups":["testers"],"clusterRole":"view","namespaces":["carts"]}`
)

// What has no form is wished in the editor, beside what was staged by keys.
func TestBasketIsEditedAsAFile(t *testing.T) {
	f := &fake{snap: workshop()}
	d := drive(t, f, 100, 30)
	e := edits(d)
	e.write = appended(makeTest, bindTest)
	d.keys("down", "m", "b", "e").sees("Basket  3 changes, one plan", "1 migrate eks-workshop-admins", "2 make namespace test", "3 bind cluster role view to group testers on carts", "basket 3")
	if !strings.Contains(e.last(), "eks-workshop-admins") {
		t.Errorf("opened with %q", e.last())
	}
	e.write = func(string) (string, error) { return makeTest, nil }
	d.keys("e").sees("Basket  1 change, one plan", "1 make namespace test")
	d.keys("esc").lacks("◆ ") // of no principal
	d.keys("p", "a", "y").sees("done")
	if _, ok := access.Get[access.Namespace](f.snap.Objects, access.Namespace{In: kubeRealm, Name: "test"}.Key()); !ok {
		t.Error("the namespace was not made")
	}
}

func TestEmptyBasketIsEditedToo(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30)
	e := edits(d)
	e.write = appended(makeTest)
	d.keys("b").sees("the basket is empty", "e writes changes as a file").keys("e").sees("Basket  1 change", "make namespace test")
	if e.last() != "# changes\n" {
		t.Errorf("opened with %q", e.last())
	}
}

func TestFileThatSaysNothingChangesNothing(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30)
	e := edits(d)
	d.keys("down", "m", "b")
	for text, want := range map[string]string{"": "the file was empty", " \n\n": "the file was empty", "# all out\n": "there are no changes in the file"} {
		e.write = func(string) (string, error) { return text, nil }
		d.keys("e").sees(want, "Basket  1 change", "basket 1")
	}
	e.write = func(text string) (string, error) { return text, nil }
	d.keys("e").sees("nothing was changed in the file", "basket 1").keys("u").sees("the basket is empty").keys("u").sees("u: there was no other basket before")
}

// What an editor has put behind a # without being asked is not dropped without a word.
func TestLinesBehindAHashAreCounted(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24)
	e := edits(d)
	e.write = appended(makeTest, "# - namespace: {names: x}")
	d.keys("b", "e").sees("1 change in the basket, 1 line behind # ignored: p previews", "basket 1")
	e.write = func(string) (string, error) { return "# - a\n# - b\n", nil }
	d.keys("e").sees("there are no changes in the file, 2 lines behind # ignored: the basket stays", "basket 1")
	e.write = appended(bindTest)
	d.keys("e").sees("2 changes in the basket: p previews")
}

// A mistake is said, the basket stays, and the text comes back with the mistake on top.
func TestFileWithAMistakeIsNotLost(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30)
	e := edits(d)
	e.write = appended(makeTest, "nonsense \x1b[31m")
	d.keys("down", "m", "b", "e").sees("The file has a mistake", "changes.yaml: line 8: no change: nonsense ␛[31m", "write one", "your text is kept", "basket 1")
	var opened string
	e.write = func(text string) (string, error) { opened = text; return text, nil }
	d.keys("e").sees("nothing was changed in the file", "Basket  1 change")
	lines := strings.Split(opened, "\n")
	if len(lines) < 8 || !strings.HasPrefix(lines[0], "#! ") || lines[7] != "nonsense \x1b[31m" {
		t.Errorf("line 8 is not the mistake:\n%s", opened)
	}
	if strings.Contains(strings.Join(lines[:4], "\n"), "\x1b") {
		t.Errorf("an escape sequence in the remark: %q", lines[:4])
	}
	// Another mistake takes the place of the first.
	e.write = func(text string) (string, error) { return text + "more nonsense\n", nil }
	d.keys("e").sees("changes.yaml: line 8: no change: nonsense", "e edit again").keys("esc")
	e.write = func(text string) (string, error) {
		opened = text
		return strings.Replace(text, "more nonsense\n", "", 1), nil
	}
	if d.keys("e", "esc"); strings.Count(opened, remarkHead) != 1 {
		t.Errorf("remarks on remarks:\n%s", opened)
	}
	// Mended, with the remark still there, it is taken.
	e.write = func(text string) (string, error) {
		return strings.Replace(text, "nonsense \x1b[31m\n", bindTest, 1), nil
	}
	d.keys("e").sees("Basket  3 changes", "make namespace test", "bind cluster role view")
	e.write = func(text string) (string, error) { return text, nil }
	if d.keys("e"); strings.Contains(e.last(), remark) {
		t.Errorf("the remark stays: %q", e.last())
	}
}

// Left for later, the text is opened again by the next e, and quitting asks about it.
func TestFileWithAMistakeWaits(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30)
	e := edits(d)
	e.write = appended("nonsense")
	d.keys("b", "e").sees("The file has a mistake").keys("enter", "esc", "q").sees("Quit?", "a file with a mistake was not taken into the basket").keys("n")
	e.write = func(string) (string, error) { return "", nil }
	d.keys("b", "e")
	if !strings.Contains(e.last(), "nonsense") {
		t.Errorf("opened with %q", e.last())
	}
	if d.keys("esc", "q"); !d.left {
		t.Error("an empty file does not drop the text")
	}
}

func TestEditorThatFailsChangesNothing(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30).keys("b", "e").sees("e: there is no editor here")
	e := edits(d)
	e.write = func(text string) (string, error) {
		return text, errors.New("run the editor \"vi\": not found\nname yours")
	}
	d.keys("e").sees("The editor did not end well", `run the editor "vi"`, "name yours", "the basket is as it was").lacks("your text is kept")
	e.write = func(text string) (string, error) { return text + makeTest, errors.New("exit status 1") }
	d.keys("e").sees("exit status 1", "your text is kept")
	e.write = appended()
	d.keys("e").sees("make namespace test")
	d.app.busy = true
	d.keys("e").sees("e: still reading the cluster")
}

// Migrations of a kind are one; what is special about some is kept.
func TestFileKeepsWhatIsSpecialAboutMigrations(t *testing.T) {
	a, _ := access.ParsePrincipal(roleARN("a"))
	b, _ := access.ParsePrincipal(roleARN("b"))
	n, _ := access.ParsePrincipal(roleARN("n"))
	ws := wishesOf([]Change{{Intent: access.Migrate{Principals: []access.Principal{a, b}}}, {Intent: access.Migrate{Principals: []access.Principal{n}, NodeType: "EC2_LINUX"}}})
	if got := words(ws); got != "migrate a; migrate b; migrate n, nodes as EC2_LINUX" {
		t.Error(got)
	}
	ins := intents(ws)
	if len(ins) != 2 || len(ins[0].(access.Migrate).Principals) != 2 || ins[1].(access.Migrate).NodeType != "EC2_LINUX" || ins[0].(access.Migrate).To != access.BothMode {
		t.Errorf("%+v", ins)
	}
}
