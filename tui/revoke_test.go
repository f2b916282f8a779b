package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// bindings is the workshop with a role of its own for the group of carts-developers, in
// two namespaces, and a policy of theirs.
func bindings() access.Snapshot {
	s := workshop()
	for _, ns := range []string{"carts", "ui"} {
		s.Objects = s.Objects.With(
			access.Role{In: kubeRealm, Namespace: ns, Name: "deployer", Rules: []access.Rule{{Verbs: []string{"patch"}, APIGroups: []string{"apps"}, Resources: []string{"deployments"}}}},
			access.Binding{In: kubeRealm, Namespace: ns, Name: "deployers", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "deployer"},
				Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "carts-developers"}}})
	}
	s.Objects = s.Objects.With(access.PolicyAssociation{In: eksRealm, Principal: roleARN("teams/carts-developers"), Policy: access.PolicyARN("aws", access.ViewPolicy),
		Scope: access.PolicyScope{Namespaces: []string{"carts", "orders"}}})
	return s
}

func rowOf(t *testing.T, w *world, name string) line {
	t.Helper()
	i := slices.IndexFunc(w.lines, func(l line) bool { return l.name == name })
	if i < 0 {
		t.Fatalf("no row %s", name)
	}
	return w.lines[i]
}

func TestWhatCanBeTaken(t *testing.T) {
	s := bindings()
	s.Objects = s.Objects.With(access.Binding{In: kubeRealm, Namespace: "ui", Name: "everybody", Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "system:authenticated"}}})
	w := survey(s, nil)
	for name, want := range map[string]string{
		"carts-developers": "AmazonEKSViewPolicy in carts, orders; cluster role edit in carts; cluster role view in checkout; " +
			"role deployer in carts, ui; all access",
		"security-audit":      "AmazonEKSViewPolicy in the whole cluster; all access",
		"eks-workshop-admins": "all access", // of system:masters no binding matters
		"ghost":               "all access", // in force is nothing
	} {
		var got []string
		for _, tk := range takings(w.ix, rowOf(t, w, name).row) {
			got = append(got, strings.TrimSpace(tk.words()+" "+tk.place()))
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s: %s\nwant %s", name, text, want)
		}
	}
}

// The form begins with the least that can be meant: what counts in the namespace under
// the cursor, there only.
func TestRevokeBeginsWithTheLeast(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 100, 30).keys("right", "x").
		sees("Revoke access of carts-developers", "‹ AmazonEKSViewPolicy ›", "where         carts   ↵ choose  ← → wherever it is", "~ AmazonEKSViewPolicy  carts,orders → orders")
	d.keys("esc", "0", "x").sees("AmazonEKSViewPolicy ›", "wherever it is")
	ws, err := d.app.stack[1].(revoke).wishes()
	if want := (access.RevokeAccess{Principal: ws[0].intent.(access.RevokeAccess).Principal, Policy: access.ViewPolicy}); err != nil || fmt.Sprint(ws[0].intent) != fmt.Sprint(want) {
		t.Errorf("%v %v, want %v", ws, err, want)
	}
}

// Each thing that can be taken is taken by its plan, and undo gives it back.
func TestRevokeEachThing(t *testing.T) {
	for turn, gone := range []string{"- AmazonEKSViewPolicy", "- RoleBinding  carts/carts-devs", "- RoleBinding  checkout/carts-devs-look", "- RoleBinding  ui/deployers", "- access entry"} {
		f := &fake{snap: bindings()}
		before := f.snap
		d := drive(t, f, 120, 40).keys("0", "x")
		for range turn {
			d.keys("right")
		}
		d.sees(gone)
		d.keys("ctrl+p").sees("Preview").keys("a")
		for range 3 { // what others lose is accepted first
			if _, asks := d.app.stack[len(d.app.stack)-1].(ask); !asks {
				d.keys("space", "a")
			}
		}
		d.keys("y").sees("done").keys("u").sees("Undo").keys("a", "y").sees("done")
		same(t, before, f.snap)
	}
}

func TestRevokeOfSeveralTakesWhatAllHave(t *testing.T) {
	s := bindings()
	s.Objects = s.Objects.With(
		access.AccessEntry{In: eksRealm, Principal: roleARN("second"), Type: access.StandardType, Groups: []string{"second"}},
		access.PolicyAssociation{In: eksRealm, Principal: roleARN("second"), Policy: access.PolicyARN("aws", access.ViewPolicy), Scope: access.PolicyScope{Namespaces: []string{"orders", "ui"}}})
	w := survey(s, nil)
	r := newRevoke(w, []line{rowOf(t, w, "carts-developers"), rowOf(t, w, "second")}, "ui", nil)
	if n := len(r.from); n != 2 || r.from[0].place() != "in carts, orders, ui" {
		t.Fatalf("%+v", r.from)
	}
	// Only second has it in ui, so only of it something is taken there.
	ws, err := r.wishes()
	if err != nil || len(ws) != 1 || ws[0].words() != "revoke AmazonEKSViewPolicy of second in ui" {
		t.Errorf("%v %v", ws, err)
	}
	r.spaces = []string{"orders", "ui"}
	if ws, _ = r.wishes(); len(ws) != 2 || ws[0].words() != "revoke AmazonEKSViewPolicy of carts-developers in orders" {
		t.Errorf("%v", ws)
	}
}

// No namespace chosen is not everywhere.
func TestNoNamespaceChosenTakesNothingMore(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 100, 30).keys("right", "x", "down", "enter").sees("Namespaces to take it in", "● carts")
	d.keys("tab", "enter").sees("where         ‹ carts ›")
}

func TestRevokeFromAReason(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("right", "enter", "tab", "tab", "x").sees("Revoke access of carts-developers")
	at := d.app.stack[1].(why)
	from := at.rules[at.cursor].from
	if got := d.app.stack[2].(revoke).taking(); !got.gives(from) {
		t.Errorf("the form takes %s, the rule comes from %v", got.words(), from.Via)
	}
}

// What can't be planned does not get in the way of the rest of the basket.
func TestWhatIsNotRevokedIsNotStaged(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).text("/NodeInstance").keys("enter", "x").sees("is a node role:").
		keys("ctrl+b").sees("Revoke access of", "is a node role").lacks("basket 1")
	d.keys("esc", "esc").text("/carts-dev").keys("enter", "i", "down").text("system:x").sees("system:").keys("ctrl+b").lacks("basket 1").sees("Change carts-developers")
}

// Names in bindings stay unless they are asked out.
func TestNamesStayInBindings(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 120, 40).keys("0", "x", "left").sees("‹ all access ›", "1 access entry", "stay in bindings").lacks("- RoleBinding")
	d.keys("down", "space").sees("‹ out of bindings, too ›", "- RoleBinding").keys("ctrl+b").sees("basket 1")
	d.keys("b").sees("revoke all access of carts-developers, and its names in bindings")
}
