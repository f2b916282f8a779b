// Package rig runs the real components that end-to-end tests judge by: a
// kube-apiserver on loopback, and in front of it the AWS bench, so that tokens,
// access entries, aws-auth and access policies work as in an EKS cluster.
//
// Everything listens on loopback only and ends with the process that started
// it, however that one ends.
package rig

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Options is what a control plane may have beyond RBAC and its administrator.
type Options struct {
	Authenticate string   // address of a TokenReview v1 webhook
	Authorize    string   // address of a SubjectAccessReview v1 webhook, asked when RBAC has no opinion
	Flags        []string // more flags of kube-apiserver
	Keep         bool     // it can be stopped and started again
}

// ControlPlane is a running Kubernetes API.
type ControlPlane struct {
	Dir             string       // removed with it
	AdminKubeconfig string       // of an administrator whom no authorizer asks (system:masters)
	Admin           *rest.Config // the same, unthrottled

	options Options
	port    string // once it is known
	stdin   io.Closer
	ended   chan struct{}
	log     *os.File
}

// Start is Open for a test: it ends with the test.
func Start(t testing.TB, o Options) *ControlPlane {
	t.Helper()
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Open starts a control plane and returns when it is ready, after 2 to 3 seconds.
func Open(o Options) (*ControlPlane, error) {
	bin, err := Bin()
	if err != nil {
		return nil, err
	}
	// Not a test's own folder: that one is taken away before a control plane
	// whose test panicked notices.
	dir, err := os.MkdirTemp("", "eks-access-rig")
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{Dir: dir, options: o}
	if err := c.start(bin); err != nil {
		err = fmt.Errorf("start a control plane: %w\n%s", err, tail(c.Logs(), 20))
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *ControlPlane) start(bin string) error {
	c.ended = make(chan struct{})
	args := []string{"--dir", c.Dir}
	if !c.options.Keep {
		args = append(args, "--remove")
	}
	if c.port != "" {
		args = append(args, "--port", c.port)
	}
	for _, hook := range []struct{ flag, url string }{{"authenticate", c.options.Authenticate}, {"authorize", c.options.Authorize}} {
		if hook.url == "" {
			continue
		}
		file := filepath.Join(c.Dir, hook.flag+".kubeconfig")
		if err := clientcmd.WriteToFile(*kubeconfig("webhook", &rest.Config{Host: hook.url}), file); err != nil {
			return err
		}
		args = append(args, "--"+hook.flag, file)
	}
	if c.log == nil {
		// A file with no name: it outlives c.Dir, which the control plane removes, and nobody
		// has to remove it.
		file, err := os.CreateTemp("", "eks-access-rig-log")
		if err != nil {
			return err
		}
		os.Remove(file.Name())
		c.log = file
	}
	cmd := exec.Command(filepath.Join(bin, "controlplane"), append(append(args, "--"), c.options.Flags...)...)
	cmd.Stderr = c.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	// The control plane ends when this pipe closes, however this process ends.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.stdin = stdin
	ready := make(chan string, 1)
	go func() {
		defer close(c.ended)
		for s := bufio.NewScanner(out); s.Scan(); {
			if path, ok := strings.CutPrefix(s.Text(), "READY "); ok {
				ready <- path
			}
		}
		cmd.Wait() // its logs tell why
	}()
	select {
	case c.AdminKubeconfig = <-ready:
	case <-c.ended:
		return errors.New("it ended before it was ready")
	}
	if c.Admin != nil {
		return nil // again, and the same
	}
	if c.Admin, err = clientcmd.BuildConfigFromFlags("", c.AdminKubeconfig); err != nil {
		return err
	}
	c.Admin.QPS = -1
	at, err := url.Parse(c.Admin.Host)
	c.port = at.Port()
	return err
}

// Stop ends the control plane in the middle of whatever it does, in some milliseconds.
func (c *ControlPlane) Stop() {
	if c.stdin != nil {
		c.stdin.Close()
		<-c.ended
	}
}

// Again starts what was stopped, at the same address and with the same objects, and
// returns when it is ready. Options.Keep is needed.
func (c *ControlPlane) Again() error {
	bin, err := Bin()
	if err != nil {
		return err
	}
	if err := c.start(bin); err != nil {
		return fmt.Errorf("start the control plane again: %w\n%s", err, tail(c.Logs(), 20))
	}
	return nil
}

// Close ends the control plane and removes its files.
func (c *ControlPlane) Close() {
	c.Stop()
	os.RemoveAll(c.Dir)
}

// Ended is closed when the control plane has ended.
func (c *ControlPlane) Ended() <-chan struct{} { return c.ended }

// Logs is what the control plane has said so far.
func (c *ControlPlane) Logs() string {
	b, _ := io.ReadAll(io.NewSectionReader(c.log, 0, 1<<30))
	return string(b)
}

func tail(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// Bin is the folder of controlplane, kubectl, krew and validate-krew-manifest. It builds
// them if they are missing or stale, so that a bare "go test ./..." works in a fresh clone.
var Bin = sync.OnceValues(func() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(filepath.Join(root, "test", "rig", "build.sh"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("build the rig: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

// Root is the top of the source tree that the working folder lies in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "test", "rig", "build.sh")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no test/rig/build.sh above the working folder: run this inside the source tree")
		}
		dir = up
	}
}
