package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

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

// parseRole reads one manifest of a Role or a ClusterRole strictly: a field that it does
// not have is an error, since a rule that is silently left out would grant less than it
// says. With a kind, any other is refused.
func parseRole(file string, manifest []byte, want access.Kind) (role *access.Role, kind access.Kind, err error) {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(manifest, &head); err != nil {
		return nil, "", fmt.Errorf("read role file %s: %w", file, err)
	}
	kind = access.Kind(head.Kind)
	switch {
	case head.APIVersion == "rbac.authorization.k8s.io/v1beta1" || head.APIVersion == "rbac.authorization.k8s.io/v1alpha1":
		return nil, "", usage("role file %s: %s is gone since Kubernetes 1.22\nwrite apiVersion: rbac.authorization.k8s.io/v1; nothing else changes", file, head.APIVersion)
	case kind != access.RoleKind && kind != access.ClusterRoleKind || head.APIVersion != rbacv1.SchemeGroupVersion.String():
		return nil, "", usage("role file %s: want kind Role or ClusterRole of apiVersion rbac.authorization.k8s.io/v1, have kind %q of %q", file, head.Kind, head.APIVersion)
	case want == access.RoleKind && kind != want:
		return nil, "", usage("role file %s holds a ClusterRole, and a role is a Role inside a namespace\ngrant it as a cluster role (--cluster-role), or make it a Role", file)
	case want == access.ClusterRoleKind && kind != want:
		return nil, "", usage("role file %s holds a Role, and a cluster role is a ClusterRole\ngrant it as a role (--role) in its namespace, or make it a ClusterRole", file)
	}
	if kind == access.ClusterRoleKind {
		role, err = clusterRole(file, manifest)
		return role, kind, err
	}
	var r rbacv1.Role
	if err := yaml.UnmarshalStrict(manifest, &r); err != nil {
		return nil, "", fmt.Errorf("read role file %s: %w", file, err)
	}
	return &access.Role{Namespace: r.Namespace, Name: r.Name, Rules: r.Rules, Meta: access.Meta{Labels: r.Labels, Annotations: r.Annotations}}, kind, nil
}

func clusterRole(file string, manifest []byte) (*access.Role, error) {
	var r rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(manifest, &r); err != nil {
		return nil, fmt.Errorf("read role file %s: %w", file, err)
	}
	switch {
	case r.AggregationRule != nil:
		return nil, usage("role file %s: a ClusterRole with an aggregationRule is filled by the control plane\ncreate it with kubectl, or write its rules out", file)
	case r.Namespace != "":
		return nil, usage("role file %s: a ClusterRole is in no namespace, and this one names %q", file, r.Namespace)
	}
	return &access.Role{Name: r.Name, Rules: r.Rules, Meta: access.Meta{Labels: r.Labels, Annotations: r.Annotations}}, nil
}

// roleKind is the kind that a grant of a role, or else of a cluster role, is about.
func roleKind(role string) access.Kind {
	if role != "" {
		return access.RoleKind
	}
	return access.ClusterRoleKind
}

// suits checks that a role file is about the role and the namespaces of the flags.
func suits(file string, r *access.Role, name string, namespaces []string) error {
	switch {
	case r.Name != name:
		return usage("role file %s holds role %q, but the change says %q: make them equal", file, r.Name, name)
	case r.Namespace != "" && !slices.Equal(namespaces, []string{r.Namespace}):
		return usage("role file %s is for namespace %q, but --namespace says %v: make them equal, or leave metadata.namespace out", file, r.Namespace, namespaces)
	}
	return nil
}

// readRole reads the role file that was typed into a screen: ~ is the home folder,
// as in a shell. What is no regular file could keep the screen waiting for ever.
func readRole(path string) (access.Role, error) {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return access.Role{}, fmt.Errorf("read role file %s: %w", path, err)
		}
		path = home + rest
	}
	at, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return access.Role{}, usage("there is no role file %s\nname a YAML manifest of kind Role; a relative path begins in the working folder", path)
	case err != nil:
		return access.Role{}, fmt.Errorf("read role file: %w", err)
	case !at.Mode().IsRegular():
		return access.Role{}, usage("%s is no file\nname a YAML manifest of kind Role", path)
	}
	manifest, err := os.ReadFile(path)
	if err != nil {
		return access.Role{}, fmt.Errorf("read role file: %w", err)
	}
	r, _, err := parseRole(path, manifest, access.RoleKind)
	if err != nil {
		return access.Role{}, err
	}
	return *r, nil
}
