// Package archive is the text form of a Snapshot: one file that holds everything that
// was read, and folders of what kubectl and the AWS CLI print.
//
// Two things always hold. What is encoded gives the same answers as what was read,
// and holds nothing that no answer needs: people write credentials into annotations.
// And a text is read as a whole or not at all; what a folder does not hold is a Gap.
package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Kind is what a snapshot file says it is.
const Kind = "Snapshot"

// head is a file without its objects. A field, once there, stays.
type head struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	At         time.Time      `json:"at"`
	Server     string         `json:"server,omitempty"`
	Caller     access.Caller  `json:"caller"`
	Realms     []access.Realm `json:"realms"`
	Gaps       []access.Gap   `json:"gaps"`
}

// stamped carries what an entry's own JSON leaves out, since a plan must not compare
// it: when it was made tells whether its principal was made again since.
type stamped struct {
	Created time.Time `json:"createdAt,omitzero"`
}

// Encode writes a snapshot as JSON, one object a line and in the order of their keys,
// without what Cut leaves out.
func Encode(s access.Snapshot) ([]byte, error) {
	s = Cut(s)
	h := head{access.APIVersion, Kind, s.At.UTC(), s.Server, s.Caller, s.Realms, s.Gaps}
	if h.Realms == nil {
		h.Realms = []access.Realm{}
	}
	if h.Gaps == nil {
		h.Gaps = []access.Gap{}
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(bytes.TrimSuffix(text, []byte("\n}")))
	out.WriteString(",\n  \"objects\": [")
	separator := "\n    "
	for o := range s.Objects.All() {
		line, err := encode(o)
		if err != nil {
			return nil, fmt.Errorf("write %s %s: %w", o.Key().Kind, o.Key().Name, err)
		}
		out.WriteString(separator)
		out.Write(line)
		separator = ",\n    "
	}
	out.WriteString("\n  ]\n}\n")
	return out.Bytes(), nil
}

func encode(o access.Object) ([]byte, error) {
	line, err := access.EncodeObject(o)
	e, ok := o.(access.AccessEntry)
	if err != nil || !ok || e.Created.IsZero() {
		return line, err
	}
	stamp, err := json.Marshal(stamped{e.Created.UTC()})
	if err != nil {
		return nil, err
	}
	return append(append(line[:len(line)-1], ','), stamp[1:]...), nil
}

// Decode reads what Encode wrote. Errors say what the text is instead, and where it
// ends or breaks; they do not name its file.
func Decode(text []byte) (access.Snapshot, error) {
	text, err := plainText(text)
	if err != nil {
		return access.Snapshot{}, err
	}
	var file struct {
		head
		Objects []json.RawMessage `json:"objects"`
	}
	broken := json.Unmarshal(text, &file)
	var wrong *json.UnmarshalTypeError
	switch {
	case broken != nil && !errors.As(broken, &wrong): // no JSON at all; a wrong type is told after whose it is
		return access.Snapshot{}, misread(text, broken)
	case file.Kind != Kind || file.APIVersion == "":
		return access.Snapshot{}, &OtherKind{file.APIVersion, file.Kind}
	case file.APIVersion != access.APIVersion:
		return access.Snapshot{}, fmt.Errorf("it is of version %q, and this program reads %s: use the version that wrote it", file.APIVersion, access.APIVersion)
	case broken != nil:
		return access.Snapshot{}, misread(text, broken)
	}
	s := access.Snapshot{Caller: file.Caller, Server: file.Server, Realms: file.Realms, Gaps: file.Gaps, At: file.At}
	if len(s.Gaps) == 0 {
		s.Gaps = nil
	}
	if err := realms(s.Realms); err != nil {
		return access.Snapshot{}, err
	}
	objects, err := decodeAll(file.Objects, s.Realms)
	if err != nil {
		return access.Snapshot{}, err
	}
	s.Objects = access.Objects{}.With(objects...)
	return s, nil
}

// decodeAll reads the objects on all processors: a large cluster has 60,000.
func decodeAll(lines []json.RawMessage, in []access.Realm) ([]access.Object, error) {
	objects, errs := make([]access.Object, len(lines)), make([]error, len(lines))
	var all sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for part := range n {
		all.Go(func() {
			for i := part * len(lines) / n; i < (part+1)*len(lines)/n; i++ {
				objects[i], errs[i] = decode(lines[i], in)
			}
		})
	}
	all.Wait()
	seen := make(map[access.Key]bool, len(lines))
	for i, o := range objects {
		if errs[i] != nil {
			return nil, fmt.Errorf("object %d of %d: %w", i+1, len(lines), errs[i])
		}
		k := o.Key()
		if seen[k] {
			return nil, fmt.Errorf("object %d of %d: %s %s is there twice", i+1, len(lines), k.Kind, k.Name)
		}
		seen[k] = true
	}
	return objects, nil
}

// OtherKind is JSON that is something else than a snapshot.
type OtherKind struct{ APIVersion, Kind string }

func (e *OtherKind) Error() string {
	if e.Kind == "" {
		return "it is JSON, but not a snapshot: it has no kind"
	}
	return fmt.Sprintf("it holds a %s (%s), not a snapshot", e.Kind, e.APIVersion)
}

// decode reads one object. Its kind has to be that of its key and of its realm: a
// RoleBinding without its namespace would count in the whole cluster.
func decode(line []byte, in []access.Realm) (access.Object, error) {
	o, err := access.DecodeObject(line)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, errors.New("it is null")
	}
	k := o.Key()
	switch {
	case kindOf(line, k.Kind) != k.Kind:
		return nil, fmt.Errorf("it says it is a %s and has the fields of a %s (%s)", kindOf(line, k.Kind), k.Kind, k.Name)
	case !slices.Contains(in, k.Realm):
		return nil, fmt.Errorf("%s %s is of realm %q, which the file does not list", k.Kind, k.Name, k.Realm)
	case !slices.Contains(k.Realm.Kinds(), k.Kind):
		return nil, fmt.Errorf("%s %s is in realm %q, which has no such kind", k.Kind, k.Name, k.Realm)
	}
	if e, ok := o.(access.AccessEntry); ok {
		var stamp stamped
		if err := json.Unmarshal(line, &stamp); err != nil {
			return nil, err
		}
		e.Created = stamp.Created
		o = e
	}
	return o, nil
}

