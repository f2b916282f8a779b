package access

import (
	"fmt"
	"strings"
	"testing"
)

func BenchmarkBuildS3(b *testing.B) {
	s := s3(b)
	for b.Loop() {
		if _, err := Build(s, Migrate{}); err != nil {
			b.Fatal(err)
		}
	}
}

// large is a cluster of 5,000 namespaces, 50,000 bindings and 5,000 principals.
func large(b *testing.B) Snapshot {
	b.Helper()
	var os []Object
	for i := range 5000 {
		os = append(os, Namespace{In: kubeR, Name: fmt.Sprintf("ns-%04d", i)})
	}
	for i := range 50000 {
		os = append(os, binding(fmt.Sprintf("ns-%04d", i*7%5000), fmt.Sprintf("b-%d", i), "ClusterRole", []string{"view", "edit", "admin"}[i%3], fmt.Sprintf("Group:g-%d", i%1000)))
	}
	for i := range 3000 {
		arn := role(fmt.Sprintf("e-%04d", i))
		os = append(os, entry(arn, "", fmt.Sprintf("g-%d", i%1000)), policy(arn, ViewPolicy, fmt.Sprintf("ns-%04d", i)))
	}
	var items strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&items, "- rolearn: %s\n  username: u-%d\n  groups: [g-%d]\n", role(fmt.Sprintf("m-%04d", i)), i, i%1000)
	}
	return s3(b, append(os, authMap(s3Roles+items.String(), "[]\n"))...)
}

func BenchmarkIndexLarge(b *testing.B) {
	s := large(b)
	for b.Loop() {
		NewIndex(s)
	}
}

func BenchmarkScreenOfCellsLarge(b *testing.B) {
	s := large(b)
	for b.Loop() {
		b.StopTimer()
		ix := NewIndex(s)
		b.StartTimer()
		for _, r := range ix.Rows()[:60] {
			for _, ns := range ix.Namespaces()[:20] {
				ix.Cell(r, ns)
			}
		}
	}
}
