package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/eks-access/kubectl-eks-access/access"
)

func TestQuestionScreensAtFourSizes(t *testing.T) {
	for name, keys := range map[string][]string{
		"inquiry": {"right", "w"},
		"typing":  {"right", "w", "d", "e", "l", "e", "t", "e", " ", "d", "e", "p"},
		"who":     {"right", "w", "enter"},
		"who-all": {"right", "w", "enter", "a", "down", "down", "down"},
		"compare": {"space", "down", "space", "right", "c"},
	} {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", name, s.w, s.h), func(t *testing.T) {
				d := drive(t, &fake{snap: sessions()}, s.w, s.h).keys(keys...)
				d.golden(fmt.Sprintf("%s-%dx%d", name, s.w, s.h))
			})
		}
	}
}

func TestCellOfSomeSessions(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 30).keys("/").text("oncall").keys("enter", "right")
	d.sees("[·']", "may do nothing; more when the session name is heidi")
	d.keys("enter").sees("when the session name is heidi: user oncall:heidi  →  RoleBinding carts/heidi")
	drive(t, &fake{snap: sessions()}, 120, 30).keys("/").text("ns:carts level>=edit oncall").sees("1 of 9")
}

func TestWhoCan(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 30).keys("right", "w").text("create pods").keys("enter")
	d.sees("Who can create pods in namespace carts", "4 can · 1 in some sessions · 1 not known", "when the session name is heidi", "? not known", "entry → group carts-developers")
	d.keys("a").sees("in any namespace", "whole cluster", "5 namespaces", "5 can · 1 not known").keys("a").sees("in namespace carts")
	d.keys("/").text("oncall").sees("1 of 6").keys("enter", "enter").sees("orders-oncall  in namespace carts", "heidi").keys("esc")
	d.keys("s").sees("▌  orders-oncall", "[·']")
	d.keys("w").sees("create pods") // the question is remembered
}

// The cursor of a jump lands on the row even when a filter hides it.
func TestShowLeavesAFilterThatHidesTheRow(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 30).keys("/").text("platform").keys("enter", "w").text("get pods").keys("enter", "/").text("workshop-admins").keys("enter", "s")
	d.sees("▌  eks-workshop-admins", "IAM PRINCIPAL 9")
}

func TestWhoElseFromARule(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 40).keys("/").text("carts-dev").keys("enter", "right", "enter")
	d.keys("w").sees("put the cursor on a rule").keys("tab", "w")
	d.sees("Who can get pods in namespace carts", "carts-developers", "security-audit")
	d.keys("esc").sees("carts-developers  in namespace carts")
}

func TestCompareNeedsTwo(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 40).keys("c").sees("mark two principals first").keys("space", "c").sees("mark two principals first")
	d.keys("space", "space", "c").sees("more than two are marked").keys("esc", "home", "space", "space").sees("c compare").keys("c").sees("A  carts-developers", "B  eks-workshop-admins")
}

func TestCompareWalksTheScopes(t *testing.T) {
	d := drive(t, &fake{snap: sessions()}, 120, 40).keys("/").text("o").keys("enter")
	d.app.push(side(d.app.world, "orders-oncall", "carts-developers", "orders"))
	d.sees("more when the session name is heidi", "only one of them may, in orders", "Admin").keys("p").sees("only one of them may, in checkout", "View").keys("p", "p", "p").sees("in carts")
	d.keys("b").sees("carts-developers  in namespace carts").keys("esc", "esc").sees("IAM PRINCIPAL")
}

func TestCompareSaysWhenNothingDiffers(t *testing.T) {
	s := workshop()
	s.Objects = s.Objects.With(access.AccessEntry{In: eksRealm, Principal: roleARN("twin"), Type: access.StandardType, Groups: []string{"carts-developers"}})
	w := survey(s, nil)
	y := side(w, "twin", "carts-developers", "")
	if got := strings.Join(y.view(size{120, 30}, &theme{}), "\n"); !strings.Contains(got, "both may do the same, everywhere") {
		t.Errorf("twins differ:\n%s", got)
	}
	s.Gaps = append(s.Gaps, access.Gap{Realm: kubeRealm, Kind: access.RoleBindingKind, Why: access.Denied})
	w = survey(s, nil)
	y = side(w, "twin", "carts-developers", "")
	if got := strings.Join(y.view(size{120, 30}, &theme{}), "\n"); !strings.Contains(got, "not everything could be read") {
		t.Errorf("what was not read is not said:\n%s", got)
	}
}

// side compares two by name.
func side(w *world, a, b, namespace string) contrast {
	y := newContrast(w, named(w, a), named(w, b), namespace)
	return y.take(contrastOf(w.ix, w.ix, y.ids).c)
}

func named(w *world, name string) line {
	for _, l := range w.lines {
		if l.name == name {
			return l
		}
	}
	return line{}
}

