package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// questioned is a cluster of which nothing is unknown: a team in one namespace, a role
// whose sessions differ, an account that mapAccounts lets in.
func questioned(more ...Object) Snapshot {
	rule := func(verbs, resources string) []Rule {
		return []Rule{{Verbs: strings.Fields(verbs), APIGroups: []string{""}, Resources: strings.Fields(resources)}}
	}
	bind := func(ns, name, kind, role string, subjects ...rbacv1.Subject) Binding {
		return Binding{In: "kube:c", Namespace: ns, Name: name, Role: rbacv1.RoleRef{Kind: kind, Name: role}, Subjects: subjects}
	}
	user := func(n string) rbacv1.Subject { return rbacv1.Subject{Kind: "User", Name: n} }
	group := func(n string) rbacv1.Subject { return rbacv1.Subject{Kind: "Group", Name: n} }
	objects := []Object{
		Cluster{In: "eks:c", Name: "c", ARN: "arn:aws:eks:us-west-2:111122223333:cluster/c", Account: "111122223333"},
		AuthMode{In: "eks:c", Mode: BothMode},
		Namespace{In: "kube:c", Name: "a"}, Namespace{In: "kube:c", Name: "b"},
		AccessEntry{In: "eks:c", Principal: "arn:aws:iam::111122223333:role/dev", Groups: []string{"devs"}},
		AccessEntry{In: "eks:c", Principal: "arn:aws:iam::111122223333:role/ci", Username: "ci:{{SessionName}}"},
		AccessEntry{In: "eks:c", Principal: "arn:aws:iam::111122223333:role/idle"},
		AuthMap{In: "kube:c", Data: map[string]string{"mapAccounts": "- \"444455556666\"\n"}},
		Role{In: "kube:c", Name: "reader", Rules: rule("get list", "pods pods/log")},
		Role{In: "kube:c", Namespace: "b", Name: "writer", Rules: rule("delete", "pods")},
		Role{In: "kube:c", Namespace: "a", Name: "one", Rules: []Rule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"s1"}}}},
		Role{In: "kube:c", Namespace: "a", Name: "old", Rules: []Rule{{Verbs: []string{"get"}, APIGroups: []string{"extensions"}, Resources: []string{"deployments"}}}},
		bind("a", "devs", "ClusterRole", "reader", group("devs")),
		bind("b", "devs", "Role", "writer", group("devs"), rbacv1.Subject{Kind: "ServiceAccount", Name: "robot"}),
		bind("a", "one", "Role", "one", group("devs")), bind("a", "old", "Role", "old", group("devs")),
		bind("a", "alice", "ClusterRole", "reader", user("ci:alice"), user("kube-user")),
	}
	return Snapshot{Realms: []Realm{"eks:c", "kube:c"}, Objects: Objects{}.With(append(objects, more...)...)}
}

func rowOf(t *testing.T, ix *Index, arn string) Row {
	t.Helper()
	p, err := ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return ix.Who(p)
}

const (
	dev  = "arn:aws:iam::111122223333:role/dev"
	ci   = "arn:aws:iam::111122223333:role/ci"
	idle = "arn:aws:iam::111122223333:role/idle"
)

func TestMissesSayWhatIsThereInstead(t *testing.T) {
	ix := NewIndex(questioned())
	for name, tc := range map[string]struct {
		q    Request
		want string
	}{
		"another verb and place": {Request{Verb: "delete", Resource: "pods", Namespace: "a"}, "namespace b; verb get,list"},
		"another group":          {Request{Verb: "get", Group: "apps", Resource: "deployments", Namespace: "a"}, "group extensions"},
		"another name":           {Request{Verb: "get", Resource: "secrets", Namespace: "a"}, "name s1"},
		"a subresource":          {Request{Verb: "get", Resource: "pods", Subresource: "exec", Namespace: "a"}, "resource pods,pods/log"},
		"everywhere":             {Request{Verb: "get", Resource: "pods"}, "namespace a"},
		"two things differ":      {Request{Verb: "create", Resource: "secrets", Namespace: "a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := ix.Ask(rowOf(t, ix, dev), tc.q)
			if a.Verdict != No {
				t.Fatalf("it is %s", a.Verdict)
			}
			var got []string
			for _, m := range ix.Misses(a, tc.q) {
				got = append(got, string(m.Differs)+" "+strings.Join(m.Has, ","))
				if len(m.Grant.Via) != 2 {
					t.Errorf("%s has no reason", m.Differs)
				}
			}
			if said := strings.Join(got, "; "); said != tc.want {
				t.Errorf("%q, want %q", said, tc.want)
			}
		})
	}
}

