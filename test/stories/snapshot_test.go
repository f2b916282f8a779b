package stories

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// offline is the program without a cluster, a kubeconfig or AWS.
func offline(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	bin, err := plugin()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.Command(bin, args...)
	cmd.Env = []string{"HOME=" + home, "KUBECONFIG=" + home + "/none", "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=http://127.0.0.1:1"}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), errs.String()
}

// plant leaves credentials where people leave them: in annotations, by hand and by
// kubectl apply.
func (c *cluster) plant(secret string) {
	c.t.Helper()
	k, err := kubernetes.NewForConfig(c.Admin)
	if err != nil {
		c.t.Fatal(err)
	}
	_, err = k.RbacV1().ClusterRoles().Create(c.t.Context(), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "leaky",
		Annotations: map[string]string{"note": secret, "kubectl.kubernetes.io/last-applied-configuration": `{"password":"` + secret + `"}`},
		Labels:      map[string]string{"note": secret}}}, metav1.CreateOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
}

// A snapshot of S3 on a real API server answers byte for byte as the cluster did, and
// holds no credential.
func TestSnapshotOfS3(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-planted"
	c := start(t, "s3")
	c.plant(secret)
	file := filepath.Join(t.TempDir(), "s3.json")
	live := c.must("list", "-o", "json")
	plan := c.must("migrate", "--dry-run")
	c.must("snapshot", "-o", file)

	if got, _ := offline(t, "list", "-o", "json", "--snapshot", file); got != live {
		t.Errorf("offline\n%s\nlive\n%s", got, live)
	}
	if got, _ := offline(t, "migrate", "--dry-run", "--snapshot", file); got != plan {
		t.Errorf("offline\n%s\nlive\n%s", got, plan)
	}
	text := read(t, file)
	kubeconfig := read(t, c.Kubeconfig)
	planted := []string{secret, "AWS_SECRET_ACCESS_KEY", "last-applied", adminKey}
	for _, line := range strings.Split(kubeconfig, "\n") {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && slices.Contains([]string{"token", "certificate-authority-data"}, key) {
			planted = append(planted, value)
		}
	}
	if len(planted) < 6 {
		t.Errorf("the kubeconfig holds no token: %d secrets", len(planted))
	}
	for _, p := range planted {
		if strings.Contains(text, p) {
			t.Errorf("the file holds %q", p)
		}
	}
	if !strings.Contains(text, `"name":"leaky"`) {
		t.Error("the role with the planted secret is not in the file at all")
	}
}

// A folder of what kubectl and the EKS API print answers like the cluster, but for what
// IAM alone knows.
func TestFolderOfS3(t *testing.T) {
	t.Parallel()
	c := start(t, "s3")
	dir := t.TempDir()
	if err := c.Dump(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "secret.yaml"), "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: carts}\ndata: {password: aHVudGVyMg==}\n")
	live := parse(t, c.must("list", "-o", "json"))
	text, errs := offline(t, "list", "-o", "json", "--snapshot", dir)
	folder := parse(t, text)
	if !strings.Contains(errs, "secret.yaml holds Secrets, which are left out") || strings.Contains(errs, "may not be all") {
		t.Errorf("remarks:\n%s", errs)
	}
	if len(folder.Gaps) != 1 || folder.Gaps[0].Kind != "IAMPrincipal" || folder.Gaps[0].Why != "not-given" {
		t.Errorf("gaps: %+v", folder.Gaps)
	}
	if string(folder.Cluster) != string(live.Cluster) {
		t.Errorf("cluster %s, live %s", folder.Cluster, live.Cluster)
	}
	if len(folder.Items) != len(live.Items) {
		t.Fatalf("%d principals, live %d", len(folder.Items), len(live.Items))
	}
	same := 0
	for i, item := range live.Items {
		if strings.Contains(string(item), `"dead"`) {
			continue // IAM says so
		}
		if same++; string(item) != string(folder.Items[i]) {
			t.Errorf("folder\n%s\nlive\n%s", folder.Items[i], item)
		}
	}
	if same != 11 {
		t.Errorf("%d principals were compared", same)
	}

	// Without the role bindings nobody has "none" in a namespace.
	if err := os.Remove(filepath.Join(dir, "namespaced.yaml")); err != nil {
		t.Fatal(err)
	}
	text, _ = offline(t, "list", "-n", "carts", "-o", "json", "--snapshot", dir)
	var rows struct {
		Items []struct {
			Principal struct{ Name string }
			Access    []struct{ Namespace, Level string }
		}
	}
	if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows.Items) != len(live.Items) {
		t.Errorf("%v, %d principals", err, len(rows.Items))
	}
	for _, r := range rows.Items {
		for _, a := range r.Access {
			if a.Namespace == "carts" && a.Level == "none" {
				t.Errorf("%s has none in carts, and no role binding was given", r.Principal.Name)
			}
		}
	}
	// A folder becomes a file.
	file := filepath.Join(t.TempDir(), "folder.json")
	offline(t, "snapshot", "--snapshot", dir, "-o", file)
	if got, _ := offline(t, "list", "-n", "carts", "-o", "json", "--snapshot", file); got != text {
		t.Errorf("file\n%s\nfolder\n%s", got, text)
	}
}

// listed is a list with its parts as they are written.
type listed struct {
	Cluster json.RawMessage
	Items   []json.RawMessage
	Gaps    []struct{ Kind, Why string }
}

func parse(t *testing.T, text string) listed {
	t.Helper()
	var l listed
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return l
}
