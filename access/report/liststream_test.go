package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// A stream is byte for byte what marshalling the whole list gives.
func TestWriteListIsTheListMarshalled(t *testing.T) {
	hostile := workshop().Merge(access.Snapshot{Objects: access.Objects{}.With(access.AccessEntry{In: eksR,
		Principal: "arn:aws:iam::111122223333:role/\"items\": []\u202e\n  \"items\": []", Type: access.StandardType})})
	for name, s := range map[string]access.Snapshot{"workshop": workshop(), "hostile": hostile, "empty": {}} {
		ix := access.NewIndex(s)
		for _, o := range []report.ListOptions{{}, {Namespaces: []string{"ui", "carts"}}, {Principals: []access.Principal{{Kind: access.UserPrincipal, Name: "nobody"}}}} {
			want, err := json.MarshalIndent(report.List(ix, access.Inspect(ix), o), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := report.WriteList(&got, ix, access.Inspect(ix), o); err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want)+"\n" {
				t.Errorf("%s %+v: the stream is\n%s\nwant\n%s", name, o, got.String(), want)
			}
		}
	}
}
