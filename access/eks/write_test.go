package eks_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/eks"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const role = "arn:aws:iam::111122223333:role/new"

func withNewRole(w *sim.World) {
	a := w.Accounts["111122223333"]
	a.Roles = append(a.Roles, sim.Role{Name: "new"})
	w.Accounts["111122223333"] = a
}

func get[T access.Object](t testing.TB, s *eks.Side, k access.Key) *T {
	t.Helper()
	o, err := s.Get(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	if o == nil {
		return nil
	}
	one := o.(T)
	return &one
}

// sent is the body of the last call of an operation, without the token.
func sent(b *sim.Bench, operation string) string {
	calls := asked(b, operation)
	if len(calls) == 0 {
		return ""
	}
	body := string(calls[len(calls)-1].Body)
	if i := strings.Index(body, `"clientRequestToken":"`); i >= 0 {
		end := i + len(`"clientRequestToken":"`) + 36 + 1
		body = strings.Replace(body, body[i:end], "", 1)
	}
	return strings.NewReplacer("{,", "{", ",,", ",", ",}", "}").Replace(body)
}

func TestEntryFromNothingToNothing(t *testing.T) {
	ctx := context.Background()
	b := bench(world(t, small, withNewRole), sim.Options{})
	side := open(t, b)
	one := access.AccessEntry{In: realm, Principal: role, Type: "STANDARD", Groups: []string{"a", "b"}, Tags: map[string]string{"k": "v"}}
	if err := side.Put(ctx, nil, one); err != nil {
		t.Fatal(err)
	}
	if got, want := sent(b, "CreateAccessEntry"), `{"kubernetesGroups":["a","b"],"principalArn":"`+role+`","tags":{"k":"v"},"type":"STANDARD"}`; got != want {
		t.Errorf("created with %s\nwant %s", got, want)
	}
	live := get[access.AccessEntry](t, side, one.Key())
	two := *live
	two.Groups = nil
	if err := side.Put(ctx, *live, two); err != nil {
		t.Fatal(err)
	}
	if got := sent(b, "UpdateAccessEntry"); got != `{"kubernetesGroups":[]}` {
		t.Errorf("clearing the groups sent %s", got)
	}
	three := two
	three.Username = "robot"
	if err := side.Put(ctx, two, three); err != nil {
		t.Fatal(err)
	}
	if got := sent(b, "UpdateAccessEntry"); got != `{"username":"robot"}` {
		t.Errorf("changing the name sent %s: what does not differ must stay out", got)
	}
	if err := side.Put(ctx, three, nil); err != nil {
		t.Fatal(err)
	}
	if got := get[access.AccessEntry](t, side, one.Key()); got != nil {
		t.Errorf("still there: %+v", got)
	}
	if err := side.Put(ctx, three, nil); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
}

func TestEntryWithoutGroupsSendsNone(t *testing.T) {
	b := bench(world(t, small, withNewRole), sim.Options{})
	if err := open(t, b).Put(context.Background(), nil, access.AccessEntry{In: realm, Principal: role, Groups: []string{}}); err != nil {
		t.Fatal(err)
	}
	if got := sent(b, "CreateAccessEntry"); got != `{"principalArn":"`+role+`"}` {
		t.Errorf("sent %s", got)
	}
}

// Undoing a deletion makes an entry from what was read.
func TestWhatEKSSetsIsNotSent(t *testing.T) {
	for _, kind := range []string{"EC2_LINUX", "STANDARD"} {
		b := bench(world(t, small, withNewRole), sim.Options{})
		side := open(t, b)
		if err := side.Put(context.Background(), nil, access.AccessEntry{In: realm, Principal: role, Type: kind}); err != nil {
			t.Fatal(err)
		}
		was := *get[access.AccessEntry](t, side, access.AccessEntry{In: realm, Principal: role}.Key())
		first := sent(b, "CreateAccessEntry")
		for _, pair := range [][2]access.Object{{was, nil}, {nil, was}} {
			if err := side.Put(context.Background(), pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		if is := *get[access.AccessEntry](t, side, was.Key()); !access.Same(is, was) {
			t.Errorf("made again as %+v, was %+v", is, was)
		}
		if again := sent(b, "CreateAccessEntry"); again != first {
			t.Errorf("sent %s, first %s", again, first)
		}
	}
}

func TestPutRefusesWhatWasChanged(t *testing.T) {
	other := access.AccessEntry{In: realm, Principal: dev, Type: "STANDARD", Username: "somebody"}
	changed := other
	changed.Groups = []string{"x"}
	scope := access.PolicyAssociation{In: realm, Principal: dev, Policy: view, Scope: access.PolicyScope{Namespaces: []string{"shop"}}}
	wider := scope
	wider.Scope = access.PolicyScope{Cluster: true}
	for name, tc := range map[string]struct{ before, after access.Object }{
		"create an entry that is there":        {nil, other},
		"update an entry that is another":      {other, changed},
		"delete an entry that is another":      {other, nil},
		"associate over another scope":         {nil, wider},
		"widen a scope that is another":        {scope, wider},
		"disassociate a scope that is another": {scope, nil},
		"switch from a mode it is not in":      {access.AuthMode{In: realm, Mode: access.ConfigMapMode}, access.AuthMode{In: realm, Mode: access.APIMode}},
		"update an entry that is not there":    {access.AccessEntry{In: realm, Principal: role}, access.AccessEntry{In: realm, Principal: role, Groups: []string{"x"}}},
		"widen a scope that is not there":      {access.PolicyAssociation{In: realm, Principal: admin, Policy: view}, access.PolicyAssociation{In: realm, Principal: admin, Policy: view, Scope: access.PolicyScope{Cluster: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(world(t, small), sim.Options{})
			err := open(t, b).Put(context.Background(), tc.before, tc.after)
			var conflict *access.Conflict
			if !errors.As(err, &conflict) {
				t.Fatalf("err = %v, want a conflict", err)
			}
			for _, c := range b.Calls() {
				if c.Method != "GET" && c.Status == 200 && c.Service == "eks" {
					t.Errorf("wrote %s", c.Operation)
				}
			}
		})
	}
}

func TestScopeIsReplacedAsAWhole(t *testing.T) {
	ctx := context.Background()
	b := bench(world(t, small), sim.Options{})
	side := open(t, b)
	was := *get[access.PolicyAssociation](t, side, access.PolicyAssociation{In: realm, Principal: dev, Policy: view}.Key())
	is := was
	is.Scope.Namespaces = append([]string{"new"}, was.Scope.Namespaces...)
	if err := side.Put(ctx, was, is); err != nil {
		t.Fatal(err)
	}
	if got := get[access.PolicyAssociation](t, side, was.Key()); !access.Same(*got, is) {
		t.Errorf("scope %+v", got.Scope)
	}
	if err := side.Put(ctx, is, nil); err != nil {
		t.Fatal(err)
	}
	if got := get[access.PolicyAssociation](t, side, was.Key()); got != nil {
		t.Errorf("still there: %+v", got)
	}
	if err := side.Put(ctx, nil, access.PolicyAssociation{In: realm, Principal: dev, Policy: edit}); err == nil {
		t.Error("an association without a scope was made")
	}
}

func TestEmptyPrincipalIsNeverSent(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	side := open(t, b)
	e, f := access.AccessEntry{In: realm}, access.AccessEntry{In: realm, Groups: []string{"x"}}
	a := access.PolicyAssociation{In: realm, Policy: view, Scope: access.PolicyScope{Cluster: true}}
	for _, pair := range [][2]access.Object{{nil, e}, {e, f}, {e, nil}, {nil, a}, {a, nil}} {
		if err := side.Put(context.Background(), pair[0], pair[1]); err == nil {
			t.Errorf("%v was accepted", pair)
		}
	}
	if _, err := side.Get(context.Background(), e.Key()); err == nil {
		t.Error("the list was read as an entry")
	}
	if n := len(b.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// What AWS answers for some seconds after a role or an entry was made.
func TestNotYetIsWaitedOut(t *testing.T) {
	entry := access.AccessEntry{In: realm, Principal: role, Type: "STANDARD"}
	policy := access.PolicyAssociation{In: realm, Principal: admin, Policy: view, Scope: access.PolicyScope{Cluster: true}}
	for name, tc := range map[string]struct {
		after     access.Object
		operation string
		fault     sim.Fault
		times     int64
		err       string
	}{
		"a new role":          {entry, "CreateAccessEntry", sim.Fault{Status: 400, Code: "InvalidParameterException", Message: "The specified principalArn is invalid: invalid principal."}, 3, ""},
		"no such role":        {entry, "CreateAccessEntry", sim.Fault{Status: 400, Code: "InvalidParameterException", Message: "The specified principalArn is invalid: invalid principal."}, 1 << 30, "EKS finds no principal " + role},
		"another complaint":   {entry, "CreateAccessEntry", sim.Fault{Status: 400, Code: "InvalidParameterException", Message: "the group is invalid"}, 1, "the group is invalid"},
		"a new entry":         {policy, "AssociateAccessPolicy", sim.Fault{Status: 404, Code: "ResourceNotFoundException", Message: "The specified principalArn could not be found. You must create an access entry"}, 3, ""},
		"no such policy":      {policy, "AssociateAccessPolicy", sim.Fault{Status: 404, Code: "ResourceNotFoundException", Message: "The specified policyArn could not be found."}, 1, "policyArn could not be found"},
		"an answer got lost":  {entry, "CreateAccessEntry", sim.Fault{Lose: true}, 1, ""},
		"a throttled request": {entry, "CreateAccessEntry", sim.Fault{Status: 429, Code: "ThrottlingException"}, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(world(t, small, withNewRole), sim.Options{})
			var times atomic.Int64
			b.Break(func(c sim.Call) *sim.Fault {
				if c.Operation == tc.operation && times.Add(1) <= tc.times {
					return &tc.fault
				}
				return nil
			})
			cfg := configure(t, b)
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := eks.New(cfg, "demo", realm).Put(t.Context(), nil, tc.after)
				if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
					t.Errorf("err = %v, want %q", err, tc.err)
				}
				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("waited %s", took)
				}
			})
		})
	}
}

// A second create with another token is answered 409, also when the first was
// ours and only its answer was lost.
func TestCreateThatIsThereAlreadyIsDone(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	side := open(t, b)
	have := *get[access.AccessEntry](t, side, access.AccessEntry{In: realm, Principal: dev}.Key())
	if err := side.Put(context.Background(), nil, have); err != nil {
		t.Error(err)
	}
}

// A run that was killed right after it made an entry is followed by one that can't see
// it yet. Nobody else changed anything, and the answer is still to come.
func TestCreateThatIsNotShownYetIsNoConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		side := open(t, bench(world(t, small, withNewRole), sim.Options{Visible: time.Second}))
		one := access.AccessEntry{In: realm, Principal: role, Type: "STANDARD"}
		if err := side.Put(ctx, nil, one); err != nil {
			t.Fatal(err)
		}
		err := side.Put(ctx, nil, one)
		var conflict *access.Conflict
		var answered interface{ Answered() bool }
		if err == nil || errors.As(err, &conflict) || errors.As(err, &answered) {
			t.Errorf("it can't be seen yet: %v", err)
		}
		time.Sleep(time.Second)
		if err := side.Put(ctx, nil, one); err != nil {
			t.Errorf("it can be seen: %v", err)
		}
	})
}

