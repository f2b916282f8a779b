package cmd

import (
	"fmt"
	"io"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/eks-access/kubectl-eks-access/access"
)

// readInput reads a named file, or stdin for "-".
func readInput(e *env, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(e.in)
	}
	return os.ReadFile(path)
}

// parseRole reads one Role manifest strictly: a field that a Role does not have is
// an error, since a rule that is silently left out would grant less than it says.
func parseRole(file string, manifest []byte, name string, namespaces []string) (*access.Role, error) {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(manifest, &head); err != nil {
		return nil, fmt.Errorf("read role file %s: %w", file, err)
	}
	switch {
	case head.APIVersion == "rbac.authorization.k8s.io/v1beta1" || head.APIVersion == "rbac.authorization.k8s.io/v1alpha1":
		return nil, usage("role file %s: %s is gone since Kubernetes 1.22\nwrite apiVersion: rbac.authorization.k8s.io/v1; nothing else changes", file, head.APIVersion)
	case head.Kind == "ClusterRole":
		return nil, usage("role file %s holds a ClusterRole; --role is a Role inside a namespace\ncreate the ClusterRole with kubectl and grant it with --cluster-role", file)
	case head.Kind != "Role" || head.APIVersion != rbacv1.SchemeGroupVersion.String():
		return nil, usage("role file %s: want kind Role of apiVersion rbac.authorization.k8s.io/v1, have kind %q of %q", file, head.Kind, head.APIVersion)
	}
	var r rbacv1.Role
	if err := yaml.UnmarshalStrict(manifest, &r); err != nil {
		return nil, fmt.Errorf("read role file %s: %w", file, err)
	}
	switch {
	case r.Name != name:
		return nil, usage("role file %s holds role %q, but --role says %q: make them equal", file, r.Name, name)
	case r.Namespace != "" && (len(namespaces) != 1 || namespaces[0] != r.Namespace):
		return nil, usage("role file %s is for namespace %q, but --namespace says %v: make them equal, or leave metadata.namespace out", file, r.Namespace, namespaces)
	}
	return &access.Role{Namespace: r.Namespace, Name: r.Name, Rules: r.Rules,
		Meta: access.Meta{Labels: r.Labels, Annotations: r.Annotations}}, nil
}
