package tui

import (
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// kind is a resource type that a question can name.
type kind struct {
	group, name string
	words       string // other words for it, as kubectl knows them
	cluster     bool   // there is no namespace to it
}

// String is the type as kubectl writes it.
func (k kind) String() string {
	if k.group == "" {
		return k.name
	}
	return k.name + "." + k.group
}

// commonVerbs and commonKinds are what people ask about, most asked first; kubectl
// auth can-i takes the same words.
var (
	commonVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "bind", "escalate", "*"}
	commonKinds = []kind{
		{name: "pods", words: "pod po"}, {name: "pods/exec"}, {name: "pods/log"}, {name: "pods/portforward"}, {name: "pods/eviction"},
		{name: "secrets", words: "secret"}, {name: "configmaps", words: "configmap cm"},
		{group: "apps", name: "deployments", words: "deployment deploy"}, {group: "apps", name: "deployments/scale"},
		{group: "apps", name: "statefulsets", words: "statefulset sts"}, {group: "apps", name: "daemonsets", words: "daemonset ds"},
		{group: "apps", name: "replicasets", words: "replicaset rs"},
		{group: "batch", name: "jobs", words: "job"}, {group: "batch", name: "cronjobs", words: "cronjob cj"},
		{name: "services", words: "service svc"}, {group: "networking.k8s.io", name: "ingresses", words: "ingress ing"},
		{group: "networking.k8s.io", name: "networkpolicies", words: "networkpolicy netpol"},
		{group: "autoscaling", name: "horizontalpodautoscalers", words: "horizontalpodautoscaler hpa"},
		{group: "policy", name: "poddisruptionbudgets", words: "poddisruptionbudget pdb"},
		{name: "serviceaccounts", words: "serviceaccount sa"}, {name: "serviceaccounts/token"},
		{name: "persistentvolumeclaims", words: "persistentvolumeclaim pvc"}, {name: "events", words: "event ev"},
		{name: "endpoints", words: "ep"}, {name: "resourcequotas", words: "resourcequota quota"}, {name: "limitranges", words: "limitrange limits"},
		{name: "replicationcontrollers", words: "replicationcontroller rc"},
		{group: "discovery.k8s.io", name: "endpointslices", words: "endpointslice"}, {group: "coordination.k8s.io", name: "leases", words: "lease"},
		{group: rbacGroup, name: "roles", words: "role"}, {group: rbacGroup, name: "rolebindings", words: "rolebinding"},
		{group: rbacGroup, name: "clusterroles", words: "clusterrole", cluster: true},
		{group: rbacGroup, name: "clusterrolebindings", words: "clusterrolebinding", cluster: true},
		{name: "nodes", words: "node no", cluster: true}, {name: "nodes/proxy", cluster: true}, {name: "namespaces", words: "namespace ns", cluster: true},
		{name: "persistentvolumes", words: "persistentvolume pv", cluster: true},
		{name: "users", words: "user", cluster: true}, {name: "groups", words: "group", cluster: true},
		{group: "storage.k8s.io", name: "storageclasses", words: "storageclass sc", cluster: true},
		{group: "scheduling.k8s.io", name: "priorityclasses", words: "priorityclass pc", cluster: true},
		{group: "apiextensions.k8s.io", name: "customresourcedefinitions", words: "customresourcedefinition crd crds", cluster: true},
		{group: "admissionregistration.k8s.io", name: "mutatingwebhookconfigurations", words: "mutatingwebhookconfiguration", cluster: true},
		{group: "admissionregistration.k8s.io", name: "validatingwebhookconfigurations", words: "validatingwebhookconfiguration", cluster: true},
		{group: "certificates.k8s.io", name: "certificatesigningrequests", words: "certificatesigningrequest csr", cluster: true},
		{group: "*", name: "*"},
	}
)

const rbacGroup = "rbac.authorization.k8s.io"

// kindsOf are the common types and those that the cluster's roles speak of, custom
// ones among them.
func kindsOf(s access.Snapshot) []kind {
	out := slices.Clone(commonKinds)
	known := map[[2]string]bool{}
	for _, k := range out {
		known[[2]string{k.group, k.name}] = true
	}
	var found []kind
	for _, role := range access.Of[access.Role](s.Objects) {
		for _, r := range role.Rules {
			for _, g := range r.APIGroups {
				for _, name := range r.Resources {
					at := [2]string{g, name}
					if known[at] || g == "*" || strings.Contains(name, "*") || name == "" {
						continue
					}
					known[at] = true
					found = append(found, kind{group: g, name: name})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b kind) int { return strings.Compare(a.String(), b.String()) })
	return append(out, found...)
}

// kindNamed is the type a word means: its name, NAME.GROUP, a short name or the kind.
// A type with a group that nobody knows is taken as it is written.
func kindNamed(ks []kind, word string) (kind, bool) {
	word = strings.ToLower(word)
	if i := slices.IndexFunc(ks, func(k kind) bool { return k.String() == word }); i >= 0 {
		return ks[i], true
	}
	if i := slices.IndexFunc(ks, func(k kind) bool { return k.name == word || slices.Contains(strings.Fields(k.words), word) }); i >= 0 {
		return ks[i], true
	}
	whole, sub, isSub := strings.Cut(word, "/")
	if isSub && sub != "" { // of a type that is known: pods/attach, deploy/scale, deployments.apps/scale
		if k, ok := kindNamed(ks, whole); ok {
			k.name += "/" + sub
			return k, true
		}
	}
	name, group, ok := strings.Cut(word, ".")
	if ok && name != "" && group != "" && !isSub {
		return kind{group: group, name: name}, true
	}
	return kind{}, false
}