func TestTypeAndTagsAreImmutable(t *testing.T) {
	side := open(t, bench(world(t, small), sim.Options{}))
	was := *get[access.AccessEntry](t, side, access.AccessEntry{In: realm, Principal: dev}.Key())
	typed, tagged := was, was
	typed.Type, tagged.Tags = "EC2_LINUX", map[string]string{"owner": "me"}
	for _, is := range []access.AccessEntry{typed, tagged} {
		if err := side.Put(context.Background(), was, is); err == nil || !strings.Contains(err.Error(), "stay as they were created") {
			t.Errorf("err = %v", err)
		}
	}
}

func TestForbiddenWriteNamesWhoAndWhat(t *testing.T) {
	b := bench(world(t, small, withNewRole, func(w *sim.World) { w.Callers[0].Deny = []string{"eks:CreateAccessEntry"} }), sim.Options{})
	err := open(t, b).Put(context.Background(), nil, access.AccessEntry{In: realm, Principal: role})
	var f *access.Forbidden
	if !errors.As(err, &f) {
		t.Fatalf("err = %v", err)
	}
	want := access.Forbidden{Who: "arn:aws:sts::111122223333:assumed-role/admin/alice", Action: "eks:CreateAccessEntry",
		Detail: "ask for eks:CreateAccessEntry on arn:aws:eks:eu-west-1:111122223333:cluster/demo"}
	if diff := cmp.Diff(want, *f); diff != "" {
		t.Error(diff)
	}
}

