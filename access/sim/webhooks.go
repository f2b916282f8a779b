package sim

import (
	"encoding/json"
	"io"
	"net/http"
)

// Webhooks answers what a kube-apiserver asks of EKS: POST /authenticate with a
// TokenReview, POST /authorize with a SubjectAccessReview. Calls are noted under
// the service "webhook".
func (b *Bench) Webhooks(cluster string) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /authenticate", func(w http.ResponseWriter, r *http.Request) {
		b.review(w, r, "authenticate", func(in review) object {
			u, err := b.authenticate(cluster, in.Spec.Token)
			if err != nil {
				return object{"authenticated": false, "error": err.Error()}
			}
			return object{"authenticated": true, "user": u}
		})
	})
	m.HandleFunc("POST /authorize", func(w http.ResponseWriter, r *http.Request) {
		b.review(w, r, "authorize", func(in review) object {
			allowed, reason := b.authorizePolicy(cluster, in.Spec.user(), in.Spec.request())
			return object{"allowed": allowed, "denied": false, "reason": reason}
		})
	})
	return m
}

// authorizePolicy asks EKS's authorizer alone.
func (b *Bench) authorizePolicy(name string, u user, q request) (bool, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(b.options.Now())
	c := b.clusterNamed(name)
	if c == nil {
		return false, ""
	}
	return b.policyAllows(c, u, q)
}

// review is a TokenReview or one of the access reviews, both in and out.
type review struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata,omitempty"`
	Spec       reviewSpec     `json:"spec"`
}

type reviewSpec struct {
	Token              string              `json:"token,omitempty"`
	Audiences          []string            `json:"audiences,omitempty"`
	User               string              `json:"user,omitempty"`
	UID                string              `json:"uid,omitempty"`
	Groups             []string            `json:"groups,omitempty"`
	Extra              map[string][]string `json:"extra,omitempty"`
	Namespace          string              `json:"namespace,omitempty"`
	ResourceAttributes *struct {
		Namespace   string `json:"namespace,omitempty"`
		Verb        string `json:"verb,omitempty"`
		Group       string `json:"group,omitempty"`
		Version     string `json:"version,omitempty"`
		Resource    string `json:"resource,omitempty"`
		Subresource string `json:"subresource,omitempty"`
		Name        string `json:"name,omitempty"`
	} `json:"resourceAttributes,omitempty"`
	NonResourceAttributes *struct {
		Path string `json:"path,omitempty"`
		Verb string `json:"verb,omitempty"`
	} `json:"nonResourceAttributes,omitempty"`
}

// user is whom a SubjectAccessReview asks about. The API server writes the keys
// of extra in lower case when they came as headers, so both forms are read.
func (s reviewSpec) user() user {
	u := user{Name: s.User, UID: s.UID, Groups: s.Groups, Extra: s.Extra}
	for from, to := range map[string]string{"canonicalarn": "canonicalArn", "principalid": "principalId"} {
		if v, ok := s.Extra[from]; ok && s.Extra[to] == nil {
			u.Extra[to] = v
		}
	}
	return u
}

func (s reviewSpec) request() request {
	if r := s.ResourceAttributes; r != nil {
		return request{verb: r.Verb, group: r.Group, resource: r.Resource, subresource: r.Subresource, name: r.Name, namespace: r.Namespace}
	}
	if n := s.NonResourceAttributes; n != nil {
		return request{verb: n.Verb, path: n.Path}
	}
	return request{}
}

func (b *Bench) review(w http.ResponseWriter, r *http.Request, operation string, do func(review) object) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	call := Call{Time: b.options.Now(), Service: "webhook", Operation: operation, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Body: body}
	var in review
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "expected a review: "+err.Error(), http.StatusBadRequest)
		return
	}
	out := object{"apiVersion": in.APIVersion, "kind": in.Kind, "status": do(in)}
	text, err := json.Marshal(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	call.Status, call.Answer = http.StatusOK, text
	b.note(call)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}
