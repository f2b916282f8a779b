package cmd

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestAsideKeepsTheLastOfWhatWasSaid(t *testing.T) {
	stderr := os.Stderr
	back := aside()
	fmt.Fprint(os.Stderr, strings.Repeat("noise\n", asideMost/6+1000))
	fmt.Fprint(os.Stderr, "Caught panic:\r\n\n\tmain.go:7 \x1b[31mred\n")
	lines := back()
	if os.Stderr != stderr {
		t.Error("stderr was not given back")
	}
	size := 0
	for _, l := range lines {
		size += len(l.Text) + 1
	}
	if size > asideMost+100 || size < asideMost/2 {
		t.Errorf("%d bytes kept", size)
	}
	n := len(lines)
	if n < 3 || lines[n-3].Text != "Caught panic:" || !strings.HasPrefix(lines[n-1].Text, "    main.go:7 ") || strings.Contains(lines[n-1].Text, "\x1b") {
		t.Errorf("%v", lines[max(n-3, 0):])
	}
}

func TestAsideOfNothingIsNothing(t *testing.T) {
	if lines := aside()(); lines != nil {
		t.Errorf("%v", lines)
	}
}
