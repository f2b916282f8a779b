package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// A migration that is done is run again after its entry was changed. Its bridge is gone,
// which alone could mean that it is not made yet: it must not be made again.
func TestAPlanThatWasLeftBehindWritesNothing(t *testing.T) {
	m := newMemory(authMap("v0"))
	span := bridge("eks-access-bridge-1", "eks-access-bridge-1")
	p := planOf(
		access.Step{After: span},
		access.Step{After: filled(entry("a", "eks-access-bridge-1"))},
		access.Step{After: policy("a", "ns")},
		access.Step{Before: filled(entry("a", "eks-access-bridge-1")), After: filled(entry("a"))},
		access.Step{Before: span},
		access.Step{Before: authMap("v0"), After: authMap("v1")},
	)
	synctest.Test(t, func(t *testing.T) {
		dir := folder(t)
		w := m.world(t, dir)
		if _, err := w.Apply(t.Context(), p, yes(p), nil); err != nil {
			t.Fatal(err)
		}
		m.objects = m.objects.With(filled(entry("a", "theirs")))
		puts := m.puts
		out, err := w.Apply(t.Context(), p, yes(p), nil)
		var conflict *access.Conflict
		if !errors.As(err, &conflict) || conflict.Key.Kind != access.EntryKind {
			t.Errorf("err = %v", err)
		}
		if m.puts != puts || m.objects.At(span.Key()) != nil {
			t.Errorf("%d writes, bridge %v", m.puts-puts, m.objects.At(span.Key()))
		}
		if out.Done != 0 || out.Skipped == 0 || out.Stopped == nil || out.Stopped.Step != 1 {
			t.Errorf("outcome %+v", out)
		}
	})
}

// Reading comes before writing: what can't be read stops the plan as it is.
func TestAPlanThatCannotBeReadWritesNothing(t *testing.T) {
	m := newMemory(authMap("v0"))
	w := m.world(t, "")
	w.Sides[kubeRealm] = unread{w.Sides[kubeRealm]}
	p := planOf(access.Step{After: entry("a")}, access.Step{Before: authMap("v0"), After: authMap("v1")})
	out, err := w.Apply(t.Context(), p, yes(p), nil)
	if err == nil || !strings.Contains(err.Error(), "read AuthMap aws-auth before changing it: out of reach") || m.puts != 0 || out.Stopped == nil || out.Stopped.Step != 1 {
		t.Errorf("%d writes, %+v, %v", m.puts, out, err)
	}
}

type unread struct{ live.Side }

func (unread) Get(context.Context, access.Key) (access.Object, error) {
	return nil, errors.New("out of reach")
}

// trying is a door to a server that can try a change, and answers what it is told to.
type trying struct {
	asking
	mu      sync.Mutex
	tried   []string
	answers func(now, after access.Object) error
}

func (d *trying) DryRun(_ context.Context, now, after access.Object) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	o, sign := after, "~"
	switch {
	case now == nil:
		sign = "+"
	case after == nil:
		o, sign = now, "-"
	}
	d.tried = append(d.tried, sign+" "+string(o.Key().Kind)+" "+o.Key().Name)
	if d.answers == nil {
		return nil
	}
	return d.answers(now, after)
}

type says struct{ text string }

func (s says) Error() string  { return s.text }
func (s says) Answered() bool { return true }

type lacking struct{ says }

func (lacking) Absent() bool { return true }

// A plan with every sort of step: what EKS must do, what can be tried as it is, what is
// in a namespace or binds a role that the plan makes, and what it makes and takes down.
func triedPlan() (*memory, access.Plan) {
	m := newMemory(authMap("v0"))
	bound := func(ns, kind, role string) access.Binding {
		return access.Binding{In: kubeRealm, Namespace: ns, Name: role + "s", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role}}
	}
	m.objects = m.objects.With(access.Namespace{In: kubeRealm, Name: "old"})
	span := bridge("span", "span")
	return m, planOf(
		access.Step{After: entry("a", "span")},
		access.Step{After: span},
		access.Step{After: access.Namespace{In: kubeRealm, Name: "new"}},
		access.Step{After: access.Role{In: kubeRealm, Namespace: "new", Name: "deployer"}},
		access.Step{After: access.Role{In: kubeRealm, Namespace: "old", Name: "deployer"}},
		access.Step{After: bound("old", "Role", "deployer")},
		access.Step{After: bound("old", "Role", "other")},
		access.Step{Before: span},
		access.Step{Before: authMap("v0"), After: authMap("v1")},
		access.Step{Before: authMap("v1"), After: authMap("v2")},
	)
}

