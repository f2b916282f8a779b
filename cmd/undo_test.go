package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

const undoAccount = "123456789012"

var undoEKS, undoKube, undoAt = access.EKSRealm("c"), access.KubeRealm("c"), time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func roleARN(n string) string { return "arn:aws:iam::" + undoAccount + ":role/" + n }

func parsed(t *testing.T, arn string) access.Principal {
	p, err := access.ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// undoWorld is a cluster with an administrator of its own and one of aws-auth, x. Who looks
// may not bind cluster-admin.
func undoWorld(t *testing.T) access.Snapshot {
	t.Helper()
	all := access.Rule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}
	urls := access.Rule{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}
	os := access.Objects{}.With(
		access.Cluster{In: undoEKS, Name: "c", ARN: "arn:aws:eks:us-west-2:" + undoAccount + ":cluster/c", Region: "us-west-2", Account: undoAccount, Version: "1.33", Status: "ACTIVE"},
		access.AuthMode{In: undoEKS, Mode: access.BothMode},
		access.AuthMap{In: undoKube, Data: map[string]string{"mapRoles": "- rolearn: " + roleARN("x") + "\n  username: x\n  groups: [system:masters]\n"}},
		access.AccessEntry{In: undoEKS, Principal: roleARN("keeper"), Type: access.StandardType, Username: "keeper", Created: undoAt},
		access.Role{In: undoKube, Name: "cluster-admin", Rules: []access.Rule{all, urls}},
		access.Binding{In: undoKube, Name: "keeper", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}, Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "keeper"}}},
		access.Namespace{In: undoKube, Name: "default"}, access.Namespace{In: undoKube, Name: "carts"},
	)
	for _, n := range []string{"x", "keeper", "bob", "carol"} {
		os = os.With(access.IAMPrincipal{In: access.IAMRealm(undoAccount), ARN: roleARN(n), ID: parsed(t, roleARN(n)).ID(), UniqueID: "AROA" + n, Created: undoAt.AddDate(-1, 0, 0)})
	}
	who := parsed(t, roleARN("keeper"))
	return access.Snapshot{Caller: access.Caller{AWS: who, Kube: who, Identity: access.Identity{User: "somebody"}},
		Realms: []access.Realm{undoEKS, access.IAMRealm(undoAccount), undoKube}, Objects: os, At: undoAt}
}

// journalOf is the journal of a plan of which some steps were done.
func journalOf(t *testing.T, dir, id string, p access.Plan, done int) live.Journal {
	t.Helper()
	plan, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	n := len(must(live.History(dir)))
	at := func(i int) string {
		return undoAt.Add(time.Duration(n)*time.Hour + time.Duration(i)*time.Second).Format(time.RFC3339)
	}
	text := fmt.Sprintf("{\"kind\":\"Journal\",\"at\":%q,\"plan\":%s}\n", at(0), plan)
	for i := range done {
		text += fmt.Sprintf("{\"at\":%q,\"step\":%d,\"state\":%q}\n{\"at\":%q,\"step\":%d,\"state\":%q}\n", at(i+1), i, access.Started, at(i+1), i, access.Done)
	}
	path := filepath.Join(dir, id+".journal")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return must(live.ReadJournal(path))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// plannedAnew is the world after a plan's first step and somebody's edit of aws-auth, and
// the plan that goes on with its journal.
func plannedAnew(t *testing.T, s access.Snapshot, dir string, p access.Plan) (access.Snapshot, access.Plan) {
	t.Helper()
	j := journalOf(t, dir, "20261121-100000-aaaaaa", p, 1)
	now := access.Project(s, p.Steps[:1]...)
	am, _ := now.AuthMap()
	am.Data = map[string]string{"mapRoles": am.Data["mapRoles"] + "# theirs\n"}
	now.Objects = now.Objects.With(am)
	again := must(access.Replan(now, p))
	again.GoesOn = []string{j.Path}
	return now, again
}

func levelOf(s access.Snapshot, t *testing.T, name string) access.Level {
	ix := access.NewIndex(s)
	r, _ := ix.Row(parsed(t, roleARN(name)))
	return ix.Cell(r, "").Level
}

func isAsked(p access.Plan) bool { return p.Refused() || len(p.Confirms()) > 0 }

// Of two plans that went on with each other only the later can be taken back: who loses all
// by that, and had it before both, is asked for.
func TestUndoInTheMiddle(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.Migrate{}))
	if len(p.Steps) != 3 {
		t.Fatal(len(p.Steps))
	}
	now, p2 := plannedAnew(t, s, dir, p)
	j2 := journalOf(t, dir, "20261121-110000-bbbbbb", p2, len(p2.Steps))
	now = access.Project(now, p2.Steps...)
	// Somebody puts a tag on the entry.
	e, _ := access.Get[access.AccessEntry](now.Objects, access.AccessEntry{In: undoEKS, Principal: roleARN("x")}.Key())
	e.Tags = map[string]string{"team": "x"}
	now.Objects = now.Objects.With(e)
	got, err := undoOf(now, []live.Journal{j2})
	if err != nil {
		t.Fatal(err)
	}
	end := access.Project(now, got.plan.Steps...)
	if is, was := levelOf(end, t, "x"), levelOf(now, t, "x"); is >= was || !isAsked(got.plan) {
		t.Errorf("x: %s, then %s, asked for: %v", was, is, got.plan.Confirms())
	}
}

