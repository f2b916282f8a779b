package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/kube"
	"github.com/eks-access/kubectl-eks-access/access/live"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
	"github.com/eks-access/kubectl-eks-access/test/scale"
)

// command is one program to measure, and what was measured of it.
type command struct {
	name    string
	args    []string
	latency time.Duration // of each AWS call
	samples []sample
}

// sample is one run of a process.
type sample struct {
	wall, cpu time.Duration
	rss       int64 // bytes at most
	kube, aws int   // requests
	out       int64 // bytes of its answer
}

// written counts what is thrown away.
type written struct{ n int64 }

func (w *written) Write(p []byte) (int, error) { w.n += int64(len(p)); return len(p), nil }

// measure runs the command once, to its end.
func (c command) measure(ctx context.Context, at *rig.Cluster) (sample, error) {
	at.Bench.Break(func(call sim.Call) *sim.Fault { return &sim.Fault{Delay: c.latency} })
	before := len(at.Bench.Calls())
	asked, err := requests(ctx, at.Admin)
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), at.Env()...)
	var out written
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	err = cmd.Run()
	s := sample{wall: time.Since(began), out: out.n}
	if err != nil {
		return s, fmt.Errorf("%s: %w\n%.2000s", c.name, err, said.String())
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = u.Maxrss << 10 // Linux counts in kilobytes (getrusage(2))
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	now, err := requests(ctx, at.Admin)
	s.kube = now - asked
	for _, call := range at.Bench.Calls()[before:] {
		switch {
		case call.Service != "webhook":
			s.aws++
		case call.Operation == "authenticate":
			s.kube-- // the rig reads aws-auth to answer it
		}
	}
	return s, err
}

// line is a run as benchstat reads it.
func (s sample) line(size, name string) string {
	return fmt.Sprintf("BenchmarkScale/%s/%s \t1\t%d ns/op\t%d cpu-ms\t%d rss-MB\t%d kube-requests\t%d aws-requests",
		size, name, s.wall.Nanoseconds(), s.cpu.Milliseconds(), s.rss>>20, s.kube, s.aws)
}

// median is the middle of what f says of the samples.
func (c command) median(f func(sample) float64) float64 {
	var all []float64
	for _, s := range c.samples {
		all = append(all, f(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (c command) wall() float64 { return c.median(func(s sample) float64 { return s.wall.Seconds() }) }

// table shows the medians; the first command is what the others are compared with.
func table(out io.Writer, commands []command) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "#\tcommand\twall s\tof floor\tCPU s\tRSS MB\tKubernetes requests\tAWS requests\tanswer MB\t")
	for _, c := range commands {
		fmt.Fprintf(w, "#\t%s\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t%.0f\t%.1f\t\n", c.name, c.wall(), c.wall()/commands[0].wall(),
			c.median(func(s sample) float64 { return s.cpu.Seconds() }),
			c.median(func(s sample) float64 { return float64(s.rss) / (1 << 20) }),
			c.median(func(s sample) float64 { return float64(s.kube) }),
			c.median(func(s sample) float64 { return float64(s.aws) }),
			c.median(func(s sample) float64 { return float64(s.out) / 1e6 }))
	}
	_ = w.Flush()
}

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
