package sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (b *Bench) list(q *query) (int, any, *failure) {
	s := q.cluster.store
	places := s.list(q.resource, q.namespace)
	if selector := q.values.Get("fieldSelector"); selector != "" {
		for _, term := range strings.Split(selector, ",") {
			field, value, _ := strings.Cut(strings.ReplaceAll(term, "==", "="), "=")
			switch field {
			case "metadata.name":
				places = slices.DeleteFunc(places, func(p place) bool { return p.name != value })
			case "metadata.namespace":
				places = slices.DeleteFunc(places, func(p place) bool { return p.namespace != value })
			default:
				return 0, nil, q.badRequest("field label not supported: %s", field)
			}
		}
	}
	if q.values.Get("labelSelector") != "" {
		return 0, nil, q.badRequest("this bench has no label selectors")
	}
	places, next, no := q.page(places)
	if no != nil {
		return 0, nil, no
	}
	items := []any{}
	for _, p := range places {
		m := b.shown(q.cluster, p)
		delete(m, "apiVersion")
		delete(m, "kind")
		items = append(items, m)
	}
	meta := object{"resourceVersion": strconv.FormatInt(s.version, 10)}
	if next != "" {
		meta["continue"] = next
	}
	return http.StatusOK, object{"apiVersion": q.apiVersion(), "kind": q.kind + "List", "metadata": meta, "items": items}, nil
}

// page cuts out what limit and continue ask for. The token names the last
// object given; real ones go out of date after some minutes, these do not.
func (q *query) page(places []place) ([]place, string, *failure) {
	if token := q.values.Get("continue"); token != "" {
		text, err := base64.RawURLEncoding.DecodeString(token)
		namespace, name, ok := strings.Cut(string(text), "/")
		if err != nil || !ok {
			return nil, "", q.badRequest("continue key is not valid: %s", token)
		}
		last := place{namespace: namespace, name: name}
		places = slices.DeleteFunc(places, func(p place) bool { return comparePlaces(p, last) <= 0 })
	}
	limit, err := strconv.Atoi(q.values.Get("limit"))
	if err != nil || limit <= 0 || limit >= len(places) {
		return places, "", nil
	}
	places = places[:limit]
	last := places[limit-1]
	return places, base64.RawURLEncoding.EncodeToString([]byte(last.namespace + "/" + last.name)), nil
}

// shown is a copy of an object as it is read: ClusterRoles are aggregated.
func (b *Bench) shown(c *cluster, at place) manifest {
	m := c.store.objects[at].clone()
	if at.resource == "clusterroles" && m["aggregationRule"] != nil {
		m["rules"] = c.store.access().clusterRules(at.name)
	}
	return m
}

func (b *Bench) get(q *query) (int, any, *failure) {
	if _, ok := q.cluster.store.objects[q.place()]; !ok {
		return 0, nil, q.notFound()
	}
	return http.StatusOK, b.shown(q.cluster, q.place()), nil
}

// validName is the rule for the names of RBAC objects, the widest there is here:
// anything that can be a part of a path.
var validName = regexp.MustCompile(`^[^/%]+$`)

func (b *Bench) createObject(q *query) (int, any, *failure) {
	m, no := q.readManifest()
	if no != nil {
		return 0, nil, no
	}
	if q.object != "" {
		return 0, nil, notAllowed()
	}
	q.object = m.name()
	if q.object == "" {
		return 0, nil, q.invalid(requiredField("metadata.name", "name or generateName is required"))
	}
	if !validName.MatchString(q.object) || q.object == "." || q.object == ".." {
		return 0, nil, q.invalid(invalidField("metadata.name", q.object, "may not contain '/' or '%'"))
	}
	s := q.cluster.store
	if q.namespaced {
		if _, ok := s.objects[place{"", "namespaces", "", q.namespace}]; !ok {
			return 0, nil, target{resource: resource{name: "namespaces"}, object: q.namespace}.notFound()
		}
	}
	if _, exists := s.objects[q.place()]; exists {
		return 0, nil, q.alreadyExists()
	}
	if m.meta().text("resourceVersion") != "" {
		return 0, nil, fail(http.StatusInternalServerError, "InternalError", "resourceVersion should not be set on objects to be created")
	}
	if no := b.checkWrite(q, m); no != nil {
		return 0, nil, no
	}
	if q.resource.name == "namespaces" {
		m = asNamespace(m)
	}
	return http.StatusCreated, b.keep(q, m), nil
}

