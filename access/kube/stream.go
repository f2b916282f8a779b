package kube

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// The numbers below are those of the generated .proto files: every list of
// Kubernetes holds its metadata in field 1 and its items in field 2
// (k8s.io/api/rbac/v1/generated.proto), and stands in the field raw of an Unknown
// (k8s.io/apimachinery/pkg/runtime/generated.proto), behind four bytes of magic
// (pkg/runtime/serializer/protobuf).
const (
	magic       = "k8s\x00"
	unknownType = 1
	unknownRaw  = 2
	listMeta    = 1
	listItems   = 2
	lengthFirst = 2 // the wire type of strings, bytes and messages
)

// errBroken is an answer that is no list.
var errBroken = errors.New("the answer can't be read as a list")

// each hands over all objects of a resource, one after another as they come off
// the wire. client-go's own List holds the whole answer and then the whole list,
// with the managed fields of every object: at 50,000 bindings that is 100 MB that
// nobody looks at.
//
// It asks for the most recent state and no limit: since Kubernetes 1.31 that is
// answered from the watch cache in one go (KEP-2340), while pages are answered
// one after another; a server that pages all the same is followed. When the
// connection breaks, begin is called and the list read once more.
func each[T any, P interface {
	*T
	Unmarshal([]byte) error
}](ctx context.Context, client rest.Interface, resource string, begin func(), one func(*T)) error {
	for attempt := 1; ; attempt++ {
		begin()
		err := pages[T, P](ctx, client, resource, one)
		if err == nil || attempt == 2 || ctx.Err() != nil || !torn(err) {
			return err
		}
	}
}

// torn reports whether a connection broke while it was in use: as client-go does
// for its own GETs, that is tried again.
func torn(err error) bool {
	return utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err) || errors.Is(err, io.ErrUnexpectedEOF)
}

func pages[T any, P interface {
	*T
	Unmarshal([]byte) error
}](ctx context.Context, client rest.Interface, resource string, one func(*T)) error {
	var options metav1.ListOptions
	for {
		next, err := page[T, P](ctx, client.Get().Resource(resource).VersionedParams(&options, scheme.ParameterCodec), one)
		if err != nil || next == "" {
			return err
		}
		options.Continue = next
	}
}

// page reads one answer and returns the mark of the next one.
func page[T any, P interface {
	*T
	Unmarshal([]byte) error
}](ctx context.Context, request *rest.Request, one func(*T)) (next string, err error) {
	body, err := request.Stream(ctx)
	if err != nil {
		return "", err
	}
	defer body.Close()
	in := bufio.NewReaderSize(body, 64<<10)
	switch head, err := in.Peek(len(magic)); {
	case err == io.EOF && len(head) == 0:
		return "", fmt.Errorf("%w: it is empty", errBroken)
	case err != nil && len(head) == 0:
		return "", err
	case string(head) != magic:
		return readJSON(in, one)
	}
	_, _ = in.Discard(len(magic)) // peeked
	return readProto[T, P](&wire{in: in}, one)
}

// readJSON is for servers, or what stands before them, that have no protobuf. A Status,
// an error page's object or half an answer would pass for a list of nothing, and nothing
// for no rights: so the kind and the items have to be there, null as null may be.
func readJSON[T any](in io.Reader, one func(*T)) (next string, err error) {
	var list struct {
		Kind     string
		Metadata metav1.ListMeta
		Items    json.RawMessage
	}
	text := json.NewDecoder(in)
	if err := text.Decode(&list); err != nil {
		return "", broken(err)
	}
	if !strings.HasSuffix(list.Kind, "List") || list.Items == nil {
		return "", fmt.Errorf("%w: it is JSON of the kind %q", errBroken, list.Kind)
	}
	if _, err := text.Token(); err == nil {
		return "", fmt.Errorf("%w: more stands behind it", errBroken)
	} else if err != io.EOF {
		return "", broken(err)
	}
	var items []T
	if err := json.Unmarshal(list.Items, &items); err != nil {
		return "", broken(err)
	}
	for i := range items {
		one(&items[i])
	}
	return list.Metadata.Continue, nil
}

