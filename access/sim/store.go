package sim

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// manifest is a Kubernetes object as JSON. Stored ones are replaced, never changed.
type manifest map[string]any

func (m manifest) text(field string) string { s, _ := m[field].(string); return s }
func (m manifest) apiVersion() string       { return m.text("apiVersion") }
func (m manifest) kind() string             { return m.text("kind") }
func (m manifest) meta() manifest           { return m.part("metadata") }
func (m manifest) name() string             { return m.meta().text("name") }
func (m manifest) namespace() string        { return m.meta().text("namespace") }

// part is a member that is an object; empty if it is none.
func (m manifest) part(field string) manifest {
	switch v := m[field].(type) {
	case map[string]any:
		return v
	case manifest:
		return v
	}
	return manifest{}
}

// clone is a deep copy with the plain kinds of JSON.
func (m manifest) clone() manifest {
	out, _ := plainJSON(m).(map[string]any)
	return out
}

// plainJSON copies a value. What is none of JSON's own kinds goes through the encoder.
func plainJSON(v any) any {
	switch v := v.(type) {
	case nil, string, bool, float64:
		return v
	case manifest:
		return plainJSON(map[string]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = plainJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, e := range v {
			out[n] = plainJSON(e)
		}
		return out
	}
	var out any
	if text, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(text, &out) // what was just written can be read
	}
	return out
}

// as decodes the manifest into a struct.
func (m manifest) as(into any) {
	if text, err := json.Marshal(m); err == nil {
		_ = json.Unmarshal(text, into) // of the wrong kinds, the rest is read
	}
}

// place is where an object is kept.
type place struct{ group, resource, namespace, name string }

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
}

// store is one cluster's Kubernetes. The bench's lock guards it.
type store struct {
	now     func() time.Time
	objects map[place]manifest
	version int64
	seeded  []manifest // as the world wrote them, in creation order
	rbac    *rbac      // made from objects, until the next write
	authMap history[map[string]string]
}

var awsAuthPlace = place{"", "configmaps", "kube-system", "aws-auth"}

func newStore(now func() time.Time) *store {
	return &store{now: now, objects: map[place]manifest{}, version: 1000}
}

// seed fills the store: first what every API server makes itself, then the
// world's namespaces, its aws-auth, its objects.
func (s *store) seed(w Cluster) {
	for _, m := range builtin() {
		s.admit(m)
	}
	names := w.Namespaces
	for _, always := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		if !slices.Contains(names, always) {
			s.admit(namespaceManifest(always))
		}
	}
	for _, n := range names {
		s.seeded = append(s.seeded, namespaceManifest(n))
	}
	if w.AWSAuth != nil {
		s.seeded = append(s.seeded, manifest{"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": manifest{"name": "aws-auth", "namespace": "kube-system"}, "data": w.AWSAuth})
	}
	for _, o := range w.Objects {
		s.seeded = append(s.seeded, o)
	}
	for n, m := range s.seeded {
		s.seeded[n] = m.clone()
		s.admit(m)
	}
}

func namespaceManifest(name string) manifest {
	return asNamespace(manifest{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}})
}

// asNamespace sets what a new namespace has from the API server.
func asNamespace(m manifest) manifest {
	m = m.clone()
	labels := m.meta().part("labels")
	labels["kubernetes.io/metadata.name"] = m.name()
	m.meta()["labels"] = map[string]any(labels)
	m["spec"], m["status"] = manifest{"finalizers": []string{"kubernetes"}}, manifest{"phase": "Active"}
	return m
}

// admit stores an object without asking anybody.
func (s *store) admit(m manifest) {
	if r, known := resourceOfKind(m.apiVersion(), m.kind()); known {
		m = m.clone()
		m.complete()
		s.put(place{r.group, r.name, m.namespace(), m.name()}, m)
	}
}

// put stamps an object as the API server does, and keeps it.
func (s *store) put(at place, m manifest) {
	s.version++
	s.rbac = nil
	meta := m.meta()
	was, exists := s.objects[at]
	if exists {
		meta["uid"], meta["creationTimestamp"] = was.meta()["uid"], was.meta()["creationTimestamp"]
	} else {
		meta["uid"] = uuid(at.group, at.resource, at.namespace, at.name, strconv.FormatInt(s.version, 10))
		meta["creationTimestamp"] = s.now().UTC().Format(time.RFC3339)
	}
	meta["resourceVersion"] = strconv.FormatInt(s.version, 10)
	m["metadata"] = map[string]any(meta)
	s.objects[at] = m
	s.noteAuthMap(at)
}

// remove deletes an object, and with a namespace everything in it. A real
// namespace stays a while as Terminating; here it goes at once.
func (s *store) remove(at place) {
	s.version++
	s.rbac = nil
	delete(s.objects, at)
	if at.resource == "namespaces" {
		maps.DeleteFunc(s.objects, func(p place, _ manifest) bool { return p.namespace == at.name })
	}
	s.noteAuthMap(at)
}

// list returns the places of a resource, sorted; of all namespaces if none is given.
func (s *store) list(r resource, namespace string) []place {
	var out []place
	for p := range s.objects {
		if p.group == r.group && p.resource == r.name && (namespace == "" || !r.namespaced || p.namespace == namespace) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePlaces)
	return out
}

// noteAuthMap keeps what the authenticator reads, which follows a write as late
// as all else does. No ConfigMap is nil.
func (s *store) noteAuthMap(written place) {
	if written != awsAuthPlace {
		return
	}
	var config struct {
		Data map[string]string `json:"data"`
	}
	s.objects[written].as(&config)
	at := s.now()
	if s.authMap.moments == nil {
		at = time.Time{} // the world's own was always there
	}
	s.authMap.set(at, config.Data)
}

// Seed returns the Kubernetes objects of a world as JSON, in creation order, to
// fill a real API server with. What such a server makes itself is left out,
// its own namespaces included.
func (b *Bench) Seed(cluster string) [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.clusterNamed(cluster)
	if c == nil {
		return nil
	}
	var out [][]byte
	for _, m := range c.store.seeded {
		own := slices.Contains([]string{"default", "kube-system", "kube-public", "kube-node-lease"}, m.name())
		if own && m.kind() == "Namespace" {
			continue
		}
		if text, err := json.Marshal(m); err == nil {
			out = append(out, text)
		}
	}
	return out
}
