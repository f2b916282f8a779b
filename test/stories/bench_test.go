package stories

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// median reports the median of the runs: the machine's noise is in the mean.
func median(b *testing.B, run func() time.Duration) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		took = append(took, run())
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(0, "ns/op")
}

func binary(b *testing.B) string {
	b.Helper()
	bin, err := plugin()
	if err != nil {
		b.Fatal(err)
	}
	return bin
}

// many is a cluster with 250 access entries, each with a policy on two namespaces,
// and one of its administrator.
func many(b *testing.B) sim.World {
	b.Helper()
	var text strings.Builder
	text.WriteString("accounts: {\"111122223333\": {roles: [{name: admin}")
	for i := range 250 {
		fmt.Fprintf(&text, ", {name: team/dev-%03d}", i)
	}
	text.WriteString("]}}\ncallers:\n- {key: AKIAADMIN0000000, arn: \"arn:aws:sts::111122223333:assumed-role/admin/me\"}\nclusters:\n- name: many\n  account: \"111122223333\"\n  region: us-west-2\n  version: \"1.33\"\n  mode: API_AND_CONFIG_MAP\n  namespaces: [default, kube-system, a, b]\n  entries:\n  - principal: arn:aws:iam::111122223333:role/admin\n    policies: [{policy: AmazonEKSClusterAdminPolicy}]\n")
	for i := range 250 {
		fmt.Fprintf(&text, "  - principal: arn:aws:iam::111122223333:role/team/dev-%03d\n    username: dev-%03d\n    policies: [{policy: AmazonEKSViewPolicy, namespaces: [a, b]}]\n", i, i)
	}
	w, err := sim.Parse([]byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkList250 is `list -o json` over 250 entries at 60 ms per AWS call, on a
// real kube-apiserver. eksctl needs 12.5 s for the first 100 of them.
func BenchmarkList250(b *testing.B) {
	c := rig.EKSOf(b, many(b), sim.Options{Latency: 60 * time.Millisecond})
	bin := binary(b)
	median(b, func() time.Duration {
		cmd := exec.Command(bin, "list", "-o", "json")
		cmd.Env = append(os.Environ(), append(c.Env(), "AWS_EC2_METADATA_DISABLED=true")...)
		start := time.Now()
		out, err := cmd.Output()
		took := time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
		var l struct {
			Items []struct {
				Mappings []struct {
					Type, Username string
					Policies       []struct{ Namespaces []string }
				}
			}
			Gaps []any
		}
		if err := json.Unmarshal(out, &l); err != nil {
			b.Fatal(err)
		}
		whole := 0
		for _, it := range l.Items {
			if m := it.Mappings[0]; m.Type == "STANDARD" && m.Username != "" && len(m.Policies) == 1 && len(m.Policies[0].Namespaces) == 2 {
				whole++
			}
		}
		if whole != 250 || len(l.Gaps) > 0 {
			b.Fatalf("%d of 250 entries are whole, %d gaps", whole, len(l.Gaps))
		}
		return took
	})
}

// BenchmarkFirstFrame is from the start of the program to the first frame on a
// terminal, while AWS takes a minute for each answer.
func BenchmarkFirstFrame(b *testing.B) {
	c := rig.EKSOf(b, many(b), sim.Options{Latency: time.Minute})
	bin := binary(b)
	median(b, func() time.Duration {
		cmd := exec.Command(bin)
		cmd.Env = append(os.Environ(), append(c.Env(), "TERM=xterm-256color", "AWS_EC2_METADATA_DISABLED=true")...)
		start := time.Now()
		tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { cmd.Process.Kill(); cmd.Wait(); tty.Close() }()
		var seen strings.Builder
		buf := make([]byte, 32<<10)
		for !strings.Contains(seen.String(), "PRINCIPAL") { // the head of the matrix
			n, err := tty.Read(buf)
			if err != nil {
				b.Fatalf("%v after %q", err, seen.String())
			}
			seen.Write(buf[:n])
		}
		return time.Since(start)
	})
}

// BenchmarkVersion is the whole process of `version`.
func BenchmarkVersion(b *testing.B) {
	bin := binary(b)
	median(b, func() time.Duration {
		start := time.Now()
		if err := exec.Command(bin, "version").Run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	})
}
