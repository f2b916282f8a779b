package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// snapshotArgs parses arguments as the program does; it tells what snapshot and list
// were asked for.
func snapshotArgs(args ...string) (got any, err error) {
	e := &env{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	root := newRoot(e, runs{snapshot: note[snapshotRequest](&got), list: note[listRequest](&got), grant: note[grantRequest](&got)})
	root.SetArgs(args)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err = root.Execute()
	return got, err
}

func TestSnapshotArguments(t *testing.T) {
	for args, want := range map[string]any{
		"snapshot -o f":                         snapshotRequest{Target: target{Server: plainServer}, File: "f"},
		"snapshot --output=- --force --demo=s4": snapshotRequest{Target: target{Demo: "s4", Server: plainServer}, File: "-", Force: true},
		"snapshot -o f --snapshot dir":          snapshotRequest{Target: target{Snapshot: "dir", Server: plainServer}, File: "f"},
		"list --snapshot f --cluster-name c":    listRequest{Target: target{Snapshot: "f", Cluster: "c", Server: plainServer}, Output: "table"},
		"--snapshot=f list":                     listRequest{Target: target{Snapshot: "f", Server: plainServer}, Output: "table"},
	} {
		got, err := snapshotArgs(strings.Fields(args)...)
		if err != nil {
			t.Errorf("%s: %v", args, err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", args, d)
		}
	}
	for args, words := range map[string]string{
		"snapshot":                                          "snapshot needs a file: -o FILE",
		"snapshot f":                                        "the file is named with -o",
		"list --snapshot f --demo":                          "contradict each other",
		"list --snapshot f --profile p":                     "--snapshot and --profile contradict",
		"list --snapshot f --kubeconfig p":                  "--snapshot and --kubeconfig contradict",
		"list --snapshot=":                                  "--snapshot is empty",
		"grant p --level view --snapshot f":                 "a snapshot can't be changed",
		"grant p --level view --snapshot f --dry-run=false": "a snapshot can't be changed",
	} {
		got, err := snapshotArgs(strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %+v, error %v, want %q", args, got, err, words)
		}
	}
}

func TestWriteWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.json")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	holds := func(want string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil || string(text) != want {
			t.Errorf("%q, %v, want %q", text, err, want)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("%v, %v: something is left behind", files, err)
		}
		if at, err := os.Stat(path); err != nil || at.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", at.Mode(), err)
		}
	}
	must(writeWhole(path, []byte("one"), false))
	holds("one")
	// Somebody else's file, made since it was looked for, stays.
	if err := writeWhole(path, []byte("two"), false); err == nil || !strings.Contains(err.Error(), "not written over") {
		t.Errorf("written over: %v", err)
	}
	holds("one")
	must(writeWhole(path, []byte("two"), true))
	holds("two")
	if err := writeWhole(filepath.Join(dir, "none", "x"), nil, false); err == nil {
		t.Error("a folder that is not there")
	}
}

// A world of a snapshot reads back what is in it, gaps included, as often as it is
// asked, and takes no change.
func TestReplay(t *testing.T) {
	er, kr, ir := access.EKSRealm("c"), access.KubeRealm("c"), access.IAMRealm("123456789012")
	s := access.Snapshot{At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Server: "https://x", Realms: []access.Realm{er, ir, kr},
		Caller: access.Caller{Identity: access.Identity{User: "me"}},
		Objects: access.Objects{}.With(access.AuthMode{In: er, Mode: access.APIMode}, access.Namespace{In: kr, Name: "a"},
			access.AccessEntry{In: er, Principal: "arn:aws:iam::123456789012:role/a", Created: time.Unix(5, 0).UTC()},
			access.IAMPrincipal{In: ir, ARN: "arn:aws:iam::123456789012:role/a", ID: "role/123456789012/a"}),
		Gaps: []access.Gap{{Realm: er, Kind: access.ClusterKind, Why: access.Denied, Detail: "no"}, {Realm: "iam:210987654321", Kind: access.IAMPrincipalKind, Why: access.Unreachable},
			{Realm: kr, Kind: access.RoleKind, Why: access.NotGiven}}}
	text, err := archive.Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	w, err := openSnapshot(&env{err: &said}, target{Snapshot: path})
	if err != nil || !strings.HasPrefix(said.String(), "i snapshot of c at 2026-11-22 00:00Z") || w.title != "snapshot 2026-11-22 00:00Z" {
		t.Fatalf("%v, %q, %+v", err, said.String(), w)
	}
	for range 2 {
		got, err := w.Load(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := archive.Encode(got)
		if d := cmp.Diff(string(text), string(again)); err != nil || d != "" {
			t.Errorf("%v %s", err, d)
		}
	}
	ns := access.Namespace{In: kr, Name: "a"}
	if o, err := w.Sides[kr].Get(t.Context(), ns.Key()); err != nil || !access.Same(o, ns) {
		t.Errorf("%v, %v", o, err)
	}
	var no *live.Refused
	if err := w.Sides[kr].Put(t.Context(), nil, ns); !errors.As(err, &no) {
		t.Errorf("Put: %v", err)
	}
	p := access.Plan{Steps: []access.Step{{After: ns}}}
	_, err = w.Apply(context.Background(), p, access.Accepted{Digest: p.Digest()}, func(access.Event) error { t.Error("something was begun"); return nil })
	if !errors.As(err, &no) || !strings.Contains(err.Error(), "can't be changed") {
		t.Errorf("Apply: %v", err)
	}
}

// What can't be read of a folder is an error, and pipes are not waited for.
func TestFolderFiles(t *testing.T) {
	dir := t.TempDir()
	e := &env{err: io.Discard}
	if _, err := openSnapshot(e, target{Snapshot: dir}); err == nil || !strings.Contains(err.Error(), "holds nothing of a cluster") {
		t.Errorf("an empty folder: %v", err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("deep/er/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: carts}\n")
	write(".git/broken.json", "{")
	write(".hidden.json", "{")
	w, err := openSnapshot(e, target{Snapshot: dir})
	if err != nil || w.name != filepath.Base(dir) {
		t.Fatalf("%v, %+v", err, w)
	}
	w, err = openSnapshot(e, target{Snapshot: dir, Cluster: "prod"})
	if err != nil || w.name != "prod" {
		t.Errorf("%v, %+v", err, w)
	}
	write("x.json", `{"clusterName": "other", "principalArn": "a", "associatedAccessPolicies": []}`)
	if _, err = openSnapshot(e, target{Snapshot: dir, Cluster: "prod"}); err == nil || !strings.Contains(err.Error(), "is of cluster other, and --cluster-name says prod") {
		t.Errorf("%v", err)
	}
	write("deep/cut.json", "{\n")
	if _, err = openSnapshot(e, target{Snapshot: dir}); err == nil || !strings.Contains(err.Error(), "deep/cut.json: line 1: it ends in the middle") {
		t.Errorf("%v", err)
	}
}
