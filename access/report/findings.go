package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// findingLines show the worst first. A sentence that holds for several principals
// is said once, with the others' names under it.
func findingLines(fs []access.Finding) []Line {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b access.Finding) int { return int(b.Severity) - int(a.Severity) })
	var out []Line
	said := make([]bool, len(fs))
	for i, f := range fs {
		if said[i] {
			continue
		}
		text, fix := Finding(f)
		out = append(out, say(severityKind(f.Severity), severitySign[f.Severity], " ", text))
		if also := others(fs, said, i); len(also) > 0 {
			out = append(out, say(severityKind(f.Severity), "    also: ", strings.Join(also, ", ")))
		}
		if fix != "" {
			out = append(out, say(Note, "    ", fix))
		}
	}
	return out
}

// others names whom the sentence of one finding holds for too, and marks them said:
// same code, same severity, another principal, all else the same.
func others(fs []access.Finding, said []bool, i int) []string {
	f := fs[i]
	s, _ := findings(f.Code)
	_, slot, found := strings.Cut(s.text, "{p")
	if !found && len(f.Who) == 0 {
		_, slot, found = strings.Cut(s.text, "{w") // one that names all of them has no others
	}
	if !found || slot[0] < '0' || int(slot[0]-'0') >= len(f.Args) {
		return nil
	}
	at := int(slot[0] - '0')
	names := []string{who(f.Args[at])}
	for j := i + 1; j < len(fs); j++ {
		o := fs[j]
		if said[j] || o.Code != f.Code || o.Severity != f.Severity || !sameBut(at, f.Args, o.Args) {
			continue
		}
		said[j] = true
		if name := who(o.Args[at]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names[1:]
}

func sameBut(at int, a, b []string) bool {
	return len(a) == len(b) && slices.Equal(a[:at], b[:at]) && slices.Equal(a[at+1:], b[at+1:])
}

var severitySign = [...]string{access.Info: "i", access.Warn: "▲", access.Confirm: "!", access.Refuse: "✗"}

func severityKind(s access.Severity) Kind {
	return [...]Kind{access.Info: Note, access.Warn: Warn, access.Confirm: Warn, access.Refuse: Bad}[s]
}
