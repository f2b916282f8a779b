// Command pack makes what a release consists of: an archive for every platform
// that .krew.yaml names, their sums, and the Krew manifest with both filled in.
//
//	go run ./hack/pack -version v0.1.0 [-out dist] [-only linux/amd64]
//
// The template is the only list of platforms and archive names there is, so the
// manifest cannot name an archive that was not made. The same source and the
// same Go make the same bytes.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// What is built, and the variable that holds its version.
const (
	command = "./cmd/kubectl-eks_access"
	version = "github.com/eks-access/kubectl-eks-access/cmd.version"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("pack: ")
	tag := flag.String("version", "", "version with its v, as v0.1.0 (required)")
	out := flag.String("out", "dist", "folder for the archives, made anew")
	only := flag.String("only", "", "pack this platform alone, as linux/amd64")
	flag.Parse()
	if *tag == "" {
		log.Fatal("-version is required")
	}
	if err := pack(".", *tag, *out, *only); err != nil {
		log.Fatal(err)
	}
}

// pack fills out from the source tree at root.
func pack(root, tag, out, only string) error {
	template, err := os.ReadFile(filepath.Join(root, ".krew.yaml"))
	if err != nil {
		return err
	}
	// The archives are not there yet, and neither are their sums.
	platforms, err := platformsOf(template, tag, only)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	sums := map[string]string{}
	var list strings.Builder
	for _, p := range platforms {
		content, err := archive(root, tag, p)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.os(), p.arch(), err)
		}
		name := path.Base(p.URI)
		if err := os.WriteFile(filepath.Join(out, name), content, 0o644); err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		sums[name] = hex.EncodeToString(sum[:])
		fmt.Fprintf(&list, "%s  %s\n", sums[name], name)
		fmt.Printf("%s  %.1f MB\n", filepath.Join(out, name), float64(len(content))/1e6)
	}
	if err := os.WriteFile(filepath.Join(out, "sha256sums.txt"), []byte(list.String()), 0o644); err != nil {
		return err
	}
	manifest, err := fill(template, tag, sums)
	if err == nil && only != "" {
		manifest, err = keep(manifest, platforms)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "eks-access.yaml"), manifest, 0o644)
}

// archive builds the plugin for a platform and packs it with what goes with it.
func archive(root, tag string, p platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "pack")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	built := filepath.Join(dir, p.Bin)
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= -X "+version+"="+tag, "-o", built, command)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os(), "GOARCH="+p.arch())
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	var files []file
	for _, f := range []file{
		{name: "LICENSE", from: filepath.Join(root, "LICENSE")},
		{name: p.Bin, from: built, runs: true},
		{name: "kubectl_complete-eks_access", from: filepath.Join(root, "hack", "kubectl_complete-eks_access"), runs: true},
	} {
		if f.content, err = os.ReadFile(f.from); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if strings.HasSuffix(p.URI, ".zip") {
		return zipped(files)
	}
	return tarred(files)
}
