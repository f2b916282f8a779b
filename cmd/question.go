package cmd

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// asked is a question as people write it: VERB TYPE[.GROUP][/SUB] [NAME], or VERB URL.
type asked struct {
	Verb, Type, Name string
	Subresource      string
	Namespace        string
	All              bool // all namespaces
}

// add are the flags of a question, as kubectl auth can-i has them.
func (a *asked) add(f *pflag.FlagSet, all string) {
	f.StringVarP(&a.Namespace, "namespace", "n", "", "in this namespace (default: the context's)")
	f.BoolVarP(&a.All, "all-namespaces", "A", false, all)
	f.StringVar(&a.Subresource, "subresource", "", "about this subresource, such as log or scale")
}

// take reads the arguments behind the principal.
func (a *asked) take(args []string, f *pflag.FlagSet) error {
	a.Verb, a.Type = args[0], args[1]
	if len(args) > 2 {
		a.Name = args[2]
	}
	switch {
	case a.Type == "" || strings.ContainsAny(a.Type, " \t,"):
		return usage("%q is no resource type: name one, such as pods, deployments.apps or pods/log", a.Type)
	case len(args) > 2 && a.Name == "":
		return usage("the NAME is empty (an unset variable?): leave it out to ask about all")
	case f.Changed("namespace") && a.Namespace == "":
		return usage("--namespace is empty (an unset variable?): name a namespace, or ask with -A")
	case a.Namespace != "" && a.All:
		return usage("--namespace and --all-namespaces contradict each other: leave one out")
	case a.url() && (a.Name != "" || a.Subresource != ""):
		return usage("%s is a URL: it has no NAME and no subresource", a.Type)
	}
	return nil
}

// about are the arguments that ask about the same with another verb.
func (a asked) about() []string {
	out := []string{a.Type}
	if a.Name != "" {
		out = append(out, a.Name)
	}
	if a.Subresource != "" {
		out = append(out, "--subresource", a.Subresource)
	}
	if a.Namespace != "" {
		out = append(out, "-n", a.Namespace)
	}
	if a.All {
		out = append(out, "-A")
	}
	return out
}

func (a asked) url() bool { return strings.HasPrefix(a.Type, "/") }

// types knows the resource types of a cluster.
type types interface {
	Resolve(word string) (access.Resource, bool)
	Words() []string
	Live() bool          // a server was asked
	Unread() []string    // groups of it that did not answer
	Undiscovered() error // why it was not
}

// inquiry is a cluster that was read, and the types its server serves.
type inquiry struct {
	ix    *access.Index
	types types
	home  string // the namespace that is meant when none is named
}

