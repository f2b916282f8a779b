package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
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

// fieldError is one thing wrong with one field (apimachinery, util/validation/field).
type fieldError struct{ field, reason, text string }

func requiredField(field, why string) fieldError {
	return fieldError{field, "FieldValueRequired", strings.TrimSuffix("Required value: "+why, ": ")}
}

func invalidField(field string, value any, why string) fieldError {
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte(`""`)
	}
	return fieldError{field, "FieldValueInvalid", fmt.Sprintf("Invalid value: %s: %s", text, why)}
}

func unsupportedField(field, value string, supported []string) fieldError {
	return fieldError{field, "FieldValueNotSupported",
		fmt.Sprintf(`Unsupported value: %q: supported values: "%s"`, value, strings.Join(supported, `", "`))}
}

func (t target) invalid(wrong ...fieldError) *failure {
	var texts []string
	causes := []object{}
	for _, e := range wrong {
		texts = append(texts, e.field+": "+e.text)
		causes = append(causes, object{"reason": e.reason, "message": e.text, "field": e.field})
	}
	text := strings.Join(texts, ", ")
	if len(wrong) > 1 {
		text = "[" + text + "]"
	}
	f := t.fail(http.StatusUnprocessableEntity, "Invalid", "%s %q is invalid: %s", t.qualifiedKind(), t.object, text)
	f.details["kind"], f.details["causes"] = t.kind, causes
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
		"message": f.message, "code": f.code}
	if f.reason != "" {
		out["reason"] = f.reason
	}
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

// plainText is an answer that is no JSON.
type plainText string

func writeObject(w http.ResponseWriter, code int, body any) {
	if text, ok := body.(plainText); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n'))
}
