package cmd

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/eks-access/kubectl-eks-access/access"
)

// questionOf parses a question as the program does.
func questionOf(args ...string) (got any, err error) {
	e := &env{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	root := newRoot(e, runs{canI: note[canIRequest](&got), whoCan: note[whoCanRequest](&got), compare: note[compareRequest](&got)})
	root.SetArgs(args)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err = root.Execute()
	return got, err
}

func TestQuestionsBecomeRequests(t *testing.T) {
	here := target{Server: plainServer}
	in := func(context string) target { return target{Context: context, Server: plainServer} }
	for args, want := range map[string]any{
		"can-i p get pods":                     canIRequest{Target: here, Principal: "p", Asked: asked{Verb: "get", Type: "pods"}},
		"can-i p get pods web-0 -n x --why":    canIRequest{Target: here, Principal: "p", Asked: asked{Verb: "get", Type: "pods", Name: "web-0", Namespace: "x"}, Why: true},
		"can-i p get pods --subresource log":   canIRequest{Target: here, Principal: "p", Asked: asked{Verb: "get", Type: "pods", Subresource: "log"}},
		"can-i p get /healthz -q":              canIRequest{Target: here, Principal: "p", Asked: asked{Verb: "get", Type: "/healthz"}, Quiet: true},
		"can-i p * * -A -o json":               canIRequest{Target: here, Principal: "p", Asked: asked{Verb: "*", Type: "*", All: true}, Output: "json"},
		"who-can get pods/log -A --no-headers": whoCanRequest{Target: here, Asked: asked{Verb: "get", Type: "pods/log", All: true}, Output: "table", NoHeaders: true},
		"who-can get cm aws-auth -n x -o wide": whoCanRequest{Target: here, Asked: asked{Verb: "get", Type: "cm", Name: "aws-auth", Namespace: "x"}, Output: "wide"},
		"compare a b":                          compareRequest{Targets: [2]target{here, here}, A: "a", B: "b"},
		"compare a b --context c":              compareRequest{Targets: [2]target{in("c"), in("c")}, A: "a", B: "b"},
		"compare a --context c --context d":    compareRequest{Targets: [2]target{in("c"), in("d")}, A: "a", B: "a"},
		"compare a b --context c --context d":  compareRequest{Targets: [2]target{in("c"), in("d")}, A: "a", B: "b"},
	} {
		t.Run(args, func(t *testing.T) {
			got, err := questionOf(strings.Fields(args)...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	for args, words := range map[string]string{
		"can-i":                                         "want PRINCIPAL VERB TYPE",
		"can-i p get":                                   "want PRINCIPAL VERB TYPE",
		"can-i p get pods x y":                          "want PRINCIPAL VERB TYPE",
		"can-i p get pods,services":                     "is no resource type",
		"can-i p get pods -n x -A":                      "contradict",
		"can-i p get pods --namespace=":                 "empty",
		"can-i p get /healthz x":                        "is a URL",
		"can-i p get pods -q --why":                     "--quiet says nothing",
		"can-i p get pods -o table":                     "text, json or yaml",
		"who-can get":                                   "want VERB TYPE",
		"who-can get pods -o jsonpath={.items}":         "want table, wide, json, yaml, name",
		"compare":                                       "want two PRINCIPALs",
		"compare a":                                     "compared with what",
		"compare a --context b":                         "compared with what",
		"compare a --context=b --context=c --context=d": "3 contexts",
		"compare a --context=b --context=c --cluster-name=d": "leave --demo",
	} {
		t.Run(args, func(t *testing.T) {
			got, err := questionOf(strings.Fields(args)...)
			if err == nil {
				t.Fatalf("understood as %+v", got)
			}
			if !strings.Contains(err.Error(), words) {
				t.Errorf("says %q, without %q", err, words)
			}
		})
	}
}

// served is a server's discovery without deployments, which has a group that did not answer.
type servedTypes struct{ types }

func (s servedTypes) Live() bool       { return true }
func (s servedTypes) Unread() []string { return []string{"broken.example.com"} }
func (s servedTypes) Resolve(word string) (access.Resource, bool) {
	r, known := s.types.Resolve(word)
	r.Served = known && r.Name != "deployments"
	return r, known
}

func TestWordsOfAQuestion(t *testing.T) {
	snap := access.Snapshot{Realms: []access.Realm{"kube:c"}, Objects: access.Objects{}.With(
		access.Namespace{In: "kube:c", Name: "default"}, access.Namespace{In: "kube:c", Name: "x"},
		access.Role{In: "kube:c", Namespace: "x", Name: "r", Rules: []access.Rule{{Verbs: []string{"get"}, APIGroups: []string{"example.com"}, Resources: []string{"wombats"}}}},
	)}
	in := inquiry{access.NewIndex(snap), (&world{}).types(t.Context()), "default"}
	asking := in
	asking.types = servedTypes{in.types}
	for name, tc := range map[string]struct {
		in    inquiry
		a     asked
		want  []access.Request
		notes string // a part of the remarks
		any   bool
	}{
		"short name":            {in, asked{Verb: "get", Type: "deploy"}, []access.Request{{Verb: "get", Group: "apps", Resource: "deployments", Namespace: "default"}}, "", false},
		"subresource":           {in, asked{Verb: "get", Type: "po/log", Name: "web", Namespace: "x"}, []access.Request{{Verb: "get", Resource: "pods", Subresource: "log", Name: "web", Namespace: "x"}}, "", false},
		"subresource by flag":   {in, asked{Verb: "get", Type: "po", Subresource: "log", Namespace: "x"}, []access.Request{{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "x"}}, "", false},
		"everything":            {in, asked{Verb: "*", Type: "*", All: true}, []access.Request{{Verb: "*", Group: "*", Resource: "*"}}, "", true},
		"all of a group":        {in, asked{Verb: "get", Type: "*.apps"}, []access.Request{{Verb: "get", Group: "apps", Resource: "*", Namespace: "default"}}, "", false},
		"scale of everything":   {in, asked{Verb: "get", Type: "*/scale"}, []access.Request{{Verb: "get", Group: "*", Resource: "*", Subresource: "scale", Namespace: "default"}}, "", false},
		"no namespace":          {in, asked{Verb: "get", Type: "nodes", Namespace: "x"}, []access.Request{{Verb: "get", Resource: "nodes"}}, "nodes is in no namespace", false},
		"no namespace, all":     {in, asked{Verb: "get", Type: "nodes", All: true}, []access.Request{{Verb: "get", Resource: "nodes"}}, "", false},
		"a namespace":           {in, asked{Verb: "get", Type: "ns", Name: "x"}, []access.Request{{Verb: "get", Resource: "namespaces", Name: "x", Namespace: "x"}}, "", false},
		"a namespace elsewhere": {in, asked{Verb: "get", Type: "ns", Name: "x", Namespace: "y"}, []access.Request{{Verb: "get", Resource: "namespaces", Name: "x", Namespace: "x"}}, "in itself: --namespace is left out", false},
		"a new namespace":       {in, asked{Verb: "create", Type: "ns", Name: "y"}, []access.Request{{Verb: "create", Resource: "namespaces", Name: "y"}}, "", false},
		"one of a list":         {in, asked{Verb: "list", Type: "ns", Name: "x"}, []access.Request{{Verb: "list", Resource: "namespaces", Name: "x"}}, "", false},
		"any namespace":         {in, asked{Verb: "get", Type: "ns", All: true}, []access.Request{{Verb: "get", Resource: "namespaces"}}, "", true},
		"a list of all":         {in, asked{Verb: "list", Type: "ns", All: true}, []access.Request{{Verb: "list", Resource: "namespaces"}}, "", false},
		"the type of a group":   {in, asked{Verb: "get", Type: "namespaces.example.com", Name: "x"}, []access.Request{{Verb: "get", Group: "example.com", Resource: "namespaces", Name: "x", Namespace: "default"}}, "was not checked", false},
		"a URL":                 {in, asked{Verb: "get", Type: "/metrics"}, []access.Request{{Verb: "get", URL: "/metrics"}}, "", false},
		"who is not there":      {in, asked{Verb: "get", Type: "pods", Namespace: "nope"}, []access.Request{{Verb: "get", Resource: "pods", Namespace: "nope"}}, "there is no namespace nope", false},
		"to impersonate":        {in, asked{Verb: "impersonate", Type: "users", Name: "bob"}, []access.Request{{Verb: "impersonate", Resource: "users", Name: "bob"}}, "", false},
		"a command":             {in, asked{Verb: "Apply", Type: "cm"}, []access.Request{{Verb: "get", Resource: "configmaps", Namespace: "default"}, {Verb: "create", Resource: "configmaps", Namespace: "default"}, {Verb: "patch", Resource: "configmaps", Namespace: "default"}}, "it needs get and create and patch", false},
		"a command on nodes":    {in, asked{Verb: "cordon", Type: "no", Name: "n1", Namespace: "x"}, []access.Request{{Verb: "patch", Resource: "nodes", Name: "n1"}}, "patch nodes", false},
		"a role names it":       {in, asked{Verb: "get", Type: "wombats"}, []access.Request{{Verb: "get", Group: "example.com", Resource: "wombats", Namespace: "default"}}, "in group example.com", false},
		"with its group":        {in, asked{Verb: "get", Type: "Gnus.example.com"}, []access.Request{{Verb: "get", Group: "example.com", Resource: "gnus", Namespace: "default"}}, "was not checked", false},
		"not served":            {asking, asked{Verb: "get", Type: "deploy"}, []access.Request{{Verb: "get", Group: "apps", Resource: "deployments", Namespace: "default"}}, "does not serve deployments.apps", false},
		"not served, a group":   {asking, asked{Verb: "get", Type: "gnus.example.com"}, []access.Request{{Verb: "get", Group: "example.com", Resource: "gnus", Namespace: "default"}}, "does not serve gnus.example.com", false},
		"a group did not say":   {asking, asked{Verb: "get", Type: "gnus.broken.example.com"}, []access.Request{{Verb: "get", Group: "broken.example.com", Resource: "gnus", Namespace: "default"}}, "was not checked", false},
		"a name behind a slash": {asking, asked{Verb: "get", Type: "pods/web-0"}, []access.Request{{Verb: "get", Resource: "pods", Subresource: "web-0", Namespace: "default"}}, "write it behind a blank: pods web-0", false},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := tc.in.question(tc.a)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, q.requests); d != "" {
				t.Error(d)
			}
			var notes []string
			for _, n := range q.notes {
				notes = append(notes, n.Text)
			}
			if said := strings.Join(notes, "\n"); !strings.Contains(said, tc.notes) || tc.notes == "" && said != "" {
				t.Errorf("it says %q, want %q", said, tc.notes)
			}
			if q.anywhere != tc.any {
				t.Errorf("anywhere is %v", q.anywhere)
			}
		})
	}
	for name, tc := range map[string]struct {
		in    inquiry
		a     asked
		words string
	}{
		"a served type that is no type": {asking, asked{Verb: "get", Type: "wombats"}, "wombats.GROUP"},
		"a slip":                        {in, asked{Verb: "get", Type: "secretss"}, `did you mean "secrets"`},
		"a slip in the verb":            {in, asked{Verb: "delte", Type: "pods"}, `did you mean "delete"`},
		"two subresources":              {in, asked{Verb: "get", Type: "pods/log", Subresource: "exec"}, "contradict"},
		"a slash and nothing":           {in, asked{Verb: "get", Type: "pods/"}, "is empty"},
		"no verb":                       {in, asked{Verb: "", Type: "pods"}, "is no verb"},
	} {
		t.Run(name, func(t *testing.T) {
			if q, err := tc.in.question(tc.a); err == nil || !strings.Contains(err.Error(), tc.words) {
				t.Errorf("%+v, error %v", q.requests, err)
			}
		})
	}
}

// TestTwoClusters: a principal may be missing in one of two clusters; that is a
// difference, and a name that neither has is a mistake.
func TestTwoClusters(t *testing.T) {
	two := [2]target{{Context: "s3"}, {Context: "s5"}}
	for name, tc := range map[string]struct {
		who  string
		code int
		says string
	}{
		"in one":       {"carts-developers", exitDiffer, "  - "},
		"in the other": {"EKSAuditor", exitDiffer, "  + "},
		"in neither":   {"nobody-at-all", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs strings.Builder
			e := &env{width: func() int { return 0 }, in: strings.NewReader(""), out: &out, err: &errs}
			e.open = func(_ context.Context, t target) (*world, error) { return openDemo(target{Demo: t.Context}) }
			err := failed(runCompare(t.Context(), e, compareRequest{Targets: two, A: tc.who, B: tc.who}))
			if code := e.end(t.Context(), err); code != tc.code || !strings.Contains(out.String(), tc.says) {
				t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
			}
			if tc.says != "" && (!strings.Contains(out.String(), "s3") || !strings.Contains(out.String(), "none")) {
				t.Errorf("the clusters are not said:\n%s", out.String())
			}
		})
	}
}

// TestMeIsWhoAsks: a certificate is no IAM principal, whatever AWS says of us.
func TestMeIsWhoAsks(t *testing.T) {
	dev, err := access.ParsePrincipal("arn:aws:iam::123456789012:role/dev")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		who         access.Caller
		asked, side string // the principal that is found, or the error's words
	}{
		"by certificate": {access.Caller{AWS: dev, Identity: access.Identity{User: "cn"}}, "cn", "sees you as cn, which is no IAM principal"},
		"by AWS alone":   {access.Caller{AWS: dev}, "dev", "dev"},
		"by both":        {access.Caller{AWS: dev, Kube: dev, Identity: access.Identity{User: "u"}}, "dev", "dev"},
		"by nothing":     {access.Caller{}, "is not known", "is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			ix := access.NewIndex(access.Snapshot{Realms: []access.Realm{"kube:c"}, Caller: tc.who})
			said := func(r access.Row, err error) string {
				if err != nil {
					return err.Error()
				}
				return r.Principal.Name
			}
			if got := said(whoAsked(ix, "me")); !strings.Contains(got, tc.asked) {
				t.Errorf("asked about %q, want %q", got, tc.asked)
			}
			if got := said(whoIs(ix, "me")); !strings.Contains(got, tc.side) {
				t.Errorf("compared with %q, want %q", got, tc.side)
			}
		})
	}
}