// TestUnreadIsNeverNo: who has no mapping in force may have one that could not be read.
func TestUnreadIsNeverNo(t *testing.T) {
	stranger := "arn:aws:iam::111122223333:role/stranger"
	q := Request{Verb: "get", Resource: "pods", Namespace: "a"}
	entries := Gap{Realm: "eks:c", Kind: EntryKind, Why: Denied}
	authMap := Gap{Realm: "kube:c", Kind: AuthMapKind, Why: Denied}
	for name, tc := range map[string]struct {
		mode Mode
		gaps []Gap
		want Verdict
	}{
		"all is read":           {BothMode, nil, No},
		"entries are not":       {BothMode, []Gap{entries}, Unknown},
		"aws-auth is not":       {BothMode, []Gap{authMap}, Unknown},
		"aws-auth counts not":   {APIMode, []Gap{authMap}, No},
		"it may be the creator": {ConfigMapMode, []Gap{entries}, Unknown},
		"the mode is not known": {"", []Gap{authMap}, Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := questioned(AuthMode{In: "eks:c", Mode: tc.mode})
			s.Gaps = tc.gaps
			if got := NewIndex(s).Ask(Row{Principal: rowOf(t, NewIndex(s), stranger).Principal}, q).Verdict; got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	// An aws-auth item that gives nothing, below entries that were not read.
	s := questioned(AuthMap{In: "kube:c", Data: map[string]string{"mapRoles": "- {rolearn: " + stranger + ", username: nobody}\n"}})
	s.Gaps = []Gap{entries}
	ix := NewIndex(s)
	if a := ix.Ask(rowOf(t, ix, stranger), q); a.Verdict != Unknown {
		t.Errorf("an unread entry could give it: %s", a.Verdict)
	}
	if !slices.ContainsFunc(ix.WhoCan(q), func(a Answer) bool { return a.Row.Principal.ARN == stranger && a.Verdict == Unknown }) {
		t.Error("who-can leaves out who could not be decided")
	}
	if !slices.ContainsFunc(ix.WhoCanAnywhere(q), func(r Reach) bool { return r.Row.Principal.ARN == stranger && r.Verdict == Unknown }) {
		t.Error("who-can -A leaves out who could not be decided")
	}
}

// TestAccountsLetInWhoIsNotListed: a binding can name any principal of the account.
func TestAccountsLetInWhoIsNotListed(t *testing.T) {
	s := questioned(Binding{In: "kube:c", Name: "all", Role: rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: "system:authenticated"}}})
	ix := NewIndex(s)
	q := Request{Verb: "get", Resource: "pods"}
	if a := ix.Ask(rowOf(t, ix, "arn:aws:iam::444455556666:role/path/any"), q); a.Verdict != Yes || a.Mapping.Identity.User != "arn:aws:iam::444455556666:role/any" {
		t.Errorf("%s as %q", a.Verdict, a.Mapping.Identity.User)
	}
	if a := ix.Ask(rowOf(t, ix, "arn:aws:iam::777788889999:role/any"), q); a.Verdict != No || len(a.Row.Mappings) != 0 {
		t.Errorf("nobody lets in the account 777788889999: %+v", a)
	}
}

