package sim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Wire connects a client to a handler without a network. A handler that closes
// the connection becomes an error, as it would be on a socket.
func Wire(h http.Handler) http.RoundTripper { return wire{h} }

type wire struct{ handler http.Handler }

func (t wire) RoundTrip(r *http.Request) (res *http.Response, err error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	in.RequestURI = in.URL.RequestURI()
	if in.ContentLength > 0 && in.Header.Get("Content-Length") == "" {
		in.Header.Set("Content-Length", fmt.Sprint(in.ContentLength))
	}
	out := &answer{header: http.Header{}}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			res, err = nil, io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	t.handler.ServeHTTP(out, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	out.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", out.status, http.StatusText(out.status)),
		StatusCode:    out.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        out.header,
		Body:          io.NopCloser(&out.body),
		ContentLength: int64(out.body.Len()),
		Request:       r,
	}, nil
}

// answer is a response kept in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}
