package report

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

var (
	levelLetters = [...]string{"·", "s", "V", "E", "A", "F"}
	levelWords   = [...]string{"none", "Some", "View", "Edit", "Admin", "Full"}
)

// Level is a level as people read it: "Edit"; "none" is not a name and stays small.
func Level(l access.Level) string { return levelWords[l] }

// Letter is a cell in one letter, followed by ' when a session may have more.
func Letter(c access.Cell) string {
	l := levelLetters[c.Level]
	switch {
	case !c.InForce:
		return "–"
	case c.Level == access.None && loading(c):
		return "…"
	case c.Level == access.None && len(c.Unknown) > 0:
		return "?"
	}
	if len(c.Depends) > 0 {
		l += "'"
	}
	return l
}

// CellWord is a cell in a word or two.
func CellWord(c access.Cell) string {
	switch {
	case !c.InForce:
		return "not in force"
	case c.Node && c.Level <= access.Some:
		return "node"
	case c.Level == access.None && loading(c):
		return "loading"
	case c.Level == access.None && len(c.Unknown) > 0:
		return "unknown"
	case len(c.Unknown) > 0 && c.Level < access.Full:
		return "at least " + Level(c.Level)
	}
	return Level(c.Level)
}

// Legend explains the letters.
func Legend() string {
	return "F full  A admin  E edit  V view  s some  · none  ? unknown  – not in force  … loading  ' some sessions have more  + at least"
}

func loading(c access.Cell) bool {
	return slices.ContainsFunc(c.Unknown, func(g access.Gap) bool { return g.Why == access.Loading })
}

// Condition is a condition in words: "when the session name is alice".
func Condition(c access.Condition) string {
	text := "when the " + conditionWords[c.Variable] + " is " + word(c.Value)
	if c.Variable == "SessionName" && strings.Contains(c.Value, "-") {
		text += " (a - stands for @ too)"
	}
	return text
}

var conditionWords = map[string]string{
	"SessionName":       "session name",
	"SessionNameRaw":    "session name",
	"AccessKeyID":       "access key ID",
	"EC2PrivateDNSName": "instance's private DNS name",
}
