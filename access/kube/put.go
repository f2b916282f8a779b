package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Put makes one change under the live object's resourceVersion. Whatever an
// access object does not hold of it (other metadata, fields newer than our
// types) is kept.
func (s *Side) Put(ctx context.Context, before, after access.Object) error {
	about := after
	if about == nil {
		about = before
	}
	k := about.Key()
	if _, ok := resources[k.Kind]; !ok {
		return fmt.Errorf("change %s %s: it is not written through the API server", k.Kind, k.Name)
	}
	if before == nil {
		return s.create(ctx, after)
	}
	live, err := s.live(ctx, k)
	if err != nil {
		return err
	}
	if live == nil {
		if after == nil {
			return nil
		}
		return &access.Conflict{Key: k, Want: before}
	}
	have, err := s.object(k.Kind, live)
	switch {
	case err != nil:
		return err
	case after != nil && access.Same(have, after):
		return nil
	case !access.Same(have, before):
		return &access.Conflict{Key: k, Want: before, Have: have}
	case after == nil:
		return s.remove(ctx, before, live)
	}
	return s.update(ctx, before, after, live)
}

// DryRun asks the API server to try a change and not to make it: authentication, the
// check against escalation, validation, quotas and admission, all but the storing
// (Kubernetes API concepts, "Dry-run"). It differs from Put in nothing else.
func (s *Side) DryRun(ctx context.Context, before, after access.Object) error {
	trying := *s
	trying.dry = []string{metav1.DryRunAll}
	return trying.Put(ctx, before, after)
}

func (s *Side) create(ctx context.Context, after access.Object) error {
	k := after.Key()
	door, err := s.at(k)
	if err != nil {
		return err
	}
	o, err := manifest(after)
	if err != nil {
		return err
	}
	_, err = door.Create(ctx, o, metav1.CreateOptions{DryRun: s.dry, FieldValidation: metav1.FieldValidationStrict})
	if !apierrors.IsAlreadyExists(err) {
		return s.refused("create", k, err)
	}
	live, err := s.live(ctx, k)
	if err != nil {
		return err
	}
	if live != nil && live.GetDeletionTimestamp() != nil {
		return fmt.Errorf("create %s: the old one is still being deleted: wait until it is gone and run the plan again", resourceOf(k))
	}
	return s.unless(k, nil, after, live)
}

// unless is a Conflict unless the live object is what was wanted: ours, if the
// answer to an earlier attempt was lost.
func (s *Side) unless(k access.Key, before, after access.Object, live *unstructured.Unstructured) error {
	c := &access.Conflict{Key: k, Want: before}
	if live != nil {
		have, err := s.object(k.Kind, live)
		if err != nil {
			return err
		}
		if access.Same(have, after) {
			return nil
		}
		c.Have = have
	}
	return c
}

func (s *Side) update(ctx context.Context, before, after access.Object, live *unstructured.Unstructured) error {
	k := after.Key()
	was, ok := before.(access.Binding)
	if is, _ := after.(access.Binding); ok && was.Role != is.Role {
		return fmt.Errorf("change %s: the roleRef of a binding is immutable: delete the binding and create it with the new role", resourceOf(k))
	}
	want, err := manifest(after)
	if err != nil {
		return err
	}
	door, err := s.at(k)
	if err != nil {
		return err
	}
	_, err = door.Update(ctx, onto(live, want), metav1.UpdateOptions{DryRun: s.dry, FieldValidation: metav1.FieldValidationStrict})
	if !apierrors.IsConflict(err) {
		return s.refused("update", k, err)
	}
	live, err = s.live(ctx, k)
	if err != nil {
		return err
	}
	return s.unless(k, before, after, live)
}

// onto puts what an access object holds on the live object, and nothing else.
func onto(live, want *unstructured.Unstructured) *unstructured.Unstructured {
	out := live.DeepCopy()
	for _, field := range []string{"data", "rules", "aggregationRule", "subjects"} {
		if v, ok := want.Object[field]; ok {
			out.Object[field] = v
		} else {
			delete(out.Object, field)
		}
	}
	if want.GetKind() == "ConfigMap" {
		return out // an AuthMap holds no metadata
	}
	labels := want.GetLabels()
	if name, ok := live.GetLabels()[nameLabel]; ok && live.GetKind() == "Namespace" {
		if labels == nil {
			labels = map[string]string{}
		}
		labels[nameLabel] = name
	}
	out.SetLabels(labels)
	out.SetAnnotations(want.GetAnnotations())
	return out
}

func (s *Side) remove(ctx context.Context, before access.Object, live *unstructured.Unstructured) error {
	k := before.Key()
	if k.Kind == access.NamespaceKind {
		if err := s.mustBeEmpty(ctx, k.Name); err != nil {
			return err
		}
	}
	door, err := s.at(k)
	if err != nil {
		return err
	}
	version, uid := live.GetResourceVersion(), live.GetUID()
	err = door.Delete(ctx, k.Name, metav1.DeleteOptions{DryRun: s.dry, Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
	switch {
	case absent(err):
		return nil
	case apierrors.IsConflict(err):
		return s.unless(k, before, nil, live)
	}
	return s.refused("delete", k, err)
}

// contents are what people lose with a namespace.
var contents = []schema.GroupVersionResource{
	{Version: "v1", Resource: "pods"}, {Version: "v1", Resource: "services"}, {Version: "v1", Resource: "secrets"},
	{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "persistentvolumeclaims"},
	{Group: "apps", Version: "v1", Resource: "deployments"}, {Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "apps", Version: "v1", Resource: "daemonsets"}, {Group: "batch", Version: "v1", Resource: "jobs"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
}

// clusterCA is put into every namespace by Kubernetes itself.
const clusterCA = "kube-root-ca.crt"

// mustBeEmpty: undoing the creation of a namespace must not take along what
// others have put into it since.
func (s *Side) mustBeEmpty(ctx context.Context, name string) error {
	for _, gvr := range contents {
		l, err := s.raw.Resource(gvr).Namespace(name).List(ctx, metav1.ListOptions{Limit: 2})
		if absent(err) {
			continue // this cluster has no such resource
		}
		if err != nil {
			why := "its contents could not be read: " + err.Error()
			return &refusal{access.Denied, fmt.Sprintf("namespace %s is not deleted, because %s", name, why), true, nil}
		}
		for _, o := range l.Items {
			if gvr.Resource != "configmaps" || o.GetName() != clusterCA {
				return &refusal{access.Denied, fmt.Sprintf("namespace %s is not deleted, because it holds %s %s: remove what is in it first", name, gvr.Resource, o.GetName()), true, nil}
			}
		}
	}
	return nil
}
