package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// member is what comes out of an archive again.
type member struct {
	Name    string
	Mode    fs.FileMode
	Time    string
	Content string
}

func TestArchivesHoldTheirFilesAndNoClock(t *testing.T) {
	files := []file{
		{name: "LICENSE", content: []byte("Apache")},
		{name: "kubectl-eks_access", content: bytes.Repeat([]byte("a program "), 1000), runs: true},
	}
	want := []member{
		{"LICENSE", 0o644, "1980-01-01T00:00:00Z", "Apache"},
		{"kubectl-eks_access", 0o755, "1980-01-01T00:00:00Z", string(files[1].content)},
	}
	for name, format := range map[string]struct {
		write func([]file) ([]byte, error)
		read  func(*testing.T, []byte) []member
	}{"tar.gz": {tarred, untar}, "zip": {zipped, unzip}} {
		archive, err := format.write(files)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, format.read(t, archive)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func untar(t *testing.T, archive []byte) (out []member) {
	t.Helper()
	inflate, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(inflate); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, member{h.Name, h.FileInfo().Mode(), h.ModTime.UTC().Format(time.RFC3339), string(content)})
	}
}

func unzip(t *testing.T, archive []byte) (out []member) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, member{f.Name, f.Mode(), f.Modified.UTC().Format(time.RFC3339), string(content)})
	}
	return out
}
