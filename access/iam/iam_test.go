package iam_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/iam"
	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const account = "111122223333"

var realm = access.IAMRealm(account)

const small = `
about: one account and a foreign one
accounts:
  "111122223333":
    roles: [{name: team/Dev, created: 2025-01-02T03:04:05Z}, {name: admin}]
    users: [{name: ops/alice}]
  "444455556666":
    roles: [{name: foreign}]
callers:
- {key: AKIAADMIN000000001, arn: "arn:aws:sts::111122223333:assumed-role/admin/me"}
`

func bench(t testing.TB, o sim.Options, change ...func(*sim.World)) *sim.Bench {
	t.Helper()
	w, err := sim.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&w)
	}
	return sim.New(w, o)
}

func open(b *sim.Bench) *iam.Side {
	key, _ := b.Caller()
	return iam.New(aws.Config{Region: "eu-west-1", HTTPClient: &http.Client{Transport: sim.Wire(b)},
		Credentials: credentials.NewStaticCredentialsProvider(key, "s", "")})
}

func principals(t testing.TB, arns ...string) (out []access.Principal) {
	t.Helper()
	for _, a := range arns {
		p, err := access.ParsePrincipal(a)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func follow(t testing.TB, b *sim.Bench, in access.Snapshot, more ...access.Principal) access.Snapshot {
	t.Helper()
	var mu sync.Mutex
	all := access.Snapshot{Objects: access.Objects{}}
	err := open(b).Follow(context.Background(), in, more, func(part access.Snapshot) {
		mu.Lock()
		defer mu.Unlock()
		all = all.Done(realm).Merge(part)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Gaps {
		if g.Why == access.Loading {
			t.Errorf("still loading: %+v", g)
		}
	}
	return all
}

// facts are the answers in short.
func facts(s access.Snapshot) (out []string) {
	for _, p := range access.Of[access.IAMPrincipal](s.Objects) {
		line := p.ID + " " + p.ARN
		if p.Gone {
			line += " gone"
			if p.Unlisted {
				line += " as spelled"
			}
		} else if p.UniqueID == "" || p.Created.IsZero() {
			line += " without id or time"
		}
		out = append(out, line)
	}
	return out
}

func operations(b *sim.Bench) map[string]int {
	out := map[string]int{}
	for _, c := range b.Calls() {
		out[c.Operation]++
	}
	return out
}

// mapped is a snapshot with an entry and an aws-auth map.
func mapped() access.Snapshot {
	s := access.Snapshot{Realms: []access.Realm{"eks:demo", "kube:demo"}}
	entry := access.AccessEntry{In: "eks:demo", Principal: "arn:aws:iam::111122223333:role/team/Dev", Type: "STANDARD"}
	foreign := access.AccessEntry{In: "eks:demo", Principal: "arn:aws:iam::444455556666:role/foreign", Type: "STANDARD"}
	auth := access.AuthMap{In: "kube:demo", Data: map[string]string{"mapRoles": `
- rolearn: arn:aws:iam::111122223333:role/admin
- rolearn: arn:aws:iam::111122223333:role/ghost
- rolearn: garbage
`, "mapUsers": `
- userarn: arn:aws:iam::111122223333:user/ops/alice
- userarn: arn:aws:iam::111122223333:user/bob
`}}
	s.Objects = access.Objects{}.With(entry, foreign, auth)
	return s
}

func TestFollowTellsRealARNsAndWhoIsGone(t *testing.T) {
	b := bench(t, sim.Options{})
	s := follow(t, b, mapped())
	want := []string{
		"role/111122223333/admin arn:aws:iam::111122223333:role/admin",
		"role/111122223333/dev arn:aws:iam::111122223333:role/team/Dev",
		"role/111122223333/ghost arn:aws:iam::111122223333:role/ghost gone",
		"user/111122223333/alice arn:aws:iam::111122223333:user/ops/alice",
		"user/111122223333/bob arn:aws:iam::111122223333:user/bob gone",
	}
	if diff := cmp.Diff(want, facts(s)); diff != "" {
		t.Error(diff)
	}
	if len(s.Gaps) > 0 || !slices.Equal(s.Realms, []access.Realm{realm}) {
		t.Errorf("realms %v, gaps %v", s.Realms, s.Gaps)
	}
	if diff := cmp.Diff(map[string]int{"GetCallerIdentity": 1, "GetRole": 3, "GetUser": 2, "ListRoles": 1, "ListUsers": 1}, operations(b)); diff != "" {
		t.Error(diff)
	}
}

func TestFollowNeverAsksAboutAnotherAccount(t *testing.T) {
	b := bench(t, sim.Options{})
	in := access.Snapshot{Caller: access.Caller{AWS: principals(t, "arn:aws:sts::111122223333:assumed-role/admin/me")[0]}}
	s := follow(t, b, in, principals(t, "arn:aws:iam::444455556666:role/admin", "arn:aws-cn:iam::111122223333:role/admin", "arn:aws:iam::111122223333:root")...)
	if s.Objects.Len()+len(s.Gaps)+len(b.Calls()) != 0 {
		t.Errorf("facts %v, gaps %v, calls %v", facts(s), s.Gaps, operations(b))
	}
}

// An aws-auth item holds in any letter case (aws-iam-authenticator pkg/config Matches),
// so the answer to a question in one of them is not the end of it.
func TestWhoIsGoneIsSaidByAListOnly(t *testing.T) {
	spelled := principals(t, "arn:aws:iam::111122223333:role/DEV", "arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::111122223333:role/ghost")
	for name, tc := range map[string]struct {
		deny, want []string
	}{
		"listed": {nil, []string{
			"role/111122223333/dev arn:aws:iam::111122223333:role/team/Dev",
			"role/111122223333/ghost arn:aws:iam::111122223333:role/ghost gone",
			"user/111122223333/alice arn:aws:iam::111122223333:user/ops/alice"}},
		"no list of roles": {[]string{"iam:ListRoles"}, []string{
			"role/111122223333/dev arn:aws:iam::111122223333:role/DEV gone as spelled",
			"role/111122223333/ghost arn:aws:iam::111122223333:role/ghost gone as spelled",
			"user/111122223333/alice arn:aws:iam::111122223333:user/ops/alice"}},
		"no list of users": {[]string{"iam:ListUsers"}, []string{
			"role/111122223333/dev arn:aws:iam::111122223333:role/team/Dev",
			"role/111122223333/ghost arn:aws:iam::111122223333:role/ghost gone",
			"user/111122223333/alice arn:aws:iam::111122223333:user/Alice gone as spelled"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(t, sim.Options{}, func(w *sim.World) { w.Callers[0].Deny = tc.deny })
			s := follow(t, b, access.Snapshot{}, spelled...)
			if diff := cmp.Diff(tc.want, facts(s)); diff != "" {
				t.Error(diff)
			}
			if len(s.Gaps) > 0 {
				t.Errorf("gaps %v", s.Gaps)
			}
		})
	}
}

// lagging answers ListRoles as if no role had been made yet.
type lagging struct{ next http.RoundTripper }

func (l lagging) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !bytes.Contains(body, []byte("Action=ListRoles")) {
		return l.next.RoundTrip(r)
	}
	const none = `<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolesResult><Roles/><IsTruncated>false</IsTruncated></ListRolesResult></ListRolesResponse>`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(none)), Request: r}, nil
}

// A list may lag behind a role that was made a moment ago.
func TestARoleThatNoListHasYetIsNotGone(t *testing.T) {
	b := bench(t, sim.Options{}, func(w *sim.World) {
		a := w.Accounts[account]
		for i := range 30 {
			a.Roles = append(a.Roles, sim.Role{Name: fmt.Sprintf("r%02d", i)})
		}
		w.Accounts[account] = a
	})
	var more []access.Principal
	for i := range 30 {
		more = append(more, principals(t, fmt.Sprintf("arn:aws:iam::%s:role/r%02d", account, i))...)
	}
	stale := &http.Client{Transport: lagging{sim.Wire(b)}}
	key, _ := b.Caller()
	side := iam.New(aws.Config{Region: "eu-west-1", HTTPClient: stale, Credentials: credentials.NewStaticCredentialsProvider(key, "s", "")})
	found := map[string]bool{}
	if err := side.Follow(context.Background(), access.Snapshot{}, more, func(part access.Snapshot) {
		for _, f := range facts(part) {
			found[f] = true
		}
	}); err != nil {
		t.Fatal(err)
	}
	for f := range found {
		if strings.Contains(f, "gone") {
			t.Error(f)
		}
	}
	if len(found) != 30 {
		t.Errorf("%d roles of 30", len(found))
	}
}

func TestManyRolesAreListed(t *testing.T) {
	var more []access.Principal
	b := bench(t, sim.Options{PageSize: 10}, func(w *sim.World) {
		a := w.Accounts[account]
		for i := range 35 {
			a.Roles = append(a.Roles, sim.Role{Name: fmt.Sprintf("path/R%02d", i)})
		}
		w.Accounts[account] = a
	})
	for i := range 40 {
		more = append(more, principals(t, fmt.Sprintf("arn:aws:iam::%s:role/r%02d", account, i))...) // without path, in lower case
	}
	s := follow(t, b, access.Snapshot{}, more...)
	got := facts(s)
	gone := 0
	for _, f := range got {
		if strings.HasSuffix(f, " gone") {
			gone++
		}
	}
	if len(got) != 40 || gone != 5 || got[0] != "role/111122223333/r00 arn:aws:iam::111122223333:role/path/R00" || len(s.Gaps) > 0 {
		t.Errorf("%d facts, %d gone, gaps %v", len(got), gone, s.Gaps)
	}
	if diff := cmp.Diff(map[string]int{"GetCallerIdentity": 1, "ListRoles": 4, "GetRole": 5}, operations(b)); diff != "" {
		t.Error(diff)
	}
}

func TestDenialsAreGaps(t *testing.T) {
	for name, tc := range map[string]struct {
		deny  []string
		many  bool
		gaps  []string
		facts int
	}{
		"roles and users":     {[]string{"iam:*"}, false, []string{"denied "}, 0},
		"users only":          {[]string{"iam:GetUser"}, false, []string{"denied user/111122223333/alice", "denied user/111122223333/bob"}, 3},
		"the list, of many":   {[]string{"iam:ListRoles"}, true, nil, 35},
		"everything, of many": {[]string{"iam:*"}, true, []string{"denied "}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(t, sim.Options{}, func(w *sim.World) { w.Callers[0].Deny = tc.deny })
			var more []access.Principal
			for i := range 30 {
				if tc.many {
					more = append(more, principals(t, fmt.Sprintf("arn:aws:iam::%s:role/r%02d", account, i))...)
				}
			}
			s := follow(t, b, mapped(), more...)
			var got []string
			for _, g := range s.Gaps {
				got = append(got, string(g.Why)+" "+g.Name)
				if !strings.Contains(g.Detail, "assumed-role/admin/me may not iam:Get") || !strings.Contains(g.Detail, "ask for iam:Get") {
					t.Errorf("detail %q", g.Detail)
				}
			}
			if diff := cmp.Diff(tc.gaps, got); diff != "" {
				t.Error(diff)
			}
			if n := s.Objects.Len(); n != tc.facts {
				t.Errorf("%d facts, want %d: %v", n, tc.facts, facts(s))
			}
		})
	}
}

// No answer is not "gone".
func TestNoAnswerIsAGap(t *testing.T) {
	for name, tc := range map[string]struct {
		fault sim.Fault
		why   access.Code
	}{
		"dropped":   {sim.Fault{Drop: true}, access.Unreachable},
		"throttled": {sim.Fault{Status: 400, Code: "Throttling", Message: "Rate exceeded"}, access.Throttled},
		"expired":   {sim.Fault{Status: 403, Code: "ExpiredToken", Message: "expired"}, access.Unauthorized},
		"strange":   {sim.Fault{Status: 400, Code: "ValidationError", Message: "no"}, access.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := bench(t, sim.Options{})
				b.Break(func(c sim.Call) *sim.Fault {
					if c.Service == "iam" {
						return &tc.fault
					}
					return nil
				})
				s := follow(t, b, mapped())
				if s.Objects.Len() != 0 || len(s.Gaps) != 1 || s.Gaps[0].Why != tc.why || s.Gaps[0].Realm != realm {
					t.Errorf("facts %v, gaps %+v", facts(s), s.Gaps)
				}
			})
		})
	}
}