func TestTogetherIsOneSession(t *testing.T) {
	of := func(variable string) func(...string) Answer {
		return func(names ...string) Answer {
			a := Answer{Verdict: Maybe}
			for _, n := range names {
				a.Grants = append(a.Grants, Grant{When: &Condition{Variable: variable, Value: n}})
			}
			return a
		}
	}
	when, raw, key := of("SessionName"), of("SessionNameRaw"), of("AccessKeyID")
	yes, no, unknown := Answer{Verdict: Yes}, Answer{Verdict: No}, Answer{Verdict: Unknown}
	doubtful := when("alice")
	doubtful.Unknown = []Gap{{Kind: RoleKind}}
	for name, tc := range map[string]struct {
		as   []Answer
		want string
	}{
		"both":                    {[]Answer{yes, yes}, "yes []"},
		"one of two":              {[]Answer{yes, no}, "no []"},
		"no is stronger":          {[]Answer{unknown, no}, "no []"},
		"one is unknown":          {[]Answer{yes, unknown}, "unknown []"},
		"on a condition":          {[]Answer{yes, when("bob", "alice")}, "conditional [{SessionName alice} {SessionName bob}]"},
		"the same session":        {[]Answer{when("alice", "bob"), when("bob", "carol")}, "conditional [{SessionName bob}]"},
		"two sessions":            {[]Answer{when("alice"), when("bob")}, "no []"},
		"two sessions, and a gap": {[]Answer{doubtful, when("bob")}, "unknown []"},
		"unknown and a condition": {[]Answer{when("alice"), unknown}, "unknown []"},
		"both forms of a name":    {[]Answer{when("alice", "bob"), raw("alice")}, "conditional [{SessionNameRaw alice}]"},
		"its @ is a - in one":     {[]Answer{raw("a@b.c", "d@e.f"), when("a-b.c")}, "conditional [{SessionNameRaw a@b.c}]"},
		"forms of two names":      {[]Answer{raw("a@b"), when("a@b", "a-c")}, "no []"},
		"what is independent":     {[]Answer{key("AKIA"), when("alice")}, "conditional [{SessionName alice}]"},
		"and then contradicts":    {[]Answer{key("AKIA"), when("alice"), key("ASIA")}, "no []"},
	} {
		t.Run(name, func(t *testing.T) {
			v, cs := Together(tc.as...)
			if got := fmt.Sprint(v, " ", cs); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestBesideArePrincipalsNobodyIs(t *testing.T) {
	ix := NewIndex(questioned())
	said := func(bs []Bound) string {
		var out []string
		for _, b := range bs {
			out = append(out, fmt.Sprintf("%s %s/%s %v%v", b.Kind, b.Namespace, b.Name, b.Namespaces, b.Everywhere))
		}
		return strings.Join(out, "; ")
	}
	for name, tc := range map[string]struct {
		q        Request
		anywhere bool
		want     string
	}{
		// ci:alice is a session of role/ci, devs is the group of role/dev.
		"in a":      {Request{Verb: "get", Resource: "pods", Namespace: "a"}, false, "User /kube-user [a]false"},
		"in b":      {Request{Verb: "delete", Resource: "pods", Namespace: "b"}, false, "ServiceAccount b/robot [b]false"},
		"anywhere":  {Request{Verb: "delete", Resource: "pods"}, true, "ServiceAccount b/robot [b]false"},
		"cluster":   {Request{Verb: "delete", Resource: "pods"}, false, ""},
		"elsewhere": {Request{Verb: "get", Resource: "pods", Namespace: "nope"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := said(ix.Beside(tc.q, tc.anywhere)); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestReachNamesItsReason(t *testing.T) {
	ix := NewIndex(questioned(PolicyAssociation{In: "eks:c", Principal: dev, Policy: PolicyARN("aws", ViewPolicy), Scope: PolicyScope{Namespaces: []string{"new-*", "b"}}}))
	r := ix.Anywhere(rowOf(t, ix, dev), Request{Verb: "get", Resource: "pods"})
	if got := fmt.Sprintf("%v %v %v %v %v %v", r.Verdict, r.Everywhere, r.Places.Names(), r.Patterns, r.Grant.Via[0].Name, r.More); got != "yes false [a b] [new-*] devs 1" {
		t.Error(got)
	}
	r = ix.Anywhere(rowOf(t, ix, ci), Request{Verb: "get", Resource: "pods"})
	if got := fmt.Sprintf("%v %v %v %v", r.Verdict, r.Places.Names(), r.Sessions, *r.Grant.When); got != "conditional [] [{{SessionName alice} false [a]}] {SessionName alice}" {
		t.Error(got)
	}
}

// TestContrastIsRuleByRule also says what only sessions have, and namespaces to come.
func TestContrastIsRuleByRule(t *testing.T) {
	twin, plain := strings.Replace(ci, "/ci", "/ci-too", 1), strings.Replace(ci, "/ci", "/plain", 1)
	s := questioned(PolicyAssociation{In: "eks:c", Principal: idle, Policy: PolicyARN("aws", ViewPolicy), Scope: PolicyScope{Namespaces: []string{"new-*"}}},
		AccessEntry{In: "eks:c", Principal: twin, Username: "ci:{{SessionName}}"}, AccessEntry{In: "eks:c", Principal: plain})
	ix := NewIndex(s)
	said := func(a, b string) string {
		c := Contrasted(ix, rowOf(t, ix, a), ix, rowOf(t, ix, b))
		var scopes []string
		for _, d := range c.Deltas {
			scopes = append(scopes, fmt.Sprintf("%s -%d +%d", d.Namespace, len(d.Lost), len(d.Gained)))
		}
		return fmt.Sprint(c.Equal(), " ", c.Known(), " ", strings.Join(scopes, "; "))
	}
	for _, tc := range []struct{ a, b, want string }{
		{dev, dev, "true true "},
		{dev, ci, "false true a -3 +0; b -1 +0"},
		{ci, dev, "false true a -0 +3; b -0 +1"},
		{ci, "arn:aws:iam::111122223333:role/stranger", "false true "},
		{ci, twin, "true true "},
		{ci, plain, "false true "}, // in what some sessions may
		{plain, ci, "false true "},
		{idle, "arn:aws:iam::444455556666:role/any", "false true new-* -8 +0"},
	} {
		if got := said(tc.a, tc.b); got != tc.want {
			t.Errorf("%s and %s: %q, want %q", tc.a, tc.b, got, tc.want)
		}
	}
	s.Gaps = []Gap{{Realm: "kube:c", Kind: RoleBindingKind, Why: Denied}}
	ix = NewIndex(s)
	if got := said(dev, dev); got != "true false " {
		t.Errorf("bindings are unread: %q", got)
	}
}
