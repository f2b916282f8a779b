package access

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func build(t testing.TB, s Snapshot, in ...Intent) Plan {
	t.Helper()
	p, err := Build(s, in...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestS3MigratesOverTheBridge(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	admins := role("eks-workshop-admins")
	want := `+ ClusterRoleBinding /eks-access-bridge-a4fb640b
+ AccessEntry /` + admins + `
+ PolicyAssociation ` + admins + `/arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy
~ AccessEntry /` + admins + `
- ClusterRoleBinding /eks-access-bridge-a4fb640b
~ AuthMap kube-system/aws-auth`
	if diff := cmp.Diff(want, signs(p)); diff != "" {
		t.Error(diff)
	}
	first := p.Steps[1].After.(AccessEntry)
	if first.Username != "cluster-admin" || len(first.Groups) != 1 || !isBridge(first.Groups[0]) {
		t.Errorf("the rights must arrive with the entry: %+v", first)
	}
	if len(p.Deltas) != 0 || p.Refused() || len(p.Confirms()) != 0 {
		t.Errorf("deltas %v, findings %s", p.Deltas, codes(p.Findings))
	}
	am, _ := Project(s, p.Steps...).AuthMap()
	if want := s3Roles[:strings.Index(s3Roles, "- rolearn: "+admins)]; am.Data["mapRoles"] != want || am.Data["mapUsers"] != "[]\n" {
		t.Errorf("only the one item goes, the node role and every comment stay:\n%s", am.Data["mapRoles"])
	}
	if len(p.Steps[5].First) == 0 || len(p.Steps[3].First) == 0 || !p.Steps[3].Settle {
		t.Error("taking away needs a proof first")
	}
}

func TestMigrateAgainIsNothingToDo(t *testing.T) {
	s := s3(t)
	after := Project(s, build(t, s, Migrate{}).Steps...)
	if p := build(t, after, Migrate{}); len(p.Steps) != 0 {
		t.Errorf("steps on a migrated cluster:\n%s", signs(p))
	}
}

// A plan cut off anywhere is finished by making it again.
func TestMigrateResumesFromEveryPrefix(t *testing.T) {
	s := s3(t)
	p := build(t, s, Migrate{})
	whole := Project(s, p.Steps...)
	for n := range p.Steps {
		at := Project(s, p.Steps[:n]...)
		again := build(t, at, Migrate{})
		if again.Refused() {
			t.Errorf("after %d steps: %s", n, codes(again.Findings))
		}
		now := at
		for i, st := range again.Steps {
			for _, e := range st.First {
				if e.Object != nil && !Same(e.Object, now.Objects.At(e.Object.Key())) {
					t.Errorf("after %d steps, step %d of the second plan waits for what never comes: %v", n, i+1, e.Object)
				}
			}
			now = Project(now, st)
		}
		end := Project(at, again.Steps...)
		for o := range whole.Objects.All() {
			k := o.Key()
			if !Same(o, end.Objects.At(k)) {
				t.Errorf("after %d steps the second plan leaves %v\nwant %v", n, end.Objects.At(k), o)
			}
		}
		for o := range end.Objects.All() {
			k := o.Key()
			if whole.Objects.At(k) == nil {
				t.Errorf("after %d steps the second plan leaves %v behind", n, k)
			}
		}
	}
}

func mapped(items string, more ...Object) []Object {
	return append([]Object{authMap(s3Roles+items, "[]\n")}, more...)
}

func TestMigrateTraps(t *testing.T) {
	x := "arn:aws:iam::" + account + ":"
	dev := func(fields string) string { return "- rolearn: " + x + "role/dev\n" + fields }
	there := func(arn string) Object { return iamRole(t, arn) }
	for name, tc := range map[string]struct {
		os   []Object
		who  string
		says string // a finding's code
		made string // "username groups" of the entry, "" for none
	}{
		"a foreign role is not resolved by name here": {mapped("- rolearn: arn:aws:iam::999988887777:role/Admin\n  groups: [system:masters]\n", there(role("Admin"))),
			"", "foreign-account", ""},
		"a foreign role, by its ARN, is the person's word": {mapped("- rolearn: arn:aws:iam::999988887777:role/Admin\n  username: a\n"),
			"arn:aws:iam::999988887777:role/team/Admin", "arn-as-written", "a "},
		"the last duplicate is the one in force": {mapped(dev("  username: m\n  groups: [system:masters]\n")+dev("  username: v\n  groups: [viewers]\n"), there(role("dev"))),
			role("dev"), "", "v viewers"},
		"a dead mapping is not revived": {mapped("- rolearn: "+x+"role/team/dev\n  username: d\n  groups: [system:masters]\n", there(x+"role/team/dev")),
			x + "role/team/dev", "not-migratable", ""},
		"a role that is gone":              {mapped(dev("  username: d\n"), IAMPrincipal{In: iamR, ARN: role("dev"), ID: "role/" + account + "/dev", Gone: true}), role("dev"), "already-dead", ""},
		"the path comes from IAM":          {mapped(dev("  username: d\n  groups: [g]\n"), there(x+"role/team/dev")), role("dev"), "", "d g"},
		"masters keep their other groups":  {mapped(dev("  username: d\n  groups: [billing, system:masters]\n"), there(role("dev"))), role("dev"), "masters-to-policy", "d billing+bridge"},
		"a reserved name":                  {mapped(dev("  username: system:dev\n"), there(role("dev"))), role("dev"), "name-moved", "kube:system:dev "},
		"a session name without a colon":   {mapped(dev("  username: 'bob{{SessionName}}'\n"), there(role("dev"))), role("dev"), "", "bob:{{SessionName}} "},
		"an account template is a literal": {mapped(dev("  username: 'dev-{{AccountID}}'\n"), there(role("dev"))), role("dev"), "", "dev-" + account + " "},
		"a key template can't be kept":     {mapped(dev("  username: '{{AccessKeyID}}'\n"), there(role("dev"))), role("dev"), "not-migratable", ""},
		"a system group is moved":          {mapped(dev("  username: d\n  groups: ['system:developers']\n"), there(role("dev"))), role("dev"), "name-moved", "d kube:system:developers"},
		"no name":                          {mapped(dev("  groups: [g]\n"), there(role("dev"))), role("dev"), "name-empty", " g"},
		"an unresolved role":               {mapped(dev("  username: d\n")), "", "unresolved-arn", ""},
		"Fargate is left to EKS":           {mapped(dev("  username: 'system:node:{{SessionName}}'\n  groups: [system:bootstrappers, system:nodes, system:node-proxier]\n"), there(role("dev"))), role("dev"), "node-left", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := s3(t, tc.os...)
			in := Migrate{}
			if tc.who != "" {
				in.Principals = []Principal{principal(t, tc.who)}
			}
			// The administrators of S3 are migrated already, so only the trap is left.
			s = Project(s, build(t, s, Migrate{Principals: []Principal{principal(t, role("eks-workshop-admins"))}}).Steps...)
			p := build(t, s, in)
			if p.Refused() {
				t.Fatalf("refused: %+v", p.Findings)
			}
			if tc.says != "" && !strings.Contains(codes(p.Findings), ":"+tc.says) {
				t.Errorf("says %s, want %s", codes(p.Findings), tc.says)
			}
			made := ""
			for _, st := range p.Steps {
				if e, ok := st.After.(AccessEntry); ok && st.Before == nil {
					var gs []string
					for _, g := range e.Groups {
						gs = append(gs, pick(isBridge(g), "bridge", g))
					}
					made = e.Username + " " + strings.Join(gs, "+")
				}
			}
			if made != tc.made {
				t.Errorf("made entry %q, want %q\n%s", made, tc.made, signs(p))
			}
		})
	}
}

func TestMovedNamesKeepTheirBindings(t *testing.T) {
	s := s3(t, mapped("- rolearn: "+role("dev")+"\n  username: 'aws:dev'\n", iamRole(t, role("dev")), binding("carts", "b", "ClusterRole", "edit", "User:aws:dev"))...)
	p := build(t, s, Migrate{Principals: []Principal{principal(t, role("dev"))}})
	if p.Refused() || len(p.Deltas) > 0 {
		t.Errorf("%+v %+v", p.Findings, p.Deltas)
	}
	want := "~ RoleBinding carts/b\n+ AccessEntry /" + role("dev") + "\n~ AuthMap kube-system/aws-auth"
	if diff := cmp.Diff(want, signs(p)); diff != "" {
		t.Error(diff)
	}
}

func TestMigrateToAPIRefusesToLoseNodes(t *testing.T) {
	p := build(t, s3(t), Migrate{To: APIMode})
	if !p.Refused() || !strings.Contains(codes(p.Findings), "refuse:nodes-lose") || !strings.Contains(codes(p.Findings), "confirm:one-way-mode") {
		t.Errorf("got %s", codes(p.Findings))
	}
}

func TestMigrateFromConfigMapSwitchesFirst(t *testing.T) {
	p := build(t, s1(t), Migrate{})
	if p.Steps[0].Key().Kind != AuthModeKind || !strings.Contains(codes(p.Findings), "confirm:one-way-mode") || p.Refused() {
		t.Errorf("%s\n%s", signs(p), codes(p.Findings))
	}
}

func TestUnreadableAuthMapIsNeverPlanned(t *testing.T) {
	s := s3(t, authMap("- rolearn: x\n\tbad\n", ""))
	if _, err := Build(s, Migrate{}); err == nil || !strings.Contains(err.Error(), "mapRoles, line 2") {
		t.Errorf("got %v", err)
	}
	s = s3(t)
	s.Gaps = []Gap{{Realm: kubeR, Kind: AuthMapKind, Why: Denied, Detail: "configmaps"}}
	if _, err := Build(s, Migrate{}); err == nil {
		t.Error("planned without having read aws-auth")
	}
}

func TestNoBridgeMustBeAccepted(t *testing.T) {
	// The caller may edit aws-auth but not bind cluster-admin.
	s := s3(t, clusterRole("ops", rule("*", "", "configmaps")), binding("", "ops", "ClusterRole", "ops", "Group:ops"),
		entry(role("platform-admin"), "", "ops"), entry(role("root-admin"), ""), policy(role("root-admin"), ClusterAdminPolicy), iamRole(t, role("root-admin")))
	s = without(s, policy(role("platform-admin"), ClusterAdminPolicy).Key())
	p := build(t, s, Migrate{})
	if strings.Contains(signs(p), "bridge") || p.Refused() || !strings.Contains(codes(p.Findings), "confirm:no-bridge") {
		t.Errorf("%s\n%s", signs(p), codes(p.Findings))
	}
}
