package archive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Remark is something worth saying of a folder's file.
type Remark struct {
	File string
	Line int
	Code access.Code
	Args []string
}

// What there is to remark.
const (
	Foreign  access.Code = "foreign"  // the file is neither kubectl's nor the AWS CLI's
	Secrets  access.Code = "secrets"  // it holds Secrets, which are left out
	Unneeded access.Code = "unneeded" // it holds objects that say nothing about access: their kind
	Part     access.Code = "part"     // a list that may not be all of a kind: the kind
)

func (r Remark) compare(o Remark) int {
	return cmp.Or(cmp.Compare(r.File, o.File), cmp.Compare(r.Line, o.Line), cmp.Compare(r.Code, o.Code), slices.Compare(r.Args, o.Args))
}

// Options say of a folder what its files do not.
type Options struct {
	Cluster string    // its name, where no file tells it
	At      time.Time // when they were taken
}

// Folder reads a folder of what kubectl and the AWS CLI print, whatever the files are
// called. What they do not tell is a gap. One file that can't be read, or two that
// contradict each other, is an error that names file and line: half a truth would
// look like a whole one.
func Folder(files []File, o Options) (access.Snapshot, []Remark, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	r := &reader{objects: map[access.Key]source{}, whole: map[access.Kind]bool{}, iamFacts: map[string]access.IAMPrincipal{},
		listed: map[string]bool{}, described: map[string]bool{}, associated: map[string]bool{}}
	var docs []document
	for _, f := range files {
		some, err := split(f)
		switch {
		case errors.Is(err, errForeign) || err == nil && len(some) == 0:
			r.remark(document{file: f.Name}, Foreign)
			continue
		case err != nil:
			return access.Snapshot{}, nil, err
		}
		docs = append(docs, some...)
	}
	name, err := clusterName(docs)
	if err != nil {
		return access.Snapshot{}, nil, err
	}
	r.eks, r.kube = access.EKSRealm(cmp.Or(name, o.Cluster)), access.KubeRealm(cmp.Or(name, o.Cluster))
	for _, d := range docs {
		if err := r.read(d); err != nil {
			return access.Snapshot{}, nil, err
		}
	}
	slices.SortStableFunc(r.remarks, Remark.compare)
	r.remarks = slices.CompactFunc(r.remarks, func(a, b Remark) bool { return a.compare(b) == 0 }) // one of each, however many Secrets
	s := r.snapshot()
	s.At = o.At
	return s, r.remarks, nil
}

// source is an object with the document that it stands in.
type source struct {
	object access.Object
	from   document
}

// reader gathers what documents say.
type reader struct {
	eks, kube  access.Realm
	objects    map[access.Key]source
	whole      map[access.Kind]bool // kinds of which all objects were given
	listed     map[string]bool      // principals of a list of entries
	described  map[string]bool      // principals whose entry was described
	associated map[string]bool      // principals whose policies were listed
	iamFacts   map[string]access.IAMPrincipal
	caller     access.Caller
	remarks    []Remark
}

func (r *reader) remark(d document, code access.Code, args ...string) {
	r.remarks = append(r.remarks, Remark{d.file, d.line, code, args})
}

// add takes an object. The same object twice is no harm; two versions of it are.
func (r *reader) add(d document, o access.Object) error {
	k := o.Key()
	if had, ok := r.objects[k]; ok && !access.Same(had.object, o) {
		return d.at(fmt.Errorf("%s %s is another one than in %s:%d: leave one of the files out", k.Kind, title(k), had.from.file, had.from.line))
	}
	r.objects[k] = source{o, d}
	return nil
}

func title(k access.Key) string {
	if k.Namespace != "" {
		return k.Namespace + "/" + k.Name
	}
	return k.Name
}

// present notes that a member is there, and takes no copy of it: lists are large.
type present struct{}

// UnmarshalJSON skips the value.
func (present) UnmarshalJSON([]byte) error { return nil }

// members are the names of a document's members, nil when it is no object.
func (d document) members() map[string]present {
	var out map[string]present
	if json.Unmarshal(d.text, &out) != nil {
		return nil
	}
	return out
}

// read tells by its content what a document is.
func (r *reader) read(d document) error {
	members := d.members()
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { _, there := members[n]; return there })
	}
	switch {
	case has("kind") && has("apiVersion"):
		return r.kubernetes(d)
	case has("cluster", "accessEntry", "accessEntries", "associatedAccessPolicies", "accessPolicies"):
		return r.aws(d)
	case has("apiVersion"):
		// kubectl writes the kind of a List behind its items.
		return d.at(errors.New("it has an apiVersion and no kind: is it cut off?"))
	}
	if !r.iam(d) {
		r.remark(d, Foreign)
	}
	return nil
}

// unmarshal reads a document strictly enough that a wrong type is an error with its place.
func unmarshal(d document, into any) error {
	err := json.Unmarshal(d.text, into)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		line := d.line + bytes.Count(d.text[:min(kind.Offset, int64(len(d.text)))], []byte("\n"))
		return document{file: d.file, line: line}.at(fmt.Errorf("%s is a %s, and should be a %s", cmp.Or(kind.Field, "it"), kind.Value, kind.Type))
	}
	if err != nil {
		return d.at(err)
	}
	return nil
}
