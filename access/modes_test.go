package access

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// inMode is the workshop in one of the three modes: a person is mapped where that counts,
// an administrator stands beside it, and no nodes.
func inMode(t testing.TB, mode Mode, more ...Object) Snapshot {
	t.Helper()
	arn := role("dev")
	items := item(arn, "dev", "devs") + item(role("eks-workshop-admins"), "admin", Masters)
	s := s3(t, append([]Object{AuthMode{eksR, mode}, authMap(items, "[]\n"), iamRole(t, arn), iamRole(t, role("new")), binding("carts", "devs", "ClusterRole", "edit", "Group:devs")}, more...)...)
	switch mode {
	case ConfigMapMode:
		for _, o := range []Object{entry(role("platform-admin"), ""), policy(role("platform-admin"), ClusterAdminPolicy)} {
			s = without(s, o.Key())
		}
		s.Caller.Identity = Identity{User: "kubernetes-admin", Groups: []string{Masters}} // its hidden creator
	case APIMode:
		am, _ := s.AuthMap()
		s = Project(without(s, am.Key()), Step{After: entry(arn, "dev", "devs")})
	}
	return s
}

// Every change there is, in each of the three modes.
func TestMovesInEachMode(t *testing.T) {
	dev, fresh := principal(t, role("dev")), principal(t, role("new"))
	am, en, made := "~ AuthMap kube-system/aws-auth", " AccessEntry /"+role("dev"), " AccessEntry /"+role("new")
	view := " PolicyAssociation " + role("new") + "/" + PolicyARN("aws", ViewPolicy)
	bound := "+ RoleBinding carts/view-binding"
	admins := role("eks-workshop-admins")
	group, switched := bridge(admins), "~ AuthMode /"
	over := []string{"+ ClusterRoleBinding /" + group, "+" + en, "+ AccessEntry /" + admins, "+ PolicyAssociation " + admins + "/" + PolicyARN("aws", ClusterAdminPolicy),
		"~ AccessEntry /" + admins, "- ClusterRoleBinding /" + group, am}
	in := func(mode Mode) Snapshot { return inMode(t, mode) }
	grant := GrantAccess{Principal: fresh, Level: View, Namespaces: []string{"carts"}}
	byMap, byEntry := grant, grant
	byMap.Via, byEntry.Via = ViaAuthMap, ViaEntry
	for name, m := range map[string]move{
		"grant, CONFIG_MAP":                        {s: in(ConfigMapMode), in: []Intent{grant}, steps: lines(bound, am), says: []string{"info:creator-stays"}},
		"grant, both":                              {s: in(BothMode), in: []Intent{grant}, steps: lines("+"+made, "+"+view)},
		"grant, API":                               {s: in(APIMode), in: []Intent{grant}, steps: lines("+"+made, "+"+view)},
		"grant by entry, CONFIG_MAP":               {s: in(ConfigMapMode), in: []Intent{byEntry}, err: "don't count"},
		"grant by aws-auth, both":                  {s: in(BothMode), in: []Intent{byMap}, steps: lines(bound, am)},
		"grant by aws-auth, API":                   {s: in(APIMode), in: []Intent{byMap}, err: "not read in mode"},
		"revoke, CONFIG_MAP":                       {s: in(ConfigMapMode), in: []Intent{RevokeAccess{Principal: dev}}, steps: am},
		"revoke, both":                             {s: in(BothMode), in: []Intent{RevokeAccess{Principal: dev}}, steps: am},
		"revoke, API":                              {s: in(APIMode), in: []Intent{RevokeAccess{Principal: dev}}, steps: "-" + en},
		"revoke a role, CONFIG_MAP":                {s: in(ConfigMapMode), in: []Intent{RevokeAccess{Principal: dev, ClusterRole: "edit"}}, steps: "- RoleBinding carts/devs"},
		"revoke a role, API":                       {s: in(APIMode), in: []Intent{RevokeAccess{Principal: dev, ClusterRole: "edit"}}, steps: "- RoleBinding carts/devs"},
		"change groups, CONFIG_MAP":                {s: in(ConfigMapMode), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"g"}}}, steps: am},
		"change groups, both":                      {s: in(BothMode), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"g"}}}, steps: am},
		"change groups, API":                       {s: in(APIMode), in: []Intent{ChangeIdentity{Principal: dev, Add: []string{"g"}}}, steps: "~" + en},
		"change a type, CONFIG_MAP":                {s: in(ConfigMapMode), in: []Intent{ChangeType{dev, "EC2_LINUX"}}, err: "don't count"},
		"migrate, CONFIG_MAP to both":              {s: in(ConfigMapMode), in: []Intent{Migrate{To: BothMode}}, steps: lines(append([]string{switched}, over...)...), says: []string{"confirm:one-way-mode", "warn:no-admin-aside", "info:creator-stays"}},
		"migrate, CONFIG_MAP to API":               {s: in(ConfigMapMode), in: []Intent{Migrate{To: APIMode}}, steps: lines(append(append([]string{switched}, over...), switched)...), says: []string{"confirm:one-way-mode"}},
		"migrate, both to both":                    {s: in(BothMode), in: []Intent{Migrate{To: BothMode}}, steps: lines(over...)},
		"migrate, both to API":                     {s: in(BothMode), in: []Intent{Migrate{To: APIMode}}, steps: lines(append(slices.Clone(over), switched)...), says: []string{"confirm:one-way-mode"}},
		"migrate, API":                             {s: in(APIMode), in: []Intent{Migrate{}}, says: []string{"info:nothing-to-do"}},
		"migrate, API to API":                      {s: in(APIMode), in: []Intent{Migrate{To: APIMode}}, says: []string{"info:nothing-to-do"}},
		"mode, CONFIG_MAP to both":                 {s: in(ConfigMapMode), in: []Intent{SwitchMode{BothMode}}, steps: switched},
		"mode, CONFIG_MAP to API":                  {s: in(ConfigMapMode), in: []Intent{SwitchMode{APIMode}}, steps: lines(switched, switched), says: []string{"confirm:left-in-aws-auth"}, refused: true},
		"mode, API to both":                        {s: in(APIMode), in: []Intent{SwitchMode{BothMode}}, err: "can't go back"},
		"unreadable aws-auth, grant by entry":      {s: s3(t, authMap("- rolearn: x\n\tbad\n", ""), iamRole(t, role("new"))), in: []Intent{grant}, steps: lines("+"+made, "+"+view)},
		"unreadable aws-auth, grant by aws-auth":   {s: s3(t, authMap("- rolearn: x\n\tbad\n", ""), iamRole(t, role("new"))), in: []Intent{byMap}, err: "can't be read"},
		"to API, an sso item nobody can judge":     {s: inMode(t, BothMode, authMap("- sso: {permissionSetName: A, accountID: '"+account+"'}\n  username: s\n", "")), in: []Intent{SwitchMode{APIMode}}, steps: switched, says: []string{"confirm:left-in-aws-auth"}},
		"to API, one that is proven to be gone":    {s: inMode(t, BothMode, authMap(item(role("ghost"), "g", "devs"), ""), ghost(t, false)), in: []Intent{SwitchMode{APIMode}}, steps: switched, says: []string{"confirm:one-way-mode"}},
		"to API, one that is not found as spelled": {s: inMode(t, BothMode, authMap(item(role("ghost"), "g", "devs"), ""), ghost(t, true)), in: []Intent{SwitchMode{APIMode}}, steps: switched, says: []string{"confirm:left-in-aws-auth"}, window: role("ghost")},
	} {
		t.Run(name, m.hold)
	}
}

