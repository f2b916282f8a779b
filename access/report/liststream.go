package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/eks-access/kubectl-eks-access/access"
)

// WriteList writes the list as indented JSON, item by item: byte for byte what
// marshalling List would write, without ever holding it.
func WriteList(w io.Writer, ix *access.Index, fs []access.Finding, o ListOptions) error {
	head, err := json.MarshalIndent(ListHead(ix, fs), "", "  ")
	if err != nil {
		return err
	}
	// Strings hold no line break in JSON, so this stands at the top level only.
	before, after, _ := bytes.Cut(head, []byte("\n  \"items\": []"))
	if _, err := w.Write(append(before, "\n  \"items\": ["...)); err != nil {
		return err
	}
	sep := "\n    "
	for it := range ListItems(ix, o) {
		text, err := json.MarshalIndent(it, "    ", "  ")
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(sep), Escape(text)...)); err != nil {
			return err
		}
		sep = ",\n    "
	}
	if sep != "\n    " {
		after = append([]byte("\n  ]"), after...)
	} else {
		after = append([]byte("]"), after...)
	}
	_, err = w.Write(append(after, '\n'))
	return err
}
