package export

import (
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// ack writes AccessEntry manifests of eks.services.k8s.aws/v1alpha1. One for an entry
// that exists adopts it, finds it by the two fields that the controller takes, and
// keeps it when the manifest goes (ACK guides, "Resource adoption", "Deletion policy").
func ack(s sheet) string {
	out := comment("#", s.head(ACK))
	about := map[access.Key]string{}
	for _, e := range s.entries {
		if e.is != nil {
			about[e.key()] = principalWords(e.now().Principal)
		}
	}
	// A name is a DNS subdomain; labels of at most 63 letters keep it usable as a label.
	ids := newNames(63, func(words []string) string { return strings.ToLower(strings.Join(words, "-")) }, about)
	for _, e := range s.entries {
		if e.is == nil {
			continue
		}
		o := e.now()
		policies := list()
		policies.Style = 0
		for _, a := range e.kept() {
			scope := dict("type", "cluster")
			if !a.Scope.Cluster {
				scope = dict("type", "namespace", "namespaces", set(a.Scope.Namespaces))
			}
			policies.Content = append(policies.Content, dict("policyARN", a.Policy, "accessScope", scope))
		}
		notes := map[string]string{}
		if s.cluster.Region != "" {
			notes["services.k8s.aws/region"] = s.cluster.Region
		}
		if e.was != nil {
			notes["services.k8s.aws/adoption-policy"] = "adopt-or-create"
			notes["services.k8s.aws/adoption-fields"] = encodeJSON(map[string]string{"clusterName": s.cluster.Name, "principalARN": o.Principal})
			notes["services.k8s.aws/deletion-policy"] = "retain"
		}
		out += "---\n" + encodeYAML(dict("apiVersion", "eks.services.k8s.aws/v1alpha1", "kind", "AccessEntry",
			"metadata", dict("name", ids[e.key()], "annotations", notes),
			"spec", dict("clusterName", s.cluster.Name, "principalARN", o.Principal, "type", orStandard(o.Type), "username", said(e),
				"kubernetesGroups", groups(o), "accessPolicies", some(policies), "tags", o.Tags)))
	}
	return out
}
