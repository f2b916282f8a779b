package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
)

// mostBytes is how much is read of a file or a folder: a cluster of 50,000 role
// bindings needs some 20 MB, and a device or somebody else's dump would fill the memory.
const mostBytes = 1 << 30

// readSnapshot reads a snapshot file, or a folder.
func readSnapshot(e *env, t target) (access.Snapshot, []archive.Remark, error) {
	if t.Snapshot == "-" && e.shown {
		return access.Snapshot{}, nil, usage("the screens need stdin for keys: write the snapshot to a file first")
	}
	if at, err := os.Stat(t.Snapshot); t.Snapshot != "-" && err == nil && at.IsDir() {
		return readFolder(t)
	}
	text, err := bounded(e, t.Snapshot)
	if err != nil {
		return access.Snapshot{}, nil, fmt.Errorf("read snapshot: %w", err)
	}
	s, err := archive.Decode(text)
	var other *archive.OtherKind
	switch {
	case errors.As(err, &other):
		return s, nil, usage("read snapshot %s: %w\nmake one with: kubectl eks-access snapshot -o FILE; for what kubectl or aws printed, name the folder", t.Snapshot, err)
	case err != nil:
		return s, nil, fmt.Errorf("read snapshot %s: %w", t.Snapshot, err)
	case t.Cluster != "" && t.Cluster != nameOf(s):
		return s, nil, usage("snapshot %s is of cluster %s, and --cluster-name says %s", t.Snapshot, nameOf(s), t.Cluster)
	}
	return s, nil, nil
}

// bounded reads a file or stdin up to a size that no snapshot has.
func bounded(e *env, path string) ([]byte, error) {
	in := e.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(in, mostBytes+1))
	if n > mostBytes {
		return nil, tooLarge(path)
	}
	return text.Bytes(), err
}

func tooLarge(path string) error {
	return fmt.Errorf("%s is larger than %d MB, and no cluster's permissions are", path, mostBytes>>20)
}

// readFolder reads all regular files below a folder but hidden ones.
func readFolder(t target) (access.Snapshot, []archive.Remark, error) {
	var files []archive.File
	var newest time.Time
	var size int64
	err := filepath.WalkDir(t.Snapshot, func(path string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && path != t.Snapshot
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return filepath.SkipDir
		case hidden || d.IsDir():
			return nil
		}
		at, err := os.Stat(path) // a link counts as what it points at
		if err != nil {
			return err
		}
		if !at.Mode().IsRegular() {
			return nil // a pipe would be waited for, a folder behind a link may lead around
		}
		if size += at.Size(); size > mostBytes {
			return tooLarge(t.Snapshot)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if at.ModTime().After(newest) {
			newest = at.ModTime()
		}
		name, err := filepath.Rel(t.Snapshot, path)
		files = append(files, archive.File{Name: filepath.ToSlash(name), Text: text})
		return err
	})
	if err != nil {
		return access.Snapshot{}, nil, fmt.Errorf("read folder: %w", err)
	}
	called := t.Cluster
	if abs, err := filepath.Abs(t.Snapshot); called == "" && err == nil {
		called = filepath.Base(abs)
	}
	s, remarks, err := archive.Folder(files, archive.Options{Cluster: called, At: newest})
	switch {
	case err != nil:
		return s, nil, fmt.Errorf("read folder %s: %w", t.Snapshot, err)
	case s.Objects.Len() == 0:
		return s, nil, usage("folder %s holds nothing of a cluster\nput there what these print: kubectl get roles,rolebindings -A -o json (also clusterroles, clusterrolebindings, namespaces, configmap aws-auth);\naws eks describe-cluster, list-access-entries, describe-access-entry and so on", t.Snapshot)
	case t.Cluster != "" && t.Cluster != nameOf(s):
		return s, nil, usage("folder %s is of cluster %s, and --cluster-name says %s", t.Snapshot, nameOf(s), t.Cluster)
	}
	return s, remarks, nil
}
