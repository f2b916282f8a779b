package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// failure is a metav1.Status that says no, in the API server's own words
// (k8s.io/apimachinery, pkg/api/errors).
type failure struct {
	code    int
	reason  string
	message string
	details object
}

func fail(code int, reason, format string, args ...any) *failure {
	return &failure{code: code, reason: reason, message: fmt.Sprintf(format, args...)}
}

func (t target) fail(code int, reason, format string, args ...any) *failure {
	f := fail(code, reason, format, args...)
	f.details = object{"name": t.object, "group": t.group, "kind": t.name}
	return f
}

func (t target) notFound() *failure {
	return t.fail(http.StatusNotFound, "NotFound", "%s %q not found", t.qualified(), t.object)
}

func (t target) alreadyExists() *failure {
	return t.fail(http.StatusConflict, "AlreadyExists", "%s %q already exists", t.qualified(), t.object)
}

func (t target) conflict(why string) *failure {
	return t.fail(http.StatusConflict, "Conflict", "Operation cannot be fulfilled on %s %q: %s", t.qualified(), t.object, why)
}

func (t target) invalid(why string) *failure {
	f := t.fail(http.StatusUnprocessableEntity, "Invalid", "%s %q is invalid: %s", t.qualifiedKind(), t.object, why)
	f.details["kind"] = t.kind
	return f
}

func (t target) badRequest(format string, args ...any) *failure {
	return fail(http.StatusBadRequest, "BadRequest", format, args...)
}

func notAllowed() *failure {
	return fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the requested resource")
}

func unauthorized() *failure {
	return fail(http.StatusUnauthorized, "Unauthorized", "Unauthorized")
}

func noSuchPath() *failure {
	return fail(http.StatusNotFound, "NotFound", "the server could not find the requested resource")
}

// forbidden words a refusal as k8s.io/apiserver does (handlers/responsewriters).
func (t target) forbidden(u user, q request) *failure {
	where := "at the cluster scope"
	if q.namespace != "" {
		where = fmt.Sprintf("in the namespace %q", q.namespace)
	}
	return t.forbid(fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", u.Name, q.verb, q.resourceName(), q.group, where))
}

func (t target) forbid(why string) *failure {
	if t.object == "" {
		return t.fail(http.StatusForbidden, "Forbidden", "%s is forbidden: %s", t.qualified(), why)
	}
	return t.fail(http.StatusForbidden, "Forbidden", "%s %q is forbidden: %s", t.qualified(), t.object, why)
}

func (f *failure) status() object {
	out := object{"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Failure",
		"message": f.message, "reason": f.reason, "code": f.code}
	if f.details != nil {
		for k, v := range f.details {
			if v == "" {
				delete(f.details, k)
			}
		}
		out["details"] = f.details
	}
	return out
}

func writeObject(w http.ResponseWriter, code int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n'))
}
