package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/export"
)

// target says which cluster, and with whose credentials.
type target struct {
	Demo       string // an invented world's name, "" for a real cluster
	Snapshot   string // a file that the snapshot command wrote, or a folder; "" for a real cluster
	Cluster    string // these four override what the kubeconfig's context says
	Region     string
	Profile    string
	RoleARN    string
	Kubeconfig string
	Context    string
	Server     kubeFlags
}

// kubeFlags are kubectl's flags that change how its server is spoken to.
type kubeFlags struct {
	User          string
	As, AsUID     string
	AsGroups      string // joined by commas, so that a target is comparable
	TLSServerName string
	Insecure      bool
	CAFile        string
	Timeout       string
}

// globals are the flags of every command, as cobra fills them in.
type globals struct {
	t        target
	asGroups []string
	noColor  bool
}

func newGlobals() *globals { return &globals{} }

func (g *globals) add(f *pflag.FlagSet) {
	f.StringVar(&g.t.Demo, "demo", "", "use an invented cluster in this process: no AWS, no network (s1, s3, s4 or s5)")
	f.Lookup("demo").NoOptDefVal = demoWorld
	f.StringVar(&g.t.Snapshot, "snapshot", "", "work from this snapshot file (or a folder of kubectl and aws output), offline")
	f.StringVar(&g.t.Cluster, "cluster-name", "", "name of the EKS cluster, if the kubeconfig context does not tell")
	f.StringVar(&g.t.Region, "region", "", "AWS region of the cluster")
	f.StringVar(&g.t.Profile, "profile", "", "AWS profile")
	f.StringVar(&g.t.RoleARN, "role-arn", "", "role to assume for the AWS calls")
	f.StringVar(&g.t.Kubeconfig, "kubeconfig", "", "path of the kubeconfig file")
	f.StringVar(&g.t.Context, "context", "", "kubeconfig context to use")
	f.StringVar(&g.t.Server.User, "user", "", "kubeconfig user to use")
	f.StringVar(&g.t.Server.As, "as", "", "Kubernetes user name to impersonate")
	f.StringVar(&g.t.Server.AsUID, "as-uid", "", "Kubernetes UID to impersonate")
	f.StringArrayVar(&g.asGroups, "as-group", nil, "Kubernetes group to impersonate (repeatable)")
	f.StringVar(&g.t.Server.CAFile, "certificate-authority", "", "path of the server's certificate authority")
	f.StringVar(&g.t.Server.TLSServerName, "tls-server-name", "", "name the server's certificate must have")
	f.BoolVar(&g.t.Server.Insecure, "insecure-skip-tls-verify", false, "do not check the server's certificate")
	f.StringVar(&g.t.Server.Timeout, "request-timeout", "0", "give up on one request after this long (1s, 2m); 0 never")
	f.BoolVar(&g.noColor, "no-color", false, "no colour, as with NO_COLOR in the environment")
}

func (g *globals) target() target {
	t := g.t
	t.Server.AsGroups = strings.Join(g.asGroups, ",")
	return t
}

// check refuses values that would only be noticed later, or by one half of the reads.
func (g *globals) check() error {
	if _, err := clientcmd.ParseTimeout(g.t.Server.Timeout); err != nil {
		return usage("--request-timeout %s: want a number of seconds, or a time such as 30s or 2m", g.t.Server.Timeout)
	}
	return nil
}

// configFlags are kubectl's own loading rules, set to what the target says.
func (t target) configFlags() *genericclioptions.ConfigFlags {
	var groups []string
	if t.Server.AsGroups != "" {
		groups = strings.Split(t.Server.AsGroups, ",")
	}
	return &genericclioptions.ConfigFlags{
		KubeConfig: &t.Kubeconfig, Context: &t.Context, AuthInfoName: &t.Server.User,
		Impersonate: &t.Server.As, ImpersonateUID: &t.Server.AsUID, ImpersonateGroup: &groups,
		CAFile: &t.Server.CAFile, TLSServerName: &t.Server.TLSServerName, Insecure: &t.Server.Insecure,
		Timeout: &t.Server.Timeout,
	}
}

// mode is how a change is to be made: every change has these flags.
type mode struct {
	DryRun   bool
	Server   bool // the dry run asks the API server, too
	Replan   bool // when somebody else has changed what a plan is about, it is made anew
	Yes      bool
	ExitCode bool
	Accept   []access.Code
	JSON     bool
	Diff     bool          // previews show the objects' own diffs
	Export   export.Format // "": not in another tool's form
}

