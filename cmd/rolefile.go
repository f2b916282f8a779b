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

// parseRole reads one Role manifest strictly: a field that a Role does not have is
// an error, since a rule that is silently left out would grant less than it says.
func parseRole(file string, manifest []byte) (*access.Role, error) {
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
		return nil, usage("role file %s holds a ClusterRole, and a role is a Role inside a namespace\ncreate the ClusterRole with kubectl and grant it as a cluster role (--cluster-role)", file)
	case head.Kind != "Role" || head.APIVersion != rbacv1.SchemeGroupVersion.String():
		return nil, usage("role file %s: want kind Role of apiVersion rbac.authorization.k8s.io/v1, have kind %q of %q", file, head.Kind, head.APIVersion)
	}
	var r rbacv1.Role
	if err := yaml.UnmarshalStrict(manifest, &r); err != nil {
		return nil, fmt.Errorf("read role file %s: %w", file, err)
	}
	return &access.Role{Namespace: r.Namespace, Name: r.Name, Rules: r.Rules,
		Meta: access.Meta{Labels: r.Labels, Annotations: r.Annotations}}, nil
}

// suits checks that a role file is about the role and the namespaces of the flags.
func suits(file string, r *access.Role, name string, namespaces []string) error {
	switch {
	case r.Name != name:
		return usage("role file %s holds role %q, but --role says %q: make them equal", file, r.Name, name)
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
	r, err := parseRole(path, manifest)
	if err != nil {
		return access.Role{}, err
	}
	return *r, nil
}