// kindOf is the kind that an object's text says. It is read only where it is not the
// expected one and the first member, as Encode writes it.
func kindOf(line []byte, expected access.Kind) access.Kind {
	if bytes.HasPrefix(line, []byte(`{"kind":"`+string(expected)+`",`)) {
		return expected
	}
	var said struct{ Kind access.Kind }
	_ = json.Unmarshal(line, &said) // it was read as an object already
	return said.Kind
}

// realms checks that a file is about one cluster.
func realms(rs []access.Realm) error {
	had := map[string]access.Realm{}
	for _, r := range rs {
		api := r.API()
		other, twice := had[api]
		switch {
		case r.Kinds() == nil:
			return fmt.Errorf("it lists a realm %q, which is none of ours", r)
		case twice && api != "iam":
			return fmt.Errorf("it is about two clusters: %q and %q", other, r)
		}
		had[api] = r
	}
	return nil
}

// misread says in which line a text breaks.
func misread(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at, ended := int64(-1), false
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		at, ended = int64(len(text)), true
	case errors.As(err, &syntax):
		at, ended = syntax.Offset, syntax.Error() == "unexpected end of JSON input"
	case errors.As(err, &kind):
		at = kind.Offset
	}
	if at < 0 {
		return err
	}
	if ended {
		return fmt.Errorf("line %d: it ends in the middle: the file is cut off", lineAt(bytes.TrimRight(text, "\r\n\t "), at))
	}
	return fmt.Errorf("line %d: %w", lineAt(text, at), err)
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}
