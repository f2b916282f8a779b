package archive_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/archive"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func encode(t *testing.T, s access.Snapshot) []byte {
	t.Helper()
	text, err := archive.Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What is read back is what was written, stamps included; also when the text was made
// fit for a terminal on its way.
func TestLawRoundTrip(t *testing.T) {
	forRandom(t, 150, func(t *testing.T, s access.Snapshot) {
		text := encode(t, s)
		for _, form := range [][]byte{text, report.Escape(text), append([]byte("\xef\xbb\xbf"), text...)} {
			back, err := archive.Decode(form)
			if err != nil {
				t.Fatal(err)
			}
			want := archive.Cut(s)
			if !slices.EqualFunc(slices.Collect(want.Objects.All()), slices.Collect(back.Objects.All()), func(a, b access.Object) bool { return reflect.DeepEqual(a, b) }) {
				t.Error("objects differ:", cmp.Diff(slices.Collect(want.Objects.All()), slices.Collect(back.Objects.All())))
			}
			want.Objects, back.Objects = access.Objects{}, access.Objects{}
			if !reflect.DeepEqual(want, back) {
				t.Errorf("read back as\n%+v\nwant\n%+v", back, want)
			}
		}
		back, err := archive.Decode(text)
		if err != nil || !bytes.Equal(encode(t, back), text) {
			t.Errorf("written again it is another text (%v)", err)
		}
	})
}

// A snapshot answers as the cluster did.
func TestLawSameAnswers(t *testing.T) {
	forRandom(t, 150, func(t *testing.T, s access.Snapshot) {
		s.Gaps = nil // their details lose credentials: see TestNoCredentialIsWritten
		back, err := archive.Decode(encode(t, s))
		if err != nil {
			t.Fatal(err)
		}
		s.Server = archive.Cut(s).Server
		if want, got := answers(t, s), answers(t, back); got != want {
			t.Error(cmp.Diff(want, got))
		}
	})
}

// No beginning of a file is taken for the whole.
func TestLawNoPrefixIsRead(t *testing.T) {
	text := bytes.TrimSpace(encode(t, random(rand.New(rand.NewPCG(1, 22)))))
	for n := range text {
		if _, err := archive.Decode(text[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read as a snapshot", n, len(text))
		}
	}
	for n := len(text) / 2; n < len(text); n += 97 {
		if _, err := archive.Decode(text[:n]); !strings.Contains(err.Error(), "the file is cut off") {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

// A byte that was changed is an error or another fact, and never a panic.
func TestChangedBytes(t *testing.T) {
	text := encode(t, random(rand.New(rand.NewPCG(2, 22))))
	r := rand.New(rand.NewPCG(3, 22))
	for range 1000 {
		bad := bytes.Clone(text)
		bad[r.IntN(len(bad))] = byte(r.IntN(256))
		if s, err := archive.Decode(bad); err == nil {
			answers(t, s)
		}
	}
}

func TestNoSnapshot(t *testing.T) {
	whole := func(objects string) string {
		return `{"apiVersion":"eks-access/v1alpha1","kind":"Snapshot","realms":["eks:a","kube:a"],"objects":[` + objects + `]}`
	}
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":           {"", "it is empty"},
		"blanks":            {" \n ", "it is empty"},
		"text":              {"hello", "line 1: invalid character 'h'"},
		"binary":            {"\x00\x01\xff\xfe", "it is no text"},
		"a list":            {"[]", "it is JSON, but not a snapshot: it has no kind"},
		"broken in line 3":  {"{\n\"kind\": \"Snapshot\",\n\"at\" 5}", "line 3: invalid character '5'"},
		"cut off":           {"{\n\"kind\": \"Snap", "line 2: it ends in the middle: the file is cut off"},
		"a plan":            {`{"apiVersion":"eks-access/v1alpha1","kind":"Plan"}`, "it holds a Plan (eks-access/v1alpha1), not a snapshot"},
		"kubectl's":         {`{"apiVersion":"v1","kind":"List","items":[]}`, "it holds a List (v1), not a snapshot"},
		"no kind":           {`{}`, "it has no kind"},
		"another version":   {`{"apiVersion":"eks-access/v9","kind":"Snapshot"}`, `it is of version "eks-access/v9", and this program reads eks-access/v1alpha1`},
		"a wrong type":      {`{"apiVersion":"eks-access/v1alpha1","kind":"Snapshot","realms":"x"}`, "line 1: json: cannot unmarshal string"},
		"two clusters":      {`{"apiVersion":"eks-access/v1alpha1","kind":"Snapshot","realms":["eks:a","eks:b"]}`, `two clusters: "eks:a" and "eks:b"`},
		"an unknown realm":  {`{"apiVersion":"eks-access/v1alpha1","kind":"Snapshot","realms":["gke:a"]}`, `a realm "gke:a"`},
		"an unknown kind":   {whole(`{"kind":"Pod","realm":"kube:a"}`), `object 1 of 1: object of unknown kind "Pod"`},
		"null":              {whole(`null`), "object 1 of 1: it is null"},
		"twice":             {whole(`{"kind":"Namespace","realm":"kube:a","name":"x"},{"kind":"Namespace","realm":"kube:a","name":"x"}`), "object 2 of 2: Namespace x is there twice"},
		"a foreign realm":   {whole(`{"kind":"Namespace","realm":"kube:b","name":"x"}`), `of realm "kube:b", which the file does not list`},
		"a misplaced kind":  {whole(`{"kind":"Namespace","realm":"eks:a","name":"x"}`), "which has no such kind"},
		"a widened binding": {whole(`{"kind":"RoleBinding","realm":"kube:a","name":"x"}`), "it says it is a RoleBinding and has the fields of a ClusterRoleBinding"},
		"more behind it":    {whole("") + "{}", "line 1: invalid character '{' after top-level value"},
		"a broken stamp":    {whole(`{"kind":"AccessEntry","realm":"eks:a","principalArn":"x","createdAt":5}`), "object 1 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := archive.Decode([]byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if s.Objects.Len() > 0 || len(s.Realms) > 0 {
				t.Errorf("half of it was shown: %+v", s)
			}
		})
	}
	var other *archive.OtherKind
	if _, err := archive.Decode([]byte(`{"kind":"Plan","apiVersion":"x"}`)); !errors.As(err, &other) || other.Kind != "Plan" {
		t.Errorf("another kind is %v", err)
	}
}

// PowerShell writes what a command prints as UTF-16.
func TestOtherEncodings(t *testing.T) {
	text := encode(t, random(rand.New(rand.NewPCG(4, 22))))
	wide := []byte{0xff, 0xfe}
	for _, r := range string(text) {
		if r > 0xffff {
			t.Skip("beyond the basic plane") // the seed draws none
		}
		wide = append(wide, byte(r), byte(r>>8))
	}
	back, err := archive.Decode(wide)
	if err != nil || !bytes.Equal(encode(t, back), text) {
		t.Errorf("UTF-16: %v", err)
	}
}
