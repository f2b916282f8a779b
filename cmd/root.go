// Package cmd is the plugin's command line: arguments become requests (plain
// values), requests are run with an env, and errors become exit codes.
//
// Answers go to stdout and everything else to stderr. Nothing is changed without
// a preview in the same run, or a plan file that was one.
package cmd

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Main runs the plugin with its arguments and returns its exit code: 0 done or
// nothing to do, 1 error, 2 changes pending, 3 stopped midway, 4 refused; can-i and
// compare have codes of their own.
func Main(args []string) int {
	// A reader that goes away must not kill a change between two writes: the
	// write fails with EPIPE instead, and the change goes on.
	signal.Ignore(syscall.SIGPIPE)
	// A terminal that is closed (SIGHUP) is a wish to stop, too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The first signal stops between two steps; from then on signals have their
	// own effect again, so a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	return run(ctx, system(), args)
}

// run is Main without the process: tests give it their own env.
func run(ctx context.Context, e *env, args []string) int {
	root := newRoot(e, running)
	root.SetArgs(args)
	root.SetIn(e.in)
	root.SetOut(e.out)
	root.SetErr(e.err)
	return e.end(ctx, root.ExecuteContext(ctx))
}

// runs are the functions behind the commands; tests of arguments put theirs in.
type runs struct {
	bare     func(context.Context, *env, bareRequest) error
	list     func(context.Context, *env, listRequest) error
	canI     func(context.Context, *env, canIRequest) error
	whoCan   func(context.Context, *env, whoCanRequest) error
	compare  func(context.Context, *env, compareRequest) error
	migrate  func(context.Context, *env, migrateRequest) error
	grant    func(context.Context, *env, grantRequest) error
	apply    func(context.Context, *env, applyRequest) error
	revoke   func(context.Context, *env, revokeRequest) error
	identity func(context.Context, *env, identityRequest) error
	plan     func(context.Context, *env, planRequest) error
	undo     func(context.Context, *env, undoRequest) error
	resume   func(context.Context, *env, resumeRequest) error
	history  func(context.Context, *env, historyRequest) error
	snapshot func(context.Context, *env, snapshotRequest) error
	export   func(context.Context, *env, exportRequest) error
	explain  func(context.Context, *env, explainRequest) error
	version  func(context.Context, *env, versionRequest) error
}

var running = runs{
	bare: runBare, list: runList, canI: runCanI, whoCan: runWhoCan, compare: runCompare, migrate: runMigrate, grant: runGrant,
	revoke: runRevoke, identity: runIdentity, plan: runPlan, apply: runApply, undo: runUndo, resume: runResume, history: runHistory,
	snapshot: runSnapshot, export: runExport, explain: runExplain, version: runVersion,
}

func newRoot(e *env, r runs) *cobra.Command {
	g := newGlobals()
	var plain bool
	c := &cobra.Command{
		Use:   "kubectl-eks_access",
		Short: "Show who can do what in an EKS cluster, and change it safely",
		Long: text(`
			Show who can do what in an EKS cluster, and change it safely.

			IAM principals, the Kubernetes identities they become and what those may do
			in each namespace, side by side. Grants and migrations (aws-auth to access
			entries) are shown before anything changes, applied step by step, proven and
			undone, and lock nobody out at any moment.

			Without a command, on a terminal, it is a full-screen program; in a pipe it
			prints the list.`),
		Example: example(`
			kubectl eks-access                       look around, pick, preview, apply
			kubectl eks-access --demo                the same on an invented cluster
			kubectl eks-access list -n carts         who can do what in one namespace
			kubectl eks-access migrate --dry-run     what moving off aws-auth would do`),
		// kubectl turns the dashes of a plugin's name into underscores of its file.
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl eks-access"},
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if g.noColor {
				e.plain()
			}
			if err := g.check(); err != nil {
				return err
			}
			return offline(c, g.target())
		},
		RunE: func(c *cobra.Command, _ []string) error {
			return r.bare(c.Context(), e, bareRequest{Target: g.target(), Plain: plain})
		},
	}
	c.SetFlagErrorFunc(flagError)
	c.SuggestionsMinimumDistance = 2
	g.add(c.PersistentFlags())
	c.Flags().BoolVar(&plain, "plain", false, "screens without styles and without anything that moves, for screen readers")
	c.AddCommand(
		newList(e, g, r.list), newCanI(e, g, r.canI), newWhoCan(e, g, r.whoCan), newCompare(e, g, r.compare),
		newMigrate(e, g, r.migrate), newGrant(e, g, r.grant), newRevoke(e, g, r.revoke), newIdentity(e, g, r.identity),
		newPlan(e, g, r.plan), newApply(e, g, r.apply), newUndo(e, g, r.undo), newResume(e, g, r.resume), newHistory(e, g, r.history),
		newSnapshot(e, g, r.snapshot), newExport(e, g, r.export), newExplain(e, r.explain), newVersion(e, r.version),
	)
	c.InitDefaultCompletionCmd()
	complete(e, g, c)
	fitHelp(c, room(e.width))
	return c
}

// text takes the indentation of the source from a help text.
func text(s string) string {
	lines := strings.Split(strings.TrimLeft(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimLeft(l, "\t")
	}
	return strings.Join(lines, "\n")
}

// example indents a help text's commands.
func example(s string) string { return "  " + strings.ReplaceAll(text(s), "\n", "\n  ") }
