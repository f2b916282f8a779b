package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Kubernetes is a small Kubernetes API for one cluster, without watches and
// patches, but with EKS's authentication, RBAC, access policies and the API
// server's own words when it refuses. It speaks JSON only: a typed client-go
// needs ContentType "application/json" in its rest.Config, or writes protobuf.
// Its calls are noted, and broken by Break, under the service "kubernetes"; a
// fault's Code is then the reason of a Status.
func (b *Bench) Kubernetes(cluster string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.serveKubernetes(cluster, w, r) })
}

// query is one request to the Kubernetes half.
type query struct {
	target
	cluster *cluster
	user    user
	ask     request
	body    []byte
	values  url.Values
	dryRun  bool
}

func (b *Bench) serveKubernetes(cluster string, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4*maxBody))
	if err != nil {
		return
	}
	path := r.URL.Path
	at, known := readTarget(path)
	call := Call{Time: b.options.Now(), Service: "kubernetes", Operation: strings.ToLower(r.Method) + " " + path,
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Body: body}
	if known {
		call.Operation = at.verb(r) + " " + at.name
		if rehearsed(r, body) {
			call.Operation = "dry-run " + call.Operation
		}
	}
	u, no := b.bearer(cluster, r)
	call.Caller = u.Name
	fault := b.faultOf(call)
	if !wait(r.Context(), fault.Delay) {
		return
	}
	out := &answer{header: http.Header{}}
	switch {
	case fault.Drop:
		b.note(call)
		panic(http.ErrAbortHandler)
	case fault.broken():
		no = fail(fault.status(), fault.Code, "%s", fault.Message)
	case no == nil:
		no = b.serveQuery(out, r, cluster, query{target: at, user: u, body: body, values: r.URL.Query()}, known)
	}
	if no != nil {
		call.Code = no.reason
		writeObject(out, no.code, no.status())
	}
	if fault.Lose {
		b.note(call)
		panic(http.ErrAbortHandler)
	}
	call.Status, call.Answer = out.status, bytes.Clone(out.body.Bytes())
	b.note(call)
	for k, v := range out.header {
		w.Header()[k] = v
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(call.Answer)
}

// rehearsed reports whether a write is a dry run. A deletion says so in its body, too.
func rehearsed(r *http.Request, body []byte) bool {
	var options struct{ DryRun []string }
	if r.Method == http.MethodDelete {
		_ = json.Unmarshal(body, &options) // what is no JSON is refused later
	}
	return r.Method != http.MethodGet && len(r.URL.Query()["dryRun"])+len(options.DryRun) > 0
}

// bearer authenticates. Without any credentials one is system:anonymous, with
// wrong ones nobody.
func (b *Bench) bearer(cluster string, r *http.Request) (user, *failure) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return groupsOf(user{Name: "system:anonymous"}), nil
	}
	u, err := b.authenticate(cluster, token)
	if err != nil {
		return user{}, unauthorized()
	}
	return groupsOf(*u), nil
}

func (b *Bench) serveQuery(w http.ResponseWriter, r *http.Request, cluster string, q query, known bool) *failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(b.options.Now())
	if q.cluster = b.clusterNamed(cluster); q.cluster == nil {
		return noSuchPath()
	}
	code, out, no := b.answerQuery(r, &q, known)
	if no == nil {
		writeObject(w, code, out)
	}
	return no
}

func (b *Bench) answerQuery(r *http.Request, q *query, known bool) (int, any, *failure) {
	if no := b.impersonate(r, q); no != nil {
		return 0, nil, no
	}
	if !known {
		return b.answerPath(r, q)
	}
	if kind := r.Header.Get("Content-Type"); len(q.body) > 0 && !strings.HasPrefix(kind, "application/json") {
		return 0, nil, fail(http.StatusUnsupportedMediaType, "UnsupportedMediaType",
			"the body of the request was in an unknown format - accepted media types include: application/json")
	}
	q.ask = request{verb: q.verb(r), group: q.group, resource: q.resource.name, subresource: q.subresource, name: q.object, namespace: q.namespace}
	if ok, _ := b.authorize(q.cluster, q.user, q.ask); !ok {
		return 0, nil, q.forbidden(q.user, q.ask)
	}
	if dry := q.values["dryRun"]; len(dry) > 0 {
		if len(dry) != 1 || dry[0] != "All" {
			return 0, nil, q.badRequest("invalid dryRun: %q", dry)
		}
		q.dryRun = true
	}
	if q.review {
		if q.ask.verb != "create" {
			return 0, nil, notAllowed()
		}
		return b.answerReview(q)
	}
	if q.subresource != "" {
		return 0, nil, noSuchPath()
	}
	switch q.ask.verb {
	case "list":
		return b.list(q)
	case "get":
		return b.get(q)
	case "create":
		return b.createObject(q)
	case "update":
		return b.updateObject(q)
	case "delete":
		return b.deleteObject(q)
	}
	return 0, nil, notAllowed()
}

