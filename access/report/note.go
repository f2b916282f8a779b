package report

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Hint is a remark beside an answer, Doubt one that may change how it is read. Their
// arguments are foreign text.
func Hint(format string, args ...any) Line { return say(Note, "i ", fmt.Sprintf(format, args...)) }
func Doubt(format string, args ...any) Line {
	return say(Warn, "▲ ", fmt.Sprintf(format, args...))
}

// Meant says which type a word was taken for, and nothing where that is plain.
func Meant(word string, r access.Resource) string {
	switch {
	case len(r.Also) > 0:
		return Safe(word + " is " + r.String() + pick(r.Group == "", " of the core group", "") + ", as kubectl takes it; there is also " + strings.Join(r.Also, ", "))
	case r.String() != word:
		return Safe(word + " is " + r.String())
	}
	return ""
}
