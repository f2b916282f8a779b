package access

import (
	"fmt"
	"strings"
	"testing"
)

func revItem(key, arn, user string, groups ...string) string {
	return fmt.Sprintf("- %s: %s\n  username: %s\n  groups: [%s]\n", key, arn, user, strings.Join(groups, ", "))
}

func TestRevRebase(t *testing.T) {
	one := func(name, user string, groups ...string) string {
		return revItem("rolearn", role(name), user, groups...)
	}
	a, b, masters := one("a", "a", "x"), one("b", "b", "y"), one("a", "a", "system:masters")
	for name, tc := range map[string]struct{ was, is, now, users, want string }{
		"taken out, theirs under it comes in force": {a + b, b, masters + a + b, "", ""},
		"put back over theirs of mapUsers":          {b, masters + b, b, revItem("userarn", role("a"), "a", "x"), ""},
		"taken out, theirs of mapUsers":             {a + b, b, a + b, revItem("userarn", role("a"), "a", "system:masters"), ""},
		"taken out of a text that can't be read":    {a + b, b, a + "- [", "", ""},
		"in another order of groups":                {b, one("a", "a", "x", "z") + b, one("a", "a", "z", "x") + b + "# c\n", "", one("a", "a", "z", "x") + b + "# c\n"},
		"put back beside one that never counted":    {b, a + "- rolearn: " + role("a") + "\n  sso: {accountID: x}\n" + b, b + "# c\n", "", b + "# c\n" + a},
		"to two from one":                           {a + b, a + b + masters, a + b + "# c\n", "", a + b + "# c\n" + masters},
	} {
		now := Snapshot{Objects: Objects{}.With(authMap(tc.now, tc.users))}
		got, err := Rebase(now, []Step{{Before: authMap(tc.was, ""), After: authMap(tc.is, ""), Why: WhyUndo}})
		if (err != nil) != (tc.want == "") {
			text := ""
			if len(got) > 0 {
				text = got[0].After.(AuthMap).Data["mapRoles"]
			}
			t.Errorf("%s: err %v, %d steps\n%s", name, err, len(got), text)
		}
	}
}

// A change that made aws-auth is taken back although EKS has put a node's item into it since.
func TestRevRebaseOfAMadeMap(t *testing.T) {
	a, n := revItem("rolearn", role("a"), "a", "x"), revItem("rolearn", role("n"), "n", "y")
	got, err := Rebase(Snapshot{Objects: Objects{}.With(authMap(a+n, ""))}, []Step{{Before: AuthMap{In: kubeR, Data: map[string]string{"mapRoles": a}}, Why: WhyUndo}})
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %v", err, got)
	}
}

// Two edits of one item; its undo was cut off after both, and somebody edits aws-auth.
func TestRevRebaseOfTwoEditsOfOneItem(t *testing.T) {
	a, a2, b := revItem("rolearn", role("a"), "a", "x"), revItem("rolearn", role("a"), "a", "x", "z"), revItem("rolearn", role("b"), "b", "y")
	back := []Step{{Before: authMap(b, ""), After: authMap(a2+b, ""), Why: WhyUndo}, {Before: authMap(a2+b, ""), After: authMap(a+b, ""), Why: WhyUndo}}
	got, err := Rebase(Snapshot{Objects: Objects{}.With(authMap(a+b+"# c\n", ""))}, back)
	if err != nil || len(got) != 0 {
		t.Errorf("%v %v", err, got)
	}
}
