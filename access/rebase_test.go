package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// A change is taken back although somebody has edited aws-auth since: for everybody but
// whom they edited it is as it was first, and what they wrote stays.
func TestLawUndoRebasedOnAnEdit(t *testing.T) {
	theirs := awsauth.Item{Section: awsauth.MapRoles, ARN: role("theirs"), Username: "theirs", Groups: []string{"viewers"}}
	undone, lost := 0, 0
	forWorlds(t, 60, func(t *testing.T, s Snapshot, p Plan) {
		back, err := Inverse(p.Steps)
		if err != nil && len(back) == 0 || slices.ContainsFunc(p.Steps, func(st Step) bool { return st.Key().Kind == AuthModeKind }) {
			t.Skip("the mode stays")
		}
		done := Project(s, p.Steps...)
		am, _ := done.AuthMap()
		data, err := awsauth.Add(map[string]string{"mapRoles": am.Data["mapRoles"] + "# theirs\n", "mapUsers": am.Data["mapUsers"]}, theirs)
		if err != nil {
			t.Fatal(err)
		}
		done.Objects = done.Objects.With(AuthMap{kubeR, data})
		if _, err := Remaining(done, back); err == nil && slices.ContainsFunc(back, func(st Step) bool { return st.Key().Kind == AuthMapKind }) {
			t.Fatal("their edit is no conflict")
		}
		rebased, err := Rebase(done, back)
		if err != nil {
			lost++
			return
		}
		undone++
		u, err := BuildSteps(done, rebased)
		if err != nil || u.Refused() {
			t.Fatalf("%v: %+v", err, u.Refusals())
		}
		end := Project(done, u.Steps...)
		now, _ := end.AuthMap()
		if text := now.Data["mapRoles"]; !strings.Contains(text, "# theirs") || !strings.Contains(text, "role/theirs") {
			t.Errorf("theirs is lost:\n%s", text)
		}
		for _, d := range Compare(NewIndex(s), NewIndex(end)) {
			if d.Principal.Name != "theirs" {
				t.Errorf("%s is not as before: %+v", d.Principal, d)
			}
		}
		if again, err := Rebase(end, back); err != nil || slices.ContainsFunc(again, func(st Step) bool { return st.Key().Kind == AuthMapKind }) {
			t.Errorf("done again: %v, %v", again, err)
		}
	})
	t.Logf("%d undone, %d not", undone, lost)
	if undone < 20 {
		t.Error("too few of them can be undone")
	}
}

func TestRebase(t *testing.T) {
	one := func(name, user string, groups ...string) string {
		return fmt.Sprintf("- rolearn: %s\n  username: %s\n  groups: [%s]\n", role(name), user, strings.Join(groups, ", "))
	}
	a, b, a2 := one("a", "a", "x"), one("b", "b", "y"), one("a", "a", "x", "z")
	for name, tc := range map[string]struct{ was, is, now, want string }{
		"put back":                       {b, a + b, b + "# c\n", b + "# c\n" + a},
		"put back twice":                 {b, a + a + b, b + "# c\n", b + "# c\n" + a + a},
		"put back already":               {b, a + b, a + b + "# c\n", a + b + "# c\n"},
		"put back, somebody else did so": {b, a + b, a2 + b, ""},
		"one of two is there":            {b, a + a2 + b, a + b, ""},
		"taken out":                      {a + b, b, "# c\n" + a + b, "# c\n" + b},
		"taken out, of two":              {a + b, b, a + a + b, a + b},
		"taken out already":              {a + b, b, "# c\n" + b, "# c\n" + b},
		"taken out, and theirs now":      {a + b, b, a2 + b, ""},
		"changed":                        {a2 + b, a + b, "# c\n" + a2 + b, "# c\n" + a + b},
		"changed already":                {a2 + b, a + b, a + b + "# c\n", a + b + "# c\n"},
		"changed, and theirs now":        {a2 + b, a + b, one("a", "other") + b, ""},
		"changed, and gone":              {a2 + b, a + b, b, ""},
		"in another letter case":         {b, a + b, strings.ToUpper("# ") + strings.Replace(a2, "role/a", "role/A", 1) + b, ""},
		"a text that can't be read":      {b, a + b, "- [", ""},
	} {
		now := Snapshot{Objects: Objects{}.With(authMap(tc.now, ""))}
		got, err := Rebase(now, []Step{{Before: authMap(tc.was, ""), After: authMap(tc.is, ""), Why: WhyUndo}})
		if (err != nil) != (tc.want == "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := tc.now
		if len(got) > 0 {
			text = got[0].After.(AuthMap).Data["mapRoles"]
		}
		if tc.want != "" && reread(text) != reread(tc.want) || tc.want != "" && strings.Count(text, "# c") != strings.Count(tc.want, "# c") {
			t.Errorf("%s:\n%s\nwant\n%s", name, text, tc.want)
		}
	}
	if _, err := Rebase(Snapshot{}, []Step{{Before: authMap(b, ""), After: authMap(a, "")}}); err == nil {
		t.Error("an aws-auth that is gone was edited")
	}
}

// reread is what the authenticator reads of a text.
func reread(text string) string {
	var out []string
	for _, it := range awsauth.Parse(map[string]string{"mapRoles": text}).Items {
		out = append(out, fmt.Sprint(it.ARN, it.Username, it.Groups))
	}
	return strings.Join(out, "\n")
}

func itemText(key, arn, user string, groups ...string) string {
	return fmt.Sprintf("- %s: %s\n  username: %s\n  groups: [%s]\n", key, arn, user, strings.Join(groups, ", "))
}

// What others have written about the same ARN is neither overruled nor brought in force.
func TestRebaseAndItemsOfTheSameARN(t *testing.T) {
	one := func(name, user string, groups ...string) string {
		return itemText("rolearn", role(name), user, groups...)
	}
	a, b, masters := one("a", "a", "x"), one("b", "b", "y"), one("a", "a", "system:masters")
	for name, tc := range map[string]struct{ was, is, now, users, want string }{
		"taken out, theirs under it comes in force": {a + b, b, masters + a + b, "", ""},
		"put back over theirs of mapUsers":          {b, masters + b, b, itemText("userarn", role("a"), "a", "x"), ""},
		"taken out, theirs of mapUsers":             {a + b, b, a + b, itemText("userarn", role("a"), "a", "system:masters"), ""},
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
func TestRebaseOfAMapThatTheChangeMade(t *testing.T) {
	a, n := itemText("rolearn", role("a"), "a", "x"), itemText("rolearn", role("n"), "n", "y")
	got, err := Rebase(Snapshot{Objects: Objects{}.With(authMap(a+n, ""))}, []Step{{Before: AuthMap{In: kubeR, Data: map[string]string{"mapRoles": a}}, Why: WhyUndo}})
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %v", err, got)
	}
}

// Two edits of one item; its undo was cut off after both, and somebody edits aws-auth.
func TestRebaseOfTwoEditsOfOneItem(t *testing.T) {
	a, a2, b := itemText("rolearn", role("a"), "a", "x"), itemText("rolearn", role("a"), "a", "x", "z"), itemText("rolearn", role("b"), "b", "y")
	back := []Step{{Before: authMap(b, ""), After: authMap(a2+b, ""), Why: WhyUndo}, {Before: authMap(a2+b, ""), After: authMap(a+b, ""), Why: WhyUndo}}
	got, err := Rebase(Snapshot{Objects: Objects{}.With(authMap(a+b+"# c\n", ""))}, back)
	if err != nil || len(got) != 0 {
		t.Errorf("%v %v", err, got)
	}
}
