package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// patience is how long a press of the Tab key may take.
const patience = 2 * time.Second

// complete tells the shell what may come next. Fixed words need no reading;
// principals and namespaces come from one bounded read that says nothing when it
// fails: a Tab is no place for an error.
func complete(e *env, g *globals, root *cobra.Command) {
	fixed := func(words ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	}
	principals := func(c *cobra.Command, given []string, start string) ([]string, cobra.ShellCompDirective) {
		var out []string
		if ix := glance(e, g); ix != nil {
			for _, r := range ix.Rows() {
				out = append(out, short(r.Principal), r.Principal.ARN)
			}
		}
		return starting(out, start, given), cobra.ShellCompDirectiveNoFileComp
	}
	namespaces := func(c *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		ix := glance(e, g)
		if ix == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return commaList(ix.Namespaces(), start)
	}
	codes := func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		return commaList(texts(report.FindingCodes()), start)
	}
	changes := func(_ *cobra.Command, given []string, start string) ([]string, cobra.ShellCompDirective) {
		if len(given) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return e.pastIDs(start), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	flags := map[string]cobra.CompletionFunc{
		"demo":      computed(demoWorlds),
		"namespace": namespaces,
		"level":     fixed("view", "edit", "admin", "full"),
		"policy":    computed(assignable),
		"via":       fixed(string(access.ViaAuto), string(access.ViaEntry), string(access.ViaAuthMap)),
		"severity":  fixed(access.Info.String(), access.Warn.String()),
		"code":      codes,
		"export":    fixed(formatNames()...),
		"dry-run":   fixed("client", "server", "none"),
		"to":        fixed(string(access.BothMode), string(access.APIMode)),
	}
	for _, c := range append(root.Commands(), root) {
		switch c.Name() {
		case "list", "migrate", "grant", "compare":
			c.ValidArgsFunction = principals
		case "can-i":
			c.ValidArgsFunction = inTurn(principals, fixed(resourceVerbs...), kinds)
		case "who-can":
			c.ValidArgsFunction = inTurn(fixed(resourceVerbs...), kinds)
		case "export":
			c.ValidArgsFunction = func(c *cobra.Command, given []string, start string) ([]string, cobra.ShellCompDirective) {
				if len(given) == 0 {
					return starting(formatNames(), start, nil), cobra.ShellCompDirectiveNoFileComp
				}
				return principals(c, given[1:], start)
			}
		case "revoke", "change":
			c.ValidArgsFunction = principals
		case "explain":
			c.ValidArgsFunction = func(_ *cobra.Command, given []string, start string) ([]string, cobra.ShellCompDirective) {
				return starting(texts(report.Codes()), start, given), cobra.ShellCompDirectiveNoFileComp
			}
		case "undo", "resume":
			c.ValidArgsFunction = changes
		case "history":
			c.ValidArgsFunction = cobra.NoFileCompletions
			for _, show := range c.Commands() {
				show.ValidArgsFunction = changes
				_ = show.RegisterFlagCompletionFunc("output", fixed("text", "json", "yaml"))
			}
		case "apply", "plan", "snapshot", "version":
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		for name, f := range flags {
			if c.LocalNonPersistentFlags().Lookup(name) != nil || c == root && c.PersistentFlags().Lookup(name) != nil {
				_ = c.RegisterFlagCompletionFunc(name, f) // it fails only for a flag that is not there
			}
		}
		if c.LocalNonPersistentFlags().Lookup("output") != nil {
			words := []string{"json"}
			if c.Name() == "list" {
				words = append(slices.Clone(formats), "sarif")
			}
			switch c.Name() {
			case "who-can", "history":
				words = formats
			case "can-i", "compare":
				words = []string{"json", "yaml"}
			}
			if c.Name() == "snapshot" {
				continue // its output is a file
			}
			_ = c.RegisterFlagCompletionFunc("output", fixed(words...))
		}
	}
}

// inTurn completes each argument in a way of its own.
func inTurn(of ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, given []string, start string) ([]string, cobra.ShellCompDirective) {
		if len(given) >= len(of) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return of[len(given)](c, nil, start)
	}
}

// kinds are the built-in resource types: a Tab asks no server for its own.
func kinds(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	return starting((&world{}).types(context.Background()).Words(), start, nil), cobra.ShellCompDirectiveNoFileComp
}

// commaList goes on with a list: what stands before the last comma is kept.
func commaList(words []string, start string) ([]string, cobra.ShellCompDirective) {
	i := strings.LastIndexByte(start, ',') + 1
	var out []string
	for _, n := range starting(words, start[i:], strings.Split(start[:i], ",")) {
		out = append(out, start[:i]+n)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// computed are fixed words that cost something to know: only a Tab pays for it.
func computed(words func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

// glance reads the cluster for at most a moment.
func glance(e *env, g *globals) *access.Index {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e.quiet = true
	w, err := e.open(ctx, g.target())
	if err != nil {
		return nil
	}
	s, err := w.Load(ctx, func(access.Snapshot) {})
	if err != nil && s.Objects.Len() == 0 {
		return nil
	}
	return access.NewIndex(s)
}

// short is how people write a principal.
func short(p access.Principal) string {
	if isKind(string(p.Kind)) {
		return string(p.Kind) + "/" + p.Name
	}
	return ""
}

// starting are the words that begin like this and are not there yet, sorted.
func starting(words []string, start string, given []string) []string {
	var out []string
	for _, w := range words {
		if w != "" && strings.HasPrefix(w, start) && !slices.Contains(given, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// assignable are the access policies that customers may associate.
func assignable() []string {
	return slices.DeleteFunc(access.PolicyNames(), func(n string) bool {
		p, _ := access.PolicyNamed(n)
		return !p.ByCustomer()
	})
}