func trials(ts []access.Trial) string {
	var out []string
	for _, tr := range ts {
		state := string(tr.Untried)
		if state == "" {
			state = "tried"
		}
		if tr.Err != nil {
			state = "refused: " + tr.Err.Error()
		}
		out = append(out, fmt.Sprintf("%d %s", tr.Step+1, state))
	}
	return strings.Join(out, "\n")
}

func TestDryRunTriesWhatCanBe(t *testing.T) {
	m, p := triedPlan()
	w := m.world(t, "")
	d := &trying{asking: asking{door{m, kubeRealm}}, answers: func(_, after access.Object) error {
		switch o := after.(type) {
		case access.Binding:
			if o.Role.Kind == "Role" {
				return lacking{says{"no role " + o.Role.Name}}
			}
		case access.Namespace:
			return fmt.Errorf("%w: webhook w", access.ErrNoDryRun)
		}
		return nil
	}}
	w.Sides[kubeRealm] = d
	got, err := w.DryRun(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := "1 eks-has-no-dry-run\n2 tried\n3 webhook-real-only\n4 needs-steps\n5 tried\n6 needs-steps\n7 refused: no role other\n8 needs-steps\n9 tried\n10 tried"
	if diff := cmp.Diff(want, trials(got)); diff != "" {
		t.Error(diff)
	}
	if m.puts != 0 {
		t.Errorf("%d writes", m.puts)
	}
}

func TestARefusedDryRunStopsBeforeTheFirstWrite(t *testing.T) {
	m, p := triedPlan()
	w := m.world(t, t.TempDir())
	d := &trying{asking: asking{door{m, kubeRealm}}, answers: func(_, after access.Object) error {
		if o, ok := after.(access.AuthMap); ok {
			return &access.Forbidden{Who: "me", Action: "update aws-auth", Detail: o.Data["mapRoles"]}
		}
		return nil
	}}
	w.Sides[kubeRealm] = d
	out, err := w.Apply(t.Context(), p, yes(p), nil)
	var no *live.Objection
	var forbidden *access.Forbidden
	if !errors.As(err, &no) || len(no.Trials) != 2 || no.Midway || !errors.As(err, &forbidden) {
		t.Fatalf("err = %v", err)
	}
	if m.puts != 0 || out.Done+out.Skipped != 0 || out.Stopped == nil || out.Stopped.Step != 8 || out.Journal != "" {
		t.Errorf("%d writes, %+v", m.puts, out)
	}
	for _, words := range []string{"in a dry run, so nothing was changed", "step 9: me may not update aws-auth: v1", "step 10: me may not update aws-auth: v2"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not said: %v", words, err)
		}
	}
	// Halfway, the steps that are done are not tried again, and it is told how far it is.
	m.objects = m.objects.With(filled(entry("a", "span")), filled(bridge("span", "span")))
	d.tried = nil
	out, err = w.Apply(t.Context(), p, yes(p), nil)
	if !errors.As(err, &no) || !no.Midway || !strings.Contains(err.Error(), "nothing more was changed") || out.Skipped != 2 || m.puts != 0 {
		t.Errorf("%d writes, %+v, %v", m.puts, out, err)
	}
	for _, what := range d.tried {
		if what == "+ ClusterRoleBinding span" {
			t.Error("a step that is done was tried")
		}
	}
}

