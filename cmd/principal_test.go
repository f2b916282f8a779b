package cmd

import (
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// listed is an index of entries with these principals, in account 111122223333.
func listed(arns ...string) *access.Index {
	const eks = access.Realm("eks:c")
	s := access.Snapshot{Realms: []access.Realm{eks}, Objects: access.Objects{}.With(
		access.Cluster{In: eks, Name: "c", ARN: "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/c", Account: "111122223333"},
		access.AuthMode{In: eks, Mode: access.APIMode})}
	for _, a := range arns {
		s.Objects = s.Objects.With(access.AccessEntry{In: eks, Principal: a, Type: access.StandardType})
	}
	return access.NewIndex(s)
}

func TestPrincipalsByTheirNames(t *testing.T) {
	ix := listed("arn:aws:iam::111122223333:role/team/dev", "arn:aws:iam::111122223333:user/dev", "arn:aws:iam::111122223333:role/Ops",
		"arn:aws:iam::444455556666:role/shared", "arn:aws:iam::111122223333:role/shared",
		"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Read_Only_0123456789abcdef")
	for word, want := range map[string]string{
		"ops":           "arn:aws:iam::111122223333:role/Ops",
		"role/ops":      "arn:aws:iam::111122223333:role/Ops",
		"role/dev":      "arn:aws:iam::111122223333:role/team/dev",
		"role/team/dev": "arn:aws:iam::111122223333:role/team/dev",
		"user/dev":      "arn:aws:iam::111122223333:user/dev",
		"Read_Only":     "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Read_Only_0123456789abcdef",
		"arn:aws:sts::111122223333:assumed-role/dev/me": "arn:aws:iam::111122223333:role/team/dev",
		"arn:aws:iam::444455556666:role/shared":         "arn:aws:iam::444455556666:role/shared",
	} {
		got, err := choose(ix, []string{word, word})
		if err != nil || len(got) != 1 || got[0].ARN != want {
			t.Errorf("%s: %v, error %v; want %s", word, got, err, want)
		}
	}
	for word, words := range map[string]string{
		"dev":                                "names 2 principals",
		"shared":                             "arn:aws:iam::444455556666:role/shared",
		"role/other/dev":                     "no principal",
		"opps":                               `did you mean "Ops"`,
		"user/ops":                           "no principal",
		"arn:aws:iam::111122223333:role/new": "no principal",
		"999988887777":                       "no principal",
	} {
		got, err := choose(ix, []string{word})
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, error %v; want %q", word, got, err, words)
		}
	}
}

func TestGranteesMayBeNew(t *testing.T) {
	ix := listed("arn:aws:iam::111122223333:role/team/dev")
	for word, want := range map[string]string{
		"dev":                                "arn:aws:iam::111122223333:role/team/dev",
		"role/new":                           "arn:aws-us-gov:iam::111122223333:role/new", // the cluster's own partition and account
		"user/a/b":                           "arn:aws-us-gov:iam::111122223333:user/a/b",
		"arn:aws:iam::444455556666:role/far": "arn:aws:iam::444455556666:role/far",
	} {
		if got, err := grantee(ix, word); err != nil || got.ARN != want {
			t.Errorf("%s: %v, error %v; want %s", word, got, err, want)
		}
	}
	for _, word := range []string{"new", "group/new", "role/", "arn:aws:s3:::bucket"} {
		if got, err := grantee(ix, word); err == nil {
			t.Errorf("%s is understood as %v", word, got)
		}
	}
}
