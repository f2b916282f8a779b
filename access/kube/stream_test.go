package kube

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/eks-access/kubectl-eks-access/access"
)

const here access.Realm = "kube:stream"

func bindingsList(n int, next string) *rbacv1.RoleBindingList {
	l := &rbacv1.RoleBindingList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: next}}
	for i := range n {
		l.Items = append(l.Items, rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns-%d", i%3), Name: fmt.Sprintf("%sb-%d", next, i), Labels: map[string]string{"app": "x"},
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: metav1.NewFieldsV1(`{"f:subjects":{}}`)}}},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: "devs"}, {Kind: "ServiceAccount", Namespace: "ci", Name: "bot"}},
		})
	}
	return l
}

// proto writes a list as a kube-apiserver does.
func proto(t testing.TB, o runtime.Object) []byte {
	t.Helper()
	o.GetObjectKind().SetGroupVersionKind(rbacv1.SchemeGroupVersion.WithKind("RoleBindingList"))
	var out bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(o, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decoded(text []byte) (out []string, next string, err error) {
	in := bufio.NewReader(bytes.NewReader(text))
	if _, err := in.Discard(len(magic)); err != nil {
		return nil, "", err
	}
	next, err = readProto[rbacv1.RoleBinding](&wire{in: in}, func(o *rbacv1.RoleBinding) { out = append(out, o.Namespace+"/"+o.Name) })
	return out, next, err
}

// A list that ends early is an error: objects left out would be rights left out.
func TestLawCutAnswerIsNeverAShortList(t *testing.T) {
	text := proto(t, bindingsList(9, ""))
	all, _, err := decoded(text)
	if err != nil || len(all) != 9 {
		t.Fatalf("%v, %v", all, err)
	}
	whole := 0
	for n := range text {
		got, _, err := decoded(text[:n])
		switch {
		case err != nil:
		case len(got) == 9:
			whole++ // what is cut off stands behind the list
		default:
			t.Errorf("cut at %d of %d: %d objects and no error", n, len(text), len(got))
		}
	}
	if whole > 20 {
		t.Errorf("%d cuts are not noticed", whole)
	}
}

func TestObjectLongerThanTheBufferIsRead(t *testing.T) {
	l := bindingsList(3, "")
	for i := range 2 {
		l.Items[i].Annotations = map[string]string{"note": strings.Repeat("x", 100<<10*(i+1))}
	}
	if got, _, err := decoded(proto(t, l)); err != nil || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzReadProto(f *testing.F) {
	f.Add(proto(f, bindingsList(2, "mark")))
	f.Add([]byte("k8s\x00\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, _, err := decoded(text)
		if err == nil && len(got) > len(text) {
			t.Error("more objects than bytes")
		}
	})
}

// serve is a side whose API server answers lists of role bindings by a function,
// and all else with an empty list.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) access.Snapshot {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/rolebindings") {
			answer(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind": "List", "items": []}`)
	}))
	defer server.Close()
	s, err := New(&rest.Config{Host: server.URL}, here)
	if err != nil {
		t.Fatal(err)
	}
	all := access.Snapshot{}
	if err := s.Read(context.Background(), func(part access.Snapshot) { all = all.Done(here).Merge(part) }); err != nil {
		t.Fatal(err)
	}
	return all
}

func sendProto(t *testing.T, w http.ResponseWriter, o runtime.Object) {
	w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
	_, _ = w.Write(proto(t, o))
}

func TestProtobufSaysWhatJSONSays(t *testing.T) {
	var asked []string
	fromProto := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Accept"))
		sendProto(t, w, bindingsList(7, ""))
	})
	fromJSON := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		l := bindingsList(7, "")
		l.Kind = "RoleBindingList"
		_ = json.NewEncoder(w).Encode(l)
	})
	got := access.Of[access.Binding](fromProto.Objects)
	if diff := cmp.Diff(access.Of[access.Binding](fromJSON.Objects), got); diff != "" || len(got) != 7 {
		t.Errorf("%d bindings\n%s", len(got), diff)
	}
	if len(asked) != 1 || !strings.HasPrefix(asked[0], runtime.ContentTypeProtobuf) {
		t.Errorf("asked for %q", asked)
	}
}

// No server has to answer a list whole, though those we know do.
func TestPagesAreFollowed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		next := map[string]string{"": "a", "a": "c", "c": ""}
		sendProto(t, w, bindingsList(5, next[r.URL.Query().Get("continue")]))
	})
	if n := len(access.Of[access.Binding](s.Objects)); n != 15 || len(s.Gaps) > 0 {
		t.Errorf("%d bindings of 15, gaps %v", n, s.Gaps)
	}
}

