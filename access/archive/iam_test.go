package archive_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

// IAM tells who was made again, and STS and the API server who took it.
func TestIAMFacts(t *testing.T) {
	const roles = `
-- i/roles.json --
{"Roles": [{"Path": "/", "RoleName": "dev", "RoleId": "AROADEV", "Arn": "arn:aws:iam::123456789012:role/dev", "CreateDate": "2026-01-08T08:30:00Z", "AssumeRolePolicyDocument": {}},
 {"RoleName": "other", "RoleId": "AROAOTHER", "Arn": "arn:aws:iam::123456789012:role/other", "CreateDate": "2026-01-08T08:30:00+00:00"}]}
-- i/me.json --
{"UserId": "AROADEV:alice", "Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/dev/alice"}
-- i/who.yaml --
apiVersion: authentication.k8s.io/v1
kind: SelfSubjectReview
status:
  userInfo:
    username: dev
    groups: [devs]
    extra: {accessKeyId: [AKIAIOSFODNN7EXAMPLE], arn: ["arn:aws:sts::123456789012:assumed-role/dev/alice"]}
`
	const opsUnknown = "iam IAMPrincipal role/123456789012/ops not-given"
	s, remarks, err := read(t, roles)
	if err != nil || len(remarks) > 0 || gaps(s) != opsUnknown {
		t.Fatalf("%v, remarks %s, gaps %s", err, said(remarks), gaps(s))
	}
	created := time.Date(2026, 1, 8, 8, 30, 0, 0, time.UTC)
	want := []access.IAMPrincipal{ // and none of those whom no mapping names
		{In: iamR, ARN: arn("dev"), ID: "role/123456789012/dev", UniqueID: "AROADEV", Created: created},
	}
	if d := cmp.Diff(want, access.Of[access.IAMPrincipal](s.Objects)); d != "" {
		t.Error(d)
	}
	if c := s.Caller; c.AWS.Session != "alice" || c.Kube.Name != "dev" || c.Identity.User != "dev" {
		t.Errorf("caller %+v", c)
	}
	if strings.Contains(string(encode(t, s)), "AKIA") {
		t.Error("the access key was taken along")
	}

	// The same list printed with --path-prefix looks like one of all: who is on none may be there.
	for _, m := range access.Resolve(s) {
		if m.Principal.Name == "ops" && (m.State == access.Dead || m.Reason == access.PrincipalGone) {
			t.Errorf("ops is on no list, and taken for gone: %s %s", m.State, m.Reason)
		}
	}
	s, _, err = read(t, "-- i/dev.json --\n"+`{"Role": {"RoleId": "AROADEV", "Arn": "arn:aws:iam::123456789012:role/dev", "CreateDate": 1767861000}}`)
	if got := access.Of[access.IAMPrincipal](s.Objects); err != nil || len(got) != 1 || !got[0].Created.Equal(created) || gaps(s) != opsUnknown {
		t.Errorf("%v, %+v, gaps %s", err, got, gaps(s))
	}
	// JSON of others has such members too.
	_, remarks, err = read(t, "-- i/x.json --\n{\"User\": \"bob\"}\n-- i/y.json --\n{\"Role\": {\"Arn\": \"none\"}}")
	if err != nil || said(remarks) != "i/x.json:1 foreign \ni/y.json:1 foreign " {
		t.Errorf("%v, %s", err, said(remarks))
	}
}
