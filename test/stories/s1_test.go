package stories

import (
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access"
)

const (
	teamA    = "arn:aws:iam::111122223333:role/team-a-developer"
	roleFile = "testdata/k8s-test-role.yaml"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// teamKey is the access key of a session of the team's role.
func (c *cluster) teamKey() string {
	c.t.Helper()
	for _, caller := range c.World.Callers {
		if strings.Contains(caller.ARN, "/team-a-developer/") {
			return caller.Key
		}
	}
	c.t.Fatal("the world has nobody of team a")
	return ""
}

// granted checks the end of S1 from outside, as the team itself.
func (c *cluster) granted() {
	c.t.Helper()
	k := c.client(c.teamKey())
	user, err := whoami(c.t.Context(), k)
	if err != nil || user.Username != "k8s-test-user" {
		c.t.Errorf("the team is %q, %v", user.Username, err)
	}
	for q, want := range map[question]bool{
		{verb: "get", resource: "pods", namespace: "test"}:                                      true,
		{verb: "create", group: "apps", resource: "deployments", namespace: "test"}:             true,
		{verb: "create", resource: "pods", sub: "exec", namespace: "test"}:                      true,
		{verb: "watch", resource: "pods", namespace: "test"}:                                    false,
		{verb: "create", group: "networking.k8s.io", resource: "ingresses", namespace: "test"}:  false,
		{verb: "get", group: "rbac.authorization.k8s.io", resource: "roles", namespace: "test"}: false,
		{verb: "get", resource: "pods", namespace: "default"}:                                   false,
		{verb: "get", resource: "pods"}:                                                         false,
	} {
		if yes, err := ask(c.t.Context(), k, q); err != nil || yes != want {
			c.t.Errorf("the team: %s is %v, want %v (%v)", q, yes, want, err)
		}
	}
	c.agree("test", "default")
}

func TestS1ByFlags(t *testing.T) {
	t.Parallel()
	c := start(t, "s1")
	args := []string{"grant", teamA, "--username", "k8s-test-user", "--role", "k8s-test-role", "--role-file", roleFile, "--namespace", "test", "--create-namespace"}
	preview := c.must(append(args, "--dry-run")...)
	for _, want := range []string{"k8s-test-rolebinding", "describe", "watch", "ingresses", "k8s-test-user", "team-a-developer"} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview does not say %q:\n%s", want, preview)
		}
	}
	p := watch(c, "default")
	out := c.must(append(args, "--yes")...)
	p.ends(t)
	if !strings.Contains(out, "test") || !strings.Contains(out, "default") {
		t.Errorf("the proof names both namespaces:\n%s", out)
	}
	c.granted()
	c.must("undo", "--yes")
	if _, err := whoami(t.Context(), c.client(c.teamKey())); err == nil {
		t.Error("after undo the team is still let in")
	}
}

// Without a file the Role has no rules anybody wrote down: that must be accepted.
func TestS1WithoutRulesAsks(t *testing.T) {
	t.Parallel()
	c := start(t, "s1")
	args := []string{"grant", teamA, "--username", "k8s-test-user", "--role", "k8s-test-role", "--namespace", "test", "--create-namespace"}
	if _, errs, exit := c.run(append(args, "--yes")...); exit != 4 || !strings.Contains(errs, "--accept") {
		t.Errorf("exit %d, want 4 and how to accept:\n%s", exit, errs)
	}
	if _, _, exit := c.run(append(args, "--yes", "--accept", string(access.RoleFromEdit))...); exit != 0 {
		t.Errorf("accepted: exit %d", exit)
	}
}

func TestS1EveryPrefix(t *testing.T) {
	t.Parallel()
	c := start(t, "s1")
	p, err := access.ParsePrincipal(teamA)
	if err != nil {
		t.Fatal(err)
	}
	var role struct{ Rules []access.Rule }
	if err := yaml.Unmarshal([]byte(read(t, roleFile)), &role); err != nil {
		t.Fatal(err)
	}
	c.everyPrefix([]string{"default", "kube-system"}, access.GrantAccess{Principal: p, Role: "k8s-test-role", RoleObject: &access.Role{Rules: role.Rules},
		Namespaces: []string{"test"}, Username: "k8s-test-user", CreateNamespaces: true})
	c.granted()
}
