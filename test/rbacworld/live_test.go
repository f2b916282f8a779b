package rbacworld

import (
	"flag"
	"fmt"
	"sync"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

var seed = flag.Uint64("seed", 5, "seed of the random RBAC")

// tally counts what was asked.
type tally struct{ asked, yes, unknown int }

func (n tally) String() string {
	return fmt.Sprintf("%d reviews, %d yes, %d no, %d unknown to us", n.asked, n.yes, n.asked-n.yes, n.unknown)
}

// TestJudgeServer asks a real kube-apiserver thousands of SubjectAccessReviews about
// generated RBAC and its default roles, before and after much of it has changed, and
// asks us the same of what our own side read there.
func TestJudgeServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kube-apiserver")
	}
	s := startServer(t)
	m := New(*seed)
	m.Valid = true
	w := m.crowd(12)
	m.extend(w)
	s.write(w)
	s.settle(1)
	first := s.judged(m, w.People, 5000)

	now := s.read(w.People)
	s.change(m, now)
	s.settle(2)
	second := s.judged(m, w.People, 2500)
	t.Logf("seed %d: %s; after changes: %s", *seed, first, second)
}

// crowd is several worlds in one cluster: in the same namespaces, under names of
// their own. Of those who are in everybody's group only the first one speaks.
func (m Maker) crowd(worlds int) *World {
	all := &World{}
	for i := range worlds {
		w := m.World()
		own := func(name *string) { *name += fmt.Sprint("-", i) }
		subjects := func(list []rbacv1.Subject) {
			for j := range list {
				if i > 0 || list[j].Name != "system:authenticated" {
					own(&list[j].Name)
				}
			}
		}
		for _, o := range w.Roles {
			own(&o.Name)
		}
		for _, o := range w.ClusterRoles {
			own(&o.Name)
		}
		for _, o := range w.RoleBindings {
			own(&o.Name)
			own(&o.RoleRef.Name)
			subjects(o.Subjects)
		}
		for _, o := range w.ClusterRoleBindings {
			own(&o.Name)
			own(&o.RoleRef.Name)
			subjects(o.Subjects)
		}
		for j := range w.People {
			p := &w.People[j]
			own(&p.Name)
			own(&p.Identity.User)
			for k := range p.Identity.Groups {
				if p.Identity.Groups[k] != access.Masters {
					own(&p.Identity.Groups[k])
				}
			}
		}
		all.Roles, all.ClusterRoles = append(all.Roles, w.Roles...), append(all.ClusterRoles, w.ClusterRoles...)
		all.RoleBindings, all.ClusterRoleBindings = append(all.RoleBindings, w.RoleBindings...), append(all.ClusterRoleBindings, w.ClusterRoleBindings...)
		all.People = append(all.People, w.People...)
	}
	return all
}

// extend adds what the default roles aggregate, a selector of another form, and
// bindings to default roles.
func (m Maker) extend(w *World) {
	for i, r := range w.ClusterRoles {
		if m.Chance(30) && r.Labels == nil {
			r.Labels = map[string]string{}
			for _, level := range []string{"view", "edit", "admin"}[m.IntN(3):] {
				r.Labels["rbac.authorization.k8s.io/aggregate-to-"+level] = "true"
			}
		}
		if r.AggregationRule != nil && i%2 == 0 {
			r.AggregationRule.ClusterRoleSelectors = append(r.AggregationRule.ClusterRoleSelectors, metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
				{Key: "aggregate-to", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"view"}}, {Key: "aggregate-to", Operator: metav1.LabelSelectorOpExists}}})
		}
	}
	for i, name := range []string{"view", "edit", "admin", "cluster-admin", "system:node", "system:kube-scheduler", "system:aggregate-to-edit", "system:auth-delegator", "system:discovery"} {
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
		w.ClusterRoleBindings = append(w.ClusterRoleBindings, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("default-", i)}, RoleRef: ref,
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "wide:" + name}}})
		for _, ns := range Namespaces[2:] {
			w.RoleBindings = append(w.RoleBindings, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprint("default-", i)}, RoleRef: ref,
				Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "local:" + name}}})
		}
		w.People = append(w.People, Person{Name: fmt.Sprint("d", i), Item: true, Identity: access.Identity{User: "wide:" + name}},
			Person{Name: fmt.Sprint("e", i), Identity: access.Identity{User: "somebody", Groups: []string{"local:" + name}}})
	}
}

