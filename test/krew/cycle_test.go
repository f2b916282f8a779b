package krew

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

const tag = "v1.2.3"

// shop is a krew of its own, with an index of its own on this machine.
type shop struct {
	t    *testing.T
	root string // KREW_ROOT
	env  []string
}

func (s *shop) run(name string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// pack makes the archive for this machine, as make dist makes all of them.
func pack(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "dist")
	cmd := exec.Command("go", "run", "./hack/pack", "-version", tag, "-out", dir, "-only", runtime.GOOS+"/"+runtime.GOARCH)
	cmd.Dir = top
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pack: %v\n%s", err, out)
	}
	return dir
}

func open(t *testing.T) *shop {
	t.Helper()
	bin, err := rig.Bin()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	s := &shop{t: t, root: filepath.Join(home, "krew")}
	// exec looks programs up by this process's PATH.
	t.Setenv("PATH", filepath.Join(s.root, "bin")+string(os.PathListSeparator)+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	s.env = append(os.Environ(), "HOME="+home, "KREW_ROOT="+s.root, "KREW_NO_UPGRADE_CHECK=1",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "KUBECONFIG="+os.DevNull)
	return s
}

// index puts a manifest into an index of its own and makes krew use it.
func (s *shop) index(manifest string) {
	s.t.Helper()
	dir := s.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "plugins"), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plugins", "eks-access.yaml"), []byte(manifest), 0o644); err != nil {
		s.t.Fatal(err)
	}
	git := []string{"-C", dir, "-c", "user.name=rig", "-c", "user.email=rig@example.com", "-c", "commit.gpgsign=false"}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-qm", "index"}} {
		s.run("git", append(git, args...)...)
	}
	s.env = append(s.env, "KREW_DEFAULT_INDEX_URI=file://"+dir)
	s.run("kubectl", "krew", "update")
}

// works sees that kubectl finds the plugin and that it is the one that was packed.
func (s *shop) works() {
	s.t.Helper()
	if got := s.run("kubectl", "plugin", "list", "--name-only"); !strings.Contains(got, "kubectl-eks_access\n") {
		s.t.Errorf("kubectl plugin list: %s", got)
	}
	if got := s.run("kubectl", "eks-access", "version"); !strings.Contains(got, tag) {
		s.t.Errorf("kubectl eks-access version says %q, want %s", got, tag)
	}
}

func (s *shop) remove() {
	s.t.Helper()
	s.run("kubectl", "krew", "uninstall", "eks-access")
	for _, dir := range []string{"bin", filepath.Join("store", "eks-access")} {
		if left, _ := os.ReadDir(filepath.Join(s.root, dir)); len(left) > 0 {
			s.t.Errorf("uninstall left %v in %s", left, dir)
		}
	}
}

func TestPackedPlugin(t *testing.T) {
	dist := pack(t)
	t.Run("installs from an index", func(t *testing.T) { fromIndex(t, dist) })
	t.Run("installs from an archive", func(t *testing.T) { fromArchive(t, dist) })
	t.Run("packs to the same bytes again", func(t *testing.T) {
		first, again := read(t, dist, "sha256sums.txt"), read(t, pack(t), "sha256sums.txt")
		if first != again {
			t.Errorf("the sums differ (or somebody edits the sources just now):\n%s%s", first, again)
		}
	})
}

// As a user does once the plugin is in the index, with the archives served from here.
func fromIndex(t *testing.T, dist string) {
	server := httptest.NewServer(http.FileServer(http.Dir(dist)))
	defer server.Close()
	manifest := read(t, dist, "eks-access.yaml")
	away := "https://github.com/eks-access/kubectl-eks-access/releases/download/" + tag
	here := strings.ReplaceAll(manifest, away, server.URL)
	if here == manifest {
		t.Fatalf("no address in the manifest starts with %s", away)
	}

	s := open(t)
	s.index(here)
	// Installs it into a krew of its own, too, and wants a licence in there.
	file := filepath.Join(t.TempDir(), "eks-access.yaml")
	if err := os.WriteFile(file, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("validate-krew-manifest", "-manifest", file)

	if got := s.run("kubectl", "krew", "search", "eks-access"); !strings.Contains(got, "who can do what") {
		t.Errorf("krew search does not say what it is for: %s", got)
	}
	s.run("kubectl", "krew", "install", "eks-access")
	s.works()
	// Completion is a program of its own that krew does not put on the PATH.
	helper := filepath.Join(s.root, "store", "eks-access", tag)
	s.env = append(s.env, "PATH="+helper+string(os.PathListSeparator)+os.Getenv("PATH"))
	if got := s.run("kubectl", "__complete", "eks-access", "ver"); !strings.Contains(got, "version") {
		t.Errorf("kubectl completes nothing after eks-access: %s", got)
	}
	s.remove()
}

// As the README does from a source tree: no index, no network.
func fromArchive(t *testing.T, dist string) {
	archives, err := filepath.Glob(filepath.Join(dist, "eks-access_*"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("archives: %v, error %v", archives, err)
	}
	s := open(t)
	s.run("kubectl", "krew", "install", "--manifest="+filepath.Join(dist, "eks-access.yaml"), "--archive="+archives[0])
	s.works()
	s.index(read(t, dist, "eks-access.yaml")) // krew uninstalls nothing before it has one
	s.remove()
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