func TestQuestions(t *testing.T) {
	ks := kindsOf(workshop())
	for text, want := range map[string]access.Request{
		"get pods":                      {Verb: "get", Resource: "pods", Namespace: "carts"},
		"get po":                        {Verb: "get", Resource: "pods", Namespace: "carts"},
		"DELETE Deployment web":         {Verb: "delete", Group: "apps", Resource: "deployments", Name: "web", Namespace: "carts"},
		"patch deploy/scale":            {Verb: "patch", Group: "apps", Resource: "deployments", Subresource: "scale", Namespace: "carts"},
		"create pods/exec":              {Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "carts"},
		"get pods/attach":               {Verb: "get", Resource: "pods", Subresource: "attach", Namespace: "carts"},
		"get ns carts":                  {Verb: "get", Resource: "namespaces", Name: "carts", Namespace: "carts"},
		"delete ns ui":                  {Verb: "delete", Resource: "namespaces", Name: "ui", Namespace: "ui"},
		"get namespaces":                {Verb: "get", Resource: "namespaces"},
		"list namespaces carts":         {Verb: "list", Resource: "namespaces", Name: "carts"},
		"list nodes":                    {Verb: "list", Resource: "nodes"},
		"get crd":                       {Verb: "get", Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"},
		"update widgets.example.com":    {Verb: "update", Group: "example.com", Resource: "widgets", Namespace: "carts"},
		"get deployments.apps/status x": {Verb: "get", Group: "apps", Resource: "deployments", Subresource: "status", Name: "x", Namespace: "carts"},
		"get /healthz":                  {Verb: "get", URL: "/healthz"},
		"* *":                           {Verb: "*", Group: "*", Resource: "*", Namespace: "carts"},
	} {
		q, bad := parseQuestion(text, "carts", ks)
		if diff := cmp.Diff(want, q.request); diff != "" || bad != "" {
			t.Errorf("%s: %s %s", text, bad, diff)
		}
		again, bad := parseQuestion(q.String(), "carts", ks)
		if diff := cmp.Diff(q.request, again.request); diff != "" || bad != "" {
			t.Errorf("%s, said as %q: %s %s", text, q, bad, diff)
		}
	}
	for _, text := range []string{"", "get", "get nosuchthing", "get pods a b", "get /healthz x", "describe pods", "exec pods"} {
		if _, bad := parseQuestion(text, "", ks); bad == "" {
			t.Errorf("%q is taken", text)
		}
	}
}

// Names that try to leave their cells stay in them, on every screen that asks, at any
// size; what is typed is foreign too.
func TestHostileNamesInQuestions(t *testing.T) {
	for _, s := range []size{{40, 10}, {80, 24}, {121, 41}} {
		for _, keys := range [][]string{{"right", "w"}, {"right", "w", "enter"}, {"right", "w", "enter", "a", "down"}, {"space", "space", "c"}, {"space", "space", "c", "n", "n"}, {"f", "down"}, {"f", "s", "end"}, {"down", "right", "enter", "tab", "w"}} {
			d := drive(t, &fake{snap: hostile()}, s.w, s.h)
			for _, k := range keys {
				d.keys(k).fits()
			}
		}
		d := drive(t, &fake{snap: hostile()}, s.w, s.h).keys("w")
		d.send(tea.PasteMsg{Content: "get pods\x1b[31m \u202eevil\n"})
		d.fits()
		d.keys("enter").fits()
	}
}

func TestUnusualVerbsAreSaid(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 80, 24).keys("w").text("frob pods").sees("frob is an unusual verb")
	d.keys("ctrl+u").text("exec pods").sees("exec is a command").keys("enter").sees("ask create pods/exec")
}

func TestHelpExplainsTheLetters(t *testing.T) {
	drive(t, &fake{snap: workshop()}, 120, 50).keys("?").sees("· none", "' some sessions have more")
	drive(t, &fake{snap: workshop()}, 120, 50).keys("f", "?").lacks("· none")
	drive(t, &fake{snap: workshop()}, 40, 10).keys("?", "end").sees("+ at least") // to the very end, on any screen
}

func TestFindingsAreSortedFilteredAndShown(t *testing.T) {
	d := drive(t, &fake{snap: workshop()}, 120, 40).keys("f").sees("▌ ▲ ghost", "fix  if it is the only mapping", "ConfigMap kube-system/aws-auth")
	d.keys("v").sees("1 shown").lacks("group developers").keys("v").sees("group developers")
	d.keys("s").sees("by principal", "▌ i eks-workshop-admins").keys("s").sees("by code", "▌ i eks-workshop-admins").keys("s")
	d.keys("/").text("developers").sees("1 of 4").keys("enter").sees("▌ i EKSDeveloper").keys("enter").sees("▌  EKSDeveloper")
	d.keys("f", "y").sees("copied, where the terminal allows it: kubectl eks-access revoke")
}

func TestFindingsWaitForTheWhole(t *testing.T) {
	f := &fake{snap: workshop()}
	d := start(t, f, 80, 24)
	d.send(press("f"))
	d.sees("still reading").lacks("nothing that needs attention")
	d.settle()
	d.sees("1 to look at")
}

func TestCommandOfAFix(t *testing.T) {
	for fix, want := range map[string]string{
		"take it away: kubectl delete x; or accept it":                       "kubectl delete x",
		"remove it (an entry: aws eks delete-access-entry --x y), and so on": "aws eks delete-access-entry --x y",
		"keep that role safe": "keep that role safe",
		"kubectl edit rolebinding a --namespace b; aws eks disassociate --c d": "kubectl edit rolebinding a --namespace b",
	} {
		if got := command(fix); got != want {
			t.Errorf("%q: %q", fix, got)
		}
	}
}
