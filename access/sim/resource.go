package sim

import (
	"net/http"
	"slices"
	"strings"
)

// resource is one kind of object that the small Kubernetes API keeps.
type resource struct {
	group, version, name, kind string
	namespaced                 bool
}

const rbacGroup = "rbac.authorization.k8s.io"

// resources are what access depends on, and enough others that a look around a
// cluster finds them, empty.
var resources = []resource{
	{"", "v1", "configmaps", "ConfigMap", true},
	{"", "v1", "events", "Event", true},
	{"", "v1", "namespaces", "Namespace", false},
	{"", "v1", "nodes", "Node", false},
	{"", "v1", "pods", "Pod", true},
	{"", "v1", "secrets", "Secret", true},
	{"", "v1", "serviceaccounts", "ServiceAccount", true},
	{"", "v1", "services", "Service", true},
	{"apps", "v1", "daemonsets", "DaemonSet", true},
	{"apps", "v1", "deployments", "Deployment", true},
	{"apps", "v1", "replicasets", "ReplicaSet", true},
	{"apps", "v1", "statefulsets", "StatefulSet", true},
	{"batch", "v1", "cronjobs", "CronJob", true},
	{"batch", "v1", "jobs", "Job", true},
	{"networking.k8s.io", "v1", "ingresses", "Ingress", true},
	{"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true},
	{rbacGroup, "v1", "clusterrolebindings", "ClusterRoleBinding", false},
	{rbacGroup, "v1", "clusterroles", "ClusterRole", false},
	{rbacGroup, "v1", "rolebindings", "RoleBinding", true},
	{rbacGroup, "v1", "roles", "Role", true},
}

// reviews are created, answered and not kept.
var reviews = []resource{
	{"authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false},
	{"authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true},
	{"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false},
	{"authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false},
	{"authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false},
}

func (r resource) apiVersion() string {
	if r.group == "" {
		return r.version
	}
	return r.group + "/" + r.version
}

// qualified is the name in the API server's messages: "roles.rbac.authorization.k8s.io".
func (r resource) qualified() string {
	if r.group == "" {
		return r.name
	}
	return r.name + "." + r.group
}

func (r resource) qualifiedKind() string {
	if r.group == "" {
		return r.kind
	}
	return r.kind + "." + r.group
}

func findResource(in []resource, group, version, name string) (resource, bool) {
	i := slices.IndexFunc(in, func(r resource) bool { return r.group == group && r.version == version && r.name == name })
	if i < 0 {
		return resource{}, false
	}
	return in[i], true
}

func resourceOfKind(apiVersion, kind string) (resource, bool) {
	i := slices.IndexFunc(resources, func(r resource) bool { return r.apiVersion() == apiVersion && r.kind == kind })
	if i < 0 {
		return resource{}, false
	}
	return resources[i], true
}

// discovery answers the paths by which clients learn what there is.
func (c *cluster) discovery(path string) (object, bool) {
	groups := []string{}
	for _, r := range slices.Concat(resources, reviews) {
		if r.group != "" && !slices.Contains(groups, r.group) {
			groups = append(groups, r.group)
		}
	}
	slices.Sort(groups)
	switch path {
	case "/version":
		minor := strings.TrimPrefix(c.version, "1.")
		return object{"major": "1", "minor": minor, "gitVersion": "v" + c.version + ".5-eks-3025e55", "gitCommit": "3025e55",
			"gitTreeState": "clean", "buildDate": "2025-10-01T00:00:00Z", "goVersion": "go1.24.6", "compiler": "gc", "platform": "linux/amd64"}, true
	case "/api":
		return object{"kind": "APIVersions", "versions": []string{"v1"}, "serverAddressByClientCIDRs": []any{}}, true
	case "/apis":
		list := []object{}
		for _, g := range groups {
			v := object{"groupVersion": g + "/v1", "version": "v1"}
			list = append(list, object{"name": g, "versions": []object{v}, "preferredVersion": v})
		}
		return object{"kind": "APIGroupList", "apiVersion": "v1", "groups": list}, true
	}
	version := strings.TrimPrefix(strings.TrimPrefix(path, "/apis/"), "/api/")
	list := []object{}
	for _, r := range resources {
		if r.apiVersion() == version {
			list = append(list, r.discover("create", "delete", "get", "list", "update"))
		}
	}
	for _, r := range reviews {
		if r.apiVersion() == version {
			list = append(list, r.discover("create"))
		}
	}
	if len(list) == 0 {
		return nil, false
	}
	return object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list}, true
}

func (r resource) discover(verbs ...string) object {
	return object{"name": r.name, "singularName": strings.ToLower(r.kind), "namespaced": r.namespaced, "kind": r.kind, "verbs": verbs}
}

// target is what a request's path points at.
type target struct {
	resource
	review                         bool
	namespace, object, subresource string
}

// readTarget takes a path apart, as the API server's RequestInfo does: the
// namespace of a namespace is itself.
func readTarget(path string) (target, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var group, version string
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		group, version, parts = parts[1], parts[2], parts[3:]
	default:
		return target{}, false
	}
	t := target{}
	if parts[0] == "namespaces" && len(parts) > 1 {
		t.namespace = parts[1]
		if len(parts) > 2 && parts[2] != "status" && parts[2] != "finalize" {
			parts = parts[2:]
		}
	}
	var known bool
	if t.resource, known = findResource(resources, group, version, parts[0]); !known {
		t.resource, t.review = findResource(reviews, group, version, parts[0])
		if !t.review {
			return target{}, false
		}
	}
	if len(parts) > 1 {
		t.object = parts[1]
	}
	if len(parts) > 2 {
		t.subresource = strings.Join(parts[2:], "/")
	}
	return t, true
}

// verb is what RBAC calls the request.
func (t target) verb(r *http.Request) string {
	switch r.Method {
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		if t.object == "" {
			return "deletecollection"
		}
		return "delete"
	}
	switch {
	case r.URL.Query().Get("watch") == "true" || r.URL.Query().Get("watch") == "1":
		return "watch"
	case t.object == "":
		return "list"
	}
	return "get"
}
