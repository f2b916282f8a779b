package cmd

import (
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// While one process changes a cluster a second one says who is at it, asks nobody
// anything and writes nothing. Looking is allowed.
func TestTwoProcessesDoNotMix(t *testing.T) {
	m := newMortal(t, scene(t, "s3", 0))
	second := func(args ...string) (code int, out string) {
		cmd := exec.Command("kubectl-eks_access", args...)
		cmd.Env = m.env
		text, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(text)
	}
	var begun atomic.Bool
	m.bench.Break(func(c sim.Call) *sim.Fault {
		if c.Operation != "AssociateAccessPolicy" || !begun.CompareAndSwap(false, true) {
			return nil
		}
		before := len(m.bench.Calls())
		code, out := second("grant", "carts-developers", "--level", "view", "-n", "kube-system", "--yes")
		if code != 1 || !strings.Contains(out, "another change of eks-workshop is under way, by ") || !strings.Contains(out, "nothing was changed here") {
			t.Errorf("exit %d\n%s", code, out)
		}
		if strings.Contains(out, "Preview") {
			t.Errorf("it shows a plan first:\n%s", out)
		}
		for _, c := range m.bench.Calls()[before:] {
			if c.Service == "eks" && c.Method != "GET" {
				t.Errorf("the second wrote: %s", c.Operation)
			}
		}
		if code, out := second("grant", "carts-developers", "--level", "view", "-n", "kube-system", "--dry-run"); code != 0 {
			t.Errorf("a preview: exit %d\n%s", code, out)
		}
		if code, out := second("history"); code != 0 || !strings.Contains(out, "running, 2/6 done") {
			t.Errorf("history: exit %d\n%s", code, out)
		}
		if code, out := second("resume", "--yes"); code != 1 || !strings.Contains(out, "is under way") {
			t.Errorf("resume of what runs: exit %d\n%s", code, out)
		}
		return nil
	})
	if _, out := m.run(nil, "migrate", "--yes"); !strings.Contains(out, "6 steps done") || !begun.Load() {
		t.Errorf("the first:\n%s", out)
	}
	if code, out := second("grant", "carts-developers", "--level", "view", "-n", "kube-system", "--yes"); code != 0 {
		t.Errorf("after the first has ended: exit %d\n%s", code, out)
	}
}