func TestTornConnectionIsTriedOnceMore(t *testing.T) {
	for torn, want := range map[int]int{1: 5, 2: 0} {
		t.Run(fmt.Sprintf("%d times", torn), func(t *testing.T) {
			calls := 0
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if calls++; calls <= torn {
					text := proto(t, bindingsList(5, ""))
					w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
					_, _ = w.Write(text[:len(text)/2])
					_ = http.NewResponseController(w).Flush()
					panic(http.ErrAbortHandler)
				}
				sendProto(t, w, bindingsList(5, ""))
			})
			gap, gone := s.Gap(here, access.RoleBindingKind, "")
			if n := len(access.Of[access.Binding](s.Objects)); n != want || gone != (want == 0) || calls != 2 {
				t.Errorf("%d bindings, gap %+v, %d calls", n, gap, calls)
			}
			if gone && gap.Why != access.Unreachable {
				t.Errorf("the gap is %+v", gap)
			}
		})
	}
}

func TestAnswerThatIsNoListIsAGap(t *testing.T) {
	for name, text := range map[string]string{
		"a page of a proxy":   "<html>please log in</html>",
		"nothing":             "",
		"no list":             "k8s\x00",
		"a broken list":       "k8s\x00\x12\x04\x12\x02\xff\xff",
		"a number":            "k8s\x00\x12\x02\x08\x01",
		"an empty object":     "{}",
		"an object":           `{"message": "please log in"}`,
		"a list of nothing":   `{"kind": "RoleBindingList", "metadata": {}}`,
		"no kind":             `{"items": []}`,
		"a status":            `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "items": []}`,
		"two lists":           `{"kind": "RoleBindingList", "items": []}{"kind": "RoleBindingList", "items": []}`,
		"more behind it":      `{"kind": "RoleBindingList", "items": []}]`,
		"an object of items":  `{"kind": "RoleBindingList", "items": {}}`,
		"protobuf of no kind": "k8s\x00\x12\x00",
		"protobuf, a status":  "k8s\x00\x0a\x0c\x0a\x02v1\x12\x06Status\x12\x00",
		"protobuf, two lists": "k8s\x00\x0a\x0a\x12\x08RoleList\x12\x00\x12\x00",
		"protobuf, more":      "k8s\x00\x0a\x0a\x12\x08RoleList\x12\x00\x08\x01",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
			gap, _ := s.Gap(here, access.RoleBindingKind, "")
			if len(access.Of[access.Binding](s.Objects)) > 0 {
				t.Error("something was read from it")
			}
			if gap.Why != access.Broken || !strings.Contains(gap.Detail, "rolebindings") {
				t.Errorf("the gap is %+v", gap)
			}
		})
	}
}

// What is alike is held once, and what is not stays apart.
func TestShareKeepsWhatItSays(t *testing.T) {
	sh := newShare()
	long := map[string]string{"note": strings.Repeat("x", manyWords)}
	var ms []map[string]string
	for _, m := range []map[string]string{{"a": "b"}, {"a": "b"}, {"a": "b", "c": "d"}, {"ab": ""}, {"a": "", "b": ""}, nil, {}, long} {
		meta := metav1.ObjectMeta{Labels: m}
		sh.meta(&meta)
		ms = append(ms, meta.Labels)
	}
	want := []map[string]string{{"a": "b"}, {"a": "b"}, {"a": "b", "c": "d"}, {"ab": ""}, {"a": "", "b": ""}, nil, {}, long}
	if diff := cmp.Diff(want, ms); diff != "" {
		t.Error(diff)
	}
	ms[0]["a"] = "seen in both"
	if ms[1]["a"] != "seen in both" {
		t.Error("two equal maps are held twice")
	}
}

// An annotation holds any text: no value of it passes for other labels.
func TestLawNoTextPassesForOtherLabels(t *testing.T) {
	labels := map[string]string{"a": "b", "k": "true"}
	for name, strange := range map[string]map[string]string{
		"by a zero byte":    {"a": "b\x00k\x00true"},
		"by a line break":   {"a": "b\nk\ntrue"},
		"by a length":       {"a": "b\x01k\x04true"},
		"by the same words": {"a": "b", "k": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, field := range []func(*metav1.ObjectMeta) *map[string]string{
				func(m *metav1.ObjectMeta) *map[string]string { return &m.Labels },
				func(m *metav1.ObjectMeta) *map[string]string { return &m.Annotations },
			} {
				sh := newShare()
				first, second := metav1.ObjectMeta{}, metav1.ObjectMeta{Labels: maps.Clone(labels)}
				*field(&first) = maps.Clone(strange)
				sh.meta(&first)
				sh.meta(&second)
				if diff := cmp.Diff(labels, second.Labels); diff != "" {
					t.Error(diff)
				}
				if len(first.Annotations) > 0 {
					first.Annotations["a"] = "changed"
					if second.Labels["a"] != "b" {
						t.Error("labels and annotations are held as one")
					}
				}
			}
		})
	}
}

// The API server writes a list of nothing with null or [] (metav1 lists, Go's encoding).
func TestEmptyListIsNoGap(t *testing.T) {
	for name, text := range map[string]string{
		"null":     `{"kind": "RoleBindingList", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {}, "items": null}`,
		"none":     "{\"kind\": \"RoleBindingList\", \"items\": []}\n",
		"protobuf": string(proto(t, bindingsList(0, ""))),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
			if len(s.Gaps) > 0 {
				t.Errorf("gaps %+v", s.Gaps)
			}
		})
	}
}
