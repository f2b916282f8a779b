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

// AskedIn says where a question without a namespace was asked, and why there. An answer
// that stands alone reads as one about everywhere.
func AskedIn(namespace, more string) Line {
	why := pick(namespace == "default", "since no other is named", "the context's")
	return Hint("asked in the namespace %s, %s; %s", namespace, why, more)
}

// MeantNamespace doubts a NAME that is a namespace's: the -n before it was forgotten.
func MeantNamespace(name, namespace string) Line {
	return Doubt("%s is the name of a namespace, and is taken here for that of an object in %s; did you mean -n %s?", name, namespace, shell(name))
}

// NoNamespace says that a namespace is not there, and which was likely meant.
func NoNamespace(name, near string) Line {
	if near == "" {
		return Doubt("there is no namespace %s: this is what would count in it", name)
	}
	return Doubt("there is no namespace %s; did you mean %s? This is what would count in it", name, near)
}

// Misspelt doubts a namespace that a change names: it is not there, and another is nearly
// called so.
func Misspelt(name, near string) Line {
	return Doubt("there is no namespace %s; did you mean %s?", name, near)
}
