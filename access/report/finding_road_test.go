package report_test

import (
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// Commands of a fix can be pasted, whatever a binding is called; three are enough to
// begin with, and a road that two powers share is told once.
func TestRoadsAreTakenAway(t *testing.T) {
	road := func(namespace, name string) access.Road {
		kind := access.RoleBindingKind
		if namespace == "" {
			kind = access.ClusterRoleBindingKind
		}
		return access.Road{Powers: []access.Code{access.PowerSecrets}, Namespace: namespace, Subject: "Group devs", Via: []access.Key{{Realm: kubeR, Kind: kind, Namespace: namespace, Name: name}, {Realm: kubeR, Kind: access.ClusterRoleKind, Name: "edit"}}}
	}
	f := access.Finding{Code: access.BecomesAdmin, Who: []access.Principal{parse(t, carts)}, Args: []string{carts},
		Roads: []access.Road{road("kube-system; id", "a b"), road("", "x"), road("", "x"), {Powers: []access.Code{access.PowerMasters}}, road("", "y"), road("", "z")}}
	_, fix := report.Finding(f)
	want := "take away what is not meant: kubectl edit rolebinding 'a b' --namespace 'kube-system; id'; kubectl edit clusterrolebinding x; kubectl eks-access change " + carts + " --drop-group system:masters; 2 more roads"
	if fix != want {
		t.Errorf("got  %s\nwant %s", fix, want)
	}
}

// A road that only some sessions take says which.
func TestRoadsOfSessionsSayWhen(t *testing.T) {
	f := access.Finding{Code: access.BecomesAdmin, About: []access.Key{{Realm: eksR, Kind: access.EntryKind, Name: carts}}, Roads: []access.Road{{Powers: []access.Code{access.PowerEverything}, Subject: "User ci:alice",
		Via:  []access.Key{{Realm: kubeR, Kind: access.ClusterRoleBindingKind, Name: "b"}, {Realm: kubeR, Kind: access.ClusterRoleKind, Name: "cluster-admin"}},
		When: &access.Condition{Variable: "SessionName", Value: "alice"}}}}
	want := "may do everything in the whole cluster: access entry  →  user ci:alice  →  ClusterRoleBinding b  →  ClusterRole cluster-admin (when the session name is alice)"
	if got := report.Roads(f)[0]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A table shows some of the evidence and counts the rest.
func TestEvidenceIsCounted(t *testing.T) {
	var keys []access.Key
	for _, n := range strings.Fields("a b c d e f g") {
		keys = append(keys, access.Key{Realm: kubeR, Kind: access.RoleBindingKind, Namespace: "carts", Name: n})
	}
	out := text(report.FindingTable(report.Findings([]access.Finding{{Code: access.BindingUnreached, About: keys, Args: []string{"group gone", "7"}}}, report.FindingFilter{}), false))
	if !strings.Contains(out, "RoleBinding carts/e\n") || strings.Contains(out, "carts/f") || !strings.Contains(out, "and 2 more") {
		t.Error(out)
	}
}