// inquire reads the cluster and its types at once.
func (e *env) inquire(ctx context.Context, t target) (inquiry, error) {
	w, err := e.open(ctx, t)
	if err != nil {
		return inquiry{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var known types
	var asking sync.WaitGroup
	asking.Go(func() { known = w.types(ctx) })
	s, err := w.read(ctx)
	if err == nil {
		err = absent(s)
	}
	if err != nil {
		cancel() // nobody needs the types any more
	}
	asking.Wait()
	if err != nil {
		return inquiry{}, err
	}
	return inquiry{access.NewIndex(s), known, w.home()}, nil
}

// question is what is asked of the index, and what to say about it beside the answer.
type question struct {
	requests []access.Request // all must be allowed
	anywhere bool             // the namespace is open
	meant    string           // the type that a word was taken for
	assumed  string           // the namespace that was taken, since none is named
	notes    []report.Line
}

// question turns words into requests.
func (in inquiry) question(a asked) (question, error) {
	needs, notes, err := expand(a.Verb, a.url())
	if err != nil {
		return question{}, err
	}
	q := question{notes: notes}
	base := access.Request{Name: a.Name}
	if a.url() {
		if a.Namespace != "" {
			q.note(report.Hint("a URL is in no namespace: --namespace is left out"))
		}
		base.URL = a.Type
		q.requests = []access.Request{needs[0].request(base)}
		return q, nil
	}
	word, sub, slash := strings.Cut(a.Type, "/")
	switch {
	case slash && sub == "":
		return q, usage("%s: the subresource behind the slash is empty", a.Type)
	case slash && a.Subresource != "" && a.Subresource != sub:
		return q, usage("%s and --subresource=%s contradict each other: leave one out", a.Type, a.Subresource)
	case !slash:
		sub = a.Subresource
	}
	typ, err := in.resolve(word, &q)
	if err != nil {
		return q, err
	}
	base.Group, base.Resource, base.Subresource = typ.Group, typ.Name, sub
	if sub != "" && typ.Kind != "" && !typ.Has(sub) {
		q.note(report.Doubt("%s has no subresource %s; if that is a name, write it behind a blank: %s %s", typ, sub, word, sub))
	}
	for _, n := range needs {
		r := n.request(base)
		own := typ
		if r.Resource != base.Resource || r.Group != base.Group {
			own, _ = in.types.Resolve(r.Resource)
		}
		q.requests = append(q.requests, in.place(a, r, own, &q))
	}
	return q, nil
}

// asked says to a person in which namespace it was asked, where they named none.
func (e *env) asked(q question, more string) {
	if e.terminal && q.assumed != "" {
		e.say(report.AskedIn(q.assumed, more))
	}
}

func (q *question) note(l report.Line) {
	if !slices.Contains(q.notes, l) {
		q.notes = append(q.notes, l)
	}
}

// resolve finds the type that a word names. What nobody knows is taken as written when
// its group is named: the answer to a slip of the fingers would be a wrong no.
func (in inquiry) resolve(word string, q *question) (access.Resource, error) {
	typ, known := in.types.Resolve(word)
	if err := in.types.Undiscovered(); err != nil {
		q.note(report.Doubt("types are taken from the table of built-in ones: %v", err))
	}
	grouped := strings.Contains(word, ".")
	if !known && !grouped {
		if g := in.named(typ.Name); len(g) == 1 && !in.types.Live() {
			typ.Group = g[0]
			q.note(report.Hint("%s is no built-in type; roles of this cluster name it in group %s", word, g[0]))
			return typ, nil
		}
	}
	near := nearest(typ.Name, in.types.Words())
	switch {
	case known && in.types.Live() && !typ.Served:
		q.note(report.Doubt("the server does not serve %s", typ))
	case known:
	case !grouped && near != "":
		return typ, usage("no resource type %q; did you mean %q?\nto ask about a type that nobody serves, write it with its group: %s.GROUP", word, near, word)
	case !grouped:
		return typ, usage("no resource type %q\nif it is a custom resource, write it with its group: %s.GROUP", word, word)
	case in.types.Live() && !slices.Contains(in.types.Unread(), typ.Group):
		q.note(report.Doubt("the server does not serve %s; it is asked as written", typ))
	default:
		q.note(report.Doubt("%s is no built-in type; it is asked as written, and was not checked", typ))
	}
	q.meant = report.Meant(word, typ)
	return typ, nil
}

// named are the groups in which roles of the cluster name a type.
func (in inquiry) named(name string) []string {
	var out []string
	for _, r := range access.Of[access.Role](in.ix.Snapshot().Objects) {
		for _, rule := range r.Rules {
			if slices.Contains(rule.Resources, name) {
				out = append(out, rule.APIGroups...)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(g string) bool { return g == "" || g == "*" })
}

// place puts a request where it is asked.
func (in inquiry) place(a asked, r access.Request, typ access.Resource, q *question) access.Request {
	namespace := in.home
	switch {
	case r.Inside():
		if a.Namespace != "" && a.Namespace != r.Name {
			q.note(report.Hint("a namespace is asked about in itself: --namespace is left out"))
		}
		q.anywhere = q.anywhere || a.All && r.Name == ""
	case !typ.Namespaced:
		if a.Namespace != "" {
			q.note(report.Hint("%s is in no namespace: --namespace is left out", typ))
		}
	case a.All:
		q.anywhere, namespace = true, ""
	default:
		if a.Namespace != "" {
			namespace = a.Namespace
		} else {
			q.assumed = namespace
			if slices.Contains(in.ix.Namespaces(), r.Name) {
				q.note(report.MeantNamespace(r.Name, namespace))
			}
		}
		in.exists(namespace, q)
	}
	return r.In(namespace, typ.Namespaced)
}

func (in inquiry) exists(namespace string, q *question) {
	for _, l := range unmade(in.ix, namespace) {
		q.note(l)
	}
}
