package stories

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// clients puts the real kubectl in front of the PATH and sees that there is a real aws
// CLI on it. Where it is not, the tests of exported scripts are skipped, and say so.
func clients(t *testing.T) (path string) {
	t.Helper()
	const advice = "pip install awscli==1.45.11, in a virtual environment on the PATH"
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the aws CLI is not installed: " + advice)
	}
	if out, err := exec.Command("aws", "eks", "associate-access-policy", "--generate-cli-skeleton", "input").CombinedOutput(); err != nil {
		t.Skipf("this aws CLI knows no access entries: %s\n%s", advice, out)
	}
	bin, err := rig.Bin()
	if err != nil {
		t.Fatal(err)
	}
	return bin + string(os.PathListSeparator) + os.Getenv("PATH")
}

// bash runs an exported script as a pipeline would, in a folder of its own.
func (c *cluster) bash(path, script string) (folder, output string, err error) {
	c.t.Helper()
	folder = c.t.TempDir()
	write(c.t, filepath.Join(folder, "script.sh"), script)
	cmd := exec.Command("bash", "script.sh")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), append(c.Env(), "PATH="+path, "AWS_EC2_METADATA_DISABLED=true",
		"SETTLE_SECONDS=1", "PAUSE_SECONDS=0.2")...)
	out, err := cmd.CombinedOutput()
	return folder, string(out), err
}

// runs is bash with the exit code 0.
func (c *cluster) runs(path, script string) string {
	c.t.Helper()
	_, out, err := c.bash(path, script)
	if err != nil {
		c.t.Fatalf("%v\n%s\nthe script:\n%s", err, out, script)
	}
	return out
}

func TestExportedScriptOfS3(t *testing.T) {
	t.Parallel()
	path := clients(t)
	own, c := start(t, "s3"), start(t, "s3")
	before := c.must("list", "-o", "json")
	script := c.must("migrate", "--export", "aws-cli")
	if c.must("list", "-o", "json") != before {
		t.Fatal("an export changed something")
	}

	// The same end as our own apply has, and nobody is locked out meanwhile.
	own.must("migrate", "--yes")
	p := watch(c, workshop...)
	out := c.runs(path, script)
	p.ends(t)
	if strings.Contains(out, "done already") {
		t.Errorf("the first run finds something done:\n%s", out)
	}
	c.migrated()
	if got, want := c.must("list", "-o", "json"), own.must("list", "-o", "json"); got != want {
		t.Errorf("the script ends in\n%s\nand apply in\n%s", got, want)
	}

	// Once more: what is done is left alone. Only the bridge is made and removed again,
	// since its absence does not tell whether it was there.
	if out := c.runs(path, script); strings.Count(out, "done already") != 4 {
		t.Errorf("the second run:\n%s", out)
	}
	c.migrated()

	// The undo of our own apply, by script.
	own.runs(path, own.must("undo", "--export", "aws-cli"))
	if got := own.must("list", "-o", "json"); got != before {
		t.Errorf("undone by script:\n%s\nwant\n%s", got, before)
	}
}

var long = flag.Bool("long", false, "run the stories that take minutes, too")

// TestExportedScriptOfS1 goes through all sorts of steps: namespace, role, binding made
// and extended, aws-auth added to, the mode switched, entries made and removed. A second
// cluster is changed by our own apply, and both must look the same at each stop.
func TestExportedScriptOfS1(t *testing.T) {
	if !*long {
		t.Skip("a minute and a half of starting the aws CLI: go test -run ExportedScript -long")
	}
	t.Parallel()
	path := clients(t)
	own, c := start(t, "s1"), start(t, "s1")
	second := strings.Replace(teamA, "team-a-developer", "dev-cluster-cluster-role", 1)
	for _, args := range [][]string{
		{"grant", teamA, "--username", "k8s-test-user", "--role", "k8s-test-role", "--role-file", roleFile, "--namespace", "test", "--create-namespace"},
		{"grant", second, "--username", "second", "--role", "k8s-test-role", "--namespace", "test"},
		{"migrate"},
		{"revoke", second, "--subjects"},
	} {
		c.runs(path, c.must(append(args, "--export", "aws-cli")...))
		own.must(append(args, "--yes", "--accept", "one-way-mode,revokes-all")...)
		if slices.Contains(args, teamA) {
			c.granted()
		}
		if got, want := c.must("list", "-o", "json"), own.must("list", "-o", "json"); got != want {
			t.Errorf("%s: the script ends in\n%s\nand apply in\n%s", args[0], got, want)
		}
	}
}

func TestExportedScriptStops(t *testing.T) {
	t.Parallel()
	path := clients(t)
	c := start(t, "s3")
	script := c.must("migrate", "--export", "aws-cli")

	// Another cluster of the same name.
	_, out, err := c.bash(path, strings.Replace(script, "arn='arn:aws:eks:us-west-2:", "arn='arn:aws:eks:eu-west-1:", 1))
	if err == nil || !strings.Contains(out, "stopped: this is for arn:aws:eks:eu-west-1:") {
		t.Errorf("for another cluster: %v\n%s", err, out)
	}

	// aws-auth edited by somebody else: its step does not write over that, and what was
	// given stays.
	_, err = c.client(adminKey).CoreV1().ConfigMaps("kube-system").Patch(t.Context(), "aws-auth", types.MergePatchType,
		[]byte(`{"data":{"mapAccounts":"- \"111111111111\"\n"}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, out, err = c.bash(path, script)
	if err == nil || !strings.Contains(out, "stopped: somebody else changed this since the plan was made: object kube-system configmaps/aws-auth") {
		t.Errorf("after an edit by hand: %v\n%s", err, out)
	}
	if data := c.authMap(); !strings.Contains(data["mapRoles"], "eks-workshop-admins") || data["mapAccounts"] == "" {
		t.Errorf("aws-auth was written over:\n%v", data)
	}
}

// TestExportedScriptIsNoWayIn: names that mean something to a shell, to the AWS CLI and
// to a heredoc arrive as they are, and nothing runs.
func TestExportedScriptIsNoWayIn(t *testing.T) {
	t.Parallel()
	path := clients(t)
	c := start(t, "s3")
	const role = "arn:aws:iam::123456789012:role/ci/github-actions-deploy"
	names := []string{"a'; touch pwned; '", "$(touch pwned)", "`touch pwned`", `"; touch pwned #`, "${HOME}", "file:///etc/hostname", "--debug", `back\slash`}
	args := []string{"grant", role, "--cluster-role", "view", "--namespace", "carts", "--export", "aws-cli"}
	for _, name := range names {
		args = append(args, "--group="+name)
	}
	script := c.must(args...)
	folder, out, err := c.bash(path, script)
	if err != nil {
		t.Fatalf("%v\n%s\nthe script:\n%s", err, out, script)
	}
	if _, err := os.Stat(filepath.Join(folder, "pwned")); err == nil {
		t.Errorf("a name ran as a command:\n%s", script)
	}
	list := c.must("list", role, "-o", "jsonpath={.items[0].mappings[*].groups}")
	for _, name := range names {
		if !strings.Contains(list, inJSON(name)) {
			t.Errorf("%q arrived as %s", name, list)
		}
	}
}

func inJSON(s string) string {
	out, _ := json.Marshal(s)
	return string(out)
}
