package cmd

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// The verbs that requests have (k8s.io/kubectl pkg/cmd/auth cani.go knows the same).
var (
	resourceVerbs = []string{"*", "approve", "attest", "bind", "create", "delete", "deletecollection", "escalate", "get", "impersonate", "list", "patch", "sign", "update", "use", "watch"}
	urlVerbs      = []string{"*", "delete", "get", "head", "options", "patch", "post", "put"}
)

// need is one request that a kubectl command makes. An empty resource is the one that
// was named.
type need struct{ verb, resource, subresource string }

// commands are kubectl's commands that people take for verbs, and the requests that
// they cannot do without.
var commands = map[string][]need{
	"annotate":     {{verb: "get"}, {verb: "patch"}},
	"apply":        {{verb: "get"}, {verb: "create"}, {verb: "patch"}},
	"attach":       {{"create", "pods", "attach"}},
	"cordon":       {{"patch", "nodes", ""}},
	"cp":           {{"create", "pods", "exec"}},
	"debug":        {{"patch", "pods", "ephemeralcontainers"}},
	"describe":     {{verb: "get"}, {verb: "list"}},
	"edit":         {{verb: "get"}, {verb: "patch"}},
	"evict":        {{"create", "pods", "eviction"}},
	"exec":         {{"create", "pods", "exec"}},
	"label":        {{verb: "get"}, {verb: "patch"}},
	"logs":         {{"get", "pods", "log"}},
	"port-forward": {{"create", "pods", "portforward"}},
	"read":         {{verb: "get"}, {verb: "list"}, {verb: "watch"}},
	"replace":      {{verb: "get"}, {verb: "update"}},
	"restart":      {{verb: "get"}, {verb: "patch"}},
	"run":          {{"create", "pods", ""}},
	"scale":        {{verb: "patch", subresource: "scale"}},
	"taint":        {{"patch", "nodes", ""}},
	"uncordon":     {{"patch", "nodes", ""}},
	"write":        {{verb: "create"}, {verb: "update"}, {verb: "patch"}, {verb: "delete"}},
}

// expand turns a verb into what requests ask for it, with a word where that is not the
// verb itself. An error is a slip of the fingers, which must not be answered with no.
func expand(verb string, url bool) ([]need, []report.Line, error) {
	known := resourceVerbs
	if url {
		known = urlVerbs
	}
	if slices.Contains(known, verb) {
		return []need{{verb: verb}}, nil, nil
	}
	if verb == "" || strings.ContainsAny(verb, " \t") {
		return nil, nil, usage("%q is no verb: want one such as get, list, create, delete", verb)
	}
	if needs, ok := commands[strings.ToLower(verb)]; ok && !url {
		words := make([]string, len(needs))
		for i, n := range needs {
			words[i] = n.String()
		}
		return needs, []report.Line{report.Hint("%s is no verb of requests; it needs %s, and that is asked", verb, strings.Join(words, " and "))}, nil
	}
	if near := nearest(verb, known); near != "" && len(verb) > 2 {
		return nil, nil, usage("no request has the verb %q; did you mean %q?", verb, near)
	}
	return []need{{verb: verb}}, []report.Line{report.Doubt("no request of Kubernetes itself has the verb %s; it is asked as written", verb)}, nil
}

func (n need) String() string {
	text := n.verb
	if n.resource != "" {
		text += " " + n.resource
	}
	if n.subresource != "" {
		text += "/" + n.subresource
	}
	return strings.Replace(text, " /", "/", 1)
}

// request is the need about what was named.
func (n need) request(q access.Request) access.Request {
	q.Verb = n.verb
	if n.resource != "" {
		q.Group, q.Resource, q.Subresource = "", n.resource, n.subresource
	} else if n.subresource != "" {
		q.Subresource = n.subresource
	}
	return q
}
