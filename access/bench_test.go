package access

import "testing"

func BenchmarkBuildS3(b *testing.B) {
	s := s3(b)
	for b.Loop() {
		if _, err := Build(s, Migrate{}); err != nil {
			b.Fatal(err)
		}
	}
}
