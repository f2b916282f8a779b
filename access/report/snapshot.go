package report

import (
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
)

// counted are the kinds that a snapshot is summed up by, in the order people think of them.
var counted = []struct {
	kind      access.Kind
	one, many string
}{
	{access.EntryKind, "access entry", "access entries"},
	{access.RoleKind, "role", "roles"},
	{access.ClusterRoleKind, "cluster role", "cluster roles"},
	{access.RoleBindingKind, "role binding", "role bindings"},
	{access.ClusterRoleBindingKind, "cluster role binding", "cluster role bindings"},
	{access.NamespaceKind, "namespace", "namespaces"},
}

// When is a time as a title says it: in UTC, since a snapshot travels.
func When(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

// SnapshotTitle heads screens that show a snapshot.
func SnapshotTitle(s access.Snapshot) string { return "snapshot " + When(s.At) }

// FromSnapshot says that an answer is about what was, and since when.
func FromSnapshot(s access.Snapshot, path string) Line {
	who := ""
	if s.Caller.AWS.ARN != "" {
		who = " as read by " + Name(s.Caller.AWS)
	}
	return say(Note, "i ", snapshotOf(s), who, ", from ", path, ": nothing is asked now")
}

// Snapshotted says what was written where.
func Snapshotted(s access.Snapshot, path string) []Line {
	n := map[access.Kind]int{}
	for o := range s.Objects.All() {
		n[o.Key().Kind]++
	}
	var parts []string
	for _, c := range counted {
		parts = append(parts, Count(n[c.kind], c.one, c.many))
	}
	out := []Line{say(Good, "✓ ", snapshotOf(s), " written to ", path, ": ", strings.Join(parts, ", "))}
	for _, g := range s.Gaps {
		out = append(out, say(Warn, "? ", Gap(g)))
	}
	return out
}

func snapshotOf(s access.Snapshot) string {
	for _, api := range []string{"eks", "kube"} {
		if r := s.Realm(api); r != "" {
			return "snapshot of " + word(r.Name()) + " at " + When(s.At)
		}
	}
	return "snapshot at " + When(s.At)
}

// remarks are about the files of a folder. {0} is an argument.
var remarks = map[access.Code]string{
	archive.Foreign:  "is left out: it is not what kubectl get -o json|yaml or aws eks prints",
	archive.Secrets:  "holds Secrets, which are left out: nothing here reads them, and they should not travel",
	archive.Unneeded: "holds {0}, which say nothing about who can do what: left out",
	archive.Part:     "may not be all of the cluster's {0}: the rest counts as unknown",
}

// plural is a kind as a remark says it.
func plural(kind string) string {
	if u, ok := unread[access.Kind(kind)]; ok {
		return u.what
	}
	return "objects of kind " + word(kind)
}

// Remark says what is worth knowing of a folder's file.
func Remark(r archive.Remark) Line {
	text := remarks[r.Code]
	if len(r.Args) > 0 {
		text = strings.ReplaceAll(text, "{0}", plural(r.Args[0]))
	}
	return say(pick(r.Code == archive.Unneeded, Note, Warn), pick(r.Code == archive.Unneeded, "i ", "▲ "), r.File, " ", text)
}
