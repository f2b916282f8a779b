package rig

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// Apply creates objects from their JSON manifests, in this order. What is there
// already (kube-system, cluster-admin) is overwritten, as one would by hand.
func (c *ControlPlane) Apply(ctx context.Context, manifests ...[]byte) error {
	disco, err := discovery.NewDiscoveryClientForConfig(c.Admin)
	if err != nil {
		return err
	}
	groups, err := restmapper.GetAPIGroupResources(disco)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDiscoveryRESTMapper(groups)
	client, err := dynamic.NewForConfig(c.Admin)
	if err != nil {
		return err
	}
	for _, text := range manifests {
		var o unstructured.Unstructured
		if err := json.Unmarshal(text, &o.Object); err != nil {
			return fmt.Errorf("manifest %s: %w", text, err)
		}
		gvk := o.GroupVersionKind()
		to, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
		if err != nil {
			return fmt.Errorf("%s %s: %w", gvk.Kind, o.GetName(), err)
		}
		objects := dynamic.ResourceInterface(client.Resource(to.Resource))
		if to.Scope.Name() == meta.RESTScopeNameNamespace {
			objects = client.Resource(to.Resource).Namespace(o.GetNamespace())
		}
		if err := put(ctx, objects, &o); err != nil {
			return fmt.Errorf("%s %s/%s: %w", gvk.Kind, o.GetNamespace(), o.GetName(), err)
		}
	}
	return nil
}

func put(ctx context.Context, objects dynamic.ResourceInterface, o *unstructured.Unstructured) error {
	_, err := objects.Create(ctx, o, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	there, err := objects.Get(ctx, o.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	o.SetResourceVersion(there.GetResourceVersion())
	_, err = objects.Update(ctx, o, metav1.UpdateOptions{})
	return err
}