// readProto wants the kind of a list before it, as readJSON does, and nothing behind it
// but the fields of the Unknown.
func readProto[T any, P interface {
	*T
	Unmarshal([]byte) error
}](w *wire, one func(*T)) (next string, err error) {
	var of runtime.TypeMeta
	for read := false; ; {
		field, size, err := w.field()
		switch {
		case err == io.EOF && read:
			return next, nil
		case err == io.EOF:
			return "", fmt.Errorf("%w: it holds none", errBroken)
		case err != nil:
			return "", broken(err)
		}
		if field == unknownRaw {
			if read || !strings.HasSuffix(of.Kind, "List") {
				return "", fmt.Errorf("%w: it is of the kind %q", errBroken, of.Kind)
			}
			if next, err = readList[T, P](w, w.at+size, one); err != nil {
				return "", err
			}
			read = true
			continue
		}
		text, err := w.bytes(size)
		if err != nil {
			return "", broken(err)
		}
		if field == unknownType {
			if err := of.Unmarshal(text); err != nil {
				return "", fmt.Errorf("%w: %v", errBroken, err)
			}
		}
	}
}

func readList[T any, P interface {
	*T
	Unmarshal([]byte) error
}](w *wire, end int64, one func(*T)) (next string, err error) {
	for w.at < end {
		field, size, err := w.field()
		if err != nil {
			return "", broken(err)
		}
		if w.at+size > end {
			return "", fmt.Errorf("%w: an item is longer than the list", errBroken)
		}
		text, err := w.bytes(size)
		if err != nil {
			return "", broken(err)
		}
		switch field {
		case listMeta:
			var m metav1.ListMeta
			if err := m.Unmarshal(text); err != nil {
				return "", fmt.Errorf("%w: %v", errBroken, err)
			}
			next = m.Continue
		case listItems:
			var item T
			// Its own "unexpected EOF" is not the connection's.
			if err := P(&item).Unmarshal(text); err != nil {
				return "", fmt.Errorf("%w: %v", errBroken, err)
			}
			one(&item)
		}
	}
	return next, nil
}

// broken keeps a torn connection and a status visible; the rest is no list.
func broken(err error) error {
	var status apierrors.APIStatus
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case torn(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &status):
		return err
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

// wire reads protobuf fields of the one wire type that lists are made of.
type wire struct {
	in   *bufio.Reader
	at   int64        // bytes read
	long bytes.Buffer // a field that is longer than what in holds
}

// field reads a field's number and its length; io.EOF when there is none.
func (w *wire) field() (number, size int64, err error) {
	tag, err := binary.ReadUvarint(w)
	if err != nil {
		return 0, 0, err
	}
	if tag&7 != lengthFirst {
		return 0, 0, fmt.Errorf("field %d has the wire type %d", tag>>3, tag&7)
	}
	length, err := binary.ReadUvarint(w)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if length > 1<<40 {
		err = errors.Join(err, fmt.Errorf("field %d of %d bytes", tag>>3, length))
	}
	return int64(tag >> 3), int64(length), err
}

// bytes reads a field's content. It is valid until the next call. Nothing is
// allocated for what a field says it holds, only for what has come.
func (w *wire) bytes(size int64) ([]byte, error) {
	var text []byte
	var err error
	if size <= int64(w.in.Size()) {
		if text, err = w.in.Peek(int(size)); err == nil {
			_, err = w.in.Discard(len(text))
		}
	} else {
		w.long.Reset()
		_, err = io.CopyN(&w.long, w.in, size)
		text = w.long.Bytes()
	}
	w.at += int64(len(text))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return text, err
}

// ReadByte counts what binary.ReadUvarint takes.
func (w *wire) ReadByte() (byte, error) {
	b, err := w.in.ReadByte()
	if err == nil {
		w.at++
	}
	return b, err
}
