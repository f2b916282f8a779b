package stories

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sized is a story at the sizes people have.
func sized(t *testing.T, story func(t *testing.T, cols, rows int), sizes ...[2]int) {
	t.Parallel()
	for _, s := range sizes {
		t.Run(fmt.Sprintf("%dx%d", s[0], s[1]), func(t *testing.T) {
			t.Parallel()
			story(t, s[0], s[1])
		})
	}
}

// squeezed is a text with every run of blanks as one: sentences are broken where
// the screen ends.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// says fails for every sentence that is not on the screens.
func says(t *testing.T, screens string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(squeezed(screens), w) {
			t.Errorf("nothing says %q:\n%s", w, screens)
		}
	}
}

// S1 by keys alone: a principal, a Role and a namespace that are all new.
func TestS1ByKeys(t *testing.T) { sized(t, s1ByKeys, [2]int{80, 24}, [2]int{120, 40}) }

func s1ByKeys(t *testing.T, cols, rows int) {
	file, err := filepath.Abs(roleFile)
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, "s1")
	before := c.must("list", "-o", "json")
	x := open(t, cols, rows, c.command())
	x.read()
	x.press("g")
	x.await("Grant access")
	x.press("enter")
	x.await("type an ARN")
	x.types(teamA)
	x.await("new principal")
	x.press("enter")
	x.await("who +arn:.*/team-a-developer")
	x.press("left") // from level around to role: what was chosen moves on
	x.await("‹ role ›")
	x.press("down", "enter")
	x.await("Role in each namespace")
	x.types("k8s-test-role")
	x.await("not there yet")
	x.press("enter")
	x.await("role +k8s-test-role")
	x.types(file)
	x.await("rules +.*k8s-test-role.yaml")
	x.press("down", "enter")
	x.await("Namespaces")
	x.types("test")
	x.await("will be created")
	x.press("enter")
	x.await("where +test")
	x.press("down")
	x.types("k8s-test-user")
	x.await("username +k8s-test-user")
	x.press("ctrl+p")
	x.await("Preview  1 principal · 4 steps")
	x.insist("down", "▌ 2 [+] Role +test/k8s-test-role")
	said := x.screen()
	x.press("tab", "tab", "tab")
	said += x.scrolled(6)
	says(t, said, "Namespace test", "RoleBinding test/k8s-test-rolebinding", "aws-auth + team-a-developer",
		"ingresses of the API group extensions is not served any more", "describe is not a verb", "has list without watch",
		"k8s-test-role does not allow: kubectl get roles --namespace test")
	if strings.Contains(said, "rules of edit") {
		t.Errorf("the role has the rules of edit:\n%s", said)
	}

	p := watch(c, "default")
	x.insist("a", "Apply to ")
	x.insist("y", "Applying|Undoing|steps done")
	x.await("4 steps done")
	p.ends(t)
	says(t, x.scrolled(4), "team-a-developer may get pods in test", "team-a-developer may not get pods in default")
	c.granted()

	x.insist("u", `Undo  (?s:.{0,300})4 steps`)
	p = watchBut(c, c.teamKey(), "default")
	x.insist("a", "Apply to ")
	x.insist("y", "Applying|Undoing|steps done")
	x.await("4 steps done")
	p.ends(t)
	x.insist("enter", "IAM PRINCIPAL")
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if _, err := whoami(t.Context(), c.client(c.teamKey())); err == nil {
		t.Error("after undo the team is still let in")
	}
	if got := c.must("list", "-o", "json"); got != before {
		t.Errorf("undo does not put back what was there:\n%s\nwant\n%s", got, before)
	}
}

// S3 by keys alone.
func TestS3ByKeys(t *testing.T) { sized(t, s3ByKeys, [2]int{80, 24}, [2]int{200, 50}) }

