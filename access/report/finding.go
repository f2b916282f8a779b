package report

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Finding is what a finding says, and what to do about it.
func Finding(f access.Finding) (text, fix string) {
	s, ok := findings(f.Code)
	if !ok {
		text = string(f.Code)
		if len(f.Args) > 0 {
			text += ": " + strings.Join(words(f.Args), ", ")
		}
		return Safe(text), ""
	}
	text, fix = fill(s.text, f), fill(s.fix, f)
	if f.Severity == access.Confirm {
		// What only a person can risk is accepted by its code, never by a blanket yes.
		accept := "accept it with --accept " + string(f.Code)
		if fix != "" {
			accept = fix + "; or " + accept
		}
		fix = Safe(accept)
	}
	return text, fix
}

func findings(c access.Code) (sentence, bool) {
	if e, ok := clusterFindings[c]; ok {
		return sentence{e.text, e.fix}, true
	}
	e, ok := planFindings[c]
	return sentence{e.text, e.fix}, ok
}

// Explanation says why a finding matters; "" for a code that is none of ours.
func Explanation(c access.Code) string {
	if e, ok := clusterFindings[c]; ok {
		return e.why
	}
	return planFindings[c].why
}
