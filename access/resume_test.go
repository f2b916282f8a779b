package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

func TestRemainingSteps(t *testing.T) {
	const eks, kube = access.Realm("eks:c"), access.Realm("kube:c")
	role := "arn:aws:iam::111122223333:role/dev"
	bridge := access.Binding{In: kube, Name: "bridge"}
	bridged := access.AccessEntry{In: eks, Principal: role, Type: "STANDARD", Groups: []string{"bridge"}}
	plain := access.AccessEntry{In: eks, Principal: role, Type: "STANDARD"}
	named := plain
	named.Username = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}"
	other := plain
	other.Username = "somebody"
	was, is := access.AuthMap{In: kube, Data: map[string]string{"mapRoles": "a"}}, access.AuthMap{In: kube, Data: map[string]string{"mapRoles": ""}}
	steps := []access.Step{
		{After: bridge}, {After: bridged}, {Before: bridged, After: plain}, {Before: bridge}, {Before: was, After: is},
	}
	for name, tc := range map[string]struct {
		live []access.Object
		left []int
		ok   bool
	}{
		"nothing done":                        {[]access.Object{was}, []int{0, 1, 2, 3, 4}, true},
		"the bridge stands":                   {[]access.Object{was, bridge}, []int{1, 2, 3, 4}, true},
		"the entry stands":                    {[]access.Object{was, bridge, bridged}, []int{2, 3, 4}, true},
		"the entry is final":                  {[]access.Object{was, bridge, plain}, []int{3, 4}, true},
		"the bridge is gone again":            {[]access.Object{was, plain}, []int{4}, true},
		"EKS chose the default user name":     {[]access.Object{was, named}, []int{4}, true},
		"all done":                            {[]access.Object{is, named}, nil, true},
		"aws-auth is gone":                    {nil, nil, false},
		"the entry has another's user name":   {[]access.Object{was, other}, nil, false},
		"the bridge has been bound to a role": {[]access.Object{was, access.Binding{In: kube, Name: "bridge", Meta: access.Meta{Labels: map[string]string{"a": "b"}}}}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := access.Remaining(access.Snapshot{Objects: access.Objects{}.With(tc.live...)}, steps)
			if (err == nil) != tc.ok {
				t.Fatalf("error %v", err)
			}
			var want []access.Step
			for _, i := range tc.left {
				want = append(want, steps[i])
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