func s3ByKeys(t *testing.T, cols, rows int) {
	c := start(t, "s3")
	before := c.must("list", "-o", "json")
	x := open(t, cols, rows, c.command())
	x.read()
	x.press("/")
	x.types("workshop-admin")
	x.press("enter")
	x.await("1 of 1[0-9]|1/1[0-9]")
	x.press("m")
	x.await("basket 1")
	x.press("p")
	x.await("6 steps")
	x.await("nobody loses anything")
	x.insist("down", "▌ 2 ") // from here on keys count
	x.press("enter")         // alone it never applies
	if strings.Contains(x.screen(), "Applying") {
		t.Error("enter applies")
	}
	p := watch(c, workshop...)
	x.insist("a", "Apply to ")
	x.insist("y", "Applying|Undoing|steps done")
	x.await("6 steps done")
	p.ends(t)
	c.migrated()
	x.insist("u", `Undo  (?s:.{0,300})6 steps`)
	p = watch(c, workshop...)
	x.insist("a", "Apply to ")
	x.insist("y", "Applying|Undoing|steps done")
	x.await("6 steps done")
	p.ends(t)
	x.insist("enter", "IAM PRINCIPAL")
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if got := c.must("list", "-o", "json"); got != before {
		t.Error("undo does not put back what was there")
	}
}

// demo is the program on a terminal, with the invented cluster in its own process.
func demo(t *testing.T, cols, rows int, env ...string) *terminal {
	t.Helper()
	bin, err := plugin()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "--demo=s3")
	cmd.Env = append(append(os.Environ(), "HOME="+t.TempDir()), env...)
	return open(t, cols, rows, cmd)
}

func TestNoColorAndNarrow(t *testing.T) {
	t.Parallel()
	x := demo(t, 40, 10)
	x.await("eks-workshop-a")
	x.await(`(?m)^ .*\? help`)
	x.resize(30, 8)
	x.await(`(?s)^This needs a terminal of at\s+least 40 columns and 10 lines;\s+q leaves.\s*$`)
	x.resize(100, 30)
	x.await("IAM PRINCIPAL 1[0-9]")
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	coloured(t, x)
	restored(t, x)
}

func TestControlCLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	x := demo(t, 80, 24)
	x.await("eks-workshop-admins")
	x.press("ctrl+c")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	restored(t, x)
}

// The person's editor has the terminal as it is, Ctrl-C too, and gives it back; what was
// saved there is the basket.
func TestBasketGoesThroughTheEditor(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "editor.sh")
	write(t, script, `trap 'echo not yet' INT
echo "EDITING $(grep -c '^- migrate:' "$2")$1"
while ! read name || [ -z "$name" ]; do :; done
echo "- namespace: {names: $name}" >> "$2"
`)
	tmp := t.TempDir()
	x := demo(t, 100, 30, "EDITOR=/bin/sh "+script+" !", "TMPDIR="+tmp)
	x.await("eks-workshop-admins")
	x.read()
	x.press("/")
	x.types("workshop-admin")
	x.press("enter", "m")
	x.await("basket 1")
	x.press("b")
	x.await("Basket +1 change")
	x.press("e")
	x.await("EDITING 1!")
	x.press("ctrl+c")
	x.await("not yet")
	x.types("fresh\n")
	x.await("Basket +2 changes")
	x.await("2 make namespace fresh")
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
	x.press("p")
	x.await("[+] Namespace +fresh")
	x.insist("esc", "Basket +2 changes")
	x.press("q")
	x.await("IAM PRINCIPAL")
	x.press("q")
	x.await("2 staged changes are not applied")
	x.press("y")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	restored(t, x)
}

// restored fails unless the other screen was left and the cursor shown at the end.
func restored(t *testing.T, x *terminal) {
	t.Helper()
	last := x.last()
	if in, out := strings.LastIndex(last, "\x1b[?1049h"), strings.LastIndex(last, "\x1b[?1049l"); out < 0 || out < in {
		t.Errorf("the other screen was not left: %q", last)
	}
	if hide, show := strings.LastIndex(last, "\x1b[?25l"), strings.LastIndex(last, "\x1b[?25h"); show < hide {
		t.Errorf("the cursor stays hidden: %q", last)
	}
}

// coloured fails for every colour: NO_COLOR leaves bold and reverse.
func coloured(t *testing.T, x *terminal) {
	t.Helper()
	if m := regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m`).FindString(x.last()); m != "" {
		t.Errorf("with NO_COLOR set there is the colour %q", m)
	}
}
