package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

func words(ws []wish) string {
	var out []string
	for _, w := range ws {
		out = append(out, w.words())
	}
	return strings.Join(out, "; ")
}

func TestBasketJoinsWhatTakesTheSame(t *testing.T) {
	p, _ := access.ParsePrincipal(roleARN("dev"))
	other, _ := access.ParsePrincipal(roleARN("ops"))
	view := func(who access.Principal, ns ...string) wish {
		return wish{intent: access.RevokeAccess{Principal: who, Policy: access.ViewPolicy, Namespaces: ns}}
	}
	role := wish{intent: access.RevokeAccess{Principal: p, ClusterRole: "view"}}
	all := wish{intent: access.RevokeAccess{Principal: p}}
	named := wish{intent: access.RevokeAccess{Principal: p, Subjects: true}}
	rename := func(name string) wish { return wish{intent: access.ChangeIdentity{Principal: p, Username: name}} }
	scope := func(ns string) wish {
		return wish{intent: access.ChangeScope{Principal: p, Policy: access.ViewPolicy, Namespaces: []string{ns}}}
	}
	for _, tc := range []struct {
		ws   []wish
		want string
	}{
		{[]wish{view(p, "b"), view(p, "a", "b")}, "revoke AmazonEKSViewPolicy of dev in a, b"},
		{[]wish{view(p, "b"), view(p)}, "revoke AmazonEKSViewPolicy of dev"},
		{[]wish{view(p), view(p, "b")}, "revoke AmazonEKSViewPolicy of dev"},
		{[]wish{view(p, "b"), view(other, "a")}, "revoke AmazonEKSViewPolicy of dev in b; revoke AmazonEKSViewPolicy of ops in a"},
		{[]wish{view(p, "b"), role}, "revoke AmazonEKSViewPolicy of dev in b; revoke cluster role view of dev"},
		{[]wish{view(p, "b"), role, all}, "revoke all access of dev"},
		{[]wish{named, view(p)}, "revoke all access of dev, and its names in bindings"},
		{[]wish{rename("x"), rename("y")}, "change dev: user name y"},
		{[]wish{scope("a"), scope("b"), rename("x")}, "change dev: AmazonEKSViewPolicy on b; change dev: user name x"},
		{[]wish{rename("x"), all, rename("x")}, "revoke all access of dev; change dev: user name x"},
		{[]wish{migration(access.BothMode, p), migration(access.BothMode, p), migration(access.BothMode)}, "migrate dev; migrate every mapping"},
	} {
		var ws []wish
		for _, w := range tc.ws {
			ws = with(ws, w)
		}
		if got := words(ws); got != tc.want {
			t.Errorf("%s\n  is %s\nwant %s", words(tc.ws), got, tc.want)
		}
	}
}

// One plan: migrations together, then what gives, then what takes; the last mode is
// the migration's own end.
func TestIntentsOfABasket(t *testing.T) {
	p, _ := access.ParsePrincipal(roleARN("dev"))
	revoke, grant := wish{intent: access.RevokeAccess{Principal: p}}, wish{intent: access.GrantAccess{Principal: p}}
	mode := func(m access.Mode) wish { return wish{intent: access.SwitchMode{To: m}} }
	for _, tc := range []struct {
		ws   []wish
		want string
	}{
		{[]wish{revoke, grant, migration(access.BothMode, p)}, "Migrate GrantAccess RevokeAccess"},
		{[]wish{revoke, mode(access.BothMode)}, "SwitchMode RevokeAccess"},
		{[]wish{mode(access.APIMode), revoke}, "RevokeAccess SwitchMode"},
		{[]wish{mode(access.APIMode), migration(access.BothMode)}, "Migrate"},
	} {
		var kinds []string
		for _, in := range intents(tc.ws) {
			kinds = append(kinds, strings.TrimPrefix(fmt.Sprintf("%T", in), "access."))
		}
		if got := strings.Join(kinds, " "); got != tc.want {
			t.Errorf("%s: %s, want %s", words(tc.ws), got, tc.want)
		}
	}
	if m := intents([]wish{mode(access.APIMode), migration(access.BothMode)})[0].(access.Migrate); m.To != access.APIMode || m.Principals != nil {
		t.Errorf("%+v", m)
	}
}

