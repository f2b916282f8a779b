package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// manifest is an object as YAML: Kubernetes objects as kubectl takes them, EKS
// objects in the names of the EKS API. An absent object has no text.
func manifest(o access.Object) string {
	switch o := o.(type) {
	case nil:
		return ""
	case access.AuthMap:
		return mapManifest(o)
	}
	text, err := YAML(tree(o))
	if err != nil {
		panic(fmt.Sprintf("manifest of %T: %v", o, err)) // strings, lists and maps encode
	}
	return string(text)
}

type object map[string]any

func tree(o access.Object) any {
	switch o := o.(type) {
	case access.AccessEntry:
		return object{"accessEntry": object{"principalArn": o.Principal, "type": o.Type, "username": o.Username,
			"kubernetesGroups": sortedSet(o.Groups), "tags": o.Tags}.lean()}
	case access.PolicyAssociation:
		scope := object{"type": pick(o.Scope.Cluster, "cluster", "namespace"), "namespaces": sortedSet(o.Scope.Namespaces)}
		return object{"principalArn": o.Principal, "policyArn": o.Policy, "accessScope": scope.lean()}
	case access.AuthMode:
		return object{"accessConfig": object{"authenticationMode": o.Mode}}
	case access.Namespace:
		return object{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata("", o.Name, o.Meta)}
	case access.Role:
		out := object{"apiVersion": rbacVersion, "kind": o.Key().Kind, "metadata": metadata(o.Namespace, o.Name, o.Meta), "rules": o.Rules}
		if len(o.Aggregate) > 0 {
			out["aggregationRule"] = object{"clusterRoleSelectors": o.Aggregate}
		}
		return out
	case access.Binding:
		return object{"apiVersion": rbacVersion, "kind": o.Key().Kind, "metadata": metadata(o.Namespace, o.Name, o.Meta),
			"roleRef": o.Role, "subjects": o.Subjects}
	}
	return o
}

const rbacVersion = "rbac.authorization.k8s.io/v1"

func metadata(namespace, name string, m access.Meta) object {
	return object{"name": name, "namespace": namespace, "labels": m.Labels, "annotations": m.Annotations}.lean()
}

// lean leaves out what is empty.
func (o object) lean() object {
	maps.DeleteFunc(o, func(_ string, v any) bool {
		switch v := v.(type) {
		case string:
			return v == ""
		case []string:
			return len(v) == 0
		case map[string]string:
			return len(v) == 0
		}
		return false
	})
	return o
}

// mapManifest keeps the text of each key line by line, comments and all: a YAML
// encoder would fold or quote it.
func mapManifest(o access.AuthMap) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\ndata:")
	if len(o.Data) == 0 {
		b.WriteString(" {}")
	}
	b.WriteString("\n")
	for _, k := range slices.Sorted(maps.Keys(o.Data)) {
		text := o.Data[k]
		b.WriteString("  " + word(k) + ": |" + pick(strings.HasSuffix(text, "\n"), "", "-") + "\n")
		for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			b.WriteString("    " + l + "\n")
		}
	}
	return b.String()
}
