package tui

import (
	"slices"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

func TestIdentityIsChangedInPlace(t *testing.T) {
	f := &fake{snap: bindings()}
	d := drive(t, f, 100, 30).keys("i", "down").sees("Change carts-developers", "change        user name and groups", "type another user name, or choose other groups")
	d.keys("ctrl+p").sees("^p: type another user name")
	d.keys("down", "enter").sees("Groups", "● carts-developers", "○ orders-oncall").keys("tab", "enter").sees("none   ↵ choose", "loses")
	d.keys("up", "up").text("carts").keys("ctrl+b", "b").sees("change carts-developers: user name carts, − carts-developers")
	d.keys("p", "a", "y").sees("done")
	e, _ := access.Get[access.AccessEntry](f.snap.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: roleARN("teams/carts-developers")})
	if e.Username != "carts" || len(e.Groups) != 0 {
		t.Errorf("%+v", e)
	}
}

// scopeOf is where the policy of carts-developers counts.
func scopeOf(f *fake) access.PolicyScope {
	for _, a := range access.Of[access.PolicyAssociation](f.snap.Objects) {
		if a.Principal == roleARN("teams/carts-developers") {
			return a.Scope
		}
	}
	return access.PolicyScope{}
}

func TestScopeIsChangedInPlace(t *testing.T) {
	f := &fake{snap: bindings()}
	d := drive(t, f, 100, 30).keys("i", "right").sees("‹ where AmazonEKSViewPolicy counts ›", "carts, orders   as it is", "choose other namespaces than it has")
	d.keys("down", "enter").sees("● carts", "● orders", "○ ui").text("ui").keys("tab").text("team-*").keys("enter").
		sees("where         carts, orders, ui, team-*", "was carts, orders", "carts-developers gains")
	d.keys("ctrl+p", "a", "y").sees("done")
	if got := scopeOf(f); !slices.Equal(got.Namespaces, []string{"carts", "orders", "team-*", "ui"}) || got.Cluster {
		t.Errorf("%+v", got)
	}
	d.keys("u", "a", "y").sees("done")
	if got := scopeOf(f); !slices.Equal(got.Namespaces, []string{"carts", "orders"}) {
		t.Errorf("after undo %+v", got)
	}
}

// No namespace chosen is not everywhere; everywhere is chosen as such.
func TestScopeOfNoNamespaceIsNoScope(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 100, 30).keys("i", "right", "down", "enter", "tab", "down", "down", "down", "down", "down", "down", "tab", "enter")
	d.sees("choose namespaces, or the whole cluster").keys("right").sees("‹ the whole cluster ›", "was carts, orders", "~ AmazonEKSViewPolicy  carts,orders → cluster")
	d.keys("ctrl+b", "b").sees("change carts-developers: AmazonEKSViewPolicy on the whole cluster")
}

func TestDeadEntryIsMadeAgain(t *testing.T) {
	s := workshop()
	p, _ := access.ParsePrincipal(roleARN("security-audit"))
	k := access.Key{Realm: access.IAMRealm(account), Kind: access.IAMPrincipalKind, Name: p.ID()}
	fact, _ := access.Get[access.IAMPrincipal](s.Objects, k)
	entry, _ := access.Get[access.AccessEntry](s.Objects, access.Key{Realm: eksRealm, Kind: access.EntryKind, Name: p.ARN})
	entry.Created = s.At.AddDate(-1, 0, 0)
	fact.Created = s.At
	s.Objects = s.Objects.With(fact, entry)
	f := &fake{snap: s}
	d := drive(t, f, 100, 30).text("/security").keys("enter").sees("dead").keys("i").sees("‹ make its dead entry again, as it is ›", "+ access entry  security-audit").keys("ctrl+b", "b")
	d.sees("make the dead access entry of security-audit again")
}

func TestOneIsChangedThatIsInForce(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 100, 30).keys("a", "i").sees("i: one principal at a time").keys("esc").text("/ghost").keys("enter", "i").sees("i: no mapping of it is in force")
	if len(d.app.stack) != 1 {
		t.Error("a form is open")
	}
}
