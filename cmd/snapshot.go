package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/eks-access/kubectl-eks-access/access/archive"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

type snapshotRequest struct {
	Target target
	File   string // "-" is stdout
	Force  bool
}

func newSnapshot(e *env, g *globals, run func(context.Context, *env, snapshotRequest) error) *cobra.Command {
	var r snapshotRequest
	c := &cobra.Command{
		Use:   "snapshot -o FILE",
		Short: "Write all that was read to a file, to look at offline",
		Long: text(`
			Write everything that is read of a cluster to one JSON file: mappings, access
			entries and their policies, roles, bindings, namespaces, what IAM says of the
			principals, and what could not be read. Every command that reads works from it
			with --snapshot FILE, without AWS and without the cluster.

			No credential is written, and nothing that no answer needs: annotations, most
			labels and tags stay behind. aws-auth is kept with its comments; what looks
			like a key or a token goes, but for the names of those it lets in.

			--snapshot also takes a folder of what kubectl get -o json|yaml and aws eks
			list-access-entries, describe-access-entry, list-associated-access-policies and
			describe-cluster print. A list counts as all of a kind when it holds what every
			cluster has, so take roles and role bindings with -A; what is missing is unknown.`),
		Example: example(`
			kubectl eks-access snapshot -o cluster.json
			kubectl eks-access list --snapshot cluster.json
			kubectl eks-access --snapshot cluster.json
			kubectl eks-access snapshot -o - | ssh there kubectl eks-access list --snapshot -`),
		Args: noArguments("the file is named with -o"),
		RunE: func(c *cobra.Command, _ []string) error {
			if r.Target = g.target(); r.File == "" {
				return usage("snapshot needs a file: -o FILE, or -o - for stdout")
			}
			return run(c.Context(), e, r)
		},
	}
	c.Flags().StringVarP(&r.File, "output", "o", "", "file to write (- is stdout)")
	c.Flags().BoolVar(&r.Force, "force", false, "write over a file that exists")
	return c
}

func runSnapshot(ctx context.Context, e *env, r snapshotRequest) error {
	// Asked before the read, which may take a while, and again by the write itself.
	if err := free(r); err != nil {
		return err
	}
	w, err := e.open(ctx, r.Target)
	if err != nil {
		return err
	}
	s, err := w.read(ctx)
	if err != nil {
		return err
	}
	if err := absent(s); err != nil {
		return err
	}
	text, err := archive.Encode(s)
	if err != nil {
		return err
	}
	text = report.Escape(text)
	if r.File == "-" {
		_, err = e.out.Write(text)
		return err
	}
	if err := writeWhole(r.File, text, r.Force); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	e.say(report.Snapshotted(s, r.File)...)
	return nil
}

// free refuses to write over what is there.
func free(r snapshotRequest) error {
	if r.File == "-" {
		return nil
	}
	at, err := os.Lstat(r.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write snapshot: %w", err)
	case at.IsDir():
		return usage("%s is a folder: name a file in it", r.File)
	case !at.Mode().IsRegular():
		return usage("%s is no regular file: name one, or -o - for stdout", r.File)
	case !r.Force:
		return taken(r.File)
	}
	return nil
}

func taken(path string) error {
	return usage("%s exists, and it is not written over\nname another file, or add --force", path)
}

// writeWhole puts a file in place at once, for its owner alone: whoever looks sees the
// old one or the new one, and a run that is stopped leaves nothing behind.
func writeWhole(path string, text []byte, over bool) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".eks-access-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); err == nil && !errors.Is(gone, fs.ErrNotExist) {
			err = gone
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if over {
		return os.Rename(f.Name(), path)
	}
	// Linking fails where a file is; not every file system can.
	switch err := os.Link(f.Name(), path); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return taken(path)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return taken(path)
	}
	return os.Rename(f.Name(), path)
}
