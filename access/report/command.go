package report

import "strings"

// Command is a command of ours, its words quoted where a shell needs it; flags are left
// as they are.
func Command(args ...string) string {
	text := "kubectl eks-access"
	for _, a := range args {
		if flag := strings.TrimLeft(a, "-"); a == flag || shell(flag) != flag {
			a = shell(a)
		}
		text += " " + a
	}
	return text
}