// Whom somebody took out by hand after a migration is not let in again by its undo unasked.
func TestUndoLetsInAgain(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.Migrate{}))
	j := journalOf(t, dir, "20261121-100000-aaaaaa", p, len(p.Steps))
	now := access.Project(s, p.Steps...)
	for o := range now.Objects.All() {
		if k := o.Key(); k.Name == roleARN("x") && k.Kind == access.EntryKind || k.Namespace == roleARN("x") {
			now = access.Project(now, access.Step{Before: o})
		}
	}
	got, err := undoOf(now, []live.Journal{j})
	if err != nil {
		t.Fatal(err)
	}
	if end := access.Project(now, got.plan.Steps...); levelOf(end, t, "x") > levelOf(now, t, "x") && !isAsked(got.plan) {
		t.Errorf("x: %s -> %s, and nobody is asked", levelOf(now, t, "x"), levelOf(end, t, "x"))
	}
}

// What was left in the middle long ago, and has been changed by others since, does not keep
// the last change from being taken back.
func TestUndoPastAnOldOne(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	old := must(access.Build(s, access.GrantAccess{Principal: parsed(t, roleARN("carol")), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}))
	journalOf(t, dir, "20261121-100000-aaaaaa", old, 1)
	now := access.Project(s, old.Steps[0])
	e, _ := access.Get[access.AccessEntry](now.Objects, old.Steps[0].Key())
	e.Groups = []string{"theirs"}
	now.Objects = now.Objects.With(e)
	p := must(access.Build(now, access.GrantAccess{Principal: parsed(t, roleARN("bob")), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}))
	journalOf(t, dir, "20261121-110000-bbbbbb", p, len(p.Steps))
	now = access.Project(now, p.Steps...)
	c, _ := now.Cluster()
	got, err := undoOf(now, must(live.Journals(dir, c)))
	if err != nil || len(got.plan.Steps) != 2 {
		t.Errorf("%v, %d steps", err, len(got.plan.Steps))
	}
}

// The undo of an undo makes the change stand again.
func TestUndoOfAnUndo(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	grant := func(n string) access.Plan {
		return must(access.Build(s, access.GrantAccess{Principal: parsed(t, roleARN(n)), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}))
	}
	run := func(id string, p access.Plan, undoes ...string) live.Journal {
		p.Undoes = undoes
		s = access.Project(s, p.Steps...)
		return journalOf(t, dir, id, p, len(p.Steps))
	}
	run("20261121-100000-aaaaaa", grant("carol"))
	j1 := run("20261121-110000-bbbbbb", grant("bob"))
	u := run("20261121-120000-cccccc", must(undoOf(s, []live.Journal{j1})).plan, j1.Path)
	run("20261121-130000-dddddd", must(undoOf(s, []live.Journal{u})).plan, u.Path)
	c, _ := s.Cluster()
	js := must(live.Journals(dir, c))
	if js[0].ID() != j1.ID() {
		t.Errorf("the last change that stands is %s, want %s", js[0].ID(), j1.ID())
	}
	got := must(undoOf(s, js))
	for _, st := range got.plan.Steps {
		if strings.Contains(fmt.Sprint(st.Key()), "carol") {
			t.Errorf("undo takes from carol: %v", st.Key())
		}
	}
}

// The rest of an undo, named to resume, when somebody else's change stands in the way: the
// way on is undo, not the undo of the undo.
func TestResumeOfAnUndo(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.GrantAccess{Principal: parsed(t, roleARN("bob")), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}))
	j1 := journalOf(t, dir, "20261121-110000-bbbbbb", p, len(p.Steps))
	now := access.Project(s, p.Steps...)
	back := must(undoOf(now, []live.Journal{j1})).plan
	u := journalOf(t, dir, "20261121-120000-cccccc", back, 1)
	now = access.Project(now, back.Steps[0])
	e, _ := access.Get[access.AccessEntry](now.Objects, back.Steps[1].Key())
	e.Groups = []string{"theirs"}
	now.Objects = now.Objects.With(e)
	_, err := resumption(now, u)
	if err == nil || strings.Contains(err.Error(), "undo "+u.ID()) {
		t.Errorf("%v", err)
	}
}

