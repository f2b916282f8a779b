package report

import (
	"cmp"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// sentence is a text about a code and, for findings, what to do about it. {0|MODE} is
// an argument, and the word that stands for it where a code is explained; a letter says
// how it reads:
//
//	{p0} the name of a principal      {a0} an argument for a shell
//	{r1} the words of a reason        {l2} " (line 7)", or nothing
//	{s0} " (a detail)", or nothing    {n0} "3 principals"
//	{i0} "in carts, ui" or "in the whole cluster"
//	{P}  all arguments, as the names of principals
//	{w}  the names of those it is about; {w1} the principal of an argument when it does not say whom
//	{t0} "; pods is likely meant", or nothing    {b0} "3 bindings are"
//	{c0} the command that looks a principal up in IAM
//	{W}  the commands that set the scope of its policy, one for each of whom it is about
//	{R}  the commands that show or take away what its roads are made of
//	{D}  how a dead entry is made again, where its principal was made anew; else nothing
//	{k}  the cluster's name, from what the finding is about
//	{K}  the first object that it is about
type sentence struct{ text, fix string }

// fill puts the arguments in. An argument that is missing reads "?", so that an
// older plan file is still readable.
func fill(template string, f access.Finding) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		slot, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			break
		}
		slot, _, _ = strings.Cut(slot, "|")
		b.WriteString(slotText(slot, f))
		template = after
	}
	return Safe(b.String())
}

func slotText(slot string, f access.Finding) string {
	args := f.Args
	switch slot {
	case "P":
		names := make([]string, len(args))
		for i, a := range args {
			names[i] = who(a)
		}
		return and(names, 3)
	case "w":
		return and(names(f.Who), 3)
	case "W":
		return strings.Join(scopeFixes(f), "; ")
	case "R":
		return strings.Join(roadFixes(f), "; ")
	case "D":
		return remaking(args)
	case "k":
		return clusterOf(f.About)
	case "K":
		if len(f.About) == 0 {
			return "something"
		}
		return keyName(f.About[0])
	}
	i := int(slot[len(slot)-1] - '0')
	if slot[0] == 'w' && len(f.Who) > 0 {
		return and(names(f.Who), 3)
	}
	var arg string
	if given := i >= 0 && i < len(args); given {
		arg = args[i]
	} else if !strings.ContainsRune("lsit", rune(slot[0])) {
		return "?"
	}
	switch slot[0] {
	case 'p', 'w':
		return who(arg)
	case 'a':
		return shell(arg)
	case 'c':
		return lookUp(arg)
	case 'r':
		return Reason(access.Code(arg))
	case 'l':
		if arg == "" || arg == "0" {
			return ""
		}
		return " (line " + arg + ")"
	case 's':
		if arg == "" {
			return ""
		}
		return " (" + arg + ")"
	case 'i':
		if arg == "" {
			return in("")
		}
		return "in " + strings.Join(words(strings.Split(arg, ", ")), ", ")
	case 't':
		return pick(arg == "", "", "; "+arg+" is likely meant")
	case 'b':
		return arg + pick(arg == "1", " binding is", " bindings are")
	case 'n':
		return arg + pick(arg == "1", " principal", " principals")
	}
	return arg
}

// remaking is the second way out for a dead entry, which only a principal that exists has.
func remaking(args []string) string {
	if len(args) < 2 || access.Code(args[1]) != access.PrincipalRemade {
		return ""
	}
	return "; or make the entry again, for who has the name now: " + Command("change", args[0], "--remake")
}

// lookUp is the command that tells whether a principal exists, and since when.
func lookUp(arn string) string {
	p, err := access.ParsePrincipal(arn)
	if err == nil && p.Kind == access.UserPrincipal {
		return "aws iam get-user --user-name " + shell(p.Name)
	}
	return "aws iam get-role --role-name " + shell(cmp.Or(p.Name, "NAME"))
}

// clusterOf is the cluster's name as an argument for a shell.
func clusterOf(about []access.Key) string {
	for _, k := range about {
		if api := k.Realm.API(); api == "eks" || api == "kube" {
			return shell(k.Realm.Name())
		}
	}
	return "CLUSTER"
}

func names(ps []access.Principal) []string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = Name(p)
	}
	return out
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
