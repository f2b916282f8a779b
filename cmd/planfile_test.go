package cmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

func TestAPlanFileIsNotBelieved(t *testing.T) {
	const eks = access.Realm("eks:c")
	s := access.Snapshot{Realms: []access.Realm{eks, "kube:c"}, Objects: access.Objects{}.With(access.AuthMode{In: eks, Mode: access.ConfigMapMode})}
	file := access.Plan{
		Steps:    []access.Step{{Before: access.AuthMode{In: eks, Mode: access.ConfigMapMode}, After: access.AuthMode{In: eks, Mode: access.BothMode}}},
		Findings: nil, // somebody took the confirmation out
	}
	p, err := rebuilt(s, file.Steps, file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]access.Code{access.OneWayMode}, p.Confirms()); d != "" {
		t.Error(d)
	}
}