func TestSwitchingTheMode(t *testing.T) {
	configMap, both, api := access.AuthMode{In: realm, Mode: access.ConfigMapMode}, access.AuthMode{In: realm, Mode: access.BothMode}, access.AuthMode{In: realm, Mode: access.APIMode}
	old := func(w *sim.World) { w.Clusters[0].Mode, w.Clusters[0].Entries = "CONFIG_MAP", nil }
	for name, tc := range map[string]struct {
		change        func(*sim.World)
		before, after access.Object
		fault         func(sim.Call) *sim.Fault
		err           string
	}{
		"forward":           {change: old, before: configMap, after: both},
		"to the end":        {before: both, after: api},
		"done already":      {before: configMap, after: both},
		"out of nothing":    {after: both, err: "it can be switched, not made or removed"},
		"while it updates":  {change: func(w *sim.World) { w.Clusters[0].Status = "UPDATING" }, before: both, after: api, err: "the cluster is UPDATING"},
		"while others do":   {before: both, after: api, err: "another update of the cluster is under way", fault: on("UpdateClusterConfig", sim.Fault{Status: 409, Code: "ResourceInUseException", Message: "in progress"})},
		"may not":           {before: both, after: api, err: "may not eks:UpdateClusterConfig", change: func(w *sim.World) { w.Callers[0].Deny = []string{"eks:UpdateClusterConfig"} }},
		"may not follow it": {before: both, after: api, err: "may not eks:DescribeUpdate", change: func(w *sim.World) { w.Callers[0].Deny = []string{"eks:DescribeUpdate"} }},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, small)
			if tc.change != nil {
				tc.change(&w)
			}
			cfg := configure(t, bench(w, sim.Options{}))
			synctest.Test(t, func(t *testing.T) {
				b := bench(w, sim.Options{ClusterUpdate: 3 * time.Minute})
				b.Break(tc.fault)
				cfg := cfg.Copy()
				cfg.HTTPClient = wire(b)
				side := eks.New(cfg, "demo", realm)
				err := side.Put(t.Context(), tc.before, tc.after)
				if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
					t.Fatalf("err = %v, want %q", err, tc.err)
				}
				if tc.err == "" && !access.Same(*get[access.AuthMode](t, side, both.Key()), tc.after) {
					t.Error("the mode is not what was asked for")
				}
			})
		})
	}
}

// AWS tells in the update, not in an error, what went wrong.
func TestFailedUpdateSaysWhy(t *testing.T) {
	b := bench(world(t, small), sim.Options{})
	cfg := configure(t, b)
	cfg.HTTPClient = updating(b, `{"update":{"id":"u1","status":"Failed","errors":[{"errorCode":"AccessDenied","errorMessage":"no rights","resourceIds":["r1"]}]}}`)
	err := eks.New(cfg, "demo", realm).Put(context.Background(), access.AuthMode{In: realm, Mode: access.BothMode}, access.AuthMode{In: realm, Mode: access.APIMode})
	if err == nil || !strings.Contains(err.Error(), "Failed; AccessDenied: no rights (r1)") {
		t.Errorf("err = %v", err)
	}
}

func on(operation string, f sim.Fault) func(sim.Call) *sim.Fault {
	return func(c sim.Call) *sim.Fault {
		if c.Operation == operation {
			return &f
		}
		return nil
	}
}
