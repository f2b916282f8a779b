package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// question is what is asked of everybody: VERB TYPE[.GROUP][/SUB] [NAME], or VERB
// /URL, in a namespace, in the whole cluster ("") or, anywhere, in any namespace.
type question struct {
	request   access.Request
	kind      kind
	anywhere  bool
	namespace string // where the person was when it was asked
}

// firstQuestion is asked when nobody asked one yet: reading secrets is what most
// roads to more go through.
const firstQuestion = "get secrets"

// commands are words that people know from kubectl, and the verbs behind them.
var commands = map[string]string{
	"describe": "get", "read": "get", "view": "get", "edit": "update", "write": "update", "apply": "patch", "label": "patch", "annotate": "patch",
	"exec": "create pods/exec", "attach": "create pods/attach", "cp": "create pods/exec", "logs": "get pods/log", "log": "get pods/log",
	"port-forward": "create pods/portforward", "scale": "update deployments.apps/scale", "rollout": "patch", "run": "create", "remove": "delete",
}

// usual reports whether the verb is one that rules commonly have.
func (q question) usual() bool {
	return slices.Contains(commonVerbs, q.request.Verb) || slices.Contains([]string{"use", "approve", "sign", "attest", "head", "post", "put", "options"}, q.request.Verb)
}

// parseQuestion reads what was typed; bad says what is missing or not understood.
func parseQuestion(text, namespace string, ks []kind) (q question, bad string) {
	words := strings.Fields(text)
	q.namespace = namespace
	switch {
	case len(words) == 0:
		return q, "a verb and a type: get secrets, delete deployments, create pods/exec"
	case len(words) == 1:
		return q, "and a type: " + report.Safe(words[0]) + " pods, " + report.Safe(words[0]) + " secrets"
	case len(words) > 3:
		return q, "a verb, a type and perhaps a name: nothing more"
	}
	q.request.Verb = strings.ToLower(words[0])
	if ask, ok := commands[q.request.Verb]; ok {
		return q, q.request.Verb + " is a command, not a verb of the API: ask " + ask
	}
	if strings.HasPrefix(words[1], "/") {
		if len(words) > 2 {
			return q, "a URL has no name"
		}
		q.request.URL, q.kind.cluster = words[1], true
		return q, ""
	}
	k, ok := kindNamed(ks, words[1])
	if !ok {
		return q, report.Safe(words[1]) + " is no type known here: write it as TYPE.GROUP"
	}
	q.kind, q.request.Group = k, k.group
	q.request.Resource, q.request.Subresource, _ = strings.Cut(k.name, "/")
	if len(words) == 3 {
		q.request.Name = words[2]
	}
	q.request = q.request.In(namespace, !k.cluster)
	return q, ""
}

// about is the question of a rule: its first verb on its first resource.
func about(r access.Rule, namespace string, ks []kind) question {
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	q := question{request: access.Request{Verb: first(r.Verbs)}, namespace: namespace}
	if len(r.Resources) == 0 {
		q.request.URL, q.kind.cluster = first(r.NonResourceURLs), true
		return q
	}
	q.kind = kind{group: first(r.APIGroups), name: first(r.Resources)}
	if i := slices.IndexFunc(ks, func(k kind) bool { return k.group == q.kind.group && k.name == q.kind.name }); i >= 0 {
		q.kind = ks[i]
	}
	q.request.Group, q.request.Name = q.kind.group, first(r.ResourceNames)
	q.request.Resource, q.request.Subresource, _ = strings.Cut(q.kind.name, "/")
	q.request = q.request.In(namespace, !q.kind.cluster)
	return q
}

// String is the question as it is typed.
func (q question) String() string {
	what := q.request.URL
	if what == "" {
		name, sub, isSub := strings.Cut(q.kind.name, "/")
		what = kind{group: q.kind.group, name: name}.String()
		if isSub {
			what += "/" + sub
		}
		if q.kind.group == "*" && q.kind.name == "*" {
			what = "*"
		}
	}
	return strings.TrimSpace(q.request.Verb + " " + what + " " + q.request.Name)
}

// place is where it is asked, in words.
func (q question) place() string {
	switch {
	case q.anywhere && !q.kind.cluster:
		return "in any namespace"
	case q.request.Namespace == "":
		return "in the whole cluster"
	}
	return "in namespace " + report.Safe(q.request.Namespace)
}

// complete are the words that could stand at the end of a text, most asked first, and
// what is before them.
func complete(text string, ks []kind) (before string, words []string) {
	at := strings.LastIndexByte(text, ' ') + 1
	before, word := text[:at], strings.ToLower(text[at:])
	var all []string
	switch len(strings.Fields(before)) {
	case 0:
		all = commonVerbs
	case 1:
		for _, k := range ks {
			if k.group == "*" {
				all = append(all, "*")
				continue
			}
			all = append(all, question{kind: k}.String())
		}
	}
	var near []string
	for _, w := range all {
		switch {
		case strings.HasPrefix(w, word):
			words = append(words, w)
		case strings.Contains(w, word):
			near = append(near, w)
		}
	}
	if k, ok := kindNamed(ks, word); ok && len(strings.Fields(before)) == 1 && word != "" {
		means := question{kind: k}.String() // what a short name means comes first
		if !slices.Contains(words, means) {
			words = append([]string{means}, slices.DeleteFunc(words, func(w string) bool { return w == means })...)
			near = slices.DeleteFunc(near, func(w string) bool { return w == means })
		}
	}
	return before, append(words, near...)
}