// ghost is a role that IAM does not have; or not in this spelling, and others it did not say.
func ghost(t testing.TB, unlisted bool) Object {
	return IAMPrincipal{In: iamR, ARN: role("ghost"), ID: principal(t, role("ghost")).ID(), Gone: true, Unlisted: unlisted}
}

// An undo puts an item back that mode API does not read: whom it would shut out is asked
// for by name, and an undo of a grant, whose principal had nothing before, is not.
func TestUndoInModeAPIAsksForWhomItShutsOut(t *testing.T) {
	s := inMode(t, BothMode)
	p := build(t, s, Migrate{}, SwitchMode{APIMode})
	back, err := Inverse(p.Steps)
	if !errors.Is(err, ErrOneWay) {
		t.Fatal(err)
	}
	undo, err := BuildSteps(Project(s, p.Steps...), back)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, f := range undo.Findings {
		if f.Code == LeftInMap {
			asked = append(asked, f.Severity.String()+" "+f.Args[0])
		}
	}
	var moved []string
	for _, st := range p.Steps {
		if e, ok := st.After.(AccessEntry); ok && st.Before == nil {
			moved = append(moved, e.Principal)
		}
	}
	if len(moved) < 2 || len(asked) != len(moved) {
		t.Errorf("asked for %q, moved %q", asked, moved)
	}
	s = inMode(t, APIMode)
	p = build(t, s, GrantAccess{Principal: principal(t, role("fresh")), Level: View, Namespaces: []string{"carts"}, CreateNamespaces: true})
	back, _ = Inverse(p.Steps)
	if undo, err := BuildSteps(Project(s, p.Steps...), back); err != nil || slices.Contains(undo.Confirms(), LeftInMap) {
		t.Errorf("%v %s", err, codes(undo.Findings))
	}
}

// Mode API leaves nothing to fall back to: every entry that stands over an item must read
// back first. Who is proven to be gone is not asked for.
func TestModeAPIWaitsForEveryEntry(t *testing.T) {
	s := inMode(t, BothMode, entry(role("dev"), "dev", "devs"), ghost(t, false))
	s = added(t, s, item(role("ghost"), "g", "devs"))
	p := build(t, s, SwitchMode{APIMode})
	if !slices.Contains(p.Confirms(), LeftInMap) { // the administrators of aws-auth
		t.Errorf("%s", codes(p.Findings))
	}
	last := p.Steps[len(p.Steps)-1]
	if len(last.First) != 1 || last.First[0].Object.Key().Name != role("dev") {
		t.Errorf("first %+v", last.First)
	}
	for _, f := range p.Findings {
		if f.Code == LeftInMap && strings.Contains(f.Args[0], "ghost") {
			t.Errorf("%+v", f)
		}
	}
}
