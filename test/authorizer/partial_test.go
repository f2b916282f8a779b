package authorizer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// What we can't know must never come out as a plain no, nor as a yes.

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
	for i := range w.people {
		id := &w.people[i].identity
		switch m.IntN(5) {
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
	for _, b := range w.roleBindings {
		for i := range b.Subjects {
			if s := &b.Subjects[i]; m.chance(50) && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind) {
				s.Name = m.pick([]string{"dev:alice", "dev:a-b", "dev:{{SessionName}}", "dev:", "a@b", "alice-x", "-x", "team:bob", "team:{{SessionName}}", "{{SessionNameRaw}}", "dev:two words"})
			}
		}
	}
}

func TestLawSessions(t *testing.T) {
	m := newMaker(*seed + 2)
	yes, no, unknown, decided := 0, 0, 0, 0
	for range *worlds / 2 {
		w := m.world()
		m.templated(w)
		ask, err := ours(w)
		if err != nil {
			t.Fatal(err)
		}
		j := newJudge(w)
		for range *requests / 2 {
			who := m.IntN(len(w.people))
			q := m.request(w, w.people[who])
			if m.chance(60) && len(w.roleBindings) > 0 {
				// Aim at what the bindings of odd names give.
				b := w.roleBindings[m.IntN(len(w.roleBindings))]
				if rules := w.rulesOf(b.RoleRef, b.Namespace); len(rules) > 0 {
					q = m.drawn(rules[m.IntN(len(rules))])
					q.Namespace = b.Namespace
				}
			}
			got := ask(who, q)
			may := 0
			for _, s := range sessions {
				if ok, _ := j.allows(login(filled(w.people[who].identity, s)), q); ok {
					may++
				}
			}
			switch {
			case got.yes && may < len(sessions):
				t.Fatalf("seed %d: a yes (%v), but only %d of %d sessions may: %s", *seed+2, got.why, may, len(sessions), difference{w, who, q, ""})
			case !got.yes && len(got.unknown) == 0 && may > 0:
				t.Fatalf("seed %d: a plain no, but %d sessions may: %s", *seed+2, may, difference{w, who, q, ""})
			case got.yes:
				yes++
			case len(got.unknown) == 0:
				no++
			default:
				unknown++
				if may > 0 {
					decided++
				}
			}
		}
	}
	t.Logf("seed %d: %d yes, %d no, %d unknown, in %d of these some session may", *seed+2, yes, no, unknown, decided)
	if decided == 0 || no == 0 || yes == 0 {
		t.Error("an answer is never given")
	}
}

// TestLawTemplateInABinding: a binding that names the template itself, as people write
// by mistake, names nobody. It was a plain yes once.
func TestLawTemplateInABinding(t *testing.T) {
	for _, s := range []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "dev-{{SessionName}}"}, {Kind: rbacv1.GroupKind, Name: "team-{{SessionName}}"}} {
		w := &world{
			clusterRoles: []*rbacv1.ClusterRole{{ObjectMeta: metav1.ObjectMeta{Name: "all"}, Rules: everything}},
			clusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: metav1.ObjectMeta{Name: "wide"},
				RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "all"}, Subjects: []rbacv1.Subject{s}}},
			people: []person{{name: "p0", identity: access.Identity{User: "dev-{{SessionName}}", Groups: []string{"team-{{SessionName}}"}}}},
		}
		ask, err := ours(w)
		if err != nil {
			t.Fatal(err)
		}
		q := access.Request{Verb: "get", Resource: "pods"}
		want, _ := newJudge(w).allows(login(filled(w.people[0].identity, "alice")), q)
		if got := ask(0, q); got.yes != want {
			t.Errorf("%s %q: we say %t (%v), the API server %t", s.Kind, s.Name, got.yes, got.why, want)
		}
	}
}

func TestLawGaps(t *testing.T) {
	m := newMaker(*seed + 3)
	kinds := []access.Kind{access.RoleKind, access.ClusterRoleKind, access.RoleBindingKind, access.ClusterRoleBindingKind}
	said := map[string]int{}
	for range *worlds / 2 {
		w := m.world()
		// The API server keeps cluster-admin whole, so that an unread one may be taken to be.
		w.clusterRoles = append(slices.DeleteFunc(w.clusterRoles, func(r *rbacv1.ClusterRole) bool { return r.Name == "cluster-admin" }),
			&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "cluster-admin"}, Rules: everything})
		missing := kinds[m.IntN(len(kinds))]
		ask, err := unread(missing)(w)
		if err != nil {
			t.Fatal(err)
		}
		j := newJudge(w)
		for range *requests / 2 {
			who := m.IntN(len(w.people))
			q := m.request(w, w.people[who])
			got := ask(who, q)
			want, reason := j.allows(login(w.people[who].identity), q)
			switch {
			case got.yes && !want:
				t.Fatalf("seed %d: without any %s a yes (%v): %s", *seed+3, missing, got.why, difference{w, who, q, ""})
			case !got.yes && want && len(got.unknown) == 0:
				t.Fatalf("seed %d: without any %s a plain no, but %s: %s", *seed+3, missing, reason, difference{w, who, q, ""})
			}
			said[fmt.Sprintf("%t with %t for %t", got.yes, len(got.unknown) > 0, want)]++
		}
	}
	t.Logf("seed %d: %v", *seed+3, said)
	for _, s := range []string{"true with false for true", "false with true for true", "false with true for false", "false with false for false"} {
		if said[s] == 0 {
			t.Errorf("never %s", s)
		}
	}
}

// everything is the rules of cluster-admin.
var everything = []rbacv1.PolicyRule{
	{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
	{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
}

// unread answers from what is left when the objects of a kind could not be read.
func unread(kind access.Kind) answerer {
	return func(w *world) (func(int, access.Request) answer, error) {
		s := w.snapshot()
		left := slices.DeleteFunc(slices.Collect(s.Objects.All()), func(o access.Object) bool { return o.Key().Kind == kind })
		s.Objects = access.Objects{}.With(left...)
		s.Gaps = []access.Gap{{Realm: kubeRealm, Kind: kind, Why: access.Denied}}
		return answers(access.NewIndex(s), w)
	}
}