func TestBasketIsLookedAtAndDropped(t *testing.T) {
	d := drive(t, &fake{snap: bindings()}, 100, 30).keys("b").sees("the basket is empty: m migrates").keys("esc")
	d.keys("right", "x", "ctrl+b", "down", "m", "b").sees("Basket  2 changes, one plan", "1 revoke AmazonEKSViewPolicy of carts-developers in carts", "2 migrate eks-workshop-admins", "2 principals · 7 steps")
	d.keys("down", "x").sees("Basket  1 change", "basket 1", "1 principal · 1 step").lacks("migrate eks")
	d.keys("p").sees("Preview  carts-developers loses").keys("esc").sees("Basket  1 change")
	d.keys("x").sees("the basket is empty").keys("p").sees("p: the basket is empty").keys("esc").sees("IAM PRINCIPAL 9")
}

func TestModeIsStaged(t *testing.T) {
	f := &fake{snap: workshop()}
	was := f.snap.Objects
	d := drive(t, f, 100, 30).keys("S").sees("Not staged: switch the authentication mode to API").lacks("basket 1").keys("enter").lacks("Not staged")
	am, _ := f.snap.AuthMap()
	am.Data = map[string]string{"mapRoles": "[]\n"}
	f.snap.Objects = f.snap.Objects.With(am)
	d.keys("r", "S").sees("in the basket: switch the authentication mode to API", "basket 1").keys("S").sees("the mode stays as it is").lacks("basket 1")
	// It is tried with what is in the basket: a mapping in aws-auth would not count.
	e := edits(d)
	e.write = func(string) (string, error) {
		p, _ := access.ParsePrincipal(roleARN("newcomer"))
		text, err := access.EncodeIntent(access.GrantAccess{Principal: p, ClusterRole: "view", Via: access.ViaAuthMap, Username: "new", Groups: []string{"new"}})
		return string(text), err
	}
	d.keys("b", "e").sees("grant newcomer view").keys("esc", "S").sees("Not staged", "newcomer would have more than before and").keys("esc", "b", "E", "esc", "S").sees("basket 1")
	f.snap.Objects = was
	f.snap.Objects = f.snap.Objects.With(access.AuthMode{In: eksRealm, Mode: access.APIMode})
	d.keys("r", "S").sees("S: mode API is the last one")
}

// What comes into the basket while its plan is looked at is not dropped with it.
func TestLateWishStaysInTheBasket(t *testing.T) {
	f := &fake{snap: workshop()}
	f.snap.Objects = f.snap.Objects.With(access.AuthMap{In: kubeRealm, Data: map[string]string{"mapRoles": "[]\n"}})
	d := drive(t, f, 100, 30)
	e := edits(d)
	e.write = appended(makeTest)
	d.keys("b", "e", "esc").sees("basket 1")
	d.send(press("S")) // the commands wait in the driver
	d.send(press("p"))
	d.settle()
	d.sees("Preview", "1 step", "basket 2").keys("a", "y").sees("1 step done").keys("enter").sees("basket 2")
}

// What is staged is drawn on every terminal, whatever the names are.
func TestNewScreensAtFourSizes(t *testing.T) {
	for name, keys := range map[string][]string{
		"revoke": {"right", "x"}, "revoke-all": {"0", "x", "left", "down"}, "identity": {"i"}, "basket": {"right", "x", "ctrl+b", "down", "m", "b"},
		"groups": {"i", "down", "down", "enter"}, "scope": {"i", "right", "down"},
	} {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", name, s.w, s.h), func(t *testing.T) {
				d := drive(t, &fake{snap: bindings()}, s.w, s.h).keys(keys...)
				d.fits()
				if s.w < 120 || name == "basket" {
					d.golden(fmt.Sprintf("%s-%dx%d", name, s.w, s.h))
				}
				h := drive(t, &fake{snap: hostile()}, s.w, s.h).keys("home")
				for range 11 {
					h.keys(keys...).fits()
					h.app.cut(1)
					h.keys("down")
				}
			})
		}
	}
}