type modeFlags struct {
	m      mode
	dry    dryRun
	accept []string
	output string
	export string
}

func (m *modeFlags) add(f *pflag.FlagSet) {
	m.addDryRun(f, "print the preview and change nothing; with -o json, the plan that apply takes; server: have the API server try it, too")
	f.BoolVarP(&m.m.Yes, "yes", "y", false, "do not ask; findings to confirm still need --accept")
	f.BoolVar(&m.m.ExitCode, "exit-code", false, "with --dry-run: exit 2 when there is something to do")
	f.StringArrayVar(&m.accept, "accept", nil, "accept the finding with this code (repeatable)")
	f.BoolVar(&m.m.Diff, "diff", false, "show each step as the diff of the real objects")
	f.StringVarP(&m.output, "output", "o", "", "json: a plan with --dry-run, the outcome otherwise")
	f.StringVar(&m.export, "export", "", "change nothing and print the plan as terraform, cloudformation, eksctl, aws-cli, kubectl or ack")
}

func (m *modeFlags) addReplan(f *pflag.FlagSet) {
	f.BoolVar(&m.m.Replan, "replan", false, "if somebody else has changed what the plan is about, make it anew from the same intents")
}

func (m *modeFlags) addDryRun(f *pflag.FlagSet, help string) {
	f.Var(&m.dry, "dry-run", help)
	f.Lookup("dry-run").NoOptDefVal = "client"
}

// dryRun is kubectl's flag: none, client or server, and client when nothing is said.
type dryRun string

func (d *dryRun) String() string { return cmp.Or(string(*d), "none") }
func (d *dryRun) Type() string   { return "string" }
func (d *dryRun) Set(s string) error {
	switch s {
	case "true":
		s = "client"
	case "false":
		s = "none"
	case "none", "client", "server":
	default:
		return errors.New("want none, client or server")
	}
	*d = dryRun(s)
	return nil
}

func (m *modeFlags) mode() (mode, error) {
	out := m.m
	out.DryRun, out.Server = out.DryRun || m.dry.String() != "none", m.dry == "server"
	for _, a := range m.accept {
		for code := range strings.SplitSeq(a, ",") {
			out.Accept = append(out.Accept, access.Code(strings.TrimSpace(code)))
		}
	}
	switch m.output {
	case "":
	case "json":
		out.JSON = true
	default:
		return mode{}, usage("-o %s: a change prints text, or json with -o json", m.output)
	}
	if m.export != "" {
		f, err := export.ParseFormat(m.export)
		if err != nil {
			return mode{}, usage("--export: %s", err)
		}
		out.Export = f
	}
	switch {
	case out.Export != "" && out.Server:
		return mode{}, usage("--export prints the plan for another tool and asks the API server nothing: leave --dry-run=server out")
	case out.Export != "" && (out.Yes || out.JSON || out.ExitCode):
		return mode{}, usage("--export prints the plan for another tool and changes nothing: leave --yes, -o and --exit-code out")
	case out.ExitCode && !out.DryRun:
		return mode{}, usage("--exit-code needs --dry-run: a change says by its exit code how it ended")
	case out.DryRun && out.Yes:
		return mode{}, usage("--dry-run and --yes contradict each other: leave one out")
	}
	return out, nil
}

// words splits a comma list, as kubectl does for namespaces, and leaves blanks and repetitions out.
func words(lists []string) []string {
	var out []string
	for _, l := range lists {
		for w := range strings.SplitSeq(l, ",") {
			if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// flagError adds to cobra's words the flag that was probably meant.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return usage("%s\nsee: %s --help", err, c.CommandPath())
	}
	var names []string
	for _, fs := range []*pflag.FlagSet{c.Flags(), c.InheritedFlags()} {
		fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	fix := fmt.Sprintf("see: %s --help", c.CommandPath())
	if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
		fix = "did you mean --" + near + "?"
	}
	return usage("%s\n%s", err, fix)
}

// nearest is the word that differs least, "" when none is near enough to be meant.
func nearest(word string, among []string) string {
	best, at := "", max(2, len(word)/3)+1
	for _, w := range slices.Sorted(slices.Values(among)) {
		d := distance(strings.ToLower(word), strings.ToLower(w))
		if strings.HasPrefix(w, word) {
			d = 0
		}
		if d < at {
			best, at = w, d
		}
	}
	return best
}

// distance is Levenshtein's: how many letters to add, drop or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
