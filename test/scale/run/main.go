//go:build linux

// Command run measures the plugin on a made-up cluster of some size, whole
// processes beside the floor: a real kube-apiserver holds the Kubernetes half, the
// AWS bench answers for the other one. `make bench-scale` builds and starts it.
//
// Lines that begin with Benchmark are for benchstat; a table of medians follows.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
	"github.com/eks-access/kubectl-eks-access/test/scale"
	"github.com/eks-access/kubectl-eks-access/test/scale/fill"
)

// options are the command's flags.
type options struct {
	size, plugin, floor string
	seed                uint64
	runs                int
	hold                bool
}

func main() {
	switch { // what is measured, and what measures it, are processes of their own
	case len(os.Args) == 2 && os.Args[1] == "read":
		exit(read(context.Background()))
		return
	case len(os.Args) > 2 && os.Args[1] == "spawn":
		exit(spawn(context.Background(), os.Args[2:]))
		return
	}
	var o options
	flag.StringVar(&o.size, "size", "L", "tiny, L/10, wide or L")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the world")
	flag.StringVar(&o.plugin, "plugin", "bin/kubectl-eks_access", "the plugin")
	flag.StringVar(&o.floor, "floor", "bin/floor", "the floor")
	flag.IntVar(&o.runs, "runs", 5, "runs of each command, after one that warms up")
	flag.BoolVar(&o.hold, "hold", false, "measure nothing: print what leads to the cluster and wait for Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-scale:", err)
		os.Exit(1)
	}
}

// kubeOnly is a second EKS cluster in front of the same API server, with one access
// entry: what remains is the Kubernetes half.
const kubeOnly = "kube-only"

func run(ctx context.Context, o options) error {
	if _, ok := scale.Sizes[o.size]; !ok {
		return fmt.Errorf("no world of size %q", o.size)
	}
	w := scale.Of(o.size, o.seed)
	scene := w.Scene()
	alone := scene.Clusters[0]
	alone.Name, alone.Entries = kubeOnly, alone.Entries[:1]
	scene.Clusters = append(scene.Clusters, alone)
	c, err := rig.OpenEKS(ctx, scene, sim.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	began := time.Now()
	if err := fill.APIServer(ctx, c.Admin, w); err != nil {
		return err
	}
	fmt.Printf("# world %s, seed %d, filled in %.0f s\n", o.size, o.seed, time.Since(began).Seconds())
	if o.hold {
		fmt.Println("export " + strings.Join(c.Env(), "\nexport "))
		<-ctx.Done()
		return nil
	}
	commands, err := o.commands(ctx, w)
	if err != nil {
		return err
	}
	for n := range o.runs + 1 {
		for i := range commands {
			s, err := commands[i].measure(ctx, c)
			if err != nil {
				return err
			}
			if n > 0 { // the first run fills the server's caches
				commands[i].samples = append(commands[i].samples, s)
				fmt.Println(s.line(o.size, commands[i].name))
			}
		}
	}
	table(os.Stdout, commands)
	return nil
}

// commands are what is measured; who-can only when the plugin has it.
func (o options) commands(ctx context.Context, w scale.World) ([]command, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	all := []command{
		{name: "floor", args: []string{o.floor}},
		{name: "read", args: []string{self, "read"}},
		{name: "list-json/kube-only", args: []string{o.plugin, "list", "-o", "json", "--cluster-name", kubeOnly}},
		{name: "who-can/kube-only", args: []string{o.plugin, "who-can", "delete", "pods", "-A", "--cluster-name", kubeOnly}},
		{name: "list-json", args: []string{o.plugin, "list", "-o", "json"}},
		{name: "list-json/60ms", args: []string{o.plugin, "list", "-o", "json"}, latency: 60 * time.Millisecond},
		{name: "screen-of-100-entries/60ms", args: []string{o.plugin}, latency: 60 * time.Millisecond, rows: entryNames(w)},
		{name: "who-can/60ms", args: []string{o.plugin, "who-can", "delete", "pods", "-A"}, latency: 60 * time.Millisecond},
	}
	if !knows(ctx, o.plugin, "who-can") {
		all = slices.DeleteFunc(all, func(c command) bool { return slices.Contains(c.args, "who-can") })
	}
	return all, nil
}
