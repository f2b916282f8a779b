package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

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
	out, err := encode(tree(o))
	if err != nil {
		panic(fmt.Sprintf("manifest of %T: %v", o, err)) // safe strings, lists and maps encode
	}
	return out
}

// encode makes every string safe before it writes YAML: the encoder's detour over
// JSON fails on control characters, and a preview must not.
func encode(tree any) (string, error) {
	text, err := json.Marshal(tree)
	if err != nil {
		return "", err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return "", err
	}
	out, err := yaml.Marshal(harmless(plain))
	return string(out), err
}

func harmless(v any) any {
	switch v := v.(type) {
	case string:
		lines := strings.Split(v, "\n")
		for i, l := range lines {
			lines[i] = Safe(l)
		}
		return strings.Join(lines, "\n")
	case []any:
		for i := range v {
			v[i] = harmless(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, child := range v {
			out[Safe(k)] = harmless(child)
		}
		return out
	}
	return v
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
