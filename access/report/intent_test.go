package report_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestIntentInWords(t *testing.T) {
	p, _ := access.ParsePrincipal("arn:aws:iam::123456789012:role/team/dev")
	for want, in := range map[string]access.Intent{
		"migrate every mapping":       access.Migrate{},
		"migrate dev":                 access.Migrate{Principals: []access.Principal{p}},
		"grant dev view on carts, ui": access.GrantAccess{Principal: p, Level: access.View, Namespaces: []string{"carts", "ui"}},
		"grant dev AmazonEKSViewPolicy on the whole cluster":        access.GrantAccess{Principal: p, Policy: access.PolicyARN("aws", access.ViewPolicy)},
		"revoke all access of dev":                                  access.RevokeAccess{Principal: p},
		"revoke all access of dev, and its names in bindings":       access.RevokeAccess{Principal: p, Subjects: true},
		"revoke role deployer of dev in ui":                         access.RevokeAccess{Principal: p, Role: "deployer", Namespaces: []string{"ui"}},
		"revoke AmazonEKSViewPolicy of dev":                         access.RevokeAccess{Principal: p, Policy: access.ViewPolicy},
		"change dev: user name d, + ops, − devs":                    access.ChangeIdentity{Principal: p, Username: "d", Add: []string{"ops"}, Drop: []string{"devs"}},
		"switch the authentication mode to API":                     access.SwitchMode{To: access.APIMode},
		"change dev: AmazonEKSViewPolicy on carts, ui":              access.ChangeScope{Principal: p, Policy: access.ViewPolicy, Namespaces: []string{"carts", "ui"}},
		"make the dead access entry of dev again":                   access.Remake{Principal: p},
		"grant dev edit on carts":                                   access.GrantAccess{Principal: p, ClusterRole: "edit", Namespaces: []string{"carts"}},
		"revoke cluster role view of dev":                           access.RevokeAccess{Principal: p, ClusterRole: "view"},
		"migrate dev, nodes as EC2_LINUX":                           access.Migrate{Principals: []access.Principal{p}, NodeType: "EC2_LINUX"},
		"migrate dev, and old names out of bindings":                access.Migrate{Principals: []access.Principal{p}, Subjects: true},
		"change dev: entry of type EC2_LINUX":                       access.ChangeType{Principal: p, Type: "EC2_LINUX"},
		"make role deployer in carts, ui":                           access.MakeRole{Role: access.Role{Name: "deployer"}, Namespaces: []string{"carts", "ui"}},
		"make cluster role viewer":                                  access.MakeRole{Role: access.Role{Name: "viewer"}},
		"bind role deployer to group devs, user eve on carts":       access.BindRole{Groups: []string{"devs"}, Users: []string{"eve"}, Role: "deployer", Namespaces: []string{"carts"}},
		"bind cluster role view to group devs on the whole cluster": access.BindRole{Groups: []string{"devs"}, ClusterRole: "view"},
		"make namespace carts":                                      access.MakeNamespaces{Names: []string{"carts"}},
		"make namespaces carts, ui":                                 access.MakeNamespaces{Names: []string{"carts", "ui"}},
	} {
		if got := report.Intent(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNothingHostileComesThroughIntentsAndTexts(t *testing.T) {
	for seed := range uint64(80) {
		e := enemy{rand.New(rand.NewPCG(seed, 7))}
		p := e.principal()
		texts := report.Text(e.s() + "\n\t" + e.s() + "\t" + e.s())
		for _, in := range []access.Intent{
			access.Migrate{Principals: []access.Principal{p, e.principal()}},
			access.GrantAccess{Principal: p, Policy: e.s(), Namespaces: e.some()}, access.GrantAccess{Principal: p, Role: e.s()}, access.GrantAccess{Principal: p, ClusterRole: e.s()},
			access.RevokeAccess{Principal: p, Policy: e.s(), Namespaces: e.some()}, access.RevokeAccess{Principal: p, Role: e.s()}, access.RevokeAccess{Principal: p, ClusterRole: e.s()},
			access.ChangeIdentity{Principal: p, Username: e.s(), Add: e.some(), Drop: e.some()}, access.SwitchMode{To: access.Mode(e.s())},
			access.ChangeScope{Principal: p, Policy: e.s(), Namespaces: e.some()}, access.Remake{Principal: p},
			access.ChangeType{Principal: p, Type: e.s()}, access.MakeRole{Role: access.Role{Name: e.s()}, Namespaces: e.some()}, access.MakeNamespaces{Names: e.some()},
			access.BindRole{Groups: e.some(), Users: e.some(), Role: e.s(), Namespaces: e.some()}, access.Migrate{NodeType: e.s()},
		} {
			texts = append(texts, report.Intent(in))
		}
		for _, s := range texts {
			if what := acts(s); what != "" || strings.ContainsAny(s, "\n\t") {
				t.Fatalf("seed %d: %q holds %s", seed, s, what)
			}
		}
	}
}
