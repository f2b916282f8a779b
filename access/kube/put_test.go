package kube_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

func TestPutRefusesWhatWasChanged(t *testing.T) {
	live := binding("carts", "theirs", "a")
	for name, tc := range map[string]struct{ before, after access.Object }{
		"create what is there":       {nil, binding("carts", "theirs", "b")},
		"update what is another":     {binding("carts", "theirs", "x"), binding("carts", "theirs", "b")},
		"remove what is another":     {binding("carts", "theirs", "x"), nil},
		"update what is not there":   {binding("carts", "absent", "x"), binding("carts", "absent", "b")},
		"aws-auth that was edited":   {access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "old"}}, access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "new"}}},
		"aws-auth that is not there": {nil, access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "new"}}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, b := context.Background(), workshop(t)
			side := open(t, b, admin)
			if err := side.Put(ctx, nil, live); err != nil {
				t.Fatal(err)
			}
			err := side.Put(ctx, tc.before, tc.after)
			var conflict *access.Conflict
			if !errors.As(err, &conflict) {
				t.Fatalf("err = %v, want a conflict", err)
			}
			if got, err := side.Get(ctx, live.Key()); err != nil || !access.Same(got, live) {
				t.Errorf("it was changed: %+v, %v", got, err)
			}
		})
	}
}

// Somebody writes between our read and our write: the resourceVersion tells.
func TestRacingWriteIsAConflict(t *testing.T) {
	for _, operation := range []string{"update configmaps", "delete configmaps"} {
		ctx, b := context.Background(), workshop(t)
		side, k := open(t, b, admin), direct(t, b)
		was, err := side.Get(ctx, access.AuthMap{In: realm}.Key())
		if err != nil {
			t.Fatal(err)
		}
		raced := false
		b.Break(func(c sim.Call) *sim.Fault {
			if c.Operation == operation && !raced {
				raced = true
				cm, err := k.CoreV1().ConfigMaps("kube-system").Get(ctx, "aws-auth", metav1.GetOptions{})
				if err == nil {
					cm.Data["mapUsers"] = "- userarn: theirs\n"
					_, err = k.CoreV1().ConfigMaps("kube-system").Update(ctx, cm, metav1.UpdateOptions{})
				}
				if err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		var is access.Object = access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "ours"}}
		if strings.HasPrefix(operation, "delete") {
			is = nil
		}
		err = side.Put(ctx, was, is)
		var conflict *access.Conflict
		if !errors.As(err, &conflict) || !raced {
			t.Errorf("%s: err = %v", operation, err)
		}
		now, err := k.CoreV1().ConfigMaps("kube-system").Get(ctx, "aws-auth", metav1.GetOptions{})
		if err != nil || now.Data["mapUsers"] != "- userarn: theirs\n" {
			t.Errorf("%s: their edit is lost: %v, %v", operation, now, err)
		}
	}
}

// What our types don't hold stays: other metadata, binary data, new fields.
func TestUpdateKeepsTheRest(t *testing.T) {
	ctx, b := context.Background(), workshop(t)
	side, k := open(t, b, admin), direct(t, b)
	cm, err := k.CoreV1().ConfigMaps("kube-system").Get(ctx, "aws-auth", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cm.Annotations, cm.Labels, cm.BinaryData = map[string]string{"a": "1"}, map[string]string{"l": "2"}, map[string][]byte{"b": {3}}
	if _, err := k.CoreV1().ConfigMaps("kube-system").Update(ctx, cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	was := access.AuthMap{In: realm, Data: cm.Data}
	is := access.AuthMap{In: realm, Data: map[string]string{"mapRoles": "[]"}}
	if err := side.Put(ctx, was, is); err != nil {
		t.Fatal(err)
	}
	now, err := k.CoreV1().ConfigMaps("kube-system").Get(ctx, "aws-auth", metav1.GetOptions{})
	if err != nil || now.Annotations["a"] != "1" || now.Labels["l"] != "2" || len(now.BinaryData["b"]) != 1 {
		t.Errorf("lost: %+v, %v", now, err)
	}
	if len(now.Data) != 1 || now.Data["mapRoles"] != "[]" {
		t.Errorf("data %v: it is replaced as a whole", now.Data)
	}
}

func TestRoleRefIsImmutable(t *testing.T) {
	ctx, b := context.Background(), workshop(t)
	side := open(t, b, admin)
	was := binding("carts", "rb", "a")
	if err := side.Put(ctx, nil, was); err != nil {
		t.Fatal(err)
	}
	is := was
	is.Role.Name = "edit"
	if err := side.Put(ctx, was, is); err == nil || !strings.Contains(err.Error(), "immutable: delete the binding and create it") {
		t.Errorf("err = %v", err)
	}
}

func TestNamespaceWithContentsIsNotRemoved(t *testing.T) {
	ctx, b := context.Background(), workshop(t)
	side, k := open(t, b, admin), direct(t, b)
	n := access.Namespace{In: realm, Name: "new"}
	if err := side.Put(ctx, nil, n); err != nil {
		t.Fatal(err)
	}
	if _, err := k.CoreV1().Services("new").Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := side.Put(ctx, n, nil); err == nil || !strings.Contains(err.Error(), "holds services shop") {
		t.Errorf("err = %v", err)
	}
	if got, err := side.Get(ctx, n.Key()); got == nil || err != nil {
		t.Errorf("Get = %v, %v", got, err)
	}
}

func TestForbiddenWriteNamesWhoAndWhat(t *testing.T) {
	err := open(t, workshop(t), carts).Put(context.Background(), nil, binding("", "mine", "x"))
	var f *access.Forbidden
	if !errors.As(err, &f) || !strings.Contains(f.Who, "assumed-role/carts-developers") || f.Action != `create clusterrolebindings.rbac.authorization.k8s.io "mine"` {
		t.Errorf("err = %v", err)
	}
}

// The answer to a create is lost, and the client asks again.
func TestCreateThatIsThereAlreadyIsDone(t *testing.T) {
	ctx, b := context.Background(), workshop(t)
	side, o := open(t, b, admin), binding("carts", "rb", "a")
	for range 2 {
		if err := side.Put(ctx, nil, o); err != nil {
			t.Error(err)
		}
	}
}
