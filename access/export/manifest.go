package export

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// manifests are the Kubernetes half, as kubectl apply takes it. aws-auth as it will be
// comes last. It is a comment where the plan takes items out of it for whom it makes
// access entries: kubectl can't wait until those are in force, and applied too early
// it would lock those principals out.
func manifests(s sheet) string {
	out := comment("#", s.head(Kubectl))
	for _, c := range s.objects {
		if c.is != nil {
			out += "---\n" + encodeYAML(manifest(c.is))
		}
	}
	switch {
	case s.authMap == nil:
		return out
	case s.authMap.is == nil:
		return out + "# aws-auth goes as a whole: kubectl delete configmap aws-auth --namespace kube-system, when nobody needs it any more.\n"
	}
	doc := encodeYAML(manifest(s.authMap.is))
	if !s.early() {
		return out + "---\n# If somebody else changed aws-auth meanwhile, this writes over it: look at kubectl diff first.\n" + doc
	}
	return out + "# ---\n# aws-auth as it will be. It is a comment, since applied before the access entries are in force it locks people out.\n" +
		"# kubectl eks-access migrate makes this change when it is safe.\n" +
		comment("#", strings.Split(strings.TrimSuffix(doc, "\n"), "\n"))
}

// early reports whether aws-auth loses items in a plan that changes entries too.
func (s sheet) early() bool {
	_, removed := s.items()
	return len(removed) > 0 && len(s.entries) > 0
}

// manifest is a Kubernetes object in the order in which people write it.
func manifest(o access.Object) *yaml.Node {
	switch o := o.(type) {
	case access.Namespace:
		return dict("apiVersion", "v1", "kind", "Namespace", "metadata", meta("", o.Name, o.Meta))
	case access.Role:
		doc := dict("apiVersion", rbacVersion, "kind", string(o.Key().Kind), "metadata", meta(o.Namespace, o.Name, o.Meta))
		if len(o.Aggregate) > 0 {
			doc.Content = append(doc.Content, text("aggregationRule"), dict("clusterRoleSelectors", tree(o.Aggregate)))
			return doc // the controller fills the rules
		}
		rules := list()
		for _, r := range o.Rules {
			rules.Style = 0
			rules.Content = append(rules.Content, dict("apiGroups", r.APIGroups, "resources", r.Resources,
				"resourceNames", r.ResourceNames, "nonResourceURLs", r.NonResourceURLs, "verbs", r.Verbs))
		}
		doc.Content = append(doc.Content, text("rules"), rules)
		return doc
	case access.Binding:
		subjects := list()
		for _, s := range o.Subjects {
			subjects.Style = 0
			subjects.Content = append(subjects.Content, dict("apiGroup", s.APIGroup, "kind", s.Kind, "name", s.Name, "namespace", s.Namespace))
		}
		return dict("apiVersion", rbacVersion, "kind", string(o.Key().Kind), "metadata", meta(o.Namespace, o.Name, o.Meta),
			"roleRef", dict("apiGroup", cmp.Or(o.Role.APIGroup, rbacv1.GroupName), "kind", o.Role.Kind, "name", o.Role.Name),
			"subjects", subjects)
	case access.AuthMap:
		data := dict()
		for _, k := range sorted(o.Data) {
			data.Content = append(data.Content, text(k), block(o.Data[k]))
		}
		return dict("apiVersion", "v1", "kind", "ConfigMap", "metadata", meta("kube-system", "aws-auth", access.Meta{}), "data", data)
	}
	panic(fmt.Sprintf("manifest of %T", o))
}

const rbacVersion = "rbac.authorization.k8s.io/v1"

func meta(namespace, name string, m access.Meta) *yaml.Node {
	return dict("name", name, "namespace", namespace, "labels", m.Labels, "annotations", m.Annotations)
}