// change takes bindings away, gives roles other rules, and takes roles from under
// bindings.
func (s *server) change(m Maker, w *World) {
	s.Helper()
	ctx, gone := s.Context(), metav1.DeleteOptions{}
	for _, b := range w.RoleBindings {
		if b.Namespace != "kube-system" && m.Chance(25) {
			s.must(s.rbac().RoleBindings(b.Namespace).Delete(ctx, b.Name, gone))
		}
	}
	for _, b := range w.ClusterRoleBindings {
		if b.Name[:4] == "wide" && m.Chance(25) {
			s.must(s.rbac().ClusterRoleBindings().Delete(ctx, b.Name, gone))
		}
	}
	for _, r := range w.Roles {
		switch {
		case r.Labels["kubernetes.io/bootstrapping"] != "":
		case m.Chance(15):
			s.must(s.rbac().Roles(r.Namespace).Delete(ctx, r.Name, gone))
		case m.Chance(30):
			r.Rules = m.Rules(3, true)
			_, err := s.rbac().Roles(r.Namespace).Update(ctx, r, metav1.UpdateOptions{})
			s.must(err)
		}
	}
	for _, r := range w.ClusterRoles {
		if r.Labels["kubernetes.io/bootstrapping"] != "" || r.AggregationRule != nil {
			continue
		}
		r.Rules = m.Rules(4, false)
		if m.Chance(40) {
			r.Labels = nil
		}
		_, err := s.rbac().ClusterRoles().Update(ctx, r, metav1.UpdateOptions{})
		s.must(err)
	}
}

// judged compares us with the server on many requests.
func (s *server) judged(m Maker, people []Person, requests int) tally {
	s.Helper()
	aim := s.read(people)
	snap := s.load()
	snap.Realms = []access.Realm{EKSRealm, KubeRealm}
	snap.Objects = snap.Objects.With(append(Mapped(people), access.AuthMode{In: EKSRealm, Mode: access.BothMode})...)
	ix := access.NewIndex(snap)
	ms, err := InForce(ix, people)
	if err != nil {
		s.Fatal(err)
	}
	type question struct {
		who     int
		q       access.Request
		yes     bool
		why     []access.Key
		unknown []access.Gap
	}
	var all []question
	var n tally
	for range requests {
		who := m.IntN(len(people))
		q := m.Request(aim, people[who])
		yes, why, unknown := ix.Can(ms[who], q)
		all = append(all, question{who, q, yes, why, unknown})
	}
	var mu sync.Mutex
	each(all, func(a question) {
		p := people[a.who]
		want := s.review(p.Identity, a.q)
		mu.Lock()
		defer mu.Unlock()
		n.asked++
		if want.Allowed {
			n.yes++
		}
		if len(a.unknown) > 0 {
			n.unknown++
		}
		if a.yes != want.Allowed {
			s.Errorf("seed %d: we say %t (%v), the API server %t (%s %s)\n  request %+v\n  of %+v\n%s", *seed, a.yes, a.why,
				want.Allowed, want.Reason, want.EvaluationError, a.q, p.Identity, aim.Only(a.why))
		}
	})
	if n.unknown*50 > n.asked || n.yes*5 < n.asked || n.yes*5 > n.asked*4 {
		s.Errorf("too many are unknown, or only one answer is frequent: %s", n)
	}
	return n
}
