package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// exchange is one AWS request on its way through the bench.
type exchange struct {
	call    Call
	region  string
	key     string
	caller  *caller
	form    url.Values        // IAM and STS
	path    map[string]string // EKS: the path's parameters, decoded
	perform func(*exchange) (any, *refusal)
	now     time.Time
	seen    time.Time // the time whose state reads see
}

type exchangeKey struct{}

// credential is the scope that every signed request names. The bench believes
// it and does not check signatures: it has no secrets to keep.
var credential = regexp.MustCompile(`Credential=([^/,\s]+)/(\d{8})/([^/]*)/([^/]+)/aws4_request`)

// maxBody is far above any request of these services.
const maxBody = 1 << 20

// ServeHTTP answers for EKS, IAM and STS. It routes by the signed scope, not by
// host, so it serves any address.
func (b *Bench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	x := &exchange{}
	x.call = Call{Time: b.options.Now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Body: body}
	x.readScope(r)
	b.route(x, r)
	if c := b.callerOf(x.key); c != nil {
		x.caller, x.call.Caller = c, c.arn.String()
	}
	b.exchange(w, r.Context(), x)
}

// exchange applies latency and faults around the answer, and notes the call.
func (b *Bench) exchange(w http.ResponseWriter, ctx context.Context, x *exchange) {
	fault := b.faultOf(x.call)
	if !wait(ctx, b.options.Latency+fault.Delay) {
		return
	}
	out := &answer{header: http.Header{}}
	switch {
	case fault.Drop:
		b.note(x.call)
		panic(http.ErrAbortHandler)
	case fault.broken():
		x.call.Code = fault.Code
		refuse(fault.status(), fault.Code, "%s", fault.Message).write(out, x.call.Service)
	default:
		b.respond(out, x)
	}
	if fault.Lose {
		b.note(x.call)
		panic(http.ErrAbortHandler)
	}
	x.call.Status, x.call.Answer = out.status, bytes.Clone(out.body.Bytes())
	b.note(x.call)
	for k, v := range out.header {
		w.Header()[k] = v
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(x.call.Answer)
}

// respond performs the operation under the lock.
func (b *Bench) respond(w http.ResponseWriter, x *exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x.now, x.seen = b.options.Now(), b.seen()
	result, no := b.perform(x)
	if no != nil {
		x.call.Code = no.code
		no.write(w, x.call.Service)
		return
	}
	if x.call.Service == "iam" || x.call.Service == "sts" {
		writeXML(w, x.call.Service, x.call.Operation, result)
		return
	}
	writeJSON(w, result)
}

func (b *Bench) perform(x *exchange) (any, *refusal) {
	if no := x.authenticated(); no != nil {
		return nil, no
	}
	if x.perform == nil {
		return nil, x.unknownOperation()
	}
	if x.form != nil {
		if no := checkForm(x.call.Operation, x.form); no != nil {
			return nil, no
		}
	}
	b.settle(x.now)
	return x.perform(x)
}

// readScope takes key, region and service from the Authorization header or,
// for a presigned request, from the query.
func (x *exchange) readScope(r *http.Request) {
	scope := r.Header.Get("Authorization")
	if !strings.HasPrefix(scope, "AWS4-HMAC-SHA256 ") {
		scope = "Credential=" + x.call.Query.Get("X-Amz-Credential")
	}
	if m := credential.FindStringSubmatch(scope); m != nil {
		x.key, x.region, x.call.Service = m[1], m[3], m[4]
	}
}

// route finds the operation. EKS is a REST API whose paths hold escaped ARNs;
// IAM and STS name the action in a form.
func (b *Bench) route(x *exchange, r *http.Request) {
	switch x.call.Service {
	case "eks":
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		b.routes.ServeHTTP(&answer{header: http.Header{}}, r)
	case "iam", "sts":
		x.form = x.call.Query
		if r.Method == http.MethodPost {
			if form, err := url.ParseQuery(string(x.call.Body)); err == nil {
				x.form = form
			}
		}
		if p := b.queryActions(x.call.Service)[x.form.Get("Action")]; p != nil {
			x.call.Operation, x.perform = x.form.Get("Action"), p
		}
	default:
		_, x.call.Operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	}
}

// authenticated refuses who did not sign, or signed with a key that is unknown
// or has expired. The query services have codes of their own for it.
func (x *exchange) authenticated() *refusal {
	missing, unknown, expired := "MissingAuthenticationTokenException", "UnrecognizedClientException", "ExpiredTokenException"
	if x.call.Service == "iam" || x.call.Service == "sts" {
		missing, unknown, expired = "MissingAuthenticationToken", "InvalidClientTokenId", "ExpiredToken"
	}
	switch {
	case x.key == "":
		return refuse(http.StatusForbidden, missing, "Missing Authentication Token")
	case x.caller == nil:
		return refuse(http.StatusForbidden, unknown, "The security token included in the request is invalid.")
	case x.caller.expired:
		return refuse(http.StatusForbidden, expired, "The security token included in the request is expired")
	}
	return nil
}

func (x *exchange) unknownOperation() *refusal {
	switch x.call.Service {
	case "iam", "sts":
		return refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s",
			x.form.Get("Action"), x.form.Get("Version"))
	case "eks":
		return refuse(http.StatusNotFound, "UnknownOperationException", "Unknown operation")
	}
	return refuse(http.StatusBadRequest, "UnknownOperationException", "Unknown operation")
}

// wait sleeps unless the client goes away first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