// An interrupted undo is gone on with when its folder has moved.
func TestMovedFolder(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.GrantAccess{Principal: parsed(t, roleARN("bob")), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}))
	j1 := journalOf(t, dir, "20261121-110000-bbbbbb", p, len(p.Steps))
	u := must(undoOf(access.Project(s, p.Steps...), []live.Journal{j1})).plan
	u.Undoes = []string{"/elsewhere/" + filepath.Base(j1.Path)}
	ju := journalOf(t, dir, "20261121-120000-cccccc", u, 1)
	if js, err := undoneBy(ju); err != nil || len(js) != 1 {
		t.Errorf("%v %v", js, err)
	}
}

// The undo of a grant takes an entry away under which somebody has put a masters item since.
func TestUndoUncovers(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	s.Objects = s.Objects.With(access.Role{In: undoKube, Name: "view", Rules: []access.Rule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}})
	p := must(access.Build(s, access.GrantAccess{Principal: parsed(t, roleARN("bob")), ClusterRole: "view", Namespaces: []string{"carts"}}))
	j := journalOf(t, dir, "20261121-100000-aaaaaa", p, len(p.Steps))
	now := access.Project(s, p.Steps...)
	am, _ := now.AuthMap()
	am.Data = map[string]string{"mapRoles": am.Data["mapRoles"] + "- rolearn: " + roleARN("bob") + "\n  username: bob\n  groups: [system:masters]\n"}
	now.Objects = now.Objects.With(am)
	got := must(undoOf(now, []live.Journal{j}))
	if end := access.Project(now, got.plan.Steps...); levelOf(end, t, "bob") > levelOf(now, t, "bob") && !isAsked(got.plan) {
		t.Errorf("bob: %s -> %s, and nobody is asked", levelOf(now, t, "bob"), levelOf(end, t, "bob"))
	}
}

// What a change gave and took is taken back without a question.
func TestUndoAsksNothing(t *testing.T) {
	for name, in := range map[string][]access.Intent{
		"grant":   {access.GrantAccess{Principal: parsed(t, roleARN("bob")), Policy: access.ViewPolicy, Namespaces: []string{"carts"}}},
		"migrate": {access.Migrate{}},
		"revoke":  {access.RevokeAccess{Principal: parsed(t, roleARN("x"))}},
	} {
		s, dir := undoWorld(t), t.TempDir()
		p := must(access.Build(s, in...))
		j := journalOf(t, dir, "20261121-100000-aaaaaa", p, len(p.Steps))
		got := must(undoOf(access.Project(s, p.Steps...), []live.Journal{j}))
		for _, c := range got.plan.Confirms() {
			if c == access.GivesSince || c == access.TakesSince {
				t.Errorf("%s: %v", name, got.plan.Findings)
			}
		}
	}
}

// Stopped again while it was resumed: what it went on with goes with it.
func TestStoppedOnceMore(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.Migrate{}))
	now, p2 := plannedAnew(t, s, dir, p)
	j2 := journalOf(t, dir, "20261121-110000-bbbbbb", p2, 1)
	now = access.Project(now, p2.Steps[0])
	got := must(resumption(now, j2))
	st := got.stopped.next(got.applied(), access.Outcome{Journal: j2.Path})
	if len(st.plans) != 2 || len(st.journal) != 2 {
		t.Errorf("%d plans, %d journals", len(st.plans), len(st.journal))
	}
}

// Whose item stands in the way of an undo is said.
func TestUndoNamesTheItem(t *testing.T) {
	s, dir := undoWorld(t), t.TempDir()
	p := must(access.Build(s, access.Migrate{}))
	j := journalOf(t, dir, "20261121-100000-aaaaaa", p, len(p.Steps))
	now := access.Project(s, p.Steps...)
	now.Objects = now.Objects.With(access.AuthMap{In: undoKube, Data: map[string]string{"mapRoles": "- rolearn: " + roleARN("x") + "\n  username: x\n  groups: [viewers]\n"}})
	if _, err := undoOf(now, []live.Journal{j}); err == nil || !strings.Contains(err.Error(), roleARN("x")) {
		t.Error(err)
	}
}