// answerPath serves what is no resource: discovery, the version, health.
func (b *Bench) answerPath(r *http.Request, q *query) (int, any, *failure) {
	path := r.URL.Path
	if ok, _ := b.authorize(q.cluster, q.user, request{verb: strings.ToLower(r.Method), path: path}); !ok {
		return 0, nil, fail(http.StatusForbidden, "Forbidden", "forbidden: User %q cannot %s path %q", q.user.Name, strings.ToLower(r.Method), path)
	}
	if path == "/healthz" || path == "/livez" || path == "/readyz" {
		return http.StatusOK, plainText("ok"), nil
	}
	if out, ok := q.cluster.discovery(strings.TrimSuffix(path, "/")); ok {
		return http.StatusOK, out, nil
	}
	// Within a group that is served, what is missing is said in JSON.
	if parts := strings.Split(path, "/"); len(parts) > 3 {
		group := strings.Join(parts[:min(len(parts), 4)], "/")
		if parts[1] == "api" {
			group = strings.Join(parts[:3], "/")
		}
		if _, served := q.cluster.discovery(group); served {
			return 0, nil, noSuchPath()
		}
	}
	return http.StatusNotFound, plainText("404 page not found\n"), nil
}

// impersonate becomes whom the headers name, if the caller may. An impersonated
// user has no extra values, and so no access policies.
func (b *Bench) impersonate(r *http.Request, q *query) *failure {
	name, groups := r.Header.Get("Impersonate-User"), r.Header.Values("Impersonate-Group")
	if name == "" && len(groups) == 0 {
		return nil
	}
	ask := []target{{resource: resource{name: "users"}, object: name}}
	for _, g := range groups {
		ask = append(ask, target{resource: resource{name: "groups"}, object: g})
	}
	for _, t := range ask {
		question := request{verb: "impersonate", resource: t.name, name: t.object}
		if ok, _ := b.authorize(q.cluster, q.user, question); !ok {
			return t.forbidden(q.user, question)
		}
	}
	q.user = groupsOf(user{Name: name, Groups: groups})
	return nil
}

// readManifest reads the object of a request's body and holds it against the path.
func (q *query) readManifest() (manifest, *failure) {
	var m manifest
	if err := json.Unmarshal(q.body, &m); err != nil || m == nil {
		return nil, q.badRequest("the object provided is unrecognized (must be of type %s)", q.kind)
	}
	if m.apiVersion() == "" && m.kind() == "" {
		m["apiVersion"], m["kind"] = q.apiVersion(), q.kind
	}
	if m.apiVersion() != q.apiVersion() || m.kind() != q.kind {
		return nil, q.badRequest("%s in version %q cannot be handled as a %s%s", m.kind(), m.apiVersion(), q.kind, q.conversion(m))
	}
	if _, ok := m["metadata"].(map[string]any); !ok {
		m["metadata"] = map[string]any{}
	}
	if q.namespaced {
		if ns := m.namespace(); ns != "" && ns != q.namespace {
			return nil, q.badRequest("the namespace of the provided object does not match the namespace sent on the request")
		}
		m.meta()["namespace"] = q.namespace
	}
	return m, nil
}

// conversion is how the API server says that it has no way from one kind to another.
func (q *query) conversion(m manifest) string {
	if _, known := resourceOfKind(m.apiVersion(), m.kind()); !known {
		return ""
	}
	internal, _, _ := strings.Cut(q.group, ".")
	if internal == "" {
		internal = "core"
	}
	return ": converting (v1." + m.kind() + ") to (" + internal + "." + q.kind + "): unknown conversion"
}

func (q *query) place() place {
	p := place{q.group, q.resource.name, q.namespace, q.object}
	if !q.namespaced {
		p.namespace = ""
	}
	return p
}
