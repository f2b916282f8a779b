package report

import (
	"fmt"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// StepTitle names the object of a step, and for an update what changes in it. The
// sign is the step's own: Step.Sign.
func StepTitle(s access.Step) string {
	if s.Before == nil && s.After == nil {
		return "nothing"
	}
	k := s.Key()
	switch o := pick(s.After != nil, s.After, s.Before).(type) {
	case access.AccessEntry:
		return Safe(strings.TrimRight("access entry  "+who(o.Principal)+"  "+entryChange(s), " "))
	case access.PolicyAssociation:
		return Safe(access.PolicyName(o.Policy) + "  " + scopeChange(s, o) + "  " + who(o.Principal))
	case access.AuthMode:
		was, is := "", string(o.Mode)
		if b, ok := s.Before.(access.AuthMode); ok && s.After != nil {
			was = string(b.Mode) + " → "
		}
		return Safe("authentication mode  " + was + is)
	case access.AuthMap:
		return Safe(strings.TrimRight("aws-auth  "+mapChange(s), " "))
	}
	name := word(k.Name)
	if k.Namespace != "" {
		name = word(k.Namespace) + "/" + name
	}
	return Safe(string(k.Kind) + "  " + name)
}

func entryChange(s access.Step) string {
	a, aok := s.Before.(access.AccessEntry)
	b, bok := s.After.(access.AccessEntry)
	if !aok || !bok {
		return ""
	}
	var parts []string
	if a.Username != b.Username {
		parts = append(parts, "username")
	}
	gone, come := without(a.Groups, b.Groups), without(b.Groups, a.Groups)
	if len(gone)+len(come) > 0 {
		text := "groups"
		for _, g := range come {
			text += " + " + word(g)
		}
		for _, g := range gone {
			text += " − " + word(g)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func scope(s access.PolicyScope) string {
	if s.Cluster {
		return "cluster"
	}
	return strings.Join(words(sortedSet(s.Namespaces)), ",")
}

// scopeChange is where a policy counts; of one that counts elsewhere then, from where it
// goes and to where, and among many namespaces which.
func scopeChange(s access.Step, o access.PolicyAssociation) string {
	b, ok := s.Before.(access.PolicyAssociation)
	if !ok || s.After == nil || scope(b.Scope) == scope(o.Scope) {
		return scopeWords(o.Scope)
	}
	text := scopeWords(b.Scope) + " → " + scopeWords(o.Scope)
	if b.Scope.Cluster || o.Scope.Cluster || max(len(b.Scope.Namespaces), len(o.Scope.Namespaces)) <= scopeSaid {
		return text
	}
	if come := words(without(sortedSet(o.Scope.Namespaces), b.Scope.Namespaces)); len(come) > 0 {
		text += "  + " + and(come, scopeSaid)
	}
	if gone := words(without(sortedSet(b.Scope.Namespaces), o.Scope.Namespaces)); len(gone) > 0 {
		text += "  − " + and(gone, scopeSaid)
	}
	return text
}

// scopeWords is a scope in a title: many namespaces are counted, since the fields have all.
func scopeWords(s access.PolicyScope) string {
	if n := len(sortedSet(s.Namespaces)); !s.Cluster && n > scopeSaid {
		return itoa(n) + " namespaces"
	}
	return scope(s)
}

const scopeSaid = 4

// StepCall is the API call that a step makes.
func StepCall(s access.Step) string {
	if s.Before == nil && s.After == nil {
		return "none"
	}
	k := s.Key()
	if calls, ok := eksCalls[k.Kind]; ok {
		return "eks:" + calls[strings.IndexByte("+~-", s.Sign())]
	}
	verb := map[byte]string{'+': "create", '~': "update", '-': "delete"}[s.Sign()]
	if k.Kind == access.AuthMapKind {
		return "kube: " + verb + " configmap kube-system/aws-auth"
	}
	in := ""
	if k.Namespace != "" {
		in = word(k.Namespace) + "/"
	}
	return Safe("kube: " + verb + " " + strings.ToLower(string(k.Kind)) + " " + in + word(k.Name))
}

// eksCalls are the calls that create, update and delete. Associating again replaces
// the scope (EKS API reference, AssociateAccessPolicy).
var eksCalls = map[access.Kind][3]string{
	access.EntryKind:       {"CreateAccessEntry", "UpdateAccessEntry", "DeleteAccessEntry"},
	access.AssociationKind: {"AssociateAccessPolicy", "AssociateAccessPolicy", "DisassociateAccessPolicy"},
	access.AuthModeKind:    {"UpdateClusterConfig", "UpdateClusterConfig", "UpdateClusterConfig"},
}

// StepWhy is the reason for a step.
func StepWhy(s access.Step) string {
	if m, ok := s.After.(access.AuthMode); ok && s.Why == access.WhyMode && m.Mode == access.APIMode {
		return "from here on only access entries count, aws-auth is not read; EKS never goes back"
	}
	if s.Why == access.WhyUndo && len(s.Args) > 0 {
		if text, ok := undone[access.Code(s.Args[0])]; ok {
			return text
		}
	}
	if text, ok := whys[s.Why]; ok {
		return fill(text, access.Finding{Args: s.Args})
	}
	return Safe(string(s.Why))
}

var whys = map[access.Code]string{
	access.WhyMode:         "access entries count from here on; EKS never goes back",
	access.WhyBridge:       "a fresh group with all rights, so that the entries carry them while the policies take effect",
	access.WhyBridgeOff:    "the policy reads back and had time to count; the bridge group is not needed any more",
	access.WhyBridgeDrop:   "no entry uses the bridge any more",
	access.WhyEntry:        "maps {p0} in one call, user name and groups together: an entry replaces an aws-auth mapping at once",
	access.WhyEntryOpen:    "an entry replaces the aws-auth mapping at once, and no bridge can be built: {p0} is without rights until the next step counts",
	access.WhyEntryBridged: "an entry replaces the aws-auth mapping at once; the bridge group carries the rights until the policy is in force",
	access.WhyPolicy:       "gives the rights of {0} {i1}",
	access.WhyPolicyScope:  "associating replaces the scope, so the old namespaces are named again: {1}",
	access.WhyRetire:       "the access entry of {P} reads back and had time to count; its aws-auth item is not needed any more",
	access.WhyMapping:      "tells the cluster which identity {p0} has",
	access.WhySubject:      "an entry can't have the user name {0}; the bindings name {1} beside it first",
	access.WhyNamespace:    "the grant needs the namespace {0}",
	access.WhyRole:         "says what may be done",
	access.WhyExtend:       "adds the rules that {0} lacks, and takes none away",
	access.WhyBind:         "gives {0} to {1}",
	access.WhyGroups:       "puts {p0} in {1}",
	access.WhyRevoke:       "{p0} shall not have it any more",
	access.WhyRevokeItem:   "{P} shall have no access; the items go before the entry, which hides them as long as it is there",
	access.WhyUnbind:       "nobody shall get this as {0} any more",
	access.WhyScope:        "associating replaces the scope: it counts {i1} and nowhere else",
	access.WhyNodeEntry:    "lets the nodes of {p0} in, as type {1}; EKS says which user and groups they become",
	access.WhyDead:         "it gives nothing, and stands in the way of an entry that does",
	access.WhyRetype:       "EKS changes the type of no access entry: it is deleted, and made again as {1}",
	access.WhyUndo:         "takes back what a step did",
}

// undone says what taking back a step is for, by the step's own reason.
var undone = map[access.Code]string{
	access.WhyBridge:       "the bridge is not needed any more",
	access.WhyBridgeOff:    "puts the entry on the bridge, so that nothing is missing while the policy goes",
	access.WhyBridgeDrop:   "builds the bridge that carries the rights while the policy goes",
	access.WhyEntry:        "deletes the entry that the change made",
	access.WhyEntryBridged: "deletes the entry; its aws-auth mapping counts again from that moment",
	access.WhyEntryOpen:    "deletes the entry; its aws-auth mapping counts again from that moment",
	access.WhyPolicy:       "takes the policy off again",
	access.WhyPolicyScope:  "puts the former scope back",
	access.WhyScope:        "puts the former scope back",
	access.WhyNodeEntry:    "deletes the entry that the change made; the aws-auth item counts again from that moment",
	access.WhyRetype:       "EKS changes the type of no access entry: it is deleted, and made again as it was",
	access.WhyRetire:       "puts the aws-auth item back; it counts when the entry is gone",
	access.WhyMapping:      "takes the aws-auth item out again",
	access.WhySubject:      "takes the second name out of the binding",
	access.WhyNamespace:    "deletes the namespace that the change made",
	access.WhyRole:         "deletes the role that the change made",
	access.WhyExtend:       "takes the added rules away again",
	access.WhyBind:         "takes the grant back",
	access.WhyGroups:       "puts the former identity back",
	access.WhyRevoke:       "gives back what was taken",
	access.WhyRevokeItem:   "puts the aws-auth item back",
	access.WhyUnbind:       "puts the name back into the binding",
}

// mapChange says which items of aws-auth a step takes out or puts in.
func mapChange(s access.Step) string {
	gone, come := itemChanges(s)
	switch {
	case s.Before == nil && len(come) == 0:
		return "new, empty"
	case len(gone)+len(come) == 0:
		return "text only"
	}
	var parts []string
	for _, section := range sections(gone) {
		var lines, names []string
		for _, m := range gone {
			if string(m.Item.Section) == section {
				lines, names = append(lines, fmt.Sprint(m.Line())), append(names, Name(m.Principal))
			}
		}
		parts = append(parts, "− "+pick(len(lines) == 1, "line ", "lines ")+and(lines, 8)+" ("+section+")  "+and(names, 2))
	}
	for _, section := range sections(come) {
		var names []string
		for _, m := range come {
			if string(m.Item.Section) == section {
				names = append(names, Name(m.Principal))
			}
		}
		parts = append(parts, "+ "+and(names, 2)+" ("+section+")")
	}
	return strings.Join(parts, "  ")
}

func sections(ms []access.Mapping) []string {
	var out []string
	for _, m := range ms {
		if s := string(m.Item.Section); len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}
