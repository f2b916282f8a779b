// Command sandbox serves an invented EKS cluster to play with: a real
// kube-apiserver that authenticates and authorizes by the AWS bench, which
// answers for EKS, IAM and STS. Everything listens on loopback, and nothing is
// left when it ends.
//
// What leads kubectl and the plugin there is printed as lines for a shell.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

func main() {
	world := flag.String("world", "s3", "one of "+strings.Join(sim.Demos(), ", "))
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *world)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string) error {
	world, err := sim.Demo(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "Starting. Ctrl-C ends it and removes everything.")
	c, err := rig.OpenEKS(ctx, world, sim.Options{})
	if ctx.Err() != nil {
		if err == nil {
			c.Close()
		}
		return nil // asked to end before it was ready
	}
	if err != nil {
		return err
	}
	defer c.Close()
	for _, line := range c.Env() {
		fmt.Println("export", line)
	}
	hint(c, name)
	select {
	case <-ctx.Done():
		return nil
	case <-c.Ended():
		if ctx.Err() != nil { // Ctrl-C reaches both
			return nil
		}
		return fmt.Errorf("the control plane ended by itself\n%s", c.Logs())
	}
}

// hint says what to do next, for a person.
func hint(c *rig.Cluster, name string) {
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	key, arn := c.Bench.Caller()
	say("\nWorld %s, cluster %s. %s", name, c.Name, strings.TrimSpace(c.World.About))
	say("Paste the lines above into another terminal. There you are %s.", arn)
	for _, other := range c.World.Callers {
		if other.Key != key {
			say("To be %s: export AWS_ACCESS_KEY_ID=%s; kubectl config use-context %s", other.ARN, other.Key, other.Key)
		}
	}
	say("To see all there is, as an administrator beside EKS: kubectl --kubeconfig=%s get clusterroles", c.AdminKubeconfig)
	if bin, err := rig.Bin(); err == nil {
		root, _ := rig.Root()
		say("The plugin and a kubectl: export PATH=%s:%s:$PATH; kubectl eks-access", filepath.Join(root, "bin"), bin)
	}
}
