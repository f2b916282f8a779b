package cmd

import (
	"os"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access/report"
)

// asideMost is how much of what was said is kept, the last of it.
const asideMost = 64 << 10

// aside takes stderr away while the screens have the terminal: what a credential
// helper says, or the trace of a panic, would be written across them. The function
// it returns gives stderr back, and what was said meanwhile.
func aside() (back func() []report.Line) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() []report.Line { return nil }
	}
	stderr := os.Stderr
	os.Stderr = w
	kept := make(chan string, 1)
	go func() {
		var text []byte
		buf := make([]byte, 4096)
		for {
			n, err := r.Read(buf)
			text = append(text, buf[:n]...)
			text = text[max(len(text)-asideMost, 0):]
			if err != nil {
				kept <- string(text)
				return
			}
		}
	}()
	return func() []report.Line {
		os.Stderr = stderr
		w.Close()
		// A helper that outlives us holds the other end: it is not waited for.
		_ = r.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		text := strings.TrimSpace(<-kept)
		r.Close()
		if text == "" {
			return nil
		}
		var out []report.Line
		for l := range strings.Lines(text) {
			l = strings.ReplaceAll(strings.TrimRight(l, "\r\n"), "\t", "    ")
			out = append(out, report.Line{Kind: report.Note, Text: report.Safe(l)})
		}
		return out
	}
}
