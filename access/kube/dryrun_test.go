package kube_test

import (
	"errors"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// A dry run answers as the write does, and changes nothing.
func TestDryRunChangesNothing(t *testing.T) {
	ctx, b := t.Context(), workshop(t)
	side, poor := open(t, b, admin), open(t, b, carts)
	theirs := binding("carts", "theirs", "a")
	if err := side.Put(ctx, nil, theirs); err != nil {
		t.Fatal(err)
	}
	before := read(t, side).Objects
	am, _ := access.Get[access.AuthMap](before, access.AuthMap{In: realm}.Key())
	other := access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "[]"}}
	more := theirs
	more.Subjects = append(more.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "b"})
	for name, do := range map[string]struct{ before, after access.Object }{
		"create":  {nil, binding("carts", "mine", "a")},
		"update":  {theirs, more},
		"map":     {am, other},
		"delete":  {theirs, nil},
		"made up": {nil, access.Namespace{In: realm, Name: "new"}},
	} {
		if err := side.DryRun(ctx, do.before, do.after); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var f *access.Forbidden
		if err := poor.DryRun(ctx, do.before, do.after); !errors.As(err, &f) {
			t.Errorf("%s, by who may not: %v", name, err)
		}
	}
	var conflict *access.Conflict
	if err := side.DryRun(ctx, other, access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "third"}}); !errors.As(err, &conflict) {
		t.Errorf("what was changed: %v", err)
	}
	after := read(t, side).Objects
	for o := range before.All() {
		if !access.Same(o, after.At(o.Key())) {
			t.Errorf("%v was changed", o.Key())
		}
	}
	if before.Len() != after.Len() {
		t.Errorf("%d objects, and %d before", after.Len(), before.Len())
	}
	for _, c := range b.Calls() {
		if c.Method != "GET" && !strings.HasPrefix(c.Operation, "dry-run ") && c.Operation != "create rolebindings" && !strings.Contains(c.Operation, "reviews") {
			t.Errorf("a write that is no dry run: %s", c.Operation)
		}
	}
}

// A refusal by the object, and not by who asks, is told in the server's words, not with
// the advice to ask for a verb.
func TestRefusalsAreToldApart(t *testing.T) {
	for message, want := range map[string]struct {
		says string
		who  string
	}{
		`rolebindings.rbac.authorization.k8s.io "x" is forbidden: User "eve" cannot create resource "rolebindings"`:                                                                                     {who: "eve", says: "ask for the verb create on rolebindings"},
		`rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`:                             {who: "eve", says: "lets nobody grant what they don't hold"},
		`admission webhook "policy.example.com" denied the request: no grants on Friday`:                                                                                                                {says: `create rolebindings.rbac.authorization.k8s.io "x" in namespace carts is refused: admission webhook "policy.example.com" denied the request: no grants on Friday`},
		`rolebindings.rbac.authorization.k8s.io "x" is forbidden: ValidatingAdmissionPolicy 'friday' with binding 'all' denied request: no grants on Friday`:                                            {says: "is refused: ValidatingAdmissionPolicy 'friday' with binding 'all' denied request: no grants on Friday"},
		`rolebindings.rbac.authorization.k8s.io "x" is forbidden: exceeded quota: few, requested: count/rolebindings.rbac.authorization.k8s.io=1, used: count/rolebindings.rbac.authorization.k8s.io=3`: {says: "is refused: exceeded quota: few"},
		`rolebindings.rbac.authorization.k8s.io "x" is forbidden: unable to create new content in namespace carts because it is being terminated`:                                                       {says: "is refused: unable to create new content"},
	} {
		b := workshop(t)
		side := open(t, b, admin)
		b.Break(func(c sim.Call) *sim.Fault {
			if strings.HasPrefix(c.Operation, "dry-run") {
				return &sim.Fault{Status: 403, Code: "Forbidden", Message: message}
			}
			return nil
		})
		err := side.DryRun(t.Context(), nil, binding("carts", "x", "a"))
		var f *access.Forbidden
		if err == nil || !strings.Contains(err.Error(), want.says) || errors.As(err, &f) != (want.who != "") || f != nil && f.Who != want.who {
			t.Errorf("%s:\n%v", message, err)
		}
		var answered interface{ Answered() bool }
		if f == nil && (!errors.As(err, &answered) || !answered.Answered()) {
			t.Errorf("%s: no answer", message)
		}
	}
	b := workshop(t)
	b.Break(func(c sim.Call) *sim.Fault {
		if strings.HasPrefix(c.Operation, "dry-run") {
			return &sim.Fault{Status: 400, Code: "BadRequest", Message: `admission webhook "audit.example.com" does not support dry run`}
		}
		return nil
	})
	if err := open(t, b, admin).DryRun(t.Context(), nil, binding("carts", "x", "a")); !errors.Is(err, access.ErrNoDryRun) || !strings.Contains(err.Error(), "audit.example.com") {
		t.Errorf("a webhook without dry run: %v", err)
	}
}
