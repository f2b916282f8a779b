package access

import (
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// TestCallerIsWhoTheServerSees: "me" is one session of one identity, not a principal.
func TestCallerIsWhoTheServerSees(t *testing.T) {
	bind := Binding{In: "kube:c", Namespace: "b", Name: "cert", Role: rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: "staff"}}}
	session := func(role, name string) Principal {
		p, err := ParsePrincipal("arn:aws:sts::111122223333:assumed-role/" + role + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	entries, one := Gap{Realm: "eks:c", Kind: EntryKind, Why: Denied}, Gap{Realm: "eks:c", Kind: EntryKind, Name: ci, Why: Throttled}
	for name, tc := range map[string]struct {
		who  Caller
		gaps []Gap
		want string // who it is, and the answers to get pods in a and in b
	}{
		"nobody said":      {Caller{AWS: session("dev", "x")}, nil, "nobody"},
		"a certificate":    {Caller{AWS: session("dev", "x"), Identity: Identity{User: "cn", Groups: []string{"staff"}}}, nil, "cn no yes"},
		"all are read":     {Caller{Identity: Identity{User: "cn", Groups: []string{"staff"}}}, []Gap{entries}, "cn no yes"}, // no entry names it
		"alice":            {Caller{Kube: session("ci", "alice"), Identity: Identity{User: "ci:alice"}}, nil, "ci yes no"},
		"bob":              {Caller{Kube: session("ci", "bob"), Identity: Identity{User: "ci:bob"}}, nil, "ci no no"},
		"not in the list":  {Caller{Kube: session("new", "x"), Identity: Identity{User: "new:x", Groups: []string{"staff"}}}, nil, "new no yes"},
		"entries unread":   {Caller{Kube: session("new", "x"), Identity: Identity{User: "new:x", Groups: []string{"staff"}}}, []Gap{entries}, "new unknown yes"},
		"its entry unread": {Caller{Kube: session("ci", "x"), Identity: Identity{User: "ci:x"}}, []Gap{one}, "ci unknown unknown"},
		"aws-auth unread":  {Caller{Kube: session("new", "x"), Identity: Identity{User: "new:x"}}, []Gap{{Realm: "kube:c", Kind: AuthMapKind, Why: Denied}}, "new no no"},
	} {
		t.Run(name, func(t *testing.T) {
			s := questioned(bind)
			s.Caller, s.Gaps = tc.who, tc.gaps
			ix := NewIndex(s)
			got := "nobody"
			if r, ok := ix.Caller(); ok {
				words := []string{r.Principal.Name}
				for _, ns := range []string{"a", "b"} {
					words = append(words, fmt.Sprint(ix.Ask(r, Request{Verb: "get", Resource: "pods", Namespace: ns}).Verdict))
				}
				got = strings.Join(words, " ")
			}
			if got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}