// A namespace goes last, if nothing is in it by then. That others have put something there
// must not keep the rights of an undone grant from going.
func TestAFullNamespaceDoesNotKeepRightsFromGoing(t *testing.T) {
	m := newMemory()
	space := access.Namespace{In: kubeRealm, Name: "new"}
	bound := access.Binding{In: kubeRealm, Namespace: "new", Name: "b", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"}}
	m.objects = m.objects.With(space, bound)
	p := planOf(access.Step{Before: bound}, access.Step{Before: space})
	w := m.world(t, t.TempDir())
	w.Sides[kubeRealm] = &trying{asking: asking{door{m, kubeRealm}}, answers: func(now, after access.Object) error {
		if _, ok := now.(access.Namespace); ok && after == nil {
			return says{"namespace new is not empty"}
		}
		return nil
	}}
	if _, err := w.Apply(t.Context(), p, yes(p), nil); err != nil {
		t.Error(err)
	}
	if m.objects.At(bound.Key()) != nil {
		t.Error("the rights stay")
	}
}

func TestWhatWasTriedIsToldOnce(t *testing.T) {
	m, p := triedPlan()
	w := m.world(t, "")
	w.Sides[kubeRealm] = &trying{asking: asking{door{m, kubeRealm}}}
	var told []string
	if _, err := w.Apply(t.Context(), p, yes(p), events(&told)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range told {
		if strings.Contains(e, "dry run") {
			n++
		}
	}
	if want := "waiting 1 dry run: the API server has tried 7 of 10 steps (1 is EKS's, which has none; 2 need what the plan makes)"; n != 1 || told[0] != want {
		t.Errorf("%d times: %q", n, told[0])
	}
}

// A dry run without an answer is asked again, since nothing can be made twice by it; and
// without any answer nothing is begun.
func TestADryRunWithoutAnAnswer(t *testing.T) {
	for lost, stops := range map[int]bool{1: false, 2: false, 100: true} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory(authMap("v0"))
			w := m.world(t, "")
			n := 0
			w.Sides[kubeRealm] = &trying{asking: asking{door{m, kubeRealm}}, answers: func(_, _ access.Object) error {
				if n++; n <= lost {
					return errors.New("connection reset")
				}
				return nil
			}}
			p := planOf(access.Step{Before: authMap("v0"), After: authMap("v1")})
			_, err := w.Apply(t.Context(), p, yes(p), nil)
			if stops != (err != nil && strings.Contains(err.Error(), "did not answer a dry run: connection reset")) || stops != (m.puts == 0) {
				t.Errorf("%d lost: %d writes, %v", lost, m.puts, err)
			}
		})
	}
}

// An entry takes the place of an item of aws-auth as it was read: when somebody has
// changed aws-auth since, no entry is made of it any more.
func TestNoEntryTakesThePlaceOfAnItemThatWasChanged(t *testing.T) {
	m := newMemory(authMap("v0"))
	m.meanwhile(authMap("theirs"))
	p := planOf(access.Step{After: bridge("span", "span")}, access.Step{After: entry("a", "span")}, access.Step{Before: authMap("v0"), After: authMap("v1")})
	out, err := m.world(t, t.TempDir()).Apply(t.Context(), p, yes(p), nil)
	var conflict *access.Conflict
	if !errors.As(err, &conflict) || conflict.Key.Kind != access.AuthMapKind || out.Done != 1 || out.Stopped.Step != 1 {
		t.Errorf("outcome %+v, %v", out, err)
	}
	if m.objects.At(entry("a").Key()) != nil {
		t.Error("the entry was made")
	}
}

// Somebody makes a dead entry again, just as it was, after the plan's first write: the one
// that lives is not deleted.
func TestEntryThatIsMadeAgainMeanwhileStays(t *testing.T) {
	dead := filled(entry("a")).(access.AccessEntry)
	dead.Created = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	alive := dead
	alive.Created = dead.Created.AddDate(1, 0, 0)
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(dead, policy("a", "ns"))
		m.meanwhile(alive)
		p := planOf(access.Step{Before: policy("a", "ns"), Why: access.WhyDead, Args: []string{"a"}},
			access.Step{Before: dead, Why: access.WhyDead, Args: []string{"a", "2024-01-01T00:00:00Z"}})
		_, err := m.world(t, "").Apply(t.Context(), p, yes(p), nil)
		var conflict *access.Conflict
		if !errors.As(err, &conflict) || m.objects.At(alive.Key()) == nil {
			t.Errorf("%v, entry %v", err, m.objects.At(alive.Key()))
		}
	})
}
