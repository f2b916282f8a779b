// Package kube is the side that speaks to a cluster's API server: RBAC,
// namespaces, aws-auth and the reviews that answer who may do what. It also
// finds out which EKS cluster a kubeconfig context means.
//
// Client types and Status errors stop here.
package kube

import (
	"context"
	"fmt"
	"net"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Side reads and writes one cluster's Kubernetes realm. It is safe for concurrent use.
type Side struct {
	realm  access.Realm
	server string
	typed  kubernetes.Interface
	raw    dynamic.Interface // writes keep the fields that our types don't know
	dry    []string          // of writes: All is a dry run
}

// New opens a cluster's API server. It asks nobody yet.
func New(cfg *rest.Config, realm access.Realm) (*Side, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1 // seven calls at once are no flood, and the server has its own fairness
	cfg.ContentType = "application/json"
	cfg.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	if cfg.Dial == nil {
		// An API server that is not reachable from here should say so while people still wait.
		cfg.Dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("open the API server %s: %w", cfg.Host, err)
	}
	typed, err := kubernetes.NewForConfigAndClient(cfg, client)
	if err != nil {
		return nil, fmt.Errorf("open the API server %s: %w", cfg.Host, err)
	}
	raw, err := dynamic.NewForConfigAndClient(cfg, client)
	if err != nil {
		return nil, fmt.Errorf("open the API server %s: %w", cfg.Host, err)
	}
	return &Side{realm: realm, server: cfg.Host, typed: typed, raw: raw}, nil
}

// resources are where the kinds live.
var resources = map[access.Kind]schema.GroupVersionResource{
	access.AuthMapKind:            {Version: "v1", Resource: "configmaps"},
	access.NamespaceKind:          {Version: "v1", Resource: "namespaces"},
	access.RoleKind:               {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	access.ClusterRoleKind:        {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"},
	access.RoleBindingKind:        {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	access.ClusterRoleBindingKind: {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
}

// at is the door to one object.
func (s *Side) at(k access.Key) (dynamic.ResourceInterface, error) {
	gvr, ok := resources[k.Kind]
	if !ok || k.Name == "" {
		return nil, fmt.Errorf("%s %q is no object of the API server", k.Kind, k.Name)
	}
	if k.Namespace == "" {
		return s.raw.Resource(gvr), nil
	}
	return s.raw.Resource(gvr).Namespace(k.Namespace), nil
}

// Get reads one object as it is now; nil when it is absent. A namespace that is
// being deleted is on its way out for good, and counts as absent.
func (s *Side) Get(ctx context.Context, k access.Key) (access.Object, error) {
	live, err := s.live(ctx, k)
	if live == nil || err != nil || k.Kind == access.NamespaceKind && live.GetDeletionTimestamp() != nil {
		return nil, err
	}
	return s.object(k.Kind, live)
}

func (s *Side) live(ctx context.Context, k access.Key) (*unstructured.Unstructured, error) {
	door, err := s.at(k)
	if err != nil {
		return nil, err
	}
	live, err := door.Get(ctx, k.Name, metav1.GetOptions{})
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, s.refused("get", k, err)
	}
	return live, nil
}
