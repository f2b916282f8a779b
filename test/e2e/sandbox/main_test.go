package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func TestSandboxServesAndLeavesNothing(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "sandbox")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	// Killed, it cannot tidy up itself: the control plane has to notice.
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			tmp, err := os.MkdirTemp("", "sb") // short: unix sockets lie in it
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(tmp) })
			cmd := exec.Command(bin, "-world=s3")
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })

			env := map[string]string{}
			for s := bufio.NewScanner(out); len(env) < 5 && s.Scan(); {
				line, ok := strings.CutPrefix(s.Text(), "export ")
				name, value, _ := strings.Cut(line, "=")
				if !ok || value == "" {
					t.Fatalf("no export line: %q", s.Text())
				}
				env[name] = value
			}
			config, err := clientcmd.BuildConfigFromFlags("", env["KUBECONFIG"])
			if err != nil {
				t.Fatal(err)
			}
			k, err := kubernetes.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			who, err := k.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
			if err != nil || who.Status.UserInfo.Username == "" {
				t.Errorf("whoami: %v, error %v", who, err)
			}

			cmd.Process.Signal(signal)
			var left []os.DirEntry
			for range 100 {
				if left, _ = os.ReadDir(tmp); len(left) == 0 {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if _, err := k.ServerVersion(); err == nil {
				t.Error("the API still answers")
			}
		})
	}
}
