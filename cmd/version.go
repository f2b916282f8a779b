package cmd

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access"
)

// version is set by the linker; without it the module's own is shown.
var version string

type versionRequest struct{ JSON bool }

type build struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Version    string `json:"version"`
	Commit     string `json:"commit"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	Policies   string `json:"policies"` // when AWS's access policies were taken over
}

func newVersion(e *env, run func(context.Context, *env, versionRequest) error) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments("leave it out"),
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "" && output != "json" {
				return usage("-o %s: version prints text, or json with -o json", output)
			}
			return run(c.Context(), e, versionRequest{JSON: output == "json"})
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "json")
	return c
}

func thisBuild() build {
	b := build{APIVersion: access.APIVersion, Kind: "Version", Version: version, Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Policies: access.PolicyTableDate}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(b.Version, info.Main.Version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	return b
}

func runVersion(_ context.Context, e *env, r versionRequest) error {
	b := thisBuild()
	if r.JSON {
		return e.answerJSON(b)
	}
	_, err := fmt.Fprintf(e.out, "kubectl eks-access %s (%s, %s; access policies as of %s)\n", b.Version, b.Go, b.Platform, b.Policies)
	return err
}
