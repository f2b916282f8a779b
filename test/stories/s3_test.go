package stories

import (
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

const (
	admins   = "arn:aws:iam::123456789012:role/eks-workshop-admins"
	adminKey = "AKIAWORKSHOPADMIN001"
	nodeRole = "eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA"
)

var workshop = []string{"carts", "catalog", "orders", "kube-system"}

// authMap is aws-auth as the server has it.
func (c *cluster) authMap() map[string]string {
	c.t.Helper()
	k := c.client(adminKey)
	m, err := k.CoreV1().ConfigMaps("kube-system").Get(c.t.Context(), "aws-auth", metav1.GetOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return m.Data
}

// migrated checks the end of S3 from outside: the server, the bench and the list agree.
func (c *cluster) migrated() {
	c.t.Helper()
	data := c.authMap()
	if strings.Contains(data["mapRoles"], "eks-workshop-admins") || !strings.Contains(data["mapRoles"], nodeRole) || !strings.Contains(data["mapRoles"], "# Nodes of the default node group") {
		c.t.Errorf("aws-auth after the migration:\n%s", data["mapRoles"])
	}
	k := c.client(adminKey)
	user, err := whoami(c.t.Context(), k)
	if err != nil || user.Username != "cluster-admin" {
		c.t.Errorf("the administrators are %q, %v", user.Username, err)
	}
	for _, g := range user.Groups {
		if g == "system:masters" || strings.HasPrefix(g, "eks-access-bridge") {
			c.t.Errorf("the administrators still have the group %s", g)
		}
	}
	for _, q := range questions("carts") {
		if yes, err := ask(c.t.Context(), k, q); err != nil || !yes {
			c.t.Errorf("the administrators may not %s: %v", q, err)
		}
	}
	bindings, err := k.RbacV1().ClusterRoleBindings().List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, b := range bindings.Items {
		if strings.HasPrefix(b.Name, "eks-access-bridge") {
			c.t.Errorf("the bridge %s is left behind", b.Name)
		}
	}
	c.agree(workshop...)
}

func TestS3ByFlags(t *testing.T) {
	t.Parallel()
	c := start(t, "s3")
	c.agree(workshop...)
	before := c.must("list", "-o", "json")

	preview, _, exit := c.run("migrate")
	if exit != 2 || !strings.Contains(preview, "eks-workshop-admins") {
		t.Errorf("without a terminal and --yes: exit %d\n%s", exit, preview)
	}
	if _, _, exit := c.run("migrate", "--dry-run", "--exit-code"); exit != 2 {
		t.Errorf("--dry-run --exit-code: exit %d, want 2", exit)
	}
	var plan access.Plan
	if err := json.Unmarshal([]byte(c.must("migrate", "--dry-run", "-o", "json")), &plan); err != nil || len(plan.Steps) != 6 {
		t.Errorf("the plan: %d steps, %v", len(plan.Steps), err)
	}
	if got := c.must("list", "-o", "json"); got != before {
		t.Error("a preview changed something")
	}

	p := watch(c, workshop...)
	c.must("migrate", "--yes")
	p.ends(t)
	c.migrated()
	if out, _, exit := c.run("migrate", "--dry-run", "--exit-code"); exit != 0 {
		t.Errorf("after the migration there is something to do: exit %d\n%s", exit, out)
	}

	p = watch(c, workshop...)
	c.must("undo", "--yes")
	p.ends(t)
	if _, errs, exit := c.run("undo", "--yes"); exit != 1 || !strings.Contains(errs, "not taken back yet") {
		t.Errorf("undo goes back, not to and fro: exit %d\n%s", exit, errs)
	}
	if got := c.must("list", "-o", "json"); got != before {
		t.Errorf("undo does not put back what was there:\n%s\nwant\n%s", got, before)
	}
	c.agree(workshop...)
}

func TestS3EveryPrefix(t *testing.T) {
	t.Parallel()
	c := start(t, "s3")
	c.everyPrefix(workshop, access.Migrate{})
	c.migrated()
}

func TestS3PlanFile(t *testing.T) {
	t.Parallel()
	c := start(t, "s3")
	file := t.TempDir() + "/plan.json"
	write(t, file, c.must("migrate", "--dry-run", "-o", "json"))
	c.must("apply", "-f", file, "--yes")
	c.migrated()
	// Done already is done, and an edited plan is not the one that was previewed.
	c.must("apply", "-f", file, "--yes")
	write(t, file, strings.Replace(read(t, file), "cluster-admin", "somebody", 1))
	if _, errs, exit := c.run("apply", "-f", file, "--yes"); exit != 1 || !strings.Contains(errs, "digest") {
		t.Errorf("an edited plan: exit %d\n%s", exit, errs)
	}
}