// keep stores the object, unless this is a rehearsal.
func (b *Bench) keep(q *query, m manifest) manifest {
	if q.dryRun {
		return m
	}
	q.cluster.store.put(q.place(), m.clone())
	return b.shown(q.cluster, q.place())
}

func (b *Bench) updateObject(q *query) (int, any, *failure) {
	if q.object == "" {
		return 0, nil, notAllowed()
	}
	m, no := q.readManifest()
	if no != nil {
		return 0, nil, no
	}
	if m.name() != q.object {
		return 0, nil, q.badRequest("the name of the object (%s) does not match the name on the URL (%s)", m.name(), q.object)
	}
	was, exists := q.cluster.store.objects[q.place()]
	if !exists {
		return 0, nil, q.notFound()
	}
	if v := m.meta().text("resourceVersion"); v != "" && v != was.meta().text("resourceVersion") {
		return 0, nil, q.conflict("the object has been modified; please apply your changes to the latest version and try again")
	}
	if id := m.meta().text("uid"); id != "" && id != was.meta().text("uid") {
		return 0, nil, q.conflict("Precondition failed: UID in precondition: " + id + ", UID in object meta: " + was.meta().text("uid"))
	}
	m.complete()
	if ref, ok := m["roleRef"]; ok && !sameJSON(ref, was["roleRef"]) {
		r := m.part("roleRef")
		// Shown with the fields of the server's own type.
		shown := struct{ APIGroup, Kind, Name string }{r.text("apiGroup"), r.text("kind"), r.text("name")}
		return 0, nil, q.invalid(invalidField("roleRef", shown, "cannot change roleRef"))
	}
	if no := b.checkWrite(q, m); no != nil {
		return 0, nil, no
	}
	return http.StatusOK, b.keep(q, m), nil
}

// checkWrite is what creating and updating have in common, in the API server's
// order: defaults, validation, and for RBAC the check against escalation.
func (b *Bench) checkWrite(q *query, m manifest) *failure {
	m.complete()
	if no := b.escalates(q, m); no != nil {
		return no
	}
	return q.checkRBAC(m)
}

func sameJSON(a, b any) bool {
	return reflect.DeepEqual(plainJSON(a), plainJSON(b))
}

func (b *Bench) deleteObject(q *query) (int, any, *failure) {
	s := q.cluster.store
	was, exists := s.objects[q.place()]
	if !exists {
		return 0, nil, q.notFound()
	}
	var options struct {
		Preconditions struct {
			UID             string `json:"uid"`
			ResourceVersion string `json:"resourceVersion"`
		} `json:"preconditions"`
		DryRun []string `json:"dryRun"`
	}
	if len(q.body) > 0 {
		if err := json.Unmarshal(q.body, &options); err != nil {
			return 0, nil, q.badRequest("the object provided is unrecognized (must be of type DeleteOptions)")
		}
	}
	id, version := was.meta().text("uid"), was.meta().text("resourceVersion")
	if p := options.Preconditions.UID; p != "" && p != id {
		return 0, nil, q.conflict("Precondition failed: UID in precondition: " + p + ", UID in object meta: " + id)
	}
	if p := options.Preconditions.ResourceVersion; p != "" && p != version {
		return 0, nil, q.conflict("the ResourceVersion in the precondition (" + p + ") does not match the ResourceVersion in record (" + version + "). The object might have been modified")
	}
	if q.resource.name == "namespaces" && slices.Contains([]string{"default", "kube-system", "kube-public"}, q.object) {
		return 0, nil, q.forbid("this namespace may not be deleted")
	}
	if !q.dryRun && !slices.Contains(options.DryRun, "All") {
		s.remove(q.place())
	}
	return http.StatusOK, object{"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Success",
		"details": object{"name": q.object, "group": q.group, "kind": q.resource.name, "uid": id}}, nil
}
