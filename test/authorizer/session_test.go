package authorizer

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/test/rbacworld"
)

// sessions are names that STS takes (AssumeRole, RoleSessionName).
var sessions = []string{"alice", "bob", "devs", "al", "a@b", "i-0abc", "alice-x"}

// filled is an identity as the aws-iam-authenticator fills it in for a session
// (pkg/server renderTemplate): the raw name, or with @ made -.
func filled(id access.Identity, session string) access.Identity {
	fill := strings.NewReplacer("{{SessionNameRaw}}", session, "{{SessionName}}", strings.ReplaceAll(session, "@", "-"))
	out := access.Identity{User: fill.Replace(id.User)}
	for _, g := range id.Groups {
		out.Groups = append(out.Groups, fill.Replace(g))
	}
	return out
}

// templated makes some people depend on the name of their session, and binds some
// of the names that a session can give them.
func (m maker) templated(w *world) {
	for i := range w.People {
		id := &w.People[i].Identity
		switch m.IntN(6) {
		case 4:
			id.User = "{{SessionName}}:{{SessionName}}"
		case 0:
			id.User = "dev:{{SessionName}}"
		case 1:
			id.User = "{{SessionNameRaw}}"
		case 2:
			id.User = "{{SessionName}}-x"
		case 3:
			id.Groups = []string{"team:{{SessionName}}"}
		}
	}
	for _, b := range w.RoleBindings {
		for i := range b.Subjects {
			if s := &b.Subjects[i]; m.Chance(50) && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind) {
				s.Name = m.Pick([]string{"dev:alice", "dev:a-b", "dev:{{SessionName}}", "dev:", "a@b", "alice-x", "-x", "team:bob", "team:{{SessionName}}", "{{SessionNameRaw}}", "dev:two words", "al:al"})
			}
		}
	}
}

// TestLawSessions: of an identity that depends on its session, a yes holds for every
// session, a no for every session, and a conditional yes for those that its conditions
// name and no others.
func TestLawSessions(t *testing.T) {
	m := newMaker(*seed + 2)
	said := map[access.Verdict]int{}
	named, others := 0, 0
	for range *worlds / 2 {
		w := m.World()
		m.templated(w)
		ix, j := access.NewIndex(w.Snapshot()), newJudge(w)
		for range *requests / 2 {
			who := m.IntN(len(w.People))
			q := m.Request(w, w.People[who])
			if m.Chance(60) && len(w.RoleBindings) > 0 {
				// Aim at what the bindings of odd names give.
				b := w.RoleBindings[m.IntN(len(w.RoleBindings))]
				if rules := w.RulesOf(b.RoleRef, b.Namespace); len(rules) > 0 {
					q = m.Drawn(rules[m.IntN(len(rules))])
					q.Namespace = b.Namespace
				}
			}
			row, err := rbacworld.RowOf(ix, w.People[who])
			if err != nil {
				t.Fatal(err)
			}
			a := ix.Ask(row, q)
			said[a.Verdict]++
			for _, s := range sessions {
				may, reason := j.allows(login(filled(w.People[who].Identity, s)), q)
				told := a.Verdict == access.Yes || slices.ContainsFunc(a.When(), func(c access.Condition) bool { return holds(c, s) })
				if may != told && !(a.Verdict == access.Unknown && !may) {
					t.Fatalf("seed %d: as session %s the API server says %t (%s), we say %s when %v: %s", *seed+2, s, may, reason, a.Verdict, a.When(), difference{w, who, q, ""})
				}
				if a.Verdict == access.Maybe && told {
					named++
				} else if a.Verdict == access.Maybe {
					others++
				}
			}
		}
	}
	t.Logf("seed %d: %v; conditions held for %d sessions, and not for %d", *seed+2, said, named, others)
	if named == 0 || others == 0 || said[access.Yes] == 0 || said[access.No] == 0 {
		t.Error("an answer is never given")
	}
}

// holds reports whether a session is what a condition asks for.
func holds(c access.Condition, session string) bool {
	return c.Value == filled(access.Identity{User: "{{" + c.Variable + "}}"}, session).User
}

// TestLawTemplateInABinding: a binding that names the template itself, as people write
// by mistake, names nobody. It was a plain yes once.
func TestLawTemplateInABinding(t *testing.T) {
	for _, s := range []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "dev-{{SessionName}}"}, {Kind: rbacv1.GroupKind, Name: "team-{{SessionName}}"}} {
		w := &world{
			ClusterRoles: []*rbacv1.ClusterRole{{ObjectMeta: metav1.ObjectMeta{Name: "all"}, Rules: everything}},
			ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: metav1.ObjectMeta{Name: "wide"},
				RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "all"}, Subjects: []rbacv1.Subject{s}}},
			People: []person{{Name: "p0", Identity: access.Identity{User: "dev-{{SessionName}}", Groups: []string{"team-{{SessionName}}"}}}},
		}
		ask, err := ours(w)
		if err != nil {
			t.Fatal(err)
		}
		q := access.Request{Verb: "get", Resource: "pods"}
		want, _ := newJudge(w).allows(login(filled(w.People[0].Identity, "alice")), q)
		if got := ask(0, q); got.yes != want {
			t.Errorf("%s %q: we say %t (%v), the API server %t", s.Kind, s.Name, got.yes, got.why, want)
		}
	}
}

// TestLawTwoVariables: both are filled in from one session, so some session has it.
func TestLawTwoVariables(t *testing.T) {
	w := &world{
		ClusterRoles: []*rbacv1.ClusterRole{{ObjectMeta: metav1.ObjectMeta{Name: "all"}, Rules: everything}},
		ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: metav1.ObjectMeta{Name: "wide"},
			RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "all"}, Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "alice:alice"}}}},
		People: []person{{Name: "p0", Identity: access.Identity{User: "{{SessionName}}:{{SessionNameRaw}}"}}},
	}
	ask, err := ours(w)
	if err != nil {
		t.Fatal(err)
	}
	q := access.Request{Verb: "get", Resource: "pods"}
	if may, _ := newJudge(w).allows(login(filled(w.People[0].Identity, "alice")), q); !may {
		t.Fatal("the API server would not let alice")
	}
	if got := ask(0, q); !got.yes && len(got.unknown) == 0 {
		t.Error("a plain no, but session alice may")
	}
}
