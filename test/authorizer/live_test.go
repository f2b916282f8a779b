package authorizer

import (
	"fmt"
	"sync"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// TestJudgeServer asks a real kube-apiserver thousands of SubjectAccessReviews about
// generated RBAC and its default roles, before and after much of it has changed, and
// asks us the same of what our own side read there.
func TestJudgeServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kube-apiserver")
	}
	s := startServer(t)
	m := newMaker(*seed + 4)
	m.valid = true
	w := m.crowd(12)
	m.extend(w)
	s.write(w)
	s.settle(1)
	first := s.judged(m, w.people, 5000)

	now := s.read(w.people)
	s.change(m, now)
	s.settle(2)
	second := s.judged(m, w.people, 2500)
	t.Logf("seed %d: %s; after changes: %s", *seed+4, first, second)
}

// crowd is several worlds in one cluster: in the same namespaces, under names of
// their own. Of those who are in everybody's group only the first one speaks.
func (m maker) crowd(worlds int) *world {
	all := &world{}
	for i := range worlds {
		w := m.world()
		own := func(name *string) { *name += fmt.Sprint("-", i) }
		subjects := func(list []rbacv1.Subject) {
			for j := range list {
				if i > 0 || list[j].Name != "system:authenticated" {
					own(&list[j].Name)
				}
			}
		}
		for _, o := range w.roles {
			own(&o.Name)
		}
		for _, o := range w.clusterRoles {
			own(&o.Name)
		}
		for _, o := range w.roleBindings {
			own(&o.Name)
			own(&o.RoleRef.Name)
			subjects(o.Subjects)
		}
		for _, o := range w.clusterRoleBindings {
			own(&o.Name)
			own(&o.RoleRef.Name)
			subjects(o.Subjects)
		}
		for j := range w.people {
			p := &w.people[j]
			own(&p.name)
			own(&p.identity.User)
			for k := range p.identity.Groups {
				if p.identity.Groups[k] != access.Masters {
					own(&p.identity.Groups[k])
				}
			}
		}
		all.roles, all.clusterRoles = append(all.roles, w.roles...), append(all.clusterRoles, w.clusterRoles...)
		all.roleBindings, all.clusterRoleBindings = append(all.roleBindings, w.roleBindings...), append(all.clusterRoleBindings, w.clusterRoleBindings...)
		all.people = append(all.people, w.people...)
	}
	return all
}

// extend adds what the default roles aggregate, a selector of another form, and
// bindings to default roles.
func (m maker) extend(w *world) {
	for i, r := range w.clusterRoles {
		if m.chance(30) && r.Labels == nil {
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
		w.clusterRoleBindings = append(w.clusterRoleBindings, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("default-", i)}, RoleRef: ref,
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "wide:" + name}}})
		for _, ns := range namespaces[2:] {
			w.roleBindings = append(w.roleBindings, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprint("default-", i)}, RoleRef: ref,
				Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "local:" + name}}})
		}
		w.people = append(w.people, person{name: fmt.Sprint("d", i), item: true, identity: access.Identity{User: "wide:" + name}},
			person{name: fmt.Sprint("e", i), identity: access.Identity{User: "somebody", Groups: []string{"local:" + name}}})
	}
}

// change takes bindings away, gives roles other rules, and takes roles from under
// bindings.
func (s *server) change(m maker, w *world) {
	s.Helper()
	ctx, gone := s.Context(), metav1.DeleteOptions{}
	for _, b := range w.roleBindings {
		if b.Namespace != "kube-system" && m.chance(25) {
			s.must(s.rbac().RoleBindings(b.Namespace).Delete(ctx, b.Name, gone))
		}
	}
	for _, b := range w.clusterRoleBindings {
		if b.Name[:4] == "wide" && m.chance(25) {
			s.must(s.rbac().ClusterRoleBindings().Delete(ctx, b.Name, gone))
		}
	}
	for _, r := range w.roles {
		switch {
		case r.Labels["kubernetes.io/bootstrapping"] != "":
		case m.chance(15):
			s.must(s.rbac().Roles(r.Namespace).Delete(ctx, r.Name, gone))
		case m.chance(30):
			r.Rules = m.rules(3, true)
			_, err := s.rbac().Roles(r.Namespace).Update(ctx, r, metav1.UpdateOptions{})
			s.must(err)
		}
	}
	for _, r := range w.clusterRoles {
		if r.Labels["kubernetes.io/bootstrapping"] != "" || r.AggregationRule != nil {
			continue
		}
		r.Rules = m.rules(4, false)
		if m.chance(40) {
			r.Labels = nil
		}
		_, err := s.rbac().ClusterRoles().Update(ctx, r, metav1.UpdateOptions{})
		s.must(err)
	}
}

// judged compares us with the server on many requests.
func (s *server) judged(m maker, people []person, requests int) tally {
	s.Helper()
	aim := s.read(people)
	snap := s.load()
	snap.Realms = []access.Realm{eksRealm, kubeRealm}
	snap.Objects = snap.Objects.With(append(mapped(people), access.AuthMode{In: eksRealm, Mode: access.BothMode})...)
	ask, err := answers(access.NewIndex(snap), aim)
	if err != nil {
		s.Fatal(err)
	}
	type question struct {
		who int
		q   access.Request
		got answer
	}
	var all []question
	n := tally{worlds: 1}
	for range requests {
		who := m.IntN(len(people))
		q := m.request(aim, people[who])
		all = append(all, question{who, q, ask(who, q)})
	}
	var mu sync.Mutex
	each(all, func(a question) {
		p := people[a.who]
		want := s.review(p.identity, a.q)
		mu.Lock()
		defer mu.Unlock()
		n.asked++
		if want.Allowed {
			n.yes++
		}
		if len(a.got.unknown) > 0 {
			n.unknown++
		}
		if a.got.yes != want.Allowed {
			s.Errorf("seed %d: we say %t (%v), the API server %t (%s %s)\n  request %+v\n  of %+v\n%s", *seed+4, a.got.yes, a.got.why,
				want.Allowed, want.Reason, want.EvaluationError, a.q, p.identity, aim.only(a.got.why))
		}
	})
	if n.unknown*50 > n.asked || n.yes*5 < n.asked || n.yes*5 > n.asked*4 {
		s.Errorf("too many are unknown, or only one answer is frequent: %s", n)
	}
	return n
}
