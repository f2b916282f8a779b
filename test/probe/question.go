package probe

import (
	"encoding/json"
	"fmt"
)

// Question is one request; the zero one is whether the server lets the caller in.
type Question struct{ Verb, Group, Resource, Namespace string }

func (q Question) String() string {
	if q == (Question{}) {
		return "log in"
	}
	return fmt.Sprintf("%s %s in %q", q.Verb, q.Resource, q.Namespace)
}

// Questions are what everybody is asked: to be let in, a few requests cluster-wide and
// in these namespaces, and the sum of all requests.
func Questions(namespaces ...string) []Question {
	out := []Question{{}, {"*", "*", "*", ""}, {"list", "", "nodes", ""}}
	for _, ns := range append([]string{""}, namespaces...) {
		for _, verb := range []string{"get", "create", "delete"} {
			out = append(out, Question{verb, "", "pods", ns}, Question{verb, "", "secrets", ns}, Question{verb, "apps", "deployments", ns})
		}
	}
	return out
}

// review is the question as the API takes it: for whoever asks, by the whole chain of
// authorizers.
func (q Question) review() (path string, body []byte) {
	type object map[string]any
	group, kind := "authorization.k8s.io", "SelfSubjectAccessReview"
	path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	spec := object{"resourceAttributes": object{"verb": q.Verb, "group": q.Group, "resource": q.Resource, "namespace": q.Namespace}}
	if q == (Question{}) {
		group, kind, spec = "authentication.k8s.io", "SelfSubjectReview", object{}
		path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	}
	body, err := json.Marshal(object{"apiVersion": group + "/v1", "kind": kind, "spec": spec})
	if err != nil {
		panic(err) // texts only
	}
	return path, body
}
