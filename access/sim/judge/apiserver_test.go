// Package judge asks a real kube-apiserver behind the bench's webhooks and the
// bench's own small Kubernetes the same questions, in the same order: they must
// answer alike. It starts the real server, so it is not part of access/sim's own tests.
package judge

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/sim"
	"github.com/eks-access/kubectl-eks-access/test/e2e/rig"
)

const (
	admin   = "AKIAPLATFORMADMIN001" // AmazonEKSClusterAdminPolicy
	masters = "AKIAWORKSHOPADMIN001" // system:masters by aws-auth
	carts   = "AKIACARTSDEVELOPER01" // policies in namespaces
	oncall  = "AKIAORDERSONCALL0001" // a group with a RoleBinding to admin
	deploy  = "AKIAGITHUBACTIONS001" // a group with many bindings
	nobody  = "AKIANOBODYKNOWN00001"
)

type question struct{ key, method, path, body string }

const (
	rbac   = "/apis/rbac.authorization.k8s.io/v1"
	authz  = "/apis/authorization.k8s.io/v1"
	config = "/api/v1/namespaces/kube-system/configmaps"
)

func bindingTo(name, kind, role string) string {
	return `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"` + name + `"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"` + kind + `","name":"` + role + `"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s"}]}`
}

func mayI(verb, group, resource, namespace string) string {
	return `{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"` + verb + `","group":"` + group + `","resource":"` + resource + `","namespace":"` + namespace + `"}}}`
}

var questions = []question{
	// who may look
	{nobody, "GET", "/api/v1/namespaces", ""},
	{carts, "GET", "/api/v1/namespaces", ""},
	{carts, "GET", "/api/v1/namespaces/carts", ""},
	{carts, "GET", "/api/v1/namespaces/karpenter", ""},
	{carts, "GET", rbac + "/clusterroles", ""},
	{carts, "GET", rbac + "/namespaces/orders/rolebindings/x", ""},
	{carts, "GET", "/metrics", ""},
	{oncall, "GET", rbac + "/namespaces/orders/rolebindings", ""},
	{deploy, "GET", "/api/v1/nodes", ""},
	{deploy, "GET", config + "/aws-auth", ""},
	{admin, "GET", config + "/aws-auth", ""},
	{masters, "GET", config + "/nope", ""},
	{admin, "GET", rbac + "/clusterroles", ""},
	{admin, "GET", rbac + "/clusterroles/admin", ""},
	{admin, "GET", rbac + "/clusterroles/edit", ""},
	{admin, "GET", rbac + "/clusterroles/view", ""},
	{admin, "GET", rbac + "/clusterrolebindings", ""},
	{admin, "GET", rbac + "/rolebindings", ""},
	{admin, "GET", rbac + "/roles", ""},
	{admin, "GET", "/api/v1/namespaces/nope/configmaps", ""},
	{admin, "GET", rbac + "/namespaces/carts/rolebindings?fieldSelector=metadata.name%3Ddeployers", ""},
	// what may I
	{carts, "POST", authz + "/selfsubjectaccessreviews", mayI("create", "", "pods", "carts")},
	{carts, "POST", authz + "/selfsubjectaccessreviews", mayI("create", "", "pods", "orders")},
	{carts, "POST", authz + "/selfsubjectaccessreviews", mayI("get", "", "pods", "orders")},
	{oncall, "POST", authz + "/selfsubjectaccessreviews", mayI("delete", "apps", "deployments", "orders")},
	{oncall, "POST", authz + "/selfsubjectaccessreviews", mayI("get", "", "pods/log", "rabbitmq")},
	{masters, "POST", authz + "/selfsubjectaccessreviews", mayI("anything", "any.group", "things", "")},
	{carts, "POST", authz + "/subjectaccessreviews", `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"u","resourceAttributes":{"verb":"get","resource":"pods"}}}`},
	{admin, "POST", authz + "/subjectaccessreviews", `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"u","groups":["orders-oncall"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"orders"}}}`},
	{admin, "POST", authz + "/subjectaccessreviews", `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}`},
	{admin, "POST", authz + "/subjectaccessreviews", `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"system:serviceaccount:orders:orders","resourceAttributes":{"verb":"create","resource":"pods","subresource":"exec","namespace":"rabbitmq"}}}`},
	{oncall, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", `{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`},
	// writing
	{admin, "POST", "/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"test"}}`},
	{admin, "POST", "/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"test"}}`},
	{admin, "POST", "/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{}}`},
	{admin, "POST", rbac + "/namespaces/nope/rolebindings", bindingTo("x", "ClusterRole", "view")},
	{admin, "POST", rbac + "/namespaces/test/rolebindings?dryRun=All", bindingTo("x", "ClusterRole", "view")},
	{admin, "GET", rbac + "/namespaces/test/rolebindings/x", ""},
	{admin, "POST", rbac + "/namespaces/test/rolebindings", bindingTo("x", "ClusterRole", "view")},
	{admin, "POST", rbac + "/namespaces/test/rolebindings", bindingTo("x", "ClusterRole", "view")},
	{admin, "GET", rbac + "/namespaces/test/rolebindings/x", ""},
	{admin, "PUT", rbac + "/namespaces/test/rolebindings/x", bindingTo("x", "ClusterRole", "edit")},
	{admin, "PUT", rbac + "/namespaces/test/rolebindings/x", bindingTo("y", "ClusterRole", "view")},
	{admin, "POST", rbac + "/namespaces/test/rolebindings", bindingTo("z", "Group", "view")},
	{admin, "POST", rbac + "/clusterrolebindings", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"x"},"roleRef":{"kind":"Role","name":"y"},"subjects":[{"kind":"User","name":"u"}]}`},
	{admin, "POST", rbac + "/namespaces/test/roles", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r"},"rules":[{"apiGroups":[""]},{"verbs":["get"],"nonResourceURLs":["/x"]}]}`},
	{admin, "POST", rbac + "/namespaces/test/roles", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}`},
	{oncall, "POST", rbac + "/namespaces/orders/rolebindings", bindingTo("mine", "ClusterRole", "edit")},
	{oncall, "POST", rbac + "/namespaces/orders/rolebindings", bindingTo("more", "ClusterRole", "cluster-admin")},
	{oncall, "POST", rbac + "/namespaces/orders/roles", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"more"},"rules":[{"apiGroups":["x"],"resources":["a","b"],"verbs":["get","list"]}]}`},
	{carts, "POST", rbac + "/namespaces/carts/rolebindings", bindingTo("more", "ClusterRole", "view")},
	{admin, "PUT", config + "/aws-auth", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"aws-auth","namespace":"kube-system","resourceVersion":"1"},"data":{"mapRoles":""}}`},
	{admin, "PUT", config + "/nope", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"nope","namespace":"kube-system","resourceVersion":"1"}}`},
	{admin, "POST", config, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default"}}`},
	{admin, "POST", config, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"c"}}`},
	{admin, "POST", config, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}`},
	{carts, "DELETE", config + "/c", ""},
	{admin, "DELETE", config + "/c", ""},
	{admin, "DELETE", config + "/c", ""},
	{admin, "DELETE", rbac + "/namespaces/test/rolebindings/x", ""},
	{admin, "DELETE", "/api/v1/namespaces/kube-system", ""},
	{admin, "GET", "/api/v1/nothings", ""},
	{admin, "GET", "/apis/no.group/v1/things", ""},
	// what the changes did
	{admin, "POST", authz + "/subjectaccessreviews", `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"u","resourceAttributes":{"verb":"delete","resource":"pods","namespace":"orders"}}}`},
}

func TestTheBenchAnswersLikeARealAPIServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kube-apiserver")
	}
	w, err := sim.Demo("s3")
	if err != nil {
		t.Fatal(err)
	}
	real := rig.EKSOf(t, w, sim.Options{})
	bench := sim.New(w, sim.Options{Policies: access.PolicyTable()})
	for _, q := range questions {
		t.Run(q.method+" "+q.path, func(t *testing.T) {
			client, err := rest.HTTPClientFor(real.As(q.key))
			if err != nil {
				t.Fatal(err)
			}
			want := ask(t, client, real.Admin.Host, q, "")
			got := ask(t, &http.Client{Transport: sim.Wire(bench.Kubernetes("eks-workshop"))}, "https://kube.test", q, bench.Token(q.key, "eks-workshop"))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("as %s, -real +bench:\n%s", q.key, diff)
			}
		})
	}
}

// ask sends a question and takes from the answer what both must agree on.
func ask(t *testing.T, client *http.Client, host string, q question, token string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), q.method, host+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{"code": res.StatusCode}
	var tree map[string]any
	if json.NewDecoder(bytes.NewReader(text)).Decode(&tree) == nil {
		out["answer"] = plain(tree)
	} else {
		out["text"] = string(text)
	}
	return out
}

// stamped are the fields that a server sets, and that no two servers set alike.
var stamped = []string{"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"}

// plain leaves out what servers stamp, and what is empty.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = plain(e); !slices.Contains(stamped, k) && !empty(e) {
				out[k] = e
			}
		}
		if kind, _ := v["kind"].(string); strings.HasSuffix(kind, "List") {
			out["items"] = names(v["items"])
		}
		if reason, _ := v["reason"].(string); strings.HasPrefix(reason, "EKS Access Policy") {
			delete(out, "reason") // the webhook's words are the bench's own
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, plain(e))
		}
		return out
	}
	return v
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// names shortens a list to the namespaces and names of its items.
func names(items any) []string {
	out := []string{}
	list, _ := items.([]any)
	for _, i := range list {
		m, _ := i.(map[string]any)["metadata"].(map[string]any)
		namespace, _ := m["namespace"].(string)
		name, _ := m["name"].(string)
		out = append(out, namespace+"/"+name)
	}
	return out
}
