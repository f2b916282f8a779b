package kube

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
)

// said is a type on one line: what it is called, its scope, and what else goes by the word.
func said(r access.Resource, known bool) string {
	if !known {
		return "? " + r.String()
	}
	out := r.String()
	if !r.Namespaced {
		out += " cluster"
	}
	if len(r.Also) > 0 {
		out += " not " + strings.Join(r.Also, ",")
	}
	return out
}

func TestWordsBecomeTypes(t *testing.T) {
	for word, want := range map[string]string{
		"deploy":                      "deployments.apps",
		"Deployment":                  "deployments.apps",
		"deployments.apps":            "deployments.apps",
		"deployments.v1.apps":         "deployments.apps",
		"deploy.apps":                 "deployments.apps",
		"po":                          "pods",
		"pod":                         "pods",
		"pods":                        "pods not pods.metrics.k8s.io",
		"pods.metrics.k8s.io":         "pods.metrics.k8s.io",
		"nodes":                       "nodes cluster not nodes.metrics.k8s.io",
		"no":                          "nodes cluster",
		"ns":                          "namespaces cluster",
		"ev":                          "events not events.events.k8s.io",
		"cm":                          "configmaps",
		"hpa":                         "horizontalpodautoscalers.autoscaling",
		"crd":                         "customresourcedefinitions.apiextensions.k8s.io cluster",
		"sa":                          "serviceaccounts",
		"endpoints":                   "endpoints",
		"users":                       "users cluster",
		"signers.certificates.k8s.io": "signers.certificates.k8s.io cluster",
		"*":                           "*.*",
		"*.apps":                      "*.apps",
		"*.":                          "*",
		"widgets.example.com":         "? widgets.example.com",
		"widgets":                     "? widgets",
		"../pods":                     "? ../pods",
		"":                            "? ",
	} {
		t.Run(word, func(t *testing.T) {
			if got := said(Builtin().Resolve(word)); got != want {
				t.Errorf("%q is %q, want %q", word, got, want)
			}
		})
	}
	nodes, _ := Builtin().Resolve("no")
	pods, _ := Builtin().Resolve("po")
	if !nodes.Has("proxy") || !nodes.Has("log") || !pods.Has("exec") || pods.Has("excc") || nodes.Served {
		t.Errorf("%+v %+v", nodes, pods)
	}
}

// discovering serves these paths, all else is not found.
func discovering(t *testing.T, paths map[string]string) *Side {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := paths[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case text == "":
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	s, err := New(&rest.Config{Host: server.URL}, access.KubeRealm("c"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var served = map[string]string{
	"/api":  `{"kind":"APIVersions","versions":["v1"]}`,
	"/apis": `{"kind":"APIGroupList","groups":[{"name":"example.com","versions":[{"groupVersion":"example.com/v2","version":"v2"},{"groupVersion":"example.com/v1","version":"v1"}],"preferredVersion":{"groupVersion":"example.com/v2","version":"v2"}},{"name":"broken.example.com","versions":[{"groupVersion":"broken.example.com/v1","version":"v1"}]}]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[
		{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","shortNames":["po"],"verbs":["get"]},
		{"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]}]}`,
	"/apis/example.com/v2": `{"kind":"APIResourceList","groupVersion":"example.com/v2","resources":[
		{"name":"widgets","singularName":"widget","namespaced":false,"kind":"Widget","shortNames":["wd"],"verbs":["get"]}]}`,
	"/apis/example.com/v1": `{"kind":"APIResourceList","groupVersion":"example.com/v1","resources":[
		{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get"]}]}`,
	"/apis/broken.example.com/v1": "",
}

func TestServersSayWhatTheyServe(t *testing.T) {
	types := discovering(t, served).Types(t.Context())
	if !types.Live() || types.Undiscovered() != nil || strings.Join(types.Unread(), " ") != "broken.example.com" {
		t.Fatalf("live %v, unread %v, %v", types.Live(), types.Unread(), types.Undiscovered())
	}
	for word, want := range map[string]string{
		"wd":          "widgets.example.com cluster",
		"Widget":      "widgets.example.com cluster",
		"pods":        "pods not pods.example.com",
		"gadgets":     "? gadgets",
		"deployments": "deployments.apps", // built in, but not served
	} {
		r, known := types.Resolve(word)
		if got := said(r, known); got != want || r.Served != (known && word != "deployments") {
			t.Errorf("%q is %q, want %q; served %v", word, got, want, r.Served)
		}
	}
}

// TestListsComeInOrder: the first type of a name is taken, so the order may not be that
// of a map.
func TestListsComeInOrder(t *testing.T) {
	group := func(name string, versions ...string) *metav1.APIGroup {
		g := &metav1.APIGroup{Name: name}
		for _, v := range versions {
			g.Versions = append(g.Versions, metav1.GroupVersionForDiscovery{GroupVersion: v})
		}
		return g
	}
	groups := []*metav1.APIGroup{group("", "v1"), group("events.k8s.io", "events.k8s.io/v1"), group("autoscaling", "autoscaling/v2", "autoscaling/v1"), group("apps", "apps/v1")}
	want := "v1 events.k8s.io/v1 autoscaling/v2 autoscaling/v1 apps/v1"
	var lists []*metav1.APIResourceList
	for _, gv := range []string{"autoscaling/v1", "apps/v1", "v1", "autoscaling/v2", "events.k8s.io/v1"} {
		lists = append(lists, &metav1.APIResourceList{GroupVersion: gv})
	}
	var got []string
	for _, l := range inOrder(groups, lists) {
		got = append(got, l.GroupVersion)
	}
	if said := strings.Join(got, " "); said != want {
		t.Errorf("%s, want %s", said, want)
	}
}

func TestServersThatDoNotSay(t *testing.T) {
	for name, paths := range map[string]map[string]string{"nothing": {}, "unavailable": {"/api": "", "/apis": ""}} {
		t.Run(name, func(t *testing.T) {
			types := discovering(t, paths).Types(t.Context())
			if types.Live() || types.Undiscovered() == nil {
				t.Fatalf("live %v, %v", types.Live(), types.Undiscovered())
			}
			if got := said(types.Resolve("deploy")); got != "deployments.apps" {
				t.Error(got)
			}
		})
	}
}
