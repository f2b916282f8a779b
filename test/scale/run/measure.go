//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

// command is one program to measure, and what was measured of it.
type command struct {
	name    string
	args    []string
	latency time.Duration   // of each AWS call
	rows    map[string]bool // stop when the screens have drawn a hundred of these
	samples []sample
}

// sample is one run of a process.
type sample struct {
	usage
	kube, aws int // requests
}

// measure runs the command once, to its end.
func (c command) measure(ctx context.Context, at *rig.Cluster) (s sample, err error) {
	at.Bench.Break(func(call sim.Call) *sim.Fault { return &sim.Fault{Delay: c.latency} })
	before := len(at.Bench.Calls())
	asked, err := requests(ctx, at.Admin)
	if err != nil {
		return s, err
	}
	env := append(os.Environ(), at.Env()...)
	if c.rows != nil {
		s.Wall, err = rowsShown(ctx, env, c.args, c.rows, 100)
	} else {
		s.usage, err = apart(ctx, env, c.args)
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", c.name, err)
	}
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
		size, name, s.Wall.Nanoseconds(), s.CPU.Milliseconds(), s.RSS>>20, s.kube, s.aws)
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

func (c command) wall() float64 { return c.median(func(s sample) float64 { return s.Wall.Seconds() }) }

// table shows the medians; the first command is what the others are compared with.
func table(out io.Writer, commands []command) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "#\tcommand\twall s\tof floor\tCPU s\tRSS MB\tKubernetes requests\tAWS requests\tanswer MB\t")
	for _, c := range commands {
		fmt.Fprintf(w, "#\t%s\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t%.0f\t%.1f\t\n", c.name, c.wall(), c.wall()/commands[0].wall(),
			c.median(func(s sample) float64 { return s.CPU.Seconds() }),
			c.median(func(s sample) float64 { return float64(s.RSS) / (1 << 20) }),
			c.median(func(s sample) float64 { return float64(s.kube) }),
			c.median(func(s sample) float64 { return float64(s.aws) }),
			c.median(func(s sample) float64 { return float64(s.Out) / 1e6 }))
	}
	_ = w.Flush()
}
