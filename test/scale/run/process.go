//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// usage is what a process took.
type usage struct {
	Wall, CPU time.Duration
	RSS       int64 // bytes at most
	Out       int64 // bytes of its answer
}

// apart runs a program as the child of a small process of its own: Linux counts the
// memory of a parent at the time of the fork as the child's (ru_maxrss is kept over
// execve, getrusage(2)), and this one holds a world.
func apart(ctx context.Context, env, args []string) (u usage, err error) {
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"spawn"}, args...)...)
	cmd.Env = env
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return u, fmt.Errorf("%w\n%.2000s", err, said.String())
	}
	return u, json.Unmarshal(out, &u)
}

// spawn is the small process: it writes what the program took as JSON.
func spawn(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var out written
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	began := time.Now()
	err := cmd.Run()
	u := usage{Wall: time.Since(began), Out: out.n}
	if err != nil {
		return err
	}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.RSS = r.Maxrss << 10 // Linux counts in kilobytes
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return json.NewEncoder(os.Stdout).Encode(u)
}

// written counts what is thrown away.
type written struct{ n int64 }

func (w *written) Write(p []byte) (int, error) { w.n += int64(len(p)); return len(p), nil }

// knows reports whether the plugin has a command.
func knows(ctx context.Context, plugin, name string) bool {
	out, err := exec.CommandContext(ctx, plugin, "--help").Output()
	return err == nil && strings.Contains(string(out), "\n  "+name+" ")
}

// read is reading alone: the Kubernetes side through the program's own loop, and
// nothing made of it.
func read(ctx context.Context) error {
	cfg, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return err
	}
	side, err := kube.New(cfg, scale.Kube)
	if err != nil {
		return err
	}
	w := live.World{Sides: map[access.Realm]live.Side{scale.Kube: side}}
	s, err := w.Load(ctx, nil)
	if err != nil {
		return err
	}
	if len(s.Gaps) > 0 {
		return errors.New("gap: " + s.Gaps[0].Detail)
	}
	fmt.Println(s.Objects.Len(), "objects")
	return nil
}
